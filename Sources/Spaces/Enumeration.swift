/// A numbering of the points of a space: each one can be asked for, no list is ever made. Point number `i` of forty million
/// costs as much as the first. Constraints are not looked at.
package struct Enumeration: Sendable {
  private let space: Space
  /// For each parameter, how many values it takes.
  private let counts: [UInt64]
  /// For each parameter, the number of ways to set it and all that hangs on it.
  private let weights: [UInt64]
  private let roots: [Int]
  package let count: UInt64

  /// Nil when the space has a continuum and no `levels` are given, or has more than 2⁶³ points.
  ///
  /// - Parameter levels: how many values of a continuous axis are taken, evenly spaced, the ends among them.
  package init?(_ space: Space, levels: UInt64? = nil) {
    var counts: [UInt64] = []
    for parameter in space.parameters {
      guard let count = parameter.domain.count ?? levels else { return nil }
      counts.append(count)
    }
    var weights = counts
    for index in space.parameters.indices.reversed() where !space.children[index].isEmpty {
      var sum: UInt64 = 0
      for choice in 0..<Int(counts[index]) {
        guard let ways = Self.product(of: space.children(of: index, at: choice), weights) else { return nil }
        let (total, overflow) = sum.addingReportingOverflow(ways)
        if overflow { return nil }
        sum = total
      }
      weights[index] = sum
    }
    let roots = space.parameters.indices.filter { space.parameters[$0].condition == nil }
    guard let count = Self.product(of: roots, weights) else { return nil }
    self.space = space
    self.counts = counts
    self.weights = weights
    self.roots = roots
    self.count = count
  }

  private static func product(of parameters: [Int], _ weights: [UInt64]) -> UInt64? {
    var product: UInt64 = 1
    for parameter in parameters {
      let (next, overflow) = product.multipliedReportingOverflow(by: weights[parameter])
      if overflow || next > 1 << 63 { return nil }
      product = next
    }
    return product
  }

  /// - Parameter index: below `count`.
  /// - Complexity: O(parameters × choices).
  package subscript(index: UInt64) -> Point {
    var point = Point([Double](repeating: Point.inactive, count: space.parameters.count))
    set(roots, index, &point)
    return point
  }

  /// The last of the parameters changes fastest.
  private func set(_ parameters: [Int], _ index: UInt64, _ point: inout Point) {
    var rest = index
    for parameter in parameters.reversed() {
      set(parameter, rest % weights[parameter], &point)
      rest /= weights[parameter]
    }
  }

  private func set(_ parameter: Int, _ index: UInt64, _ point: inout Point) {
    guard !space.children[parameter].isEmpty else {
      point[parameter] = coordinate(of: parameter, cell: index)
      return
    }
    var rest = index
    for choice in 0..<Int(counts[parameter]) {
      let children = space.children(of: parameter, at: choice)
      let ways = children.reduce(UInt64(1)) { $0 * weights[$1] }
      if rest < ways {
        point[parameter] = Double(choice)
        return set(children, rest, &point)
      }
      rest -= ways
    }
  }

  private func coordinate(of parameter: Int, cell: UInt64) -> Double {
    let domain = space.parameters[parameter].domain
    guard domain.count == nil, case .axis(let axis) = domain else { return domain.coordinate(cell: cell) }
    if counts[parameter] > 1, cell == 0 || cell == counts[parameter] - 1 { return cell == 0 ? axis.low : axis.high }
    let share = counts[parameter] > 1 ? Double(cell) / Double(counts[parameter] - 1) : 0.5
    let (low, high) = axis.bounds
    return axis.coordinate(warped: low + share * (high - low))
  }
}

extension Space {
  /// How many points there are, constraints aside; nil when there is no end to them, or more than 2⁶³.
  package var count: UInt64? { Enumeration(self)?.count }

  func children(of index: Int, at choice: Int) -> [Int] {
    children[index].filter { parameters[$0].condition?.choices.contains(choice) ?? false }
  }
}
