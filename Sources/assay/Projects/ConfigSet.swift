internal import ArgumentParser
internal import Diagnostics
internal import Settings
internal import Values
internal import Workspace

/// Which file is changed.
struct SettingsTarget: ParsableArguments {
  @Flag(name: .long, help: "In the user's file, for all projects, instead of the project's assay.toml.")
  var user = false
}

struct ConfigSet: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Set a value in assay.toml, or in the user's file.",
    discussion: """
      The rest of the file stays as it is, comments too. The file is made if there is none.

      EXAMPLES:
        assay config set run.parallel 4
        assay config set color never --user
        assay config set plugin.path build ../shared/plugins
        assay config set python.install-options -- --index-url https://pypi.example.org/simple
      """)

  @Argument(
    help: ArgumentHelp("One of the names of `assay config`.", valueName: "setting"),
    completion: .list(SettingText.names))
  var name: String

  @Argument(help: ArgumentHelp("The value; of a list, all items.", valueName: "value"))
  var values: [String]

  @OptionGroup var target: SettingsTarget
  @OptionGroup var shared: SharedOptions

  var needsSettings: Bool { false }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let name = try SettingText.find(name)
    let value = try value(of: name)
    let file = SettingsFile(workspace.layout, isUser: target.user)
    try file.set(name, to: value)
    // Read anew: what holds now may be something else.
    let settings = Layout(project: shared.directory).settings
    if console.json {
      console.document(
        "assay.setting/1",
        [
          .init("name", .string(name.rawValue)), .init("value", SettingText.json(settings[name])),
          .init("origin", SettingText.json(settings.origin(name))), .init("file", .string(file.path)),
        ])
    } else {
      console.talk("\(console.glyphs.done) \(name.rawValue) = \(value.literal) in \(Layout.shown(file.path))")
    }
    if let given = settings.given(name), given.value != value {
      console.warn("\(given.origin.words) says \(SettingText.words(given.value)), which counts more")
    }
    return ok
  }

  private func value(of name: SettingName) throws(WorkspaceError) -> SettingValue {
    let kind = name.declaration.kind
    if kind == .texts || kind == .paths { return .texts(values) }
    guard values.count == 1, let text = values.first, let value = kind.value(text) else {
      let near = values.first.flatMap { nearest($0, kind.choices) }.map { "did you mean `\($0)`?" }
      throw WorkspaceError(
        .usage, "`\(name.rawValue)` has to be \(kind.words), not `\(values.joined(separator: " "))`",
        help: near ?? "assay config explain \(name.rawValue)")
    }
    return value
  }
}

struct ConfigUnset: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "unset", abstract: "Remove a setting from assay.toml, or from the user's file.",
    discussion: """
      EXAMPLES:
        assay config unset run.parallel
        assay config unset color --user
      """)

  @Argument(
    help: ArgumentHelp("One of the names of `assay config`.", valueName: "setting"),
    completion: .list(SettingText.names))
  var name: String

  @OptionGroup var target: SettingsTarget
  @OptionGroup var shared: SharedOptions

  var needsSettings: Bool { false }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let name = try SettingText.find(name)
    let file = SettingsFile(workspace.layout, isUser: target.user)
    guard try file.remove(name) else {
      throw WorkspaceError(
        .notFound, "\(Layout.shown(file.path)) does not set `\(name.rawValue)`",
        help: "assay config explain \(name.rawValue)")
    }
    let settings = Layout(project: shared.directory).settings
    if console.json {
      console.document(
        "assay.setting/1",
        [
          .init("name", .string(name.rawValue)), .init("value", SettingText.json(settings[name])),
          .init("origin", SettingText.json(settings.origin(name))), .init("file", .string(file.path)),
        ])
    } else {
      console.talk(
        "\(console.glyphs.done) \(name.rawValue) is \(SettingText.words(name, settings)) "
          + "(\(settings.origin(name).words))")
    }
    return ok
  }
}
