internal import Plans
internal import Spaces
internal import Values
internal import Workflows

/// A part of a space: for each parameter the coordinates that are left.
struct Region {
  enum Side {
    case choices([Int])
    /// From one coordinate to another, both among them.
    case stretch(Double, Double)
  }

  /// Whether a parameter exists in it.
  enum Activity { case always, never, perhaps }

  let space: Space
  var sides: [Side]

  /// All of a space.
  init(_ space: Space) {
    self.space = space
    sides = space.parameters.map { parameter in
      switch parameter.domain {
      case .choices(let values): .choices(Array(values.indices))
      case .axis(let axis): .stretch(axis.low, axis.high)
      }
    }
  }

  /// Where a parameter exists and is this choice.
  func narrowed(_ parameter: Int, to choices: [Int]) -> Region {
    var region = self
    region.sides[parameter] = .choices(choices)
    if let condition = space.parameters[parameter].condition {
      return region.narrowed(condition.parameter, to: condition.choices)
    }
    return region
  }

  func activity(of parameter: Int) -> Activity {
    guard let condition = space.parameters[parameter].condition else { return .always }
    guard case .choices(let left) = sides[condition.parameter] else { return .perhaps }
    let fitting = left.count { condition.choices.contains($0) }
    if fitting == 0 { return .never }
    let parent = activity(of: condition.parameter)
    return fitting == left.count || parent == .never ? parent : .perhaps
  }

  /// A point in the middle of it.
  var middle: Point {
    var point = Point([Double](repeating: Point.inactive, count: sides.count))
    for parameter in sides.indices where space.isActive(parameter, in: point) {
      switch sides[parameter] {
      case .choices(let left): point[parameter] = Double(left[0])
      case .stretch(let low, let high): point[parameter] = middle(parameter, low, high)
      }
    }
    return point
  }

  private func middle(_ parameter: Int, _ low: Double, _ high: Double) -> Double {
    let domain = space.parameters[parameter].domain
    if domain.count != nil {
      let (first, last) = (domain.cell(of: low), domain.cell(of: high))
      return domain.coordinate(cell: first + (last - first) / 2)
    }
    guard case .axis(let axis) = domain else { return low }
    let middle = axis.coordinate(warped: (axis.warped(low) + axis.warped(high)) / 2)
    return min(max(middle, low), high)
  }

  /// Both halves along a parameter; nil when there is nothing to halve.
  func halved(_ parameter: Int) -> (Region, Region)? {
    var (a, b) = (self, self)
    switch sides[parameter] {
    case .choices(let left):
      guard left.count > 1 else { return nil }
      a.sides[parameter] = .choices(Array(left.prefix(left.count / 2)))
      b.sides[parameter] = .choices(Array(left.dropFirst(left.count / 2)))
    case .stretch(let low, let high):
      guard low < high else { return nil }
      let domain = space.parameters[parameter].domain
      let middle = middle(parameter, low, high)
      a.sides[parameter] = .stretch(low, middle)
      if domain.count != nil {
        b.sides[parameter] = .stretch(domain.coordinate(cell: domain.cell(of: middle) + 1), high)
      } else {
        guard middle > low, middle < high else { return nil }
        b.sides[parameter] = .stretch(middle, high)
      }
    }
    return (a, b)
  }

  /// How much of a parameter is left, 0 to 1.
  func width(of parameter: Int) -> Double {
    switch (sides[parameter], space.parameters[parameter].domain) {
    case (.choices(let left), .choices(let all)): left.count > 1 ? 1 + Double(left.count) / Double(all.count) : 0
    case (.stretch(let low, let high), .axis(let axis)): axis.unit(of: high) - axis.unit(of: low)
    default: 0
    }
  }

  // MARK: Search

  enum Answer { case found(Point), none, unknown }

  /// Whether some configuration in it satisfies all constraints of the space. `none` is proven: each part of the region
  /// violates some constraint whatever its numbers are, or was looked at point by point.
  ///
  /// - Parameter patience: how many parts are looked at.
  func allowed(patience: Int = 3000) -> Answer {
    let used = usedParameters()
    var parts = [self]
    var isProven = true
    for _ in 0..<patience {
      guard let part = parts.popLast() else { return isProven ? .none : .unknown }
      if space.constraints.contains(where: { !part.possible($0.formula).canHold }) { continue }
      let point = part.middle
      if space.allows(point) { return .found(point) }
      let widest = used.filter { part.activity(of: $0) != .never }.max { part.width(of: $0) < part.width(of: $1) }
      guard let widest, part.width(of: widest) > 0 else { continue }
      guard part.width(of: widest) > 1e-9, let (a, b) = part.halved(widest) else {
        isProven = false
        continue
      }
      parts += [b, a]
    }
    return .unknown
  }

  /// Of which constraints speak, and on which those hang.
  private func usedParameters() -> [Int] {
    var used: Set<Int> = []
    for constraint in space.constraints {
      constraint.formula.forEach { if case .local(let index) = $0 { used.insert(index) } }
    }
    for parameter in used {
      var next = space.parameters[parameter].condition?.parameter
      while let above = next {
        used.insert(above)
        next = space.parameters[above].condition?.parameter
      }
    }
    return used.sorted()
  }
}

// MARK: What formulas may give

extension Region {
  /// What a formula may give somewhere in a region; never less than it does.
  struct Possible {
    /// As a condition: also where it has no value, since a constraint then says nothing.
    var canHold = true
    var canFail = true
    /// As a number, between these.
    var numbers: (low: Double, high: Double)?
    /// As one of a few.
    var values: [Value]?

    static let anything = Possible()
    static func truth(_ canHold: Bool, _ canFail: Bool) -> Possible { Possible(canHold: canHold, canFail: canFail) }
    static func number(_ low: Double, _ high: Double) -> Possible {
      low.isNaN || high.isNaN ? anything : Possible(numbers: (low, high))
    }
  }

  func possible(_ formula: Formula) -> Possible {
    switch formula {
    case .constant(.bool(let truth)): return .truth(truth, !truth)
    case .constant(let value):
      if let number = value.number { return .number(number, number) }
      return Possible(values: [value])
    case .local(let index): return possible(parameter: index)
    case .unary(.not, let operand):
      let inner = possible(operand)
      return .truth(inner.canFail, inner.canHold)
    case .unary(.negate, let operand):
      return possible(operand).numbers.map { .number(-$0.high, -$0.low) } ?? .anything
    case .binary(.and, let left, let right, _):
      let (a, b) = (possible(left), possible(right))
      return .truth(a.canHold && b.canHold, a.canFail || b.canFail)
    case .binary(.or, let left, let right, _):
      let (a, b) = (possible(left), possible(right))
      return .truth(a.canHold || b.canHold, a.canFail && b.canFail)
    case .binary(let symbol, let left, let right, let arithmetic):
      return Self.possible(symbol, possible(left), possible(right), arithmetic)
    default: return .anything
    }
  }

  private func possible(parameter: Int) -> Possible {
    switch activity(of: parameter) {
    case .perhaps: return .anything
    case .never: return Possible(values: [.null])
    case .always: break
    }
    let domain = space.parameters[parameter].domain
    switch sides[parameter] {
    case .choices(let left):
      return Possible(values: left.map { domain.value(at: Double($0)) })
    case .stretch(let low, let high):
      guard let first = domain.value(at: low).number, let last = domain.value(at: high).number else { return .anything }
      return .number(first, last)
    }
  }

  private static func possible(
    _ symbol: BinaryOperator, _ a: Possible, _ b: Possible, _ arithmetic: Formula.Arithmetic
  ) -> Possible {
    if let a = a.numbers, let b = b.numbers {
      switch symbol {
      case .less: return .truth(a.low < b.high, a.high >= b.low)
      case .lessOrEqual: return .truth(a.low <= b.high, a.high > b.low)
      case .greater: return .truth(a.high > b.low, a.low <= b.high)
      case .greaterOrEqual: return .truth(a.high >= b.low, a.low < b.high)
      case .equal, .notEqual:
        let canBeSame = a.low <= b.high && b.low <= a.high
        let canDiffer = !(a.low == a.high && b.low == b.high && a.low == b.low)
        return symbol == .equal ? .truth(canBeSame, canDiffer) : .truth(canDiffer, canBeSame)
      case .add: return .number(a.low + b.low, a.high + b.high)
      case .subtract: return .number(a.low - b.high, a.high - b.low)
      case .multiply:
        let products = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
        return .number(products.min() ?? .nan, products.max() ?? .nan)
      default: return .anything
      }
    }
    guard symbol == .equal || symbol == .notEqual, let xs = a.listed, let ys = b.listed else { return .anything }
    func isSame(_ x: Value, _ y: Value) -> Bool { x == y || x.number != nil && x.number == y.number }
    let canBeSame = xs.contains { x in ys.contains { isSame(x, $0) } }
    let canDiffer = xs.contains { x in ys.contains { !isSame(x, $0) } }
    return symbol == .equal ? .truth(canBeSame, canDiffer) : .truth(canDiffer, canBeSame)
  }
}

extension Region.Possible {
  /// All that it may be, where those are few.
  fileprivate var listed: [Value]? {
    if let values { return values }
    guard let numbers, numbers.low == numbers.high else { return nil }
    return [.float(numbers.low)]
  }
}
