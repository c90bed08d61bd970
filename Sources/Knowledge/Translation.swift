internal import Numbers
package import Spaces
internal import Values

/// Configurations of one space in terms of another, by the names of parameters.
///
/// What both have keeps its value, moved to the nearest that there is; what is new has its preset; what is gone is ignored.
package struct Translation: Sendable {
  /// Why a configuration cannot be said in the other space, for a person.
  package struct Untranslatable: Error, Equatable { package let reason: String }

  private let source: Space
  private let target: Space
  /// For each parameter of the target, its place in the source.
  private let places: [Int?]

  package init(from source: Space, to target: Space) {
    self.source = source
    self.target = target
    places = target.parameters.map { source.index(of: $0.name) }
  }

  package func translate(_ point: Point) throws(Untranslatable) -> Point {
    var result = Point([Double](repeating: Point.inactive, count: target.parameters.count))
    for (index, parameter) in target.parameters.enumerated() where target.isActive(index, in: result) {
      guard let place = places[index], let value = source.value(of: place, at: point) else {
        result[index] = parameter.preset
        continue
      }
      guard let coordinate = parameter.domain.nearest(to: value) else {
        throw Untranslatable(reason: "\(parameter.name) cannot be \(value.shown) any more")
      }
      result[index] = coordinate
    }
    return result
  }
}

extension Domain {
  /// The coordinate of a value, or of the nearest number that there is; nil for a choice that there is not.
  func nearest(to value: Value) -> Double? {
    if let exact = coordinate(of: value) { return exact }
    guard case .axis(let axis) = self, let number = value.number, number.isFinite else { return nil }
    guard case .listed(let values) = axis.kind else {
      return axis.coordinate(warped: axis.warped(min(max(number, axis.low), axis.high)))
    }
    let numbers = values.compactMap(\.number)
    guard numbers.count == values.count else { return nil }
    // A list that spans orders of magnitude is one of ratios.
    let isLogarithmic = number > 0 && (numbers.min() ?? 0) > 0 && (numbers.max() ?? 0) >= 100 * (numbers.min() ?? 0)
    func warped(_ number: Double) -> Double { isLogarithmic ? Elementary.log(number) : number }
    let distances = numbers.map { (warped($0) - warped(number)).magnitude }
    return distances.indices.min { distances[$0] < distances[$1] }.map(Double.init)
  }
}

extension Value {
  fileprivate var shown: String {
    if case .string(let text) = self { return text }
    return "\(self)"
  }
}
