/// Diagnostics as text for a terminal, in the look of `assay check`:
///
/// ```
/// error[E0101]: step `raw` has no output `tabel`
///  --> churn.assay:8:35
///   |
/// 7 |   step raw   = t.read_csv(path: data)
///   |        --- `raw` gives `table`: table
/// 8 |   step split = t.split(table: raw.tabel, test: 0.2)
///   |                                   ^^^^^ no such output
///   = help: did you mean `raw.table`?  (assay fix)
///   = more: assay explain E0101
/// ```
/// Characters that could drive the terminal are replaced, whatever the source text holds.
package struct TextRenderer: Sendable {
  package var color: Bool
  /// How many diagnostics are shown before `… n more`.
  package var limit: Int

  package init(color: Bool = false, limit: Int = 20) {
    self.color = color
    self.limit = limit
  }

  /// All of them, errors first, separated by empty lines; empty for no diagnostics.
  package func render(_ diagnostics: [Diagnostic]) -> String {
    let ordered = diagnostics.enumerated().sorted { a, b in
      a.element.severity != b.element.severity ? a.element.severity > b.element.severity : a.offset < b.offset
    }
    var parts = ordered.prefix(limit).map { render($0.element) }
    if ordered.count > limit { parts.append("… \(ordered.count - limit) more\n") }
    return parts.joined(separator: "\n")
  }

  /// One diagnostic, ending with a line break.
  package func render(_ diagnostic: Diagnostic) -> String {
    let snippets = Snippet.of(diagnostic)
    let width = max(1, snippets.map { String($0.lastLine).count }.max() ?? 1)
    let gutter = String(repeating: " ", count: width)
    var out = heading(diagnostic)
    for (index, snippet) in snippets.enumerated() {
      let place = snippet.file.position(at: snippet.anchor)
      let path = Display.line(snippet.file.path)
      let whole = snippet.file.bytes.isEmpty
      out += gutter + paint(index == 0 ? "-->" : ":::", .gutter)
      out += whole ? " \(path)\n" : " \(path):\(place.line):\(place.column)\n"
      if !whole { out += body(snippet, width, diagnostic.severity) }
    }
    for text in diagnostic.notes { out += note(gutter, "note", Display.line(text)) }
    if let help = help(diagnostic) { out += note(gutter, "help", help) }
    if !diagnostic.code.isEmpty { out += note(gutter, "more", "assay explain \(Display.line(diagnostic.code))") }
    return out
  }

  private func heading(_ diagnostic: Diagnostic) -> String {
    let code = diagnostic.code.isEmpty ? "" : "[\(Display.line(diagnostic.code))]"
    let word = paint(diagnostic.severity.rawValue + code, .severity(diagnostic.severity))
    return word + paint(": " + Display.line(diagnostic.message), .strong) + "\n"
  }

  private func help(_ diagnostic: Diagnostic) -> String? {
    guard let fix = diagnostic.fix else { return diagnostic.help.map(Display.line) }
    return Display.line(diagnostic.help ?? fix.title) + "  (assay fix)"
  }

  private func note(_ gutter: String, _ word: String, _ text: String) -> String {
    "\(gutter) \(paint("=", .gutter)) \(paint(word, .strong)): \(text)\n"
  }

  private func body(_ snippet: Snippet, _ width: Int, _ severity: Severity) -> String {
    let empty = String(repeating: " ", count: width) + " " + paint("|", .gutter)
    var out = empty + "\n"
    var last: Int?
    for line in snippet.lines {
      if let last, line.number > last + 1 {
        if line.number == last + 2 {
          out += source(last + 1, snippet.file, [], width, severity, empty)
        } else {
          out += paint("...", .gutter) + "\n"
        }
      }
      out += source(line.number, snippet.file, line.marks, width, severity, empty)
      last = line.number
    }
    return out
  }

  /// A source line and, below it, its marks and their texts.
  private func source(
    _ number: Int, _ file: SourceFile, _ marks: [Snippet.Mark], _ width: Int, _ severity: Severity, _ empty: String
  ) -> String {
    let digits = String(number)
    let label = String(repeating: " ", count: width - digits.count) + digits
    let line = Display(file.line(number), showing: marks.first.map { $0.start })
    var out = paint(label + " |", .gutter) + (line.text.isEmpty ? "" : " " + line.text) + "\n"
    guard !marks.isEmpty else { return out }
    let placed = marks.map { mark in
      Placed(mark: mark, start: line.column(mark.start), end: max(line.column(mark.end), line.column(mark.start) + 1))
    }.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    for row in rows(placed, severity) { out += empty + " " + row + "\n" }
    return out
  }

  private struct Placed {
    var mark: Snippet.Mark
    /// Display columns from 0.
    var start: Int
    var end: Int
  }

  /// The row of marks with the rightmost text behind it, then one row for each other text, right to left.
  private func rows(_ placed: [Placed], _ severity: Severity) -> [String] {
    let end = placed.map(\.end).max() ?? 0
    var row = [Character](repeating: " ", count: end)
    for item in placed where !item.mark.isPrimary { for at in item.start..<item.end { row[at] = "-" } }
    for item in placed where item.mark.isPrimary { for at in item.start..<item.end { row[at] = "^" } }
    var rows = [paintMarks(row, severity)]
    var waiting = placed.filter { !$0.mark.text.isEmpty }
    if let last = waiting.last, last.end == end {
      waiting.removeLast()
      rows[0] += " " + paint(Display.line(last.mark.text), style(last.mark, severity))
    }
    while let item = waiting.popLast() {
      var lead = [Character](repeating: " ", count: item.start)
      for other in waiting where other.start < item.start { lead[other.start] = "|" }
      rows.append(paint(String(lead), .gutter) + paint(Display.line(item.mark.text), style(item.mark, severity)))
    }
    return rows
  }

  private func paintMarks(_ row: [Character], _ severity: Severity) -> String {
    guard color else { return String(row) }
    return row.map { $0 == " " ? " " : paint(String($0), $0 == "^" ? .severity(severity) : .gutter) }.joined()
  }

  private func style(_ mark: Snippet.Mark, _ severity: Severity) -> Style {
    mark.isPrimary ? .severity(severity) : .gutter
  }

  private enum Style {
    case gutter, strong
    case severity(Severity)
  }

  private func paint(_ text: String, _ style: Style) -> String {
    guard color, !text.isEmpty else { return text }
    let code =
      switch style {
      case .gutter: "34"
      case .strong: "1"
      case .severity(.error): "1;31"
      case .severity(.warning): "1;33"
      case .severity(.note): "1;36"
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
