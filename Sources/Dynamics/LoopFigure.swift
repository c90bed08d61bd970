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

  package func svg() -> String {
    let places = period.touched
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
      title: title,
      subtitle:
        "\(reading)\nNumbers: how often, and what tasks had run in between. ↻: changed while it was in focus itself.",
      width: size, height: 158 + above + below + 60,
      legend: [(1, "back to an earlier phase (below)"), (0, "forward (above)")],
      description: "\(matrix.backward) returns: "
        + period.loops().map { "\(phases.title($0.from)) to \(phases.title($0.to)) \($0.revisits.count)" }.joined(
          separator: ", "))
    return figure.svg { draw($0, places, y: $0.top + above + 24) }
  }

  /// What to see first.
  private var reading: String {
    let loops = period.loops()
    guard let most = loops.max(by: { $0.lateDetection < $1.lateDetection }), most.lateDetection > 0 else {
      return loops.isEmpty ? "Nobody went back to an earlier phase." : "Phases from left to right in their order."
    }
    let all = loops.reduce(0) { $0 + $1.lateDetection }
    return
      "What was wrong was seen after \(Period.duration(all)) of further work; \(Period.duration(most.lateDetection)) of it "
      + "on the way from \(phases.title(most.to)) to \(phases.title(most.from))."
  }

  private func draw(_ room: Figure.Area, _ places: [Int], y: Double) -> String {
    guard !places.isEmpty else { return text("soft", room.left, room.top + 20, "nothing was done yet") }
    let first = room.left + 56
    let step = places.count > 1 ? (room.right - 56 - first) / Double(places.count - 1) : 0
    func x(_ place: Int) -> Double { first + Double(place) * step }
    let most = Double(max(1, matrix.counts.flatMap { $0 }.max() ?? 1))
    let costs = Dictionary(period.loops().map { ([$0.from, $0.to], $0.lateDetection) }) { first, _ in first }
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
        let cost = costs[[places[a], places[b]]].map { $0 > 0 ? ", \(Period.duration($0))" : "" } ?? ""
        labels += text("name middle halo", middle, start + height + (isBack ? 17 : -8), "\(count)×\(cost)")
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
