internal import Charts
internal import Statistics

/// The revisit matrix as a heat map: rows are the phase in focus, columns the one that was changed. Phases that nothing was
/// done in are left out.
package struct MatrixFigure {
  private let matrix: RevisitMatrix
  private let phases: Phases
  private let places: [Int]
  private let title: String

  package init(_ period: Period, title: String) {
    matrix = RevisitMatrix(period)
    phases = period.journey.phases
    places = period.touched
    self.title = title
  }

  package func svg() -> String {
    let cell = 74.0
    let names = min(220, (places.map { width(phases.title($0), 12) }.max() ?? 0) + 22)
    let figure = Figure(
      title: title,
      subtitle: "\(reading)\nRow: what was in focus when a run began. Column: what was changed in it. "
        + "Small: of all changes of the row.",
      width: max(640, names + 32 + cell * Double(places.count) + 130),
      height: 196 + cell * 0.62 * Double(max(1, places.count)) + 40,
      legend: [(1, "back to an earlier phase"), (7, "the phase itself"), (0, "forward")], description: description)
    return figure.svg { draw($0, names: names) }
  }

  /// What to see first.
  private var reading: String {
    let back = places.flatMap { from in places.filter { $0 < from && matrix[from, $0] > 0 }.map { (from, $0) } }
    guard let most = back.max(by: { matrix[$0.0, $0.1] < matrix[$1.0, $1.1] }) else {
      return "Nobody went back to an earlier phase."
    }
    return "\(matrix.backward) times back to an earlier phase; most often from \(phases.title(most.0)) to "
      + "\(phases.title(most.1)): \(matrix[most.0, most.1]) times."
  }

  private var description: String {
    let cells = matrix.indices.flatMap { from in
      matrix.indices.filter { matrix[from, $0] > 0 }.map { to in
        "from \(phases.title(from)) to \(phases.title(to)) \(matrix[from, to])"
      }
    }
    return "\(matrix.backward) returns to earlier phases, \(matrix.itself) within one, \(matrix.forward) forward: "
      + (cells.isEmpty ? "none" : cells.joined(separator: ", "))
  }

  private func draw(_ room: Figure.Area, names: Double) -> String {
    guard !places.isEmpty else { return text("soft", room.left, room.top + 20, "nothing was done yet") }
    let left = room.left + names
    let top = room.top + 66
    let count = Double(places.count)
    let side = (width: (room.right - left - 120) / count, height: (room.bottom - 26 - top) / count)
    let most = Double(matrix.counts.flatMap { $0 }.max() ?? 0)
    let (all, runs) = (room.right - 82, room.right - 26)
    var svg = text("soft end", left - 10, top - 8, "in focus ↓")
    svg += text("soft middle", all, top - 8, "changes") + text("soft middle", runs, top - 8, "runs")
    for (place, phase) in places.enumerated() {
      // Slanted: nine names do not fit side by side.
      let x = left + (Double(place) + 0.5) * side.width
      svg +=
        "<text class=\"name\" x=\"\(px(x))\" y=\"\(px(top - 8))\" transform=\"rotate(-32 \(px(x)) \(px(top - 8)))\">"
        + "\(escaped(fitted(phases.title(phase), 110, 12)))</text>\n"
      let total = places.reduce(0) { $0 + matrix[$1, phase] }
      svg += text("soft middle", x, room.bottom - 6, "\(total)")
    }
    svg += text("soft end", left - 10, room.bottom - 6, "changes, all rows")
    svg += text("soft middle", all, room.bottom - 6, "\(matrix.backward + matrix.itself + matrix.forward)")
    svg += text("soft middle", runs, room.bottom - 6, "\(matrix.runs.reduce(0, +))")
    for (row, from) in places.enumerated() {
      let y = top + Double(row) * side.height
      let base = y + side.height / 2 + 4
      svg += text("name end", left - 10, base, fitted(phases.title(from), names - 12, 12))
      svg += text("soft middle", all, base, "\(matrix.total(from: from))")
      svg += text("soft middle", runs, base, "\(matrix.runs[from])")
      for (column, to) in places.enumerated() {
        svg += cell(from, to, left + Double(column) * side.width, y, side, most)
      }
    }
    return svg
  }

  private func cell(
    _ row: Int, _ column: Int, _ x: Double, _ y: Double, _ side: (width: Double, height: Double), _ most: Double
  ) -> String {
    let value = matrix[row, column]
    // Back in one colour, forward in another; the diagonal is grey: work on a phase itself.
    let color = column < row ? 1 : column == row ? 7 : 0
    let opacity = value == 0 || most == 0 ? 0.05 : 0.15 + 0.75 * Double(value) / most
    var svg =
      "<rect class=\"\(Figure.color(color)) dot\" fill-opacity=\"\(px(opacity))\" x=\"\(px(x + 1))\" y=\"\(px(y + 1))\" "
      + "width=\"\(px(side.width - 2))\" height=\"\(px(side.height - 2))\" rx=\"3\"/>\n"
    guard value > 0 else { return svg }
    let style = opacity > 0.62 ? "inverse middle" : "name middle"
    let middle = x + side.width / 2
    guard let share = matrix.profile(from: row, to: column), share.count >= 5 else {
      return svg + text(style, middle, y + side.height / 2 + 4, "\(value)")
    }
    svg += text(style, middle, y + side.height / 2 - 1, "\(value)")
    return svg + text(style, middle, y + side.height / 2 + 13, "\(Int((share.share * 100).rounded())) %")
  }
}
