package import Plans
package import Values

/// One dimension of a space.
package struct Parameter: Sendable {
  /// When it exists: a parameter before it has one of some choices.
  package struct Condition: Sendable, Hashable {
    package let parameter: Int
    /// Places in the domain of that parameter, ascending.
    package let choices: [Int]
    package init(parameter: Int, choices: [Int]) {
      self.parameter = parameter
      self.choices = choices
    }
  }

  /// The path by which the experiment names it: `prep`, `prep.knn.k`.
  package let name: String
  package let domain: Domain
  package let condition: Condition?
  /// Its coordinate in configurations that do not name it, such as those of experiments before it was added.
  package let preset: Double

  /// - Parameter preset: by default the middle of an axis, and the first of several choices.
  package init(_ name: String, _ domain: Domain, when condition: Condition? = nil, preset: Double? = nil) {
    self.name = name
    self.domain = domain
    self.condition = condition
    self.preset =
      preset
      ?? {
        if case .axis(let axis) = domain { return axis.coordinate(at: 0.5) }
        return 0
      }()
  }
}

/// What may not be: an expression over parameters that every configuration has to satisfy.
package struct Constraint: Sendable {
  /// As it was written.
  package let text: String
  /// Its locals are parameters, by their places.
  package let formula: Formula
  package init(_ text: String, _ formula: Formula) {
    self.text = text
    self.formula = formula
  }
}

/// The configurations among which an experiment searches: a tree of parameters, in which some exist only for some choices
/// of others, and constraints across it.
package struct Space: Sendable {
  package let parameters: [Parameter]
  package let constraints: [Constraint]
  /// For each parameter, those whose condition is on it.
  let children: [[Int]]

  /// - Parameter parameters: each condition refers to a parameter before it, which has choices.
  package init(_ parameters: [Parameter], constraints: [Constraint] = []) {
    self.parameters = parameters
    self.constraints = constraints
    var children = [[Int]](repeating: [], count: parameters.count)
    for (index, parameter) in parameters.enumerated() {
      guard let condition = parameter.condition, condition.parameter < index else { continue }
      children[condition.parameter].append(index)
    }
    self.children = children
  }

  package func with(constraints more: [Constraint]) -> Space { Space(parameters, constraints: constraints + more) }

  package func index(of name: String) -> Int? { parameters.firstIndex { $0.name == name } }

  /// Whether a parameter exists where those before it are as in `point`.
  package func isActive(_ index: Int, in point: Point) -> Bool {
    guard let condition = parameters[index].condition else { return true }
    let choice = point[condition.parameter]
    return choice != Point.inactive && condition.choices.contains(Int(choice))
  }

  /// Whether all constraints hold. One that orders or computes with a parameter that does not exist here says nothing.
  package func allows(_ point: Point) -> Bool {
    constraints.isEmpty || constraints.allSatisfy { holds($0, at: point) }
  }

  package func holds(_ constraint: Constraint, at point: Point) -> Bool {
    (try? constraint.formula.truth(in: Located(space: self, point: point))) ?? true
  }

  /// What tasks are given at a point, in the order of parameters, without those that do not exist there.
  package func configuration(at point: Point) -> [(name: String, value: Value)] {
    parameters.indices.compactMap { index in
      value(of: index, at: point).map { (parameters[index].name, $0) }
    }
  }

  /// Nil where the parameter does not exist.
  package func value(of index: Int, at point: Point) -> Value? {
    point[index] == Point.inactive ? nil : parameters[index].domain.value(at: point[index])
  }
}

/// A configuration as numbers: for each parameter its coordinate.
package struct Point: Sendable, Hashable {
  package var coordinates: [Double]

  /// The coordinate of a parameter that does not exist here.
  package static let inactive = -Double.infinity

  package init(_ coordinates: [Double]) { self.coordinates = coordinates }

  package subscript(index: Int) -> Double {
    get { coordinates[index] }
    set { coordinates[index] = newValue }
  }
}

/// Parameters as the locals of a formula; `null` where they do not exist.
private struct Located: FormulaContext {
  let space: Space
  let point: Point

  func local(_ index: Int) throws(EvaluationError) -> Value {
    guard space.parameters.indices.contains(index) else { throw EvaluationError("there is no parameter \(index)") }
    return space.value(of: index, at: point) ?? .null
  }
  func output(step: Int, port: Int) throws(EvaluationError) -> Value { throw Self.unknown }
  func ran(step: Int) -> Bool { false }
  func binding(_ index: Int) throws(EvaluationError) -> Value { throw Self.unknown }
  private static let unknown = EvaluationError("a constraint speaks of parameters alone")
}
