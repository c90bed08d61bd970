import Plans
import Spaces
import Values
import Workflows

enum Samples {
  static func names(_ count: Int) -> Domain { .choices((0..<count).map { .string("c\($0)") }) }
  static func steps(_ low: Double, _ high: Double, _ step: Double = 1) -> Domain {
    .axis(Axis(.integers, from: low, to: high, step: step))
  }
  static func floats(_ low: Double, _ high: Double, isLogarithmic: Bool = false) -> Domain {
    .axis(Axis(.floats, from: low, to: high, isLogarithmic: isLogarithmic))
  }
  static func when(_ parameter: Int, _ choices: Int...) -> Parameter.Condition {
    Parameter.Condition(parameter: parameter, choices: choices)
  }

  /// a: 3 choices; b when a is 0 or 2: 4 numbers; c: 2 choices when a is 2; d when c is 1: 3 numbers; e: 2 numbers.
  /// (4 + 1 + 4 · (1 + 3)) · 2 = 42 points.
  static let nested = Space([
    Parameter("a", names(3)), Parameter("b", steps(1, 4), when: when(0, 0, 2)),
    Parameter("c", names(2), when: when(0, 2)), Parameter("d", steps(10, 30, 10), when: when(2, 1)),
    Parameter("e", .axis(Axis(listed: [.float(0.5), .int(7)]))),
  ])

  /// Everything at once, with continua.
  static let mixed = Space([
    Parameter("model", names(3)), Parameter("rate", floats(1e-5, 1, isLogarithmic: true)),
    Parameter("depth", .axis(Axis(.integers, from: 1, to: 1000, isLogarithmic: true)), when: when(0, 0)),
    Parameter("share", .axis(Axis(.floats, from: 0, to: 1, step: 0.1)), when: when(0, 0, 1)),
    Parameter("flag", .choices([.bool(false), .bool(true)])), Parameter("only", names(1)),
    Parameter("shift", floats(-3, 3), when: when(4, 1)),
  ])

  static let eight = Space(
    [Parameter("x", steps(0, 8)), Parameter("y", steps(0, 8))],
    constraints: [
      Constraint(
        "x + y <= 8",
        .binary(.lessOrEqual, .binary(.add, .local(0), .local(1), .integer), .constant(.int(8)), .integer))
    ])
}

/// Whether a point has a value for exactly the parameters that exist, each of its domain.
func isOf(_ space: Space, _ point: Point) -> Bool {
  space.parameters.indices.allSatisfy { index in
    guard space.isActive(index, in: point) else { return point[index] == Point.inactive }
    guard point[index].isFinite else { return false }
    let domain = space.parameters[index].domain
    switch domain {
    case .choices(let choices):
      return choices.indices.contains(Int(point[index])) && point[index] == Double(Int(point[index]))
    case .axis(let axis):
      guard point[index] >= axis.low, point[index] <= axis.high else { return false }
      return axis.step == nil || axis.coordinate(warped: axis.warped(point[index])) == point[index]
    }
  }
}
