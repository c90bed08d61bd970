internal import Plans
internal import Spaces
internal import Values
internal import Workflows

/// What of the space may still be proposed: what people have narrowed, pinned, forbidden.
struct Limits: Sendable {
  /// What is left of a domain.
  enum Part: Sendable {
    case range(Axis)
    /// Coordinates of what is left of a list.
    case values([Double])
  }

  /// By parameter.
  var parts: [Int: Part] = [:]
  var pins: [Int: Double] = [:]
  var constraints: [Constraint] = []
  var vetoes: [Point] = []

  /// Whether parts and pins have a point: if not, it stays on record, and nothing is learnt from it.
  func contain(_ point: Point) -> Bool {
    for (parameter, pin) in pins where point[parameter] != Point.inactive && point[parameter] != pin { return false }
    for (parameter, part) in parts where point[parameter] != Point.inactive {
      switch part {
      case .range(let axis): if Domain.axis(axis).coordinate(of: .float(point[parameter])) == nil { return false }
      case .values(let values): if !values.contains(point[parameter]) { return false }
      }
    }
    return true
  }

  /// The space that strategies see. Coordinates mean what they mean in `space`.
  func applied(to space: Space) -> Space {
    var more: [Constraint] = []
    let parameters = space.parameters.enumerated().map { index, parameter -> Parameter in
      var domain = parameter.domain
      if case .range(let axis)? = parts[index] { domain = .axis(axis) }
      if case .values(let values)? = parts[index] {
        more.append(Self.oneOf(values.map { domain.value(at: $0) }, index, parameter.name))
      }
      if let pin = pins[index] {
        switch domain {
        case .axis(let axis):
          domain = .axis(Axis(axis.kind, from: pin, to: pin, step: axis.step ?? 1, isLogarithmic: axis.isLogarithmic))
        case .choices: more.append(Self.oneOf([domain.value(at: pin)], index, parameter.name))
        }
      }
      return Parameter(parameter.name, domain, when: parameter.condition)
    }
    let vetoes = vetoes.map { Self.anythingBut($0, space) }
    return Space(parameters, constraints: space.constraints + constraints + more + vetoes)
  }

  /// A parameter that does not exist in a configuration forbids nothing.
  private static func oneOf(_ values: [Value], _ parameter: Int, _ name: String) -> Constraint {
    let formula = values.reduce(equal(parameter, .null)) { .binary(.or, $0, equal(parameter, $1), .floating) }
    return Constraint("\(name) in [\(values.map(\.description).joined(separator: ", "))]", formula)
  }

  private static func anythingBut(_ point: Point, _ space: Space) -> Constraint {
    let same = space.parameters.indices.reduce(Formula.constant(.bool(true))) { all, index in
      .binary(.and, all, equal(index, space.value(of: index, at: point) ?? .null), .floating)
    }
    let words = space.configuration(at: point).map { "\($0.name) == \($0.value)" }.joined(separator: " and ")
    return Constraint("not (\(words))", .unary(.not, same))
  }

  private static func equal(_ parameter: Int, _ value: Value) -> Formula {
    .binary(.equal, .local(parameter), .constant(value), .floating)
  }
}
