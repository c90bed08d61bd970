package import Spaces
internal import Values

/// The values of one parameter in a few groups that a person can name: each choice, each of a few numbers, or quarters
/// of a scale.
package struct Regions: Sendable {
  /// So many values are looked at one by one.
  private static let separate: UInt64 = 6
  private static let stretches = 4

  private let parameter: Int
  private let domain: Domain
  package let count: Int

  package init(_ space: Space, _ parameter: Int) {
    self.parameter = parameter
    domain = space.parameters[parameter].domain
    switch domain {
    case .choices(let choices): count = choices.count
    case .axis(let axis): count = axis.count.flatMap { $0 <= Self.separate ? Int($0) : nil } ?? Self.stretches
    }
  }

  /// The region of a point; nil where the parameter does not exist.
  package func region(of point: Point) -> Int? {
    let coordinate = point[parameter]
    guard coordinate != Point.inactive else { return nil }
    guard case .axis(let axis) = domain, !isSeparate(axis) else { return Int(domain.cell(of: coordinate)) }
    return stretch(axis, coordinate)
  }

  /// `forest`, `0.01 to 0.1`; of separate values, the first and the last that belong to it.
  package func name(_ region: Int) -> String {
    guard case .axis(let axis) = domain, !isSeparate(axis) else {
      return label(domain.coordinate(cell: UInt64(region)))
    }
    let (low, high) = axis.bounds
    func end(_ place: Int) -> Double { axis.coordinate(warped: low + (high - low) * Double(place) / Double(count)) }
    var (first, last) = (end(region), end(region + 1))
    if let step = axis.step {
      if stretch(axis, first) < region { first += step }
      if stretch(axis, last) > region { last -= step }
    }
    return "\(label(first)) to \(label(last))"
  }

  private func label(_ coordinate: Double) -> String {
    let value = domain.value(at: coordinate)
    if case .string(let word) = value { return word }
    return value.number.map(text) ?? value.description
  }

  private func stretch(_ axis: Axis, _ coordinate: Double) -> Int {
    min(max(Int(axis.unit(of: coordinate) * Double(count)), 0), count - 1)
  }

  private func isSeparate(_ axis: Axis) -> Bool { axis.count.map { $0 <= Self.separate } ?? false }
}
