package import Plans
package import Spaces
internal import Strategies
package import Values
package import Workflows

/// An experiment as its record is read and its next trial is chosen: the checked text, and the space it describes.
package struct Definition: Sendable {
  package internal(set) var experiment: Experiment
  /// As written; what people add while it goes on is in it, what they take away is too.
  package let space: Space
  /// Places of the metrics that are optimised, the most important first.
  package internal(set) var objectives: [Int]
  /// How many metrics trials measure; those behind them weigh these.
  private(set) var declared: Int
  /// By the place of a metric that people added: what it is made of.
  package internal(set) var weights: [Int: [MetricLine.Term]] = [:]
  /// What is best, as the document says it.
  private(set) var writtenGoal: (metric: Int?, isMaximized: Bool)
  /// By stage.
  let conditions: [Formula?]
  let acceptance: Formula?
  /// The place of the gate at which the winner is approved.
  let approval: Int?
  private let artifacts: [String: Value]

  /// - Parameter artifacts: the values of the artifacts that the space names.
  package init(_ experiment: Experiment, artifacts: [String: Value] = [:]) throws(PlanError) {
    var experiment = experiment
    // One that was changed has it already.
    if let gate = experiment.approval, experiment.stages.last?.name != gate.name { experiment.stages.append(gate) }
    approval = experiment.approval.map { _ in experiment.stages.count - 1 }
    self.experiment = experiment
    self.artifacts = artifacts
    var parameters: [Spaces.Parameter] = []
    for parameter in experiment.parameters { parameters.append(try Self.parameter(parameter, artifacts)) }
    var constraints: [Spaces.Constraint] = []
    for constraint in experiment.constraints {
      constraints.append(Constraint(constraint.text, try Formula(closed: constraint.condition)))
    }
    space = Space(parameters, constraints: constraints)
    objectives = experiment.metrics.indices.filter { !experiment.metrics[$0].isWatched }
    declared = experiment.metrics.count
    writtenGoal = (objectives.first, objectives.first.map { experiment.metrics[$0].isMaximized } ?? false)
    var conditions: [Formula?] = []
    for stage in experiment.stages { conditions.append(try Self.formula(stage.condition)) }
    self.conditions = conditions
    acceptance = try Self.formula(experiment.acceptance?.condition)
  }

  /// With other stages, over the same space.
  init(_ experiment: Experiment, like other: Definition) {
    self.experiment = experiment
    space = other.space
    objectives = other.objectives
    declared = other.declared
    weights = other.weights
    writtenGoal = other.writtenGoal
    conditions = experiment.stages.map { _ in nil }
    acceptance = nil
    approval = nil
    artifacts = other.artifacts
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
      return Spaces.Parameter(
        parameter.name, parameter.isOrdered ? .axis(Axis(listed: values)) : .choices(values), when: condition)
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

  // MARK: Changes

  /// With more that a parameter may be.
  func widened(_ place: Int, _ all: Experiment.Domain) throws(PlanError) -> Definition {
    var experiment = experiment
    let isAxis = if case .axis = space.parameters[place].domain { true } else { false }
    experiment.parameters[place].domain = Self.joined(experiment.parameters[place].domain, all, isAxis: isAxis)
    var widened = try Definition(experiment, artifacts: artifacts)
    (widened.objectives, widened.declared, widened.weights) = (objectives, declared, weights)
    widened.writtenGoal = writtenGoal
    return widened
  }

  private static func joined(
    _ old: Experiment.Domain, _ new: Experiment.Domain, isAxis: Bool
  ) -> Experiment.Domain {
    switch (old, new) {
    case (.integers(let a, let b, _, _), .integers(let low, let high, let step, let isLogarithmic)):
      .integers(min(a, low), max(b, high), step: step, isLogarithmic: isLogarithmic && min(a, low) > 0)
    case (.floats(let a, let b, _, _), .floats(let low, let high, let step, let isLogarithmic)):
      .floats(min(a, low), max(b, high), step: step, isLogarithmic: isLogarithmic && min(a, low) > 0)
    case (.choices(let a), .choices(let b)):
      .choices(
        isAxis
          ? (a + b.filter { !a.contains($0) }).sorted { $0.number ?? 0 < $1.number ?? 0 }
          : a + b.filter { !a.contains($0) })
    default: new
    }
  }

  /// Where a coordinate of a narrower domain of a parameter is in this space.
  func moved(_ coordinate: Double, from old: Spaces.Domain, _ place: Int) -> Double {
    if case .axis(let axis) = old, axis.kind == .integers || axis.kind == .floats { return coordinate }
    guard coordinate != Point.inactive else { return coordinate }
    return space.parameters[place].domain.coordinate(of: old.value(at: coordinate)) ?? coordinate
  }

  /// What is left of a parameter, in coordinates of the space.
  func part(_ now: Experiment.Domain, of place: Int) -> Limits.Part? {
    switch now {
    case .integers(let low, let high, let step, let isLogarithmic):
      .range(Axis(.integers, from: Double(low), to: Double(high), step: Double(step), isLogarithmic: isLogarithmic))
    case .floats(let low, let high, let step, let isLogarithmic):
      .range(Axis(.floats, from: low, to: high, step: step, isLogarithmic: isLogarithmic))
    case .choices(let values):
      .values(values.compactMap { space.parameters[place].domain.coordinate(of: $0) })
    case .artifacts(let names):
      .values(names.compactMap { artifacts[$0] }.compactMap { space.parameters[place].domain.coordinate(of: $0) })
    }
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

extension Definition {
  /// Conditions of the document know the metrics of the document.
  func context(_ metrics: [Double?], _ counts: [Int]) -> MetricContext {
    MetricContext(values: Array(metrics.prefix(declared)), counts: counts)
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
