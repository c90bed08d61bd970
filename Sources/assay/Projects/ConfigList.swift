internal import ArgumentParser
internal import Settings
internal import Values
internal import Workspace

struct ConfigList: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show all settings, and where they come from.",
    discussion: """
      Ends with 3 if files or variables have mistakes, after showing what holds.

      EXAMPLES:
        assay config
        assay config list --json
      """)

  @OptionGroup var shared: SharedOptions

  var needsSettings: Bool { false }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let layout = workspace.layout
    let settings = layout.settings
    if console.json {
      let all = SettingName.allCases.map { name -> JSON in
        [
          "name": .string(name.rawValue), "value": SettingText.json(settings[name]),
          "origin": SettingText.json(settings.origin(name)),
        ]
      }
      console.document("assay.config/1", [.init("settings", .array(all))] + JSON.diagnostics(layout.problems))
    } else {
      var table = TextTable([
        .init(title: "SETTING"), .init(title: "VALUE", isElastic: true), .init(title: "FROM", isElastic: true),
      ])
      for name in SettingName.allCases {
        let isUsual = settings.given(name) == nil
        table.add([
          .init(name.rawValue), .init(SettingText.words(name, settings), isUsual ? .faint : .strong),
          .init(settings.origin(name).words, isUsual ? .faint : nil),
        ])
      }
      console.show(table, empty: "")
      console.show(layout.problems)
    }
    return layout.problems.isEmpty ? ok : Status.document.rawValue
  }
}
