internal import Numbers
package import Values

/// The values that a parameter can take.
package enum Domain: Sendable, Equatable {
  /// Numbers between two ends.
  case axis(Axis)
  /// Alternatives without an order: variants of a variability point, names, artifacts.
  case choices([Value])

  /// How many values there are; nil for an axis without steps.
  package var count: UInt64? {
    switch self {
    case .axis(let axis): axis.count
    case .choices(let choices): UInt64(choices.count)
    }
  }

  /// Why there is nothing to choose from, for a person.
  package var problem: String? {
    switch self {
    case .axis(let axis): axis.problem
    case .choices(let choices): choices.isEmpty ? "there is nothing to choose from" : nil
    }
  }

  /// The coordinate at `unit` of the way, 0 ≤ `unit` < 1.
  package func coordinate(at unit: Double) -> Double {
    switch self {
    case .axis(let axis): axis.coordinate(at: unit)
    case .choices(let choices): min((unit * Double(choices.count)).rounded(.down), Double(choices.count - 1))
    }
  }

  /// The coordinate of one of the `count` values.
  package func coordinate(cell: UInt64) -> Double {
    switch self {
    case .axis(let axis): axis.coordinate(cell: cell)
    case .choices: Double(cell)
    }
  }

  /// The place of a coordinate among the `count` values.
  package func cell(of coordinate: Double) -> UInt64 {
    switch self {
    case .axis(let axis): axis.cell(of: coordinate)
    case .choices: UInt64(coordinate)
    }
  }

  /// What a task is given for a coordinate.
  package func value(at coordinate: Double) -> Value {
    switch self {
    case .axis(let axis): axis.value(at: coordinate)
    case .choices(let choices): choices[Int(coordinate)]
    }
  }

  /// The coordinate of a value; nil when the domain does not have it.
  package func coordinate(of value: Value) -> Double? {
    switch self {
    case .axis(let axis): return axis.coordinate(of: value)
    case .choices(let choices):
      let index = choices.firstIndex { $0 == value || $0.number != nil && $0.number == value.number }
      return index.map(Double.init)
    }
  }
}

/// A range of numbers, or a list of numbers in order.
package struct Axis: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case integers
    case floats
    /// Numbers that are listed; coordinates are places in the list.
    case listed([Value])
  }

  package let kind: Kind
  package let low: Double
  package let high: Double
  /// The distance between neighbours, counted from `low`; nil for a continuum.
  package let step: Double?
  /// Whether equal ratios, not equal differences, are equally far apart.
  package let isLogarithmic: Bool

  /// - Precondition of use: `problem` is nil.
  package init(_ kind: Kind, from low: Double, to high: Double, step: Double? = nil, isLogarithmic: Bool = false) {
    self.kind = kind
    self.low = low
    self.step = kind == .integers ? max(step ?? 1, 1) : step
    self.isLogarithmic = isLogarithmic
    if let step = self.step, high >= low {
      // The last step that fits, with room for the rounding of decimal steps.
      let last = low + ((high - low) / step + 1e-9).rounded(.down) * step
      self.high = (last - high).magnitude <= step * 1e-6 ? high : last
    } else {
      self.high = high
    }
  }

  /// Numbers in ascending order: neighbours in the list are neighbours.
  package init(listed values: [Value]) {
    self.init(.listed(values), from: 0, to: Double(values.count - 1), step: 1)
  }

  /// Why this is not an axis, for a person.
  package var problem: String? {
    if let step, !(step > 0) { return "a step is greater than 0" }
    if !low.isFinite || !high.isFinite { return "the ends of a range are finite numbers" }
    if high < low { return "the range is empty: it ends before it begins" }
    if isLogarithmic, low <= 0 { return "a logarithmic range begins above 0" }
    if kind == .integers, low.magnitude > 0x1p53 || high.magnitude > 0x1p53 { return "integers go up to 2⁵³" }
    if let step {
      if (high - low) / step > 0x1p53 { return "a range has up to 2⁵³ steps" }
      if kind == .integers, low != low.rounded() || step != step.rounded() {
        return "a range of integers begins at one and goes on by whole steps"
      }
    }
    return nil
  }

  package var count: UInt64? {
    guard let step else { return low == high ? 1 : nil }
    return UInt64(((high - low) / step).rounded()) + 1
  }

  /// The scale on which distances are measured.
  package func warped(_ coordinate: Double) -> Double { isLogarithmic ? Elementary.log(coordinate) : coordinate }

  /// The coordinate nearest to a place on that scale.
  package func coordinate(warped place: Double) -> Double {
    snapped(isLogarithmic ? Elementary.exp(place) : place)
  }

  /// The ends on that scale: half a step outside the first and the last of separate values.
  package var bounds: (low: Double, high: Double) {
    guard let step else { return (warped(low), warped(high)) }
    return (edge(low - step / 2, beyond: low), warped(high + step / 2))
  }

  /// The stretch of that scale that belongs to a value; nil on a continuum.
  package func cell(around coordinate: Double) -> (low: Double, high: Double)? {
    guard let step else { return nil }
    return (edge(coordinate - step / 2, beyond: coordinate), warped(coordinate + step / 2))
  }

  /// A logarithmic scale cannot go down to 0, where half a step below 1, say, may be.
  private func edge(_ place: Double, beyond coordinate: Double) -> Double {
    isLogarithmic && place <= 0 ? warped(coordinate / 2) : warped(place)
  }

  func coordinate(at unit: Double) -> Double {
    let (low, high) = bounds
    return coordinate(warped: low + unit * (high - low))
  }

  /// 0 to 1 along the scale.
  package func unit(of coordinate: Double) -> Double {
    let (low, high) = bounds
    return high > low ? (warped(coordinate) - low) / (high - low) : 0.5
  }

  private func snapped(_ coordinate: Double) -> Double {
    guard let step else { return min(max(coordinate, low), high) }
    return self.step(number: min(max(((coordinate - low) / step).rounded(), 0), ((high - low) / step).rounded()), step)
  }

  /// 0.2 and one step of 0.1 are 0.3, not 0.30000000000000004: the nearest number with ten decimals.
  private func step(number: Double, _ step: Double) -> Double {
    let sum = low + number * step
    return sum.magnitude < 1e5 && step >= 1e-9 ? (sum * 1e10).rounded() / 1e10 : sum
  }

  func coordinate(cell: UInt64) -> Double { step.map { self.step(number: Double(cell), $0) } ?? low }
  func cell(of coordinate: Double) -> UInt64 { step.map { UInt64(max(0, ((coordinate - low) / $0).rounded())) } ?? 0 }

  func value(at coordinate: Double) -> Value {
    switch kind {
    case .integers: .int(Int64(coordinate))
    case .floats: .float(coordinate)
    case .listed(let values): values[Int(coordinate)]
    }
  }

  func coordinate(of value: Value) -> Double? {
    if case .listed(let values) = kind { return values.firstIndex { $0.number == value.number }.map(Double.init) }
    guard let number = value.number, number >= low, number <= high else { return nil }
    // A step of 0.1 does not hit 0.3 exactly.
    let nearest = snapped(number)
    guard let step else { return number }
    return (nearest - number).magnitude <= step * 1e-6 ? nearest : nil
  }
}

extension Value {
  /// As a floating-point number, if it is a number.
  package var number: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }
}
