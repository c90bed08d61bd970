/// Rows with aligned columns, without drawing lines around them.
///
/// A table too wide for its terminal first loses its least important columns, then cuts its longest one. In a pipe
/// (`columns` nil) nothing is lost.
struct TextTable {
  struct Column {
    var title: String
    var isNumber = false
    /// Columns of a higher rank go first when there is no room; 0 stays.
    var rank = 0
    /// May be shortened in its middle.
    var isElastic = false
  }

  struct Cell {
    var text: String
    var style: Style?
    init(_ text: String, _ style: Style? = nil) {
      self.text = Text.harmless(text)
      self.style = style
    }
  }

  var columns: [Column]
  var rows: [[Cell]] = []

  init(_ columns: [Column]) { self.columns = columns }

  mutating func add(_ cells: [Cell]) { rows.append(cells) }

  /// - Parameter available: columns of the terminal; nil: no limit.
  func text(paint: Paint, available: Int?, header: Bool = true) -> String {
    var widths = columns.indices.map { index in
      max(header ? Text.width(columns[index].title) : 0, rows.map { Text.width($0[index].text) }.max() ?? 0)
    }
    var shown = Array(columns.indices)
    if let available {
      func total() -> Int { shown.reduce(0) { $0 + widths[$1] } + 2 * max(0, shown.count - 1) }
      while total() > available, let victim = shown.filter({ columns[$0].rank > 0 }).max(by: isKeptLonger) {
        shown.removeAll { $0 == victim }
      }
      while total() > available,
        let longest = shown.filter({ columns[$0].isElastic && widths[$0] > 8 }).max(by: { widths[$0] < widths[$1] })
      {
        widths[longest] = max(8, widths[longest] - (total() - available))
      }
    }
    var lines = rows.map { line($0, shown, widths, paint) }
    if header { lines.insert(line(columns.map { Cell($0.title, .faint) }, shown, widths, paint), at: 0) }
    return lines.map { $0 + "\n" }.joined()
  }

  private func isKeptLonger(_ a: Int, _ b: Int) -> Bool {
    columns[a].rank != columns[b].rank ? columns[a].rank < columns[b].rank : a < b
  }

  private func line(_ cells: [Cell], _ shown: [Int], _ widths: [Int], _ paint: Paint) -> String {
    var parts: [String] = []
    for index in shown {
      let text = Text.middle(cells[index].text, widths[index])
      let gap = String(repeating: " ", count: max(0, widths[index] - Text.width(text)))
      let painted = paint(text, cells[index].style)
      parts.append(columns[index].isNumber ? gap + painted : index == shown.last ? painted : painted + gap)
    }
    var line = parts.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
