internal import Charts

/// Phases in a row; returns as arcs below it, ways forward above. The thicker the more often.
package struct LoopFigure {
  private let period: Period
  private let matrix: RevisitMatrix
  private let title: String
  private var phases: Phases { period.journey.phases }

  package init(_ period: Period, title: String) {
    self.period = period
    matrix = RevisitMatrix(period)
    self.title = title
  }

  /// Those that anything was done in.
  private var used: [Int] {
    let touched = Set(period.times().map(\.phase))
    return (0..<phases.count).filter { phase in
      touched.contains(phase) || matrix.runs[phase] > 0
        || matrix.indices.contains { matrix[phase, $0] + matrix[$0, phase] > 0 }
    }
  }

  package func svg() -> String {
    let places = used
    let size = max(640, Double(places.count) * 130)
    let reach = { (isBack: Bool) -> Double in
      var most = 0
      for (a, from) in places.enumerated() {
        for (b, to) in places.enumerated() where (b < a) == isBack && a != b && matrix[from, to] > 0 {
          most = max(most, abs(a - b))
        }
      }
      return Double(most)
    }
    let step = (size - 130) / Double(max(1, places.count - 1))
    let (above, below) = (reach(false) * step * 0.36, reach(true) * step * 0.36)
    let figure = Figure(
      title: title, subtitle: "below: back to an earlier phase; above: forward; the number: how often", width: size,
      height: 118 + above + below + 70,
      description: "\(matrix.backward) returns: "
        + period.loops().map { "\(phases.title($0.from)) to \(phases.title($0.to)) \($0.revisits.count)" }.joined(
          separator: ", "))
    return figure.svg { draw($0, places, y: $0.top + above + 24) }
  }

  private func draw(_ room: Figure.Area, _ places: [Int], y: Double) -> String {
    guard !places.isEmpty else { return text("soft", room.left, room.top + 20, "nothing was done yet") }
    let first = room.left + 56
    let step = places.count > 1 ? (room.right - 56 - first) / Double(places.count - 1) : 0
    func x(_ place: Int) -> Double { first + Double(place) * step }
    let most = Double(max(1, matrix.counts.flatMap { $0 }.max() ?? 1))
    var arcs = "", labels = ""
    for (a, from) in places.enumerated() {
      for (b, to) in places.enumerated() where a != b && matrix[from, to] > 0 {
        let count = matrix[from, to]
        let isBack = b < a
        let height = abs(x(a) - x(b)) * 0.36 * (isBack ? 1 : -1)
        let line = 1.5 + 7 * Double(count) / most
        let start = y + (isBack ? 16 : -16)
        // Leaves and arrives a little apart, so that ways there and back do not hide each other.
        let (from, to) = (x(a) + (isBack ? -7 : 7), x(b) + (isBack ? 7 : -7))
        arcs +=
          "<path class=\"\(Figure.color(isBack ? 1 : 0)) line\" style=\"stroke-width:\(px(line))\" stroke-opacity=\"0.8\" "
          + "d=\"M\(px(from)) \(px(start)) C\(px(from)) \(px(start + height * 1.33)) \(px(to)) \(px(start + height * 1.33)) \(px(to)) \(px(start))\"/>\n"
        arcs += arrow(at: to, start, isBack: isBack, size: 4 + line)
        let middle = (from + to) / 2
        labels += text("name middle", middle, start + height + (isBack ? 15 : -8), "\(count)")
      }
    }
    for (place, phase) in places.enumerated() {
      labels += node(phase, x(place), y, step: step == 0 ? 120 : step)
    }
    return arcs + labels
  }

  private func arrow(at x: Double, _ y: Double, isBack: Bool, size: Double) -> String {
    let direction = isBack ? 1.0 : -1.0
    return "<path class=\"\(Figure.color(isBack ? 1 : 0)) dot\" d=\"M\(px(x)) \(px(y - direction * 3))"
      + "l\(px(-size * 0.7)) \(px(direction * size))h\(px(size * 1.4))Z\"/>\n"
  }

  private func node(_ phase: Int, _ x: Double, _ y: Double, step: Double) -> String {
    let name = fitted(phases.title(phase), step - 8, 12)
    let itself = matrix[phase, phase]
    var svg =
      "<rect class=\"gap\" x=\"\(px(x - Charts.width(name, 12) / 2 - 4))\" y=\"\(px(y - 12))\" "
      + "width=\"\(px(Charts.width(name, 12) + 8))\" height=\"24\" rx=\"5\"/>\n"
    svg += text("name middle", x, y + (itself > 0 ? -1 : 4), name)
    if itself > 0 { svg += text("soft middle", x, y + 11, "↻ \(itself)") }
    return svg
  }
}
