internal import ArgumentParser
internal import Settings
internal import Values
internal import Workspace

struct ConfigGet: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Print the value of a setting.",
    discussion: """
      Lists are printed one item a line; a setting that nobody has set and that has no fixed default prints nothing.

      EXAMPLES:
        assay config get run.durability
        assay config get plugin.path --json
      """)

  @Argument(
    help: ArgumentHelp("One of the names of `assay config`.", valueName: "setting"),
    completion: .list(SettingText.names))
  var name: String

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let name = try SettingText.find(name)
    let settings = workspace.layout.settings
    if console.json {
      console.document(
        "assay.setting/1",
        [
          .init("name", .string(name.rawValue)), .init("value", SettingText.json(settings[name])),
          .init("origin", SettingText.json(settings.origin(name))),
        ])
    } else if case .texts(let texts)? = settings[name] {
      Output.data(texts.joined(separator: "\n"))
    } else if let value = settings[name] {
      Output.data(value.words)
    }
    return ok
  }
}
