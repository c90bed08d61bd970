internal import Foundation

/// Where everything is: the project, its store, caches, and the parts that were installed with the engine.
package struct Layout: Sendable {
  /// The project directory: the nearest parent with a `.assay` folder, else the one given.
  package var project: String
  /// `.assay` in the project.
  package var store: String
  /// `$XDG_CACHE_HOME/assay`: environments and descriptions of plugins, shared by all projects.
  package var cache: String
  /// The executable that hosts a plugin in a process of its own.
  package var worker: String?
  /// The shared object that embeds Python.
  package var pythonBridge: String?
  /// The folder to put on Python's path for `import assay`.
  package var pythonKit: String?
  /// Where `use std.table` looks for `libstd_table.so`, in order.
  package var pluginDirectories: [String]

  package init(project directory: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment) {
    let start = Self.absolute(directory ?? FileManager.default.currentDirectoryPath)
    project = directory == nil ? Self.parents(of: start).first { Self.exists($0 + "/.assay") } ?? start : start
    store = environment["ASSAY_STORE"].map(Self.absolute) ?? project + "/.assay"
    let home = environment["HOME"] ?? NSHomeDirectory()
    let caches = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.cache"
    cache = environment["ASSAY_CACHE"].map(Self.absolute) ?? caches + "/assay"

    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = Self.folder(of: executable)
    var libraries: [String] = []
    if let given = environment["ASSAY_LIBEXEC"] { libraries.append(Self.absolute(given)) }
    libraries += [beside, Self.folder(of: beside) + "/lib/assay"]
    worker = libraries.map { $0 + "/assay-worker" }.first(where: Self.exists)
    pythonBridge = libraries.map { $0 + "/libassay-python.so" }.first(where: Self.exists)
    let kits = libraries.map { $0 + "/python" } + Self.parents(of: beside).map { $0 + "/sdk/python/src" }
    pythonKit = kits.first { Self.exists($0 + "/assay/__init__.py") }
    let given = environment["ASSAY_PLUGIN_PATH"]?.split(separator: ":").map { Self.absolute(String($0)) } ?? []
    pluginDirectories = given + [project + "/.assay/plugins"] + libraries
  }

  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Against the current directory, without `.` and `..`.
  package static func absolute(_ path: String) -> String {
    let expanded = path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path
    return URL(filePath: expanded).standardizedFileURL.path(percentEncoded: false).droppingTrailingSlash
  }

  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func parents(of path: String) -> [String] {
    var result = [path]
    while let last = result.last, last != "/", last != "." { result.append(folder(of: last)) }
    return result
  }
}

extension String {
  fileprivate var droppingTrailingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
