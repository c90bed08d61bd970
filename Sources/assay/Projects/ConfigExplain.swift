internal import ArgumentParser
internal import Settings
internal import Values
internal import Workspace

struct ConfigExplain: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Show what a setting means, and all who say something about it.",
    discussion: """
      EXAMPLES:
        assay config explain run.parallel
        assay config explain color --json
      """)

  @Argument(
    help: ArgumentHelp("One of the names of `assay config`.", valueName: "setting"),
    completion: .list(SettingText.names))
  var name: String

  @OptionGroup var shared: SharedOptions

  var needsSettings: Bool { false }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let name = try SettingText.find(name)
    let declaration = name.declaration
    // The one that counts first, the default last.
    let layers = workspace.layout.settings.layers(name).reversed().map { ($0.origin, SettingText.words($0.value)) }
    if console.json {
      console.document("assay.setting.explanation/1", members(name, workspace.layout.settings))
      return ok
    }
    var facts = [("expects", declaration.kind.words)]
    if !declaration.option.isEmpty { facts.append(("option", declaration.option)) }
    facts.append(("variable", declaration.variables.map(\.name).joined(separator: ", ")))
    if declaration.isPersonal { facts.append(("file", "the user's only")) }
    var text = console.paint(name.rawValue, .strong) + "  " + SettingText.plain(declaration.meaning) + "\n"
    for (title, words) in facts { text += Text.pad(title, 10) + words + "\n" }
    text += "\n" + console.paint("who says what; the first counts", .faint) + "\n"
    let rows = layers.map { ($0.0.words, $0.1) } + [("default", SettingText.plain(declaration.usualWords))]
    let width = rows.map { Text.width($0.0) }.max() ?? 0
    for (origin, words) in rows { text += Text.pad(Text.harmless(origin), width + 2) + Text.harmless(words) + "\n" }
    Output.data(text)
    return ok
  }

  private func members(_ name: SettingName, _ settings: Settings) -> [JSON.Member] {
    let declaration = name.declaration
    let layers = settings.layers(name).reversed().map { entry -> JSON in
      ["value": SettingText.json(entry.value), "origin": SettingText.json(entry.origin)]
    }
    return [
      .init("name", .string(name.rawValue)), .init("meaning", .string(SettingText.plain(declaration.meaning))),
      .init("expects", .string(declaration.kind.words)), .init("default", SettingText.json(declaration.usual)),
      .init("option", .string(declaration.option)),
      .init("variables", .array(declaration.variables.map { .string($0.name) })), .init("layers", .array(layers)),
    ]
  }
}
