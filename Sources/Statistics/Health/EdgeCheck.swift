internal import Spaces
internal import Strategies

extension Health {
  /// Whether the best trials press against an end of a range: better ones may lie beyond.
  func edge() -> Finding {
    let ranked = finished
    let top = ranked.prefix(max(Self.fewest, ranked.count / 10))
    guard ranked.count >= 2 * Self.fewest else {
      return Finding(.edge, .unknown, "fewer than ten finished trials: where the best ones lie cannot be seen")
    }
    var (names, largest): ([String], Double) = ([], 0)
    for (index, parameter) in space.parameters.enumerated() {
      guard case .axis(let axis) = parameter.domain, axis.count ?? .max > 2 else { continue }
      for isLow in [true, false] {
        let active = top.filter { $0.point[index] != Point.inactive }
        let near = active.count { isAtEnd(axis, $0.point[index], isLow) }
        guard active.count * 2 > top.count else { continue }
        let share = Double(near) / Double(active.count)
        largest = max(largest, share)
        if share >= 0.5, active[0].number == ranked[0].number, isAtEnd(axis, active[0].point[index], isLow) {
          names.append("`\(parameter.name)` (\(isLow ? "low" : "high") end, \(near) of \(active.count))")
        }
      }
    }
    let numbers = ["share": largest, "parameters": Double(names.count)]
    guard !names.isEmpty else {
      return Finding(.edge, .pass, "the best \(top.count) trials lie inside their ranges", numbers)
    }
    return Finding(
      .edge, .warn, "the best trials lie at the edge of the space: \(names.joined(separator: ", ")); widen it", numbers)
  }

  /// Within a twentieth of the scale, or the last of separate values.
  private func isAtEnd(_ axis: Axis, _ coordinate: Double, _ isLow: Bool) -> Bool {
    if coordinate == (isLow ? axis.low : axis.high) { return true }
    let unit = axis.unit(of: coordinate)
    return isLow ? unit <= 0.05 : unit >= 0.95
  }
}
