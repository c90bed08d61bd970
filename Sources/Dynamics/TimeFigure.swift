internal import Charts

/// Where the time went: for each phase a bar of seconds, by why they were spent. What tasks ran and what people logged have
/// scales of their own: one is often a thousand times the other.
package struct TimeFigure {
  private let period: Period
  private let title: String
  private var phases: Phases { period.journey.phases }

  package init(_ period: Period, title: String) {
    self.period = period
    self.title = title
  }

  private struct Row {
    var phase: Int
    var rework: Rework
  }

  private struct Block {
    var name: String
    var rows: [Row]
    var total: Double { rows.reduce(0) { $0 + $1.rework.all } }
    var longest: Double { rows.map(\.rework.all).max() ?? 0 }
  }

  /// In the order of a bar. Heights differ, so that nothing is said by colour alone.
  private static let kinds: [(name: String, color: Int, height: Double, seconds: @Sendable (Rework) -> Double)] = [
    ("for the first time", 2, 18, { $0.first }), ("changed again", 1, 18, { $0.intentional }),
    ("only because of a change before it", 0, 9, { $0.echo }), ("retries", 3, 5, { $0.retries }),
    ("trials of experiments", 4, 13, { $0.exploration }),
  ]

  private var blocks: [Block] {
    [("Tasks", false), ("Work that people logged", true)].compactMap { name, isLogged in
      let rows = period.touched.map { Row(phase: $0, rework: Rework(period, phase: $0, isLogged: isLogged)) }
        .filter { $0.rework.all > 0 }
      return rows.isEmpty ? nil : Block(name: name, rows: rows)
    }
  }

  package func svg() -> String {
    let blocks = blocks
    let used = Self.kinds.filter { kind in blocks.contains { $0.rows.contains { kind.seconds($0.rework) > 0 } } }
    let height = blocks.reduce(0) { $0 + 34 + Double($1.rows.count) * 28 }
    let figure = Figure(
      title: title, subtitle: "\(reading)\nEach block has a scale of its own; the numbers are sums.", width: 760,
      height: 130 + max(30, height), legend: used.map { ($0.color, $0.name) }, description: reading)
    return figure.svg { draw(blocks, $0) }
  }

  private var reading: String {
    let (tasks, people) = (Rework(period, isLogged: false), Rework(period, isLogged: true))
    var sentences: [String] = []
    if let ratio = tasks.ratio {
      sentences.append(
        "Tasks ran \(Period.duration(tasks.all)), \(Int((ratio * 100).rounded())) % of it again"
          + (tasks.saved > 0 ? "; results that were taken saved \(Period.duration(tasks.saved))." : "."))
    }
    if people.all > 0 { sentences.append("People logged \(Period.duration(people.all)) beside them.") }
    return sentences.isEmpty ? "Nothing took any time yet." : sentences.joined(separator: " ")
  }

  private func draw(_ blocks: [Block], _ room: Figure.Area) -> String {
    guard !blocks.isEmpty else { return text("soft", room.left, room.top + 20, "nothing was done yet") }
    let names = min(200, (period.touched.map { width(phases.title($0), 12) }.max() ?? 0) + 20)
    let (left, right) = (room.left + names, room.right - 150)
    var svg = ""
    var y = room.top
    for block in blocks {
      svg += text("name", room.left, y + 16, "\(block.name): \(Period.duration(block.total))")
      y += 28
      for row in block.rows {
        svg += text("name end", left - 10, y + 14, fitted(phases.title(row.phase), names - 12, 12))
        svg += bar(row.rework, left, y + 10, scale: (right - left) / max(block.longest, 1e-12))
        y += 28
      }
      y += 6
    }
    return svg
  }

  private func bar(_ rework: Rework, _ left: Double, _ y: Double, scale: Double) -> String {
    var svg = ""
    var x = left
    for kind in Self.kinds {
      let seconds = kind.seconds(rework)
      guard seconds > 0 else { continue }
      let size = seconds * scale
      svg +=
        "<rect class=\"\(Figure.color(kind.color)) dot\" x=\"\(px(x))\" y=\"\(px(y - kind.height / 2))\" "
        + "width=\"\(px(max(0.5, size - 1)))\" height=\"\(px(kind.height))\" rx=\"1.5\">"
        + "<title>\(escaped("\(kind.name): \(Period.duration(seconds))"))</title></rect>\n"
      let words = Period.duration(seconds)
      if kind.height >= 13, width(words, 12) + 8 < size { svg += text("inverse middle", x + size / 2, y + 4, words) }
      x += size
    }
    var words = Period.duration(rework.all)
    if let ratio = rework.ratio, rework.again > 0 { words += ", \(Int((ratio * 100).rounded())) % again" }
    return svg + text("name", x + 8, y + 4, words)
  }
}
