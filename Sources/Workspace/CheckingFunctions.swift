package import Diagnostics
internal import Foundation
internal import Functions
internal import Plugins
internal import Processes
internal import Workflows

/// What a check of a manifest found out.
package struct ManifestCheck: Sendable {
  package struct Function: Sendable {
    package enum Header: String, Sendable { case agrees, differs, undeclared, unreadable, none }
    package enum Debug: String, Sendable { case agrees, differs, none }

    package var id: String
    package var symbol: String
    package var library: String
    /// The library was opened and has the symbol.
    package var isThere: Bool
    package var header: Header
    package var debug: Debug

    package var isVerified: Bool { header == .agrees || debug == .agrees }
    package var isWrong: Bool { !isThere || header == .differs || debug == .differs }
  }

  package var functions: [Function]
  package var diagnostics: [Diagnostic]
}

extension Workspace {
  /// Compares a manifest of functions with the libraries, their headers and their debug information. Runs the C compiler
  /// and readelf; calls nothing.
  package func checkFunctions(_ path: String) throws(WorkspaceError) -> ManifestCheck {
    let manifest: FunctionManifest
    switch LoadedManifest.read(path) {
    case .success(let found): manifest = found
    case .failure(let problem):
      guard !problem.diagnostics.isEmpty else {
        throw WorkspaceError(
          problem.kind == .notFound ? .notFound : .document, problem.message, help: problem.help ?? "")
      }
      return ManifestCheck(functions: [], diagnostics: problem.diagnostics)
    }
    var check = ManifestCheck(
      functions: manifest.functions.map { function in
        .init(
          id: function.id, symbol: function.symbol, library: manifest.libraries[function.library].path, isThere: true,
          header: .none, debug: .none)
      }, diagnostics: [])
    let libraries = try open(path, manifest, &check)
    for index in manifest.libraries.indices {
      compareHeader(manifest, index, &check)
      if let path = libraries[index] { compareDebugInfo(manifest, index, path, &check) }
    }
    warn(manifest, &check)
    return check
  }

  /// Paths of the libraries that load.
  private func open(
    _ path: String, _ manifest: FunctionManifest, _ check: inout ManifestCheck
  ) throws(WorkspaceError) -> [Int: String] {
    switch LoadedManifest.load(path, try catalog()) {
    case .failure(let problem):
      guard !problem.diagnostics.isEmpty else {
        throw WorkspaceError(.plugin, "cannot use \(path): \(problem.message)", help: problem.help ?? "")
      }
      check.diagnostics += problem.diagnostics
      for (index, function) in manifest.functions.enumerated() {
        let spans = [function.symbolSpan, manifest.libraries[function.library].span]
        if problem.diagnostics.contains(where: { spans.contains($0.primary.span) }) {
          check.functions[index].isThere = false
        }
      }
      // What has a path can be looked at all the same.
      return Dictionary(
        uniqueKeysWithValues: manifest.libraries.enumerated().filter { Layout.exists($0.element.path) }.map {
          ($0.offset, $0.element.path)
        })
    case .success(let loaded):
      var paths: [Int: String] = [:]
      for (index, library) in manifest.libraries.enumerated() {
        let name = Files.name(of: library.path)
        paths[index] =
          Files.realPath(library.path)
          ?? loaded.plugin.libraries.first { Files.name(of: $0).hasPrefix(name) }
      }
      return paths
    }
  }

  private func compareHeader(_ manifest: FunctionManifest, _ library: Int, _ check: inout ManifestCheck) {
    guard let header = HeaderCheck(manifest, library: library) else { return }
    let span = manifest.libraries[library].span
    func unreadable(_ message: String) {
      check.diagnostics.append(
        Diagnostic("W0901", .warning, message, at: .init(manifest.file, span, "its header was not read")))
      for index in manifest.functions.indices where manifest.functions[index].library == library {
        check.functions[index].header = .unreadable
      }
    }
    guard let compiler = Self.program(["cc", "gcc", "clang"]) else {
      return unreadable("there is no C compiler to read the header with (cc, gcc or clang)")
    }
    let file = NSTemporaryDirectory() + "assay-header-\(UUID().uuidString).c"
    guard FileManager.default.createFile(atPath: file, contents: Data(header.source.utf8)) else {
      return unreadable("cannot write \(file)")
    }
    defer { try? FileManager.default.removeItem(atPath: file) }
    let folder = Layout.folder(of: Layout.absolute(manifest.file.path))
    let includes = (header.includes + [folder]).flatMap { ["-I", $0] }
    var lines: [String] = []
    var environment = Command.environment
    environment["LC_ALL"] = "C"
    let command = Command(
      [compiler, "-x", "c", "-std=gnu11", "-fsyntax-only", "-fno-diagnostics-color", "-Wincompatible-pointer-types"]
        + includes + [file], environment: environment, limit: .seconds(60))
    do throws(SystemError) {
      let result = try command.run { if lines.count < 100_000 { lines.append($0) } }
      if result.timedOut { return unreadable("the C compiler took longer than a minute") }
    } catch {
      return unreadable("the C compiler does not start: \(error)")
    }
    let (verdicts, findings) = header.judge(lines)
    for (index, verdict) in verdicts {
      check.functions[index].header =
        switch verdict {
        case .same: .agrees
        case .different: .differs
        case .undeclared: .undeclared
        case .failed: .unreadable
        }
    }
    check.diagnostics += findings.map { manifest.diagnostic($0, code: "E0909") }
  }

  private func compareDebugInfo(
    _ manifest: FunctionManifest, _ library: Int, _ path: String, _ check: inout ManifestCheck
  ) {
    // What the compiler has settled needs no second witness: debug information can be large.
    let open = manifest.functions.indices.filter {
      manifest.functions[$0].library == library && check.functions[$0].header != .agrees
    }
    guard !open.isEmpty, let readelf = Self.program(["readelf"]) else { return }
    let symbols = open.map { manifest.functions[$0].symbol }
    var information = DebugInfo(symbols: symbols)
    var environment = Command.environment
    environment["LC_ALL"] = "C"
    let command = Command(
      [readelf, "--wide", "--debug-dump=info,follow-links", path], environment: environment, limit: .seconds(60))
    guard let result = try? command.run({ information.read($0) }), result.succeeded else { return }
    let (verdicts, findings) = information.judge(manifest, library: library)
    for (index, verdict) in verdicts {
      check.functions[index].debug =
        switch verdict {
        case .same: .agrees
        case .different: .differs
        case .missing: .none
        }
    }
    // The header has said the same already.
    check.diagnostics += findings.map { manifest.diagnostic($0, code: "E0910") }.filter { new in
      !check.diagnostics.contains { $0.code == "E0909" && $0.primary.span == new.primary.span }
    }
  }

  private func warn(_ manifest: FunctionManifest, _ check: inout ManifestCheck) {
    for (index, function) in check.functions.enumerated() where !function.isVerified && !function.isWrong {
      let declared = manifest.functions[index]
      let help =
        function.header == .undeclared
        ? "none of \(manifest.libraries[declared.library].headers.joined(separator: ", ")) declares it"
        : "give [library.\(manifest.libraries[declared.library].name)] a `header`, or install its debug information"
      check.diagnostics.append(
        Diagnostic(
          "W0901", .warning, "nothing tells whether `\(function.symbol)` is declared as it is",
          at: .init(manifest.file, declared.symbolSpan, "not compared"), help: help))
    }
  }

  private static func program(_ names: [String]) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    for name in names {
      for folder in folders where Files.isExecutable("\(folder)/\(name)") { return "\(folder)/\(name)" }
    }
    return nil
  }
}
