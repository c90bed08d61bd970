internal import Charts
internal import Statistics

/// The revisit matrix as a heat map: rows are the phase in focus, columns the one gone back to.
package struct MatrixFigure {
  private let matrix: RevisitMatrix
  private let phases: Phases
  private let title: String

  package init(_ period: Period, title: String) {
    matrix = RevisitMatrix(period)
    phases = period.journey.phases
    self.title = title
  }

  package func svg() -> String {
    let count = phases.count
    let cell = 62.0
    let names = min(220, ((0..<count).map { width(phases.title($0), 12) }.max() ?? 0) + 16)
    let figure = Figure(
      title: title,
      subtitle: "row: the phase in focus; column: the phase that was changed; left of the diagonal: back",
      width: names + 32 + cell * Double(max(count, 5)) + 70, height: 150 + cell * 0.62 * Double(count) + 36,
      description: description)
    return figure.svg { draw($0, names: names) }
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
    let count = phases.count
    guard count > 0 else { return "" }
    let left = room.left + names
    let top = room.top + 62
    let side = (width: (room.right - left - 62) / Double(count), height: (room.bottom - top) / Double(count))
    let most = Double(matrix.counts.flatMap { $0 }.max() ?? 0)
    var svg = text("soft end", left - 10, top - 8, "in focus ↓")
    svg += text("soft middle", room.right - 30, top - 8, "runs")
    for column in 0..<count {
      // Slanted: nine names do not fit side by side.
      let x = left + (Double(column) + 0.5) * side.width
      svg +=
        "<text class=\"name\" x=\"\(px(x))\" y=\"\(px(top - 8))\" transform=\"rotate(-32 \(px(x)) \(px(top - 8)))\">"
        + "\(escaped(fitted(phases.title(column), 110, 12)))</text>\n"
    }
    for row in 0..<count {
      let y = top + Double(row) * side.height
      svg += text("name end", left - 10, y + side.height / 2 + 4, fitted(phases.title(row), names - 12, 12))
      svg += text("soft middle", room.right - 30, y + side.height / 2 + 4, "\(matrix.runs[row])")
      for column in 0..<count {
        svg += self.cell(row, column, left + Double(column) * side.width, y, side, most)
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
    let small = opacity > 0.62 ? "inverse middle" : "soft middle"
    return svg + text(small, middle, y + side.height / 2 + 13, "\(Int((share.share * 100).rounded())) %")
  }
}
