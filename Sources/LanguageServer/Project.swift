internal import Diagnostics
internal import Editing
internal import Foundation
internal import Workflows
internal import Workspace

/// One project directory that documents are open in.
final class Project {
  let folder: String
  private let workspace: Workspace
  private let ready: @Sendable () -> Void
  private var parts: (loader: PluginLoader, files: any Library & Sendable)?

  init(_ folder: String, notice: @escaping @Sendable (String) -> Void, ready: @escaping @Sendable () -> Void) {
    self.folder = folder
    self.ready = ready
    workspace = Workspace(layout: Layout(project: folder), notice: notice)
  }

  func close() { workspace.close() }
  var isLoading: Bool { parts?.loader.isLoading ?? false }
  func forget() { parts?.loader.forget() }

  /// Checks a text; `open` are the texts of open documents by path.
  func analyse(_ file: SourceFile, open: [String: String]) throws(WorkspaceError) -> Analysis {
    let (loader, files) = try library()
    return Analysis.of(file, library: EditorLibrary(loader: loader, files: files, open: open))
  }

  private func library() throws(WorkspaceError) -> (loader: PluginLoader, files: any Library & Sendable) {
    if let parts { return parts }
    let library = try workspace.library()
    let made = (loader: PluginLoader(library, ready: ready), files: library)
    parts = made
    return made
  }

  /// For completion in the document at `path`.
  func surroundings(of path: String) -> Surroundings {
    Surroundings(
      plugins: { [workspace] in (try? workspace.pluginIDs()) ?? [] },
      files: { Self.list($0.hasPrefix("/") ? $0 : Address.folder(of: path) + "/" + $0) })
  }

  private static func list(_ folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().prefix(1000).map { name in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder)
      return isFolder.boolValue ? name + "/" : name
    }
  }

  /// A link to the page about a code; the page is written on the way, beside the other caches.
  func explanation(of code: String) -> String? {
    guard let text = Explanations.markdown(for: code) else { return nil }
    let folder = workspace.layout.cache + "/explanations-" + Workspace.version
    let path = "\(folder)/\(code).md"
    if !Layout.exists(path) {
      try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) else { return nil }
    }
    return Address.uri(of: path)
  }

  // MARK: Folders

  /// Where more documents than this are, the rest is not looked at.
  private static let maximumDocuments = 2000

  /// The documents below a folder, hidden folders left out.
  static func documents(in folder: String) -> [String] {
    var result: [String] = []
    var folders = [folder]
    var visited = 0
    while let folder = folders.popLast(), result.count < maximumDocuments, visited < 20_000 {
      visited += 1
      for name in list(folder) {
        if name.hasSuffix("/") {
          if name != "node_modules/" { folders.append(folder + "/" + name.dropLast()) }
        } else if name.hasSuffix(".assay") {
          result.append(folder + "/" + name)
        }
      }
    }
    return result.sorted()
  }

  /// The project of a document: the nearest parent with a `.assay` folder, else the workspace folder around it, else its
  /// own folder.
  static func folder(of path: String, in folders: [String]) -> String {
    var folder = Address.folder(of: path)
    while folder != "/", folder != "." {
      if Layout.exists(folder + "/.assay") { return folder }
      folder = Address.folder(of: folder)
    }
    return folders.filter { path.hasPrefix($0 + "/") }.max { $0.count < $1.count } ?? Address.folder(of: path)
  }
}
