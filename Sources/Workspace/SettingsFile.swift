internal import Processes
package import Settings

/// A file of settings that is changed by commands.
package struct SettingsFile: Sendable {
  package let path: String
  private let isProject: Bool

  /// The user's file, or the project's.
  package init(_ layout: Layout, isUser: Bool) {
    path = isUser ? layout.user.file : layout.projectFile
    isProject = !isUser
  }

  /// Sets a value; the file is made if there is none. All else in it stays as it is.
  package func set(_ name: SettingName, to value: SettingValue) throws(WorkspaceError) {
    if isProject, name.declaration.isPersonal {
      throw WorkspaceError(
        .usage, "a project cannot set `\(name.rawValue)`: it names a program that runs on its own",
        help: "`--user` sets it for you, in all projects")
    }
    guard let changed = SettingsEdit.set(name, to: value, in: try text()) else { throw unchangeable }
    try write(changed)
  }

  /// Removes a setting with its line; false when the file does not have it.
  package func remove(_ name: SettingName) throws(WorkspaceError) -> Bool {
    let text = try text()
    guard SettingsEdit.has(name, text) else { return false }
    guard let changed = SettingsEdit.remove(name, from: text) else { throw unchangeable }
    try write(changed)
    return true
  }

  private var unchangeable: WorkspaceError {
    WorkspaceError(.document, "\(Layout.shown(path)) cannot be changed by a command", help: "correct it in an editor")
  }

  private func text() throws(WorkspaceError) -> String {
    guard Layout.exists(path) else { return "" }
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: 1 << 20) } catch {
      throw WorkspaceError(.document, "\(Layout.shown(path)) cannot be read: \(error.reason)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw WorkspaceError(.document, "\(Layout.shown(path)) is not UTF-8 text")
    }
    return text
  }

  private func write(_ text: String) throws(WorkspaceError) {
    do throws(SystemError) {
      try Files.makeDirectory(Files.directory(of: path))
      // A link to where somebody keeps such files stays a link.
      try Files.writeAtomically(Files.realPath(path) ?? path, Array(text.utf8))
    } catch {
      throw WorkspaceError(.failed, "\(Layout.shown(path)) cannot be written: \(error.reason)")
    }
  }
}
