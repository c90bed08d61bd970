internal import TOML

/// Changes of a file of settings. Everything else in it stays as it is: comments, order, layout.
package enum SettingsEdit {
  /// The file with `name` set, or nil where there is no place for it (a file that is no TOML, or one of odd shape).
  ///
  /// Of the places where it could go the first is taken that leaves all other settings as they were.
  package static func set(_ name: SettingName, to value: SettingValue, in text: String) -> String? {
    guard let document = try? TOMLTable.parse(text) else { return nil }
    let others = contents(document).filter { $0.name != name.rawValue }
    return candidates(name, value.literal, document, Array(text.utf8)).lazy
      .map { String(decoding: $0, as: UTF8.self) }
      .first { result in
        guard let changed = try? TOMLTable.parse(result) else { return false }
        let now = contents(changed)
        return now.contains { $0.name == name.rawValue && $0.literal == value.literal }
          && now.filter { $0.name != name.rawValue } == others
      }
  }

  /// The file without `name`, which goes with its line; nil if the file does not say it on lines of its own.
  package static func remove(_ name: SettingName, from text: String) -> String? {
    guard let document = try? TOMLTable.parse(text), let entry = entry(name, document) else { return nil }
    let bytes = Array(text.utf8)
    let start = lineStart(entry.keyPlace.start, bytes)
    let end = lineEnd(entry.value.place.end, bytes)
    let result = String(decoding: bytes[..<start] + bytes[end...], as: UTF8.self)
    guard let changed = try? TOMLTable.parse(result),
      contents(changed) == contents(document).filter({ $0.name != name.rawValue })
    else { return nil }
    return result
  }

  /// Whether a file says it. One that is no TOML says nothing.
  package static func has(_ name: SettingName, _ text: String) -> Bool {
    guard let document = try? TOMLTable.parse(text) else { return false }
    return entry(name, document) != nil
  }

  // MARK: - Places

  private static func entry(_ name: SettingName, _ document: TOMLTable) -> TOMLTable.Entry? {
    guard let section = name.section else { return document.entry(name.key) }
    return document[section]?.table?.entry(name.key)
  }

  private static func candidates(
    _ name: SettingName, _ literal: String, _ document: TOMLTable, _ bytes: [UInt8]
  ) -> [[UInt8]] {
    if let place = entry(name, document)?.value.place {
      return [Array(bytes[..<place.start]) + Array(literal.utf8) + bytes[place.end...]]
    }
    var results: [[UInt8]] = []
    let line = "\(name.key) = \(literal)\n"
    if let section = name.section {
      if let table = document[section] {
        let last = table.table?.entries.filter { $0.value.table == nil }.map(\.value.place.end).max()
        let end = lineEnd(max(last ?? 0, table.place.end), bytes)
        results += [inserting(line, at: end, bytes), inserting("\(section).\(line)", at: end, bytes)]
      }
      results.append(inserting((bytes.isEmpty ? "" : "\n") + "[\(section)]\n" + line, at: bytes.count, bytes))
      results.append(inserting("\(section).\(line)", at: beforeTables(document, bytes), bytes))
    } else {
      results.append(inserting(line, at: beforeTables(document, bytes), bytes))
    }
    // Over all that is there, comments too: the last resort.
    results.append(Array("\(name.rawValue) = \(literal)\n".utf8) + bytes)
    return results
  }

  /// Behind the last line that is in no table with a header; without one, before the first header and its comments.
  private static func beforeTables(_ document: TOMLTable, _ bytes: [UInt8]) -> Int {
    let plain = document.entries.filter { $0.value.table == nil }.map(\.value.place.end).max()
    if let plain { return lineEnd(plain, bytes) }
    guard let header = document.entries.filter({ $0.value.table != nil }).map(\.keyPlace.start).min() else {
      return bytes.count
    }
    var start = lineStart(header, bytes)
    while start > 0 {
      let before = lineStart(start - 1, bytes)
      guard bytes[before..<start].first(where: { $0 != 0x20 && $0 != 0x09 }) == 0x23 else { break }
      start = before
    }
    return start
  }

  private static func inserting(_ line: String, at offset: Int, _ bytes: [UInt8]) -> [UInt8] {
    let isCut = offset > 0 && bytes[offset - 1] != 0x0A
    return Array(bytes[..<offset]) + (isCut ? [0x0A] : []) + Array(line.utf8) + bytes[offset...]
  }

  private static func lineStart(_ offset: Int, _ bytes: [UInt8]) -> Int {
    (bytes[..<offset].lastIndex(of: 0x0A) ?? -1) + 1
  }

  /// Behind the line break.
  private static func lineEnd(_ offset: Int, _ bytes: [UInt8]) -> Int {
    bytes[offset...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
  }

  // MARK: - Comparing

  private struct Content: Equatable {
    var name: String
    var literal: String
  }

  /// All values of a document by their dotted names, in a form of which only equality matters.
  private static func contents(_ table: TOMLTable, _ prefix: String = "") -> [Content] {
    let all = table.entries.flatMap { entry -> [Content] in
      let name = prefix + entry.key
      if let inner = entry.value.table { return contents(inner, name + ".") }
      return [Content(name: name, literal: literal(entry.value))]
    }
    return all.sorted { $0.name < $1.name }
  }

  private static func literal(_ value: TOMLValue) -> String {
    switch value.content {
    case .string(let text): SettingValue.text(text).literal
    case .integer(let number): String(number)
    case .float(let number): "\(number)"
    case .boolean(let flag): flag ? "true" : "false"
    case .date(let text): text
    case .array(let items): "[" + items.map(literal).joined(separator: ", ") + "]"
    case .table(let table): "{" + contents(table).map { "\($0.name)=\($0.literal)" }.joined(separator: ",") + "}"
    }
  }
}
