internal import Spaces
internal import Values
internal import Workflows

/// A narrower space, as the best trials suggest it.
extension Study {
  package struct Narrowing: Sendable {
    package let parameter: String
    /// As a document says it: `k in int 2..5`.
    package let now: String
    package let before: String
    /// Finished trials that had this parameter.
    package let trials: Int
  }

  /// Lines of a narrower space: around the best quarter of the finished trials, at least five of them. Nothing is proposed of a
  /// parameter that less than eight trials had, and nothing that would save less than a tenth of it.
  package func narrowings() -> [Narrowing] {
    let ranking = ranked().filter { limits.contain(trials[$0].proposed.point) }
    return definition.space.parameters.indices.compactMap { place in
      let values = ranking.map { trials[$0].proposed.point[place] }.filter { $0 != Point.inactive }
      guard values.count >= 8, limits.pins[place] == nil else { return nil }
      let best = Array(values.prefix(max(5, (values.count + 3) / 4)))
      guard let now = narrowed(place, best) else { return nil }
      let name = definition.space.parameters[place].name
      return Narrowing(
        parameter: name, now: "\(name) \(now)", before: "\(name) \(words(of: place))", trials: values.count)
    }
  }

  private func narrowed(_ place: Int, _ best: [Double]) -> String? {
    let parameter = definition.space.parameters[place]
    switch parameter.domain {
    case .choices:
      // The order of choices means nothing: what is not among the best goes.
      return kept(place, Set(best).sorted(), parameter.domain)
    case .axis(let axis):
      guard let low = best.min(), let high = best.max() else { return nil }
      if case .listed = axis.kind {
        return kept(place, stride(from: low, through: high, by: 1).map { $0 }, parameter.domain)
      }
      var current = axis
      if case .range(let part)? = limits.parts[place] { current = part }
      // A tenth of what it was on either side, so that an optimum at the edge of what is known is not cut off.
      let (from, to) = current.bounds
      let margin = (to - from) / 10
      let ends = (
        current.coordinate(warped: max(current.warped(low) - margin, from)),
        current.coordinate(warped: min(current.warped(high) + margin, to))
      )
      guard current.warped(ends.1) - current.warped(ends.0) <= (to - from) * 0.9, ends != (current.low, current.high)
      else { return nil }
      let isInteger = current.kind == .integers
      func number(_ value: Double) -> String { isInteger ? "\(Int64(value))" : "\(value)" }
      let step = current.step.flatMap { isInteger && $0 == 1 ? nil : " step \(number($0))" } ?? ""
      return "in \(isInteger ? "int" : "float") \(number(ends.0))..\(number(ends.1))"
        + (current.isLogarithmic ? " log" : "") + step
    }
  }

  private func kept(_ place: Int, _ coordinates: [Double], _ domain: Spaces.Domain) -> String? {
    var all = Array(0..<Int(domain.count ?? 0)).map(Double.init)
    if case .values(let left)? = limits.parts[place] { all = left }
    let kept = all.filter(coordinates.contains)
    guard !kept.isEmpty, kept.count < all.count else { return nil }
    let isName = if case .point(_) = definition.experiment.parameters[place].target { true } else { false }
    let words = kept.map { coordinate -> String in
      let value = domain.value(at: coordinate)
      return isName ? value.words : value.description
    }
    if case .artifacts = definition.experiment.parameters[place].domain { return nil }
    return "in [\(words.joined(separator: ", "))]"
  }
}
