internal import Diagnostics
internal import Numbers
package import Spaces
internal import Values
internal import Workflows

/// Why a configuration that a person wrote is none, and what to do.
package struct ConfigurationError: Error, Sendable {
  package var message: String
  package var help = ""

  package init(message: String, help: String = "") {
    self.message = message
    self.help = help
  }
}

/// Configurations as people write them: `learn=newton`, `share=0.3`.
extension Study {
  /// The point of a whole configuration. What is not given is taken from `base`, where there is one.
  package func point(
    _ settings: [(name: String, text: String)], base: Point? = nil
  ) throws(ConfigurationError) -> Point {
    var given: [Int: Double] = [:]
    for (name, text) in settings {
      let place = try parameter(name)
      guard given.updateValue(try coordinate(of: text, place), forKey: place) == nil else {
        throw ConfigurationError(message: "`\(name)` is given twice")
      }
    }
    let parameters = definition.space.parameters
    var point = Point([Double](repeating: Point.inactive, count: parameters.count))
    var missing: [String] = []
    for place in parameters.indices where definition.space.isActive(place, in: point) {
      let known = base.map { $0[place] }.flatMap { $0 == Point.inactive ? nil : $0 }
      if let coordinate = given.removeValue(forKey: place) ?? limits.pins[place] ?? known {
        point[place] = coordinate
      } else {
        missing.append(parameters[place].name)
      }
    }
    if let place = given.keys.min() {
      throw ConfigurationError(
        message: "`\(parameters[place].name)` does not exist in this configuration", help: condition(of: place))
    }
    guard missing.isEmpty else {
      throw ConfigurationError(
        message: "a configuration has a value for each parameter: \(missing.joined(separator: ", ")) missing",
        help: "write \(missing.map { "\($0)=…" }.joined(separator: " ")), or take the rest from a trial with `--like`")
    }
    return point
  }

  package func parameter(_ name: String) throws(ConfigurationError) -> Int {
    if let place = definition.space.index(of: name) { return place }
    let names = definition.space.parameters.map(\.name)
    throw ConfigurationError(
      message: "the space has no parameter `\(name)`",
      help: nearest(name, names).map { "did you mean `\($0)`?" } ?? "parameters: \(names.joined(separator: ", "))")
  }

  /// The coordinate of a value of a parameter, as the space is now.
  ///
  /// - Parameter isPin: whatever it is pinned to.
  package func coordinate(of text: String, _ place: Int, isPin: Bool = false) throws(ConfigurationError) -> Double {
    let parameter = definition.space.parameters[place]
    let coordinate: Double? =
      switch parameter.domain {
      case .choices(let choices): choices.firstIndex { $0.words == text || $0.description == text }.map(Double.init)
      case .axis: Double(text).flatMap { $0.isFinite ? parameter.domain.coordinate(of: .float($0)) : nil }
      }
    let choices = self.choices(of: place)
    var alone = Point([Double](repeating: Point.inactive, count: definition.space.parameters.count))
    if let coordinate { alone[place] = coordinate }
    var unpinned = limits
    unpinned.pins = [:]
    guard let coordinate, unpinned.contain(alone) else {
      let near = choices.flatMap { nearest(text, $0) }.map { "did you mean `\($0)`? " } ?? ""
      throw ConfigurationError(
        message: "`\(parameter.name)` cannot be `\(text)`", help: near + "it is \(words(of: place))")
    }
    if !isPin, let pin = limits.pins[place], pin != coordinate {
      let value = parameter.domain.value(at: pin).words
      throw ConfigurationError(
        message: "`\(parameter.name)` is pinned to \(value)",
        help: "`assay exp unpin EXPERIMENT \(parameter.name)` frees it")
    }
    return coordinate
  }

  /// What a list has left; nil for a range.
  private func choices(of place: Int) -> [String]? {
    let domain = definition.space.parameters[place].domain
    if case .values(let left)? = limits.parts[place] { return left.map { domain.value(at: $0).words } }
    switch domain {
    case .choices(let values): return values.map(\.words)
    case .axis(let axis):
      if case .listed(let values) = axis.kind { return values.map(\.words) }
      return nil
    }
  }

  /// What a parameter can be now, for a person, as a document says it.
  package func words(of place: Int) -> String {
    if let choices = choices(of: place) { return "in [\(choices.joined(separator: ", "))]" }
    var domain = definition.space.parameters[place].domain
    if case .range(let axis)? = limits.parts[place] { domain = .axis(axis) }
    guard case .axis(let axis) = domain else { return "" }
    let isInteger = axis.kind == .integers
    func number(_ value: Double) -> String { isInteger ? "\(Int64(value))" : "\(value)" }
    let step = axis.step.flatMap { isInteger && $0 == 1 ? nil : " step \(number($0))" } ?? ""
    return "in \(isInteger ? "int" : "float") \(number(axis.low))..\(number(axis.high))"
      + (axis.isLogarithmic ? " log" : "") + step
  }

  private func condition(of place: Int) -> String {
    let space = definition.space
    guard let condition = space.parameters[place].condition else { return "" }
    let owner = space.parameters[condition.parameter]
    let choices = condition.choices.map { owner.domain.value(at: Double($0)).words }
    return "it exists where `\(owner.name)` is \(choices.joined(separator: " or "))"
  }

  /// A configuration as people write it.
  package func words(at point: Point) -> String {
    definition.space.configuration(at: point).map { "\($0.name)=\($0.value.words)" }.joined(separator: " ")
  }

  /// An expression that holds for all configurations with these values: what is excluded by `not (…)`.
  package func expression(_ settings: [(name: String, text: String)]) throws(ConfigurationError) -> String {
    var parts: [String] = []
    for (name, text) in settings {
      let place = try parameter(name)
      let value = definition.space.parameters[place].domain.value(at: try coordinate(of: text, place))
      let isName = if case .point = definition.experiment.parameters[place].target { true } else { false }
      parts.append("\(name) == \(isName ? value.words : value.description)")
    }
    return parts.joined(separator: " and ")
  }

  // MARK: Before and after

  /// How much of the space as it is here is not in that of `after`, from 0 to 1; exact in small spaces.
  package func removed(by after: Study) -> (share: Double, isExact: Bool) {
    func isLeft(_ point: Point) -> Bool {
      var moved = point
      for (place, parameter) in definition.space.parameters.enumerated() where point[place] != Point.inactive {
        moved[place] = after.definition.moved(point[place], from: parameter.domain, place)
      }
      return after.objection(to: moved) == nil
    }
    if let all = Enumeration(space), all.count <= 1 << 14 {
      let points = (0..<all.count).map { all[$0] }.filter { objection(to: $0) == nil }
      return (points.isEmpty ? 0 : Double(points.count { !isLeft($0) }) / Double(points.count), true)
    }
    var draws = Draws(seed: 0, trial: 0, stream: 0)
    let points = (0..<4096).map { _ in space.randomPoint(&draws) }.filter { objection(to: $0) == nil }
    return (points.isEmpty ? 0 : Double(points.count { !isLeft($0) }) / Double(points.count), false)
  }
}

extension Value {
  /// Without quotes.
  package var words: String { if case .string(let text) = self { text } else { description } }
}
