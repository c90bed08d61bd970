internal import Charts

/// When was worked on which phase: a lane for each phase, a mark for each visit, a line for each return.
package struct LaneFigure {
  private let period: Period
  private let title: String
  private var phases: Phases { period.journey.phases }

  package init(_ period: Period, title: String) {
    self.period = period
    self.title = title
  }

  /// Visits in the order in which they began: pauses of days between minutes of work would leave nothing to be seen.
  private struct Place {
    var visit: Visit
    var x: Double
    var width: Double
  }

  package func svg() -> String {
    let visits = period.visits.filter { $0.kind != .exploration }
    let lanes = Array(Set(visits.map(\.phase))).sorted()
    let names = min(200, (lanes.map { width(phases.title($0), 12) }.max() ?? 0) + 20)
    let size = max(760, names + 150 + Double(min(visits.count, 300)) * 13)
    let figure = Figure(
      title: title,
      subtitle: "\(reading(visits))\n"
        + "From left to right in the order of the work; the wider the longer (by the root of the time).\n"
        + "An arrow leads from what was in focus to what was gone back to.",
      width: size, height: 187 + Double(lanes.count) * 40 + 26,
      legend: [
        (2, "first"), (7, "changed"), (1, "gone back to"), (0, "only because of a change before it (thin)"),
      ],
      description: "\(visits.count) visits of \(lanes.count) phases in \(Period.count(period.runs, "run"))")
    return figure.svg { draw($0, visits, lanes, names) }
  }

  /// What to see first.
  private func reading(_ visits: [Visit]) -> String {
    guard let first = visits.map(\.startedAt).min(), let last = visits.map(\.finishedAt).max() else { return "" }
    let back = Dictionary(grouping: visits.filter { $0.kind == .back }, by: \.phase).mapValues(\.count)
    var words =
      "\(CalendarDay(nanoseconds: first).text) to \(CalendarDay(nanoseconds: last).text), \(Period.count(period.runs, "run"))."
    if let most = back.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
      words += " Most often gone back to: \(phases.title(most.key)), \(most.value) times."
    }
    return words
  }

  private func draw(_ room: Figure.Area, _ visits: [Visit], _ lanes: [Int], _ names: Double) -> String {
    guard !visits.isEmpty else { return text("soft", room.left, room.top + 20, "nothing was done yet") }
    let left = room.left + names
    let height = (room.bottom - room.top - 22) / Double(lanes.count)
    func y(_ phase: Int) -> Double { room.top + (Double(lanes.firstIndex(of: phase) ?? 0) + 0.5) * height }
    let right = room.right - 76
    let touch = Dictionary(period.times().map { ($0.phase, $0.touch) }) { first, _ in first }
    var svg = text("soft end", room.right, room.top - 2, "work")
    for lane in lanes {
      svg += line("grid", left, y(lane), right, y(lane))
      svg += text("name end", room.right, y(lane) + 4, Period.duration(touch[lane] ?? 0))
      svg += text("name end", left - 10, y(lane) + 4, fitted(phases.title(lane), names - 12, 12))
    }
    let placed = place(visits, from: left + 4, to: right - 4)
    svg += days(placed, room)
    svg += returns(placed, y)
    for place in placed { svg += mark(place, y(place.visit.phase)) }
    return svg
  }

  /// Each visit gets room for itself, and the rest of the width in proportion to the root of its time.
  private func place(_ visits: [Visit], from left: Double, to right: Double) -> [Place] {
    let least = min(7, (right - left) / Double(visits.count) * 0.6)
    let weights = visits.map { max(0, $0.seconds).squareRoot() }
    let total = max(weights.reduce(0, +), 1e-9)
    let rest = max(0, right - left - least * Double(visits.count))
    var x = left
    return zip(visits, weights).map { visit, weight in
      let width = least + rest * weight / total
      defer { x += width }
      return Place(visit: visit, x: x, width: width)
    }
  }

  /// Where a day begins.
  private func days(_ placed: [Place], _ room: Figure.Area) -> String {
    let day: Int64 = 86_400_000_000_000
    var svg = ""
    var last = -100.0
    for (before, place) in zip([nil] + placed.dropLast().map(Optional.some), placed) {
      guard before.map({ $0.visit.startedAt / day != place.visit.startedAt / day }) ?? true else { continue }
      svg += line("grid", place.x - 1, room.top, place.x - 1, room.bottom - 16)
      guard place.x - last > 62 else { continue }
      last = place.x
      svg += text("tick", place.x, room.bottom - 2, CalendarDay(nanoseconds: place.visit.startedAt).text)
    }
    return svg
  }

  /// From the last visit of the phase that was in focus to what was gone back to.
  private func returns(_ placed: [Place], _ y: (Int) -> Double) -> String {
    var svg = ""
    for (index, place) in placed.enumerated() where place.visit.kind == .back {
      guard let focus = place.visit.focus,
        let origin = placed[..<index].last(where: { $0.visit.phase == focus.phase })
      else { continue }
      let (x1, x2) = (origin.x + origin.width / 2, place.x + place.width / 2)
      let (y1, y2) = (y(focus.phase) - 10, y(place.visit.phase) + 15)
      let middle = (y1 + y2) / 2
      svg +=
        "<path class=\"c1 line\" style=\"stroke-width:1.4\" stroke-opacity=\"0.75\" "
        + "d=\"M\(px(x1)) \(px(y1)) C\(px(x1)) \(px(middle)) \(px(x2)) \(px(middle)) \(px(x2)) \(px(y2))\"/>\n"
      svg += "<path class=\"c1 dot\" d=\"M\(px(x2)) \(px(y2 - 5))l-4 7h8Z\"/>\n"
    }
    return svg
  }

  private func mark(_ place: Place, _ y: Double) -> String {
    let color =
      switch place.visit.kind {
      case .first: 2
      case .back: 1
      case .echo: 0
      case .itself, .forward, .exploration: 7
      }
    // Echoes are thin: they are not what people did. Nothing is said by colour alone.
    let height = place.visit.kind == .echo ? 8.0 : 18
    let words = "\(phases.title(place.visit.phase)), \(place.visit.kind.rawValue), run \(place.visit.run)"
    let took = Period.duration(place.visit.seconds)
    let label =
      height > 10 && width(took, 12) + 6 < place.width
      ? text("inverse middle", place.x + place.width / 2, y + 4, took) : ""
    return "<rect class=\"\(Figure.color(color)) dot\" x=\"\(px(place.x))\" y=\"\(px(y - height / 2))\" "
      + "width=\"\(px(max(1.5, place.width - 1.5)))\" height=\"\(px(height))\" rx=\"2\">"
      + "<title>\(escaped(words)), \(took)</title></rect>\n" + label
  }
}
