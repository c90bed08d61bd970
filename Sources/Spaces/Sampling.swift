package import Numbers

extension Space {
  /// The point whose parameters lie at `unit(index)` of their ways, 0 ≤ unit < 1. Only asked for parameters that exist.
  package func point(at unit: (Int) -> Double) -> Point {
    var point = Point([Double](repeating: Point.inactive, count: parameters.count))
    for index in parameters.indices where isActive(index, in: point) {
      point[index] = parameters[index].domain.coordinate(at: unit(index))
    }
    return point
  }

  /// Each parameter uniform on its scale; O(parameters). Constraints are not looked at.
  package func randomPoint(_ draws: inout Draws) -> Point {
    // A number for each parameter, whether it exists or not: those behind do not depend on the choices before.
    let units = parameters.indices.map { _ in draws.unit() }
    return point { units[$0] }
  }

  /// The same point with parameters added and removed as its choices demand: those that now exist and did not are drawn.
  package func completed(_ point: Point, _ draws: inout Draws) -> Point {
    var result = Point([Double](repeating: Point.inactive, count: parameters.count))
    for index in parameters.indices {
      let unit = draws.unit()
      guard isActive(index, in: result) else { continue }
      result[index] = point[index] == Point.inactive ? parameters[index].domain.coordinate(at: unit) : point[index]
    }
    return result
  }

  /// Another point that differs in one parameter (and in those that hang on it): another choice, or a number nearby.
  package func neighbor(of point: Point, _ draws: inout Draws) -> Point {
    let active = parameters.indices.filter { point[$0] != Point.inactive && parameters[$0].domain.count ?? 2 > 1 }
    guard !active.isEmpty else { return point }
    let index = active[draws.index(below: active.count)]
    var result = point
    switch parameters[index].domain {
    case .choices(let choices):
      let other = draws.index(below: choices.count - 1)
      result[index] = Double(other < Int(point[index]) ? other : other + 1)
    case .axis(let axis):
      if let count = axis.count {
        let cell = Int(axis.cell(of: point[index]))
        let last = Int(count) - 1
        let distance = 1 + draws.index(below: 2)
        let moved = min(max(draws.index(below: 2) == 1 ? cell + distance : cell - distance, 0), last)
        // At an end there is one way only.
        result[index] = axis.coordinate(cell: UInt64(moved != cell ? moved : cell == 0 ? 1 : last - 1))
      } else {
        let (low, high) = axis.bounds
        let sigma = (high - low) * Elementary.exp(-2.302585092994046 * (0.5 + 2.5 * draws.unit()))
        let (from, step) = (axis.warped(point[index]), sigma * draws.normal())
        let moved = axis.coordinate(warped: from + step)
        result[index] = moved != point[index] ? moved : axis.coordinate(warped: from - step)
      }
    }
    return completed(result, &draws)
  }
}
