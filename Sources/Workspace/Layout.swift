package import Diagnostics
internal import Foundation
package import Settings

/// Where everything is: the project, its store, the user's directories, and the parts that came with the engine.
package struct Layout: Sendable {
  /// The file that makes a folder a project.
  package static let projectFileName = "assay.toml"

  /// The project directory: the one given, else the nearest parent with an `assay.toml`, else the nearest with a `.assay`
  /// folder, else the current one.
  package var project: String
  /// `.assay` in the project.
  package var store: String
  package var user: UserDirectories
  /// The settings of the project.
  package var projectFile: String
  /// What the user has said, in files and variables.
  package var settings: Settings
  /// What is wrong with those files and variables.
  package var problems: [Diagnostic]
  /// Python environments and descriptions of plugins, shared by all projects.
  package var cache: String
  package var installation: Installation
  /// Where `use std.table` looks for `libstd_table.so`, in order.
  package var pluginDirectories: [String]

  package init(project directory: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment) {
    let start = Self.absolute(directory ?? FileManager.default.currentDirectoryPath)
    project = directory == nil ? Self.project(around: start) : start
    projectFile = project + "/" + Self.projectFileName
    user = UserDirectories(home: environment["HOME"] ?? NSHomeDirectory(), environment: environment)
    installation = .current(libexec: environment["ASSAY_LIBEXEC"].map(Self.absolute))
    (settings, problems) = Self.settings(user: user.file, project: projectFile, environment)
    store = project + "/.assay"
    cache = user.cache
    pluginDirectories = [project + "/.assay/plugins", user.data + "/plugins"] + installation.libraries
    apply()
  }

  private static func project(around start: String) -> String {
    let folders = parents(of: start)
    return folders.first { exists($0 + "/" + projectFileName) } ?? folders.first { exists($0 + "/.assay") } ?? start
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

  /// A directory inside the project relative to it (empty: the project itself), any other one as it is.
  package func relative(_ directory: String) -> String {
    if directory == project { return "" }
    return directory.hasPrefix(project + "/") ? String(directory.dropFirst(project.utf8.count + 1)) : directory
  }

  /// How to get to an absolute path from an absolute folder: `../learners.assay`.
  static func path(_ path: String, from folder: String) -> String {
    let (parts, around) = (path.split(separator: "/"), folder.split(separator: "/"))
    let common = zip(parts, around).prefix { $0 == $1 }.count
    return (around.dropFirst(common).map { _ in ".." } + parts.dropFirst(common)).joined(separator: "/")
  }

  /// The path itself, then each folder around it.
  static func parents(of path: String) -> [String] {
    var result = [path]
    while let last = result.last, last != "/", last != "." { result.append(folder(of: last)) }
    return result
  }
}

extension String {
  fileprivate var droppingTrailingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
