internal import Diagnostics
internal import Environments
internal import Foundation
internal import Processes
internal import Settings

extension Layout {
  /// Reads the files that are there, the project's over the user's, and the environment over both.
  static func settings(user: String, project: String, _ environment: [String: String]) -> (Settings, [Diagnostic]) {
    var settings = Settings()
    var problems: [Diagnostic] = []
    for path in [user, project] where exists(path) {
      do throws(SystemError) {
        let bytes = try Files.read(path, limit: 1 << 20)
        if let text = String(validating: bytes, as: UTF8.self) {
          problems += settings.add(
            SourceFile(path: shown(path), text: text), folder: folder(of: path), isProject: path == project)
        } else {
          problems.append(unreadable(path, "is not UTF-8 text"))
        }
      } catch {
        problems.append(unreadable(path, "cannot be read: \(error.reason)"))
      }
    }
    problems += settings.add(environment: environment)
    return (settings, problems)
  }

  private static func unreadable(_ path: String, _ why: String) -> Diagnostic {
    let file = SourceFile(path: shown(path), text: "")
    return Diagnostic("", "the settings in \(shown(path)) \(why)", at: .init(file, .none, ""))
  }

  /// Relative where it is below the current directory.
  package static func shown(_ path: String) -> String {
    let current = FileManager.default.currentDirectoryPath
    return path.hasPrefix(current + "/") ? String(path.dropFirst(current.utf8.count + 1)) : path
  }

  /// Puts directories where the settings want them.
  mutating func apply() {
    if let path = path(.store) { store = path }
    if let path = path(.cache) { cache = path }
    if let given = settings.given(.pluginPath) {
      pluginDirectories = settings.texts(.pluginPath).map { Self.absolute($0, in: given.folder) } + pluginDirectories
    }
  }

  /// A path that somebody has set.
  private func path(_ name: SettingName) -> String? {
    guard let given = settings.given(name), case .text(let path) = given.value else { return nil }
    return Self.absolute(path, in: given.folder)
  }

  static func absolute(_ path: String, in folder: String?) -> String {
    guard let folder, !path.hasPrefix("/"), !path.hasPrefix("~/") else { return absolute(path) }
    return absolute(folder + "/" + path)
  }

  /// What Python environments are built from.
  var pythonChoice: PythonChoice {
    var choice = PythonChoice(installOptions: settings.texts(.pythonInstallOptions))
    choice.installer = settings.text(.pythonInstaller).flatMap(PythonChoice.Installer.init(rawValue:)) ?? .auto
    if let given = settings.given(.pythonInterpreter), case .text(let program) = given.value {
      let path = program.contains("/") ? Self.absolute(program, in: given.folder) : program
      choice.preferred = (path, given.origin.words)
    }
    return choice
  }

  /// Throws when files or variables have mistakes: nothing that depends on settings is done then.
  package func checkSettings() throws(WorkspaceError) {
    guard problems.isEmpty else {
      throw WorkspaceError(
        .document, "the settings have mistakes", help: "`assay config` shows what holds", diagnostics: problems)
    }
  }
}
