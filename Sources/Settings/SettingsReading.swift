internal import Diagnostics
internal import TOML

/// Reads one file of settings and checks it against the table of names.
struct SettingsReading {
  let file: SourceFile
  let isProject: Bool
  private(set) var diagnostics: [Diagnostic] = []

  init(file: SourceFile, isProject: Bool) {
    self.file = file
    self.isProject = isProject
  }

  mutating func read() -> [(SettingName, SettingValue, TOMLPlace)] {
    let document: TOMLTable
    do throws(TOMLError) { document = try TOMLTable.parse(file.text) } catch {
      report(error.message, error.place, help: error.help)
      return []
    }
    return read(document, prefix: "")
  }

  private mutating func read(_ table: TOMLTable, prefix: String) -> [(SettingName, SettingValue, TOMLPlace)] {
    var found: [(SettingName, SettingValue, TOMLPlace)] = []
    for entry in table.entries {
      let path = prefix + entry.key
      if let name = SettingName(rawValue: path) {
        let kind = name.declaration.kind
        if isProject, name.declaration.isPersonal {
          report(
            "a project cannot set `\(path)`: it names a program that runs on its own", entry.keyPlace,
            help: "`assay config set \(path) … --user`")
        } else if let value = kind.value(entry.value.content) {
          found.append((name, value, entry.keyPlace))
        } else {
          let near = entry.value.string.flatMap { nearest($0, kind.choices) }.map { "did you mean \"\($0)\"?" }
          report("`\(path)` has to be \(kind.words)", entry.value.place, help: near)
        }
      } else if let inner = entry.value.table, Self.sections.contains(path) {
        found += read(inner, prefix: path + ".")
      } else {
        report(
          "there is no setting `\(path)`", entry.keyPlace, help: suggestion(path, isTable: entry.value.table != nil)
        )
      }
    }
    return found
  }

  private static let sections = Set(SettingName.allCases.compactMap(\.section))

  /// What was meant: a name like it, or one that belongs into another section.
  private func suggestion(_ path: String, isTable: Bool) -> String {
    if isTable {
      let parts = path.split(separator: ".")
      if parts.count == 2, parts[0] == parts[1] { return "within [\(parts[0])] leave out `\(parts[0]).`" }
      return nearest(path, Self.sections.sorted()).map { "did you mean `[\($0)]`?" } ?? "`assay config` lists all"
    }
    let names = SettingName.allCases
    let near =
      nearest(path, names.map(\.rawValue)) ?? names.first { $0.key == path.split(separator: ".").last ?? "" }?.rawValue
    guard let near, let name = SettingName(rawValue: near) else { return "`assay config` lists all" }
    guard let section = name.section, !path.hasPrefix(section + ".") else { return "did you mean `\(name.key)`?" }
    return "did you mean `\(name.key)` in [\(section)]?"
  }

  private mutating func report(_ message: String, _ place: TOMLPlace, help: String?) {
    diagnostics.append(
      Diagnostic("", message, at: .init(file, Span(place.start, place.end), ""), help: help))
  }
}
