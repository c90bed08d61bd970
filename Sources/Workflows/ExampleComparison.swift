package import Values

/// Compares what an example states with what came out.
///
/// Spaces do not matter. A number with a fraction is compared to as many digits as are stated, and `…` stands for
/// anything. Outputs that are not mentioned may be anything.
package enum ExampleComparison {
  /// One shown result: `name = value` on a line, or a name and the lines of a table or file, each behind `| `.
  package struct Entry: Sendable, Equatable {
    package var name: String
    package var lines: [String]

    package init(_ name: String, _ lines: [String]) {
      self.name = name
      self.lines = lines
    }

    /// As an example states it.
    package var text: [String] {
      if name == "fails" { return ["fails: " + lines.joined(separator: " ")] }
      if lines.count == 1, !lines[0].hasPrefix("|") { return [name.isEmpty ? lines[0] : "\(name) = \(lines[0])"] }
      return (name.isEmpty ? [] : ["\(name):"]) + lines
    }
  }

  /// What the lines after a statement say, by name.
  package static func entries(_ lines: [String]) -> [Entry] {
    var entries: [Entry] = []
    for line in lines {
      if line.hasPrefix("|") {
        if entries.isEmpty { entries.append(Entry("", [])) }
        entries[entries.count - 1].lines.append(line)
      } else if let (name, rest) = heading(line) {
        entries.append(Entry(name, rest.isEmpty ? [] : [rest]))
      } else if entries.last.map({ $0.lines.count == 1 && !$0.lines[0].hasPrefix("|") }) == true {
        entries[entries.count - 1].lines[0] += " " + line
      } else {
        entries.append(Entry("", [line]))
      }
    }
    return entries
  }

  /// `words = 6`, `table:`; `fails: csv.ragged: line 3` has the name `fails`.
  private static func heading(_ line: String) -> (name: String, rest: String)? {
    let name = line.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard let first = name.first, !first.isNumber else { return nil }
    let rest = line.dropFirst(name.count)
    if rest.hasPrefix(" = ") { return (String(name), String(rest.dropFirst(3))) }
    if rest == ":" || name == "fails" && rest.hasPrefix(": ") { return (String(name), String(rest.dropFirst(2))) }
    return nil
  }

  package static func matches(_ expected: Entry, _ actual: Entry) -> Bool {
    guard expected.name == actual.name else { return false }
    var stated = tokens(expected.lines.joined(separator: "\n"))
    // Of a failure the code is enough.
    if expected.name == "fails", !stated.contains(":") { stated.append("…") }
    return matches(stated[...], tokens(actual.lines.joined(separator: "\n"))[...])
  }

  /// Iterative, with one point to go back to: the last `…`.
  private static func matches(_ expected: ArraySlice<Substring>, _ actual: ArraySlice<Substring>) -> Bool {
    var (e, a) = (expected.startIndex, actual.startIndex)
    var back: (e: Int, a: Int)?
    while a < actual.endIndex {
      if e < expected.endIndex, expected[e] == "…" {
        back = (e + 1, a)
        e += 1
      } else if e < expected.endIndex, same(expected[e], actual[a]) {
        e += 1
        a += 1
      } else if let (start, from) = back {
        back = (start, from + 1)
        e = start
        a = from + 1
      } else {
        return false
      }
    }
    return expected[e...].allSatisfy { $0 == "…" }
  }

  /// Numbers with a fraction to the digits stated, everything else exactly.
  private static func same(_ expected: Substring, _ actual: Substring) -> Bool {
    if expected == actual { return true }
    guard expected.contains(where: { $0 == "." || $0 == "e" }), let a = Double(expected), let b = Double(actual),
      a.isFinite, b.isFinite, actual.contains(where: { $0 == "." || $0 == "e" })
    else { return false }
    return (a - b).magnitude <= tolerance(expected) * (1 + 1e-9) + a.magnitude * 1e-15
  }

  /// Half a unit of the last digit: 0.005 of `1.25`, 50 of `1.2e3`.
  private static func tolerance(_ number: Substring) -> Double {
    let parts = number.split(separator: "e", maxSplits: 1)
    let fraction = parts.first?.split(separator: ".", maxSplits: 1).dropFirst().first?.count ?? 0
    var unit = 0.5
    let exponent = (parts.count == 2 ? Int(parts[1]) ?? 0 : 0) - fraction
    for _ in 0..<min(exponent.magnitude, 400) { unit = exponent < 0 ? unit / 10 : unit * 10 }
    return unit
  }

  /// Words, numbers, texts in quotes, and single signs. Dots belong to words and numbers.
  private static func tokens(_ text: String) -> [Substring] {
    var tokens: [Substring] = []
    var rest = text[...]
    func isWord(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || character == "_" || character == "."
    }
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
        continue
      }
      var end = rest.index(after: rest.startIndex)
      if isWord(first) || (first == "-" && end < rest.endIndex && rest[end].isNumber) {
        while end < rest.endIndex, isWord(rest[end]) || isExponentSign(rest, end) { end = rest.index(after: end) }
      }
      tokens.append(rest[..<end])
      rest = rest[end...]
    }
    return tokens
  }

  /// The sign in `1.5e-07`.
  private static func isExponentSign(_ text: Substring, _ at: Substring.Index) -> Bool {
    guard text[at] == "-" || text[at] == "+" else { return false }
    let before = text.index(before: at)
    guard text[before] == "e", let first = text.first, first.isNumber || first == "-" else { return false }
    let after = text.index(after: at)
    return after < text.endIndex && text[after].isNumber
  }
}

extension Value {
  /// The whole value as an example states it. Files and directories only by name: their contents are the store's.
  package var exampleLines: [String] {
    switch self {
    case .table(let table): table.exampleLines
    case .float(let number): [number.description]
    case .tensor, .list, .record: [exampleText]
    default: [exampleText]
    }
  }

  private var exampleText: String {
    switch self {
    case .string(let text): JSON.string(text).compact
    case .list(let items): "[" + items.map(\.exampleText).joined(separator: ", ") + "]"
    case .record(let fields):
      "{" + fields.map { "\($0.name): \($0.value.exampleText)" }.joined(separator: ", ") + "}"
    case .tensor: Self.spaced(json(limit: 10_000))
    case .table(let table): "[" + table.rows.map(Self.spaced).joined(separator: ", ") + "]"
    default: description
    }
  }

  private static func spaced(_ json: JSON) -> String {
    switch json {
    case .array(let items): "[" + items.map(spaced).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\($0.name): \(spaced($0.value))" }.joined(separator: ", ") + "}"
    default: json.compact
    }
  }
}

extension Table {
  private static let maximumRows = 50

  /// Names and rows in columns, each line behind `| `.
  fileprivate var exampleLines: [String] {
    let names = schema.children.map(\.name)
    let cells = rows.prefix(Self.maximumRows).map { row in
      names.map { name in row[name].map { $0.asString ?? $0.compact } ?? "null" }
    }
    let widths = names.indices.map { column in ([names] + cells).map { $0[column].count }.max() ?? 0 }
    var lines = ([names] + cells).map { row in
      let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      var line = "| " + padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    if rowCount > Self.maximumRows { lines.append("| … \(rowCount - Self.maximumRows) more rows") }
    return lines
  }
}
