extension SettingName {
  /// The reference of all settings as a table in Markdown: what docs/projects.md shows.
  package static var reference: String {
    var text = "| setting | value | default | option, variables | |\n|---|---|---|---|---|\n"
    for name in allCases {
      let declaration = name.declaration
      let usual = declaration.usual.map { "`\($0.literal)`" } ?? declaration.usualWords
      let option = declaration.option.isEmpty ? "" : "`\(declaration.option)`, "
      let variables = declaration.variables.map { "`\($0.name)`" }.joined(separator: ", ")
      text += "| `\(name.rawValue)` | \(declaration.kind.words) | \(usual) | \(option)\(variables) "
      text += "| \(declaration.meaning)\(declaration.isPersonal ? " (the user's file only)" : "") |\n"
    }
    return text
  }
}
