internal import ArgumentParser
internal import Diagnostics
internal import Settings
internal import Values
internal import Workspace

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show and change settings, and where everything is.",
    discussion: """
      An option of a command counts more than a variable of the environment, that more than assay.toml in the project, \
      that more than the user's config.toml, that more than the default.

      EXAMPLES:
        assay config                        all settings, and where they come from
        assay config set run.parallel 4     in the project's assay.toml
        assay config explain run.parallel
        assay config path
      """,
    subcommands: [
      ConfigList.self, ConfigGet.self, ConfigSet.self, ConfigUnset.self, ConfigExplain.self, ConfigPath.self,
    ],
    defaultSubcommand: ConfigList.self)
}

/// Settings as the command line shows them.
enum SettingText {
  /// The names, for completion.
  static let names = SettingName.allCases.map(\.rawValue)

  static func find(_ name: String) throws(WorkspaceError) -> SettingName {
    if let found = SettingName(rawValue: name) { return found }
    let near = nearest(name, names) ?? SettingName.allCases.first { $0.key == name }?.rawValue
    throw WorkspaceError(
      .usage, "there is no setting `\(name)`", help: near.map { "did you mean `\($0)`?" } ?? "`assay config` lists all")
  }

  /// The value, or what the default means.
  static func words(_ name: SettingName, _ settings: Settings) -> String {
    settings[name].map(words) ?? plain(name.declaration.usualWords)
  }

  static func words(_ value: SettingValue) -> String {
    value.words.isEmpty ? value.literal : value.words
  }

  /// Without the marks of code that documents have.
  static func plain(_ text: String) -> String { text.filter { $0 != "`" } }

  static func json(_ value: SettingValue?) -> JSON {
    switch value {
    case .flag(let flag): .bool(flag)
    case .integer(let number): .int(number)
    case .texts(let texts): .array(texts.map { .string($0) })
    case .text, .duration, .size: .string(value?.words ?? "")
    case nil: .null
    }
  }

  static func json(_ origin: Settings.Origin) -> JSON {
    switch origin {
    case .usual: ["kind": "default"]
    case .variable(let name): ["kind": "variable", "name": .string(name)]
    case .file(let path, let line, let column):
      ["kind": "file", "path": .string(path), "line": .int(Int64(line)), "column": .int(Int64(column))]
    }
  }
}
