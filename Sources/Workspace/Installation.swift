internal import Foundation

/// The parts that came with the engine, wherever it was installed or built.
///
/// Beside the executable or in `../lib/assay`: what is built. In `../share/assay/sdk`, or in the checkout that it was built
/// in: the `sdk` folder with headers, kits and templates.
package struct Installation: Sendable {
  /// Folders with `assay-worker`, the Python bridge and standard plugins, in order of search.
  package var libraries: [String]
  /// The executable that hosts a plugin in a process of its own.
  package var worker: String?
  /// The shared object that embeds Python.
  package var pythonBridge: String?
  /// The shared object that calls functions by manifest.
  package var functionsBridge: String?
  /// The folder to put on Python's path for `import assay`.
  package var pythonKit: String?
  /// The folder with `assay.h`.
  package var headers: String?
  /// The package folder of AssayKit.
  package var swiftKit: String?
  /// The folder with what `assay init` makes projects from.
  package var templates: String?

  /// - Parameter libexec: searched before the folders beside the executable.
  package init(executable: String, libexec: String?) {
    let beside = Layout.folder(of: executable)
    let prefix = Layout.folder(of: beside)
    libraries = (libexec.map { [$0] } ?? []) + [beside, prefix + "/lib/assay"]
    let kits = [prefix + "/share/assay/sdk"] + Layout.parents(of: beside).map { $0 + "/sdk" }
    func first(_ folders: [String], _ name: String, with mark: String = "") -> String? {
      folders.map { $0 + "/" + name }.first { Layout.exists($0 + mark) }
    }
    worker = first(libraries, "assay-worker")
    pythonBridge = first(libraries, "libassay-python.so")
    functionsBridge = first(libraries, "libassay-functions.so")
    pythonKit =
      first(libraries, "python", with: "/assay/__init__.py") ?? first(kits, "python/src", with: "/assay/__init__.py")
    headers = first(kits, "c/include", with: "/assay.h")
    swiftKit = first(kits, "swift", with: "/Package.swift")
    templates = first(kits, "templates", with: "/workflow/main.assay")
  }

  /// Of this process.
  package static func current(libexec: String?) -> Installation {
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return Installation(executable: executable, libexec: libexec)
  }
}
