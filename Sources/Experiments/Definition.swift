package import Plans
package import Spaces
internal import Strategies
package import Values
package import Workflows

/// An experiment as its record is read and its next trial is chosen: the checked text, and the space it describes.
package struct Definition: Sendable {
  package let experiment: Experiment
  /// As written; people may add constraints while it goes on.
  package let space: Space
  /// Places of the metrics that are optimised, the most important first.
  package let objectives: [Int]
  /// By stage.
  let conditions: [Formula?]
  let acceptance: Formula?

  /// - Parameter artifacts: the values of the artifacts that the space names.
  package init(_ experiment: Experiment, artifacts: [String: Value] = [:]) throws(PlanError) {
    self.experiment = experiment
    var parameters: [Spaces.Parameter] = []
    for parameter in experiment.parameters { parameters.append(try Self.parameter(parameter, artifacts)) }
    var constraints: [Spaces.Constraint] = []
    for constraint in experiment.constraints {
      constraints.append(Constraint(constraint.text, try Formula(closed: constraint.condition)))
    }
    space = Space(parameters, constraints: constraints)
    objectives = experiment.metrics.indices.filter { !experiment.metrics[$0].isWatched }
    var conditions: [Formula?] = []
    for stage in experiment.stages { conditions.append(try Self.formula(stage.condition)) }
    self.conditions = conditions
    acceptance = try Self.formula(experiment.acceptance?.condition)
  }

  private static func formula(_ expression: Expression?) throws(PlanError) -> Formula? {
    guard let expression else { return nil }
    return try Formula(closed: expression)
  }

  private static func parameter(
    _ parameter: Experiment.Parameter, _ artifacts: [String: Value]
  ) throws(PlanError) -> Spaces.Parameter {
    let condition = parameter.condition.map { Spaces.Parameter.Condition(parameter: $0.parameter, choices: $0.choices) }
    switch parameter.domain {
    case .choices(let values):
      return Spaces.Parameter(parameter.name, listed(values, parameter.target), when: condition)
    case .artifacts(let names):
      var values: [Value] = []
      for name in names {
        guard let value = artifacts[name] else { throw PlanError("`artifact(\"\(name)\")` has no value") }
        values.append(value)
      }
      return Spaces.Parameter(parameter.name, .choices(values), when: condition)
    case .integers(let low, let high, let step, let isLogarithmic):
      let axis = Axis(
        .integers, from: Double(low), to: Double(high), step: Double(step), isLogarithmic: isLogarithmic)
      return Spaces.Parameter(parameter.name, .axis(axis), when: condition)
    case .floats(let low, let high, let step, let isLogarithmic):
      let axis = Axis(.floats, from: low, to: high, step: step, isLogarithmic: isLogarithmic)
      return Spaces.Parameter(parameter.name, .axis(axis), when: condition)
    }
  }

  /// Numbers in ascending order are an axis: what lies between two of them is between them in effect, too.
  private static func listed(_ values: [Value], _ target: Experiment.Target) -> Domain {
    let numbers = values.compactMap(\.number)
    let isAscending = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
    if case .point = target { return .choices(values) }
    return numbers.count == values.count && numbers.count > 1 && isAscending
      ? .axis(Axis(listed: values)) : .choices(values)
  }

  // MARK: Metrics

  /// What strategies are told: the optimised metrics, turned so that less is better.
  package func minimised(_ metrics: [Double?]) -> [Double]? {
    var values: [Double] = []
    for place in objectives {
      guard let value = metrics[place], value.isFinite else { return nil }
      values.append(experiment.metrics[place].isMaximized ? -value : value)
    }
    return values
  }

  /// By how much limits are exceeded, each in proportion to itself; a metric that is missing exceeds its limit.
  package func violation(_ metrics: [Double?]) -> Double {
    var sum = 0.0
    for (metric, value) in zip(experiment.metrics, metrics) {
      guard let limit = metric.limit else { continue }
      guard let value, value.isFinite else {
        sum += 1
        continue
      }
      let excess = metric.isMaximized ? limit - value : value - limit
      if excess > 0 { sum += excess / max(limit.magnitude, 1e-9) }
    }
    return sum
  }
}

/// Metrics by place, then counts, as the locals of a condition.
struct MetricContext: FormulaContext {
  let values: [Double?]
  let counts: [Int]

  func local(_ index: Int) throws(EvaluationError) -> Value {
    if index < values.count { return values[index].map { .float($0) } ?? .null }
    guard index - values.count < counts.count else { throw EvaluationError("there is no metric \(index)") }
    return .int(Int64(counts[index - values.count]))
  }
  func output(step: Int, port: Int) throws(EvaluationError) -> Value { throw EvaluationError("not in an experiment") }
  func ran(step: Int) -> Bool { false }
  func binding(_ index: Int) throws(EvaluationError) -> Value { throw EvaluationError("not in an experiment") }
}
