internal import Foundation

// What builds plugins. None of it is needed to run what is built.

extension Doctor {
  @Sendable func compiler() -> [Finding] {
    guard let path = locate("cc") ?? locate("gcc") ?? locate("clang") else {
      return [Finding("cc", .warning, "no C compiler: plugins in C cannot be built", fix: install(.compiler))]
    }
    guard let version = Self.ask([path, "--version"]) else {
      return [Finding("cc", .warning, "\(path) does not answer", fix: install(.compiler))]
    }
    return [Finding("cc", .ok, version)]
  }

  @Sendable func swift() -> [Finding] {
    let how = "install Swift 6.2 or newer: https://www.swift.org/install"
    guard let path = locate("swift") else {
      return [Finding("swift", .warning, "no Swift: plugins in Swift cannot be built", fix: how)]
    }
    guard let version = Self.ask([path, "--version"]) else {
      return [Finding("swift", .warning, "\(path) does not answer", fix: how)]
    }
    guard let numbers = Self.swiftVersion(version) else { return [Finding("swift", .ok, version)] }
    guard numbers >= (6, 2) else { return [Finding("swift", .warning, "\(version): too old for AssayKit", fix: how)] }
    return [Finding("swift", .ok, version)]
  }

  /// `Swift version 6.3.1 (swift-6.3.1-RELEASE)`, with or without words before it.
  private static func swiftVersion(_ text: String) -> (Int, Int)? {
    guard let words = text.split(separator: " ").drop(while: { $0 != "version" }).dropFirst().first else { return nil }
    let numbers = words.split(separator: ".").compactMap { Int($0) }
    return numbers.count < 2 ? nil : (numbers[0], numbers[1])
  }

  var make: Finding {
    locate("make").map { Finding("make", .ok, $0) }
      ?? Finding("make", .warning, "projects of `assay init` are built with make", fix: install(.make))
  }

  var ffi: Finding {
    for name in ["libffi.so.8", "libffi.so.7", "libffi.so.6"] {
      guard let library = dlopen(name, RTLD_LAZY | RTLD_LOCAL) else { continue }
      dlclose(library)
      return Finding("libffi", .ok, name)
    }
    return Finding("libffi", .warning, "functions of libraries cannot be called without it", fix: install(.ffi))
  }

  var git: Finding {
    locate("git").map { Finding("git", .ok, $0) }
      ?? Finding(
        "git", .warning, "nothing here needs it, but workflows belong under version control", fix: install(.git))
  }
}
