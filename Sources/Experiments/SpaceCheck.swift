package import Diagnostics
internal import Plans
internal import Spaces
internal import Values
package import Workflows

/// What can be said of an experiment before anything runs, by looking into its space: constraints that leave nothing,
/// choices that no allowed configuration has, results that could never be accepted.
package enum SpaceCheck {
  package static func diagnostics(_ program: Program) -> [Diagnostic] { program.experiments.flatMap(diagnostics) }

  private static func diagnostics(_ experiment: Experiment) -> [Diagnostic] {
    // What an artifact holds does not matter here.
    var artifacts: [String: Value] = [:]
    for parameter in experiment.parameters {
      if case .artifacts(let names) = parameter.domain { for name in names { artifacts[name] = .string(name) } }
    }
    guard let definition = try? Definition(experiment, artifacts: artifacts) else { return [] }
    let space = space(experiment, definition.space)
    return (space.isEmpty ? unreachable(experiment, definition.space) : space) + acceptance(definition)
  }

  private static func label(_ experiment: Experiment, _ span: Span, _ text: String) -> Diagnostic.Label {
    .init(experiment.file, span, text)
  }

  // MARK: Constraints

  private static func space(_ experiment: Experiment, _ space: Space) -> [Diagnostic] {
    guard let first = experiment.constraints.first else { return [] }
    switch Region(space).allowed() {
    case .found: return []
    case .none: return [contradiction(experiment, space)]
    case .unknown:
      return [
        Diagnostic(
          "W1004", .warning, "no allowed configuration was found",
          at: label(experiment, first.span, "3,000 parts of the space were looked at"),
          help: "there may be none, or so few that strategies will hardly meet them: loosen a `where`")
      ]
    }
  }

  /// Names as few constraints as leave nothing together.
  private static func contradiction(_ experiment: Experiment, _ space: Space) -> Diagnostic {
    func isEmpty(_ constraints: [Spaces.Constraint]) -> Bool {
      if case .none = Region(Space(space.parameters, constraints: constraints)).allowed() { true } else { false }
    }
    let all = space.constraints
    for (place, constraint) in all.enumerated() where isEmpty([constraint]) {
      return Diagnostic(
        "E1009", "`where \(constraint.text)` leaves nothing to try",
        at: label(experiment, experiment.constraints[place].span, "no configuration satisfies this"))
    }
    for second in all.indices {
      for first in 0..<second where isEmpty([all[first], all[second]]) {
        return Diagnostic(
          "E1009", "these constraints contradict each other: nothing is left to try",
          at: label(experiment, experiment.constraints[second].span, "no configuration satisfies this"),
          also: [label(experiment, experiment.constraints[first].span, "… and this as well")],
          help: "loosen one of them")
      }
    }
    return Diagnostic(
      "E1009", "together the constraints leave nothing to try",
      at: label(experiment, experiment.constraints[all.count - 1].span, "no configuration satisfies all of them"),
      also: experiment.constraints.dropLast().map { label(experiment, $0.span, "one of them") },
      help: "loosen one of them")
  }

  private static func unreachable(_ experiment: Experiment, _ space: Space) -> [Diagnostic] {
    guard !experiment.constraints.isEmpty else { return [] }
    let whole = Region(space)
    var found: [Diagnostic] = []
    for (place, parameter) in space.parameters.enumerated() {
      guard case .choices(let values) = parameter.domain, values.count > 1 else { continue }
      let lost = values.indices.filter { choice in
        if case .none = whole.narrowed(place, to: [choice]).allowed(patience: 1000) { true } else { false }
      }
      // All of them: the parameter is not reached, which the choices above it say.
      guard !lost.isEmpty, lost.count < values.count else { continue }
      let names = lost.map { "`\(values[$0].words)`" }.joined(separator: ", ")
      found.append(
        Diagnostic(
          "W1002", .warning, "`\(parameter.name)` is never \(names)",
          at: label(experiment, experiment.parameters[place].span, "no allowed configuration has it"),
          also: blame(experiment, space, place, lost[0]), help: "take it out of the choices, or loosen the `where`"))
    }
    return found
  }

  /// The constraint that alone rules a choice out, if there is one.
  private static func blame(
    _ experiment: Experiment, _ space: Space, _ parameter: Int, _ choice: Int
  ) -> [Diagnostic.Label] {
    for (place, constraint) in space.constraints.enumerated() {
      let alone = Region(Space(space.parameters, constraints: [constraint])).narrowed(parameter, to: [choice])
      if case .none = alone.allowed(patience: 1000) {
        return [label(experiment, experiment.constraints[place].span, "ruled out here")]
      }
    }
    return []
  }

  // MARK: Acceptance

  /// Metrics are compared with numbers: just below, at and above each of those everything happens that can happen.
  private static func acceptance(_ definition: Definition) -> [Diagnostic] {
    let experiment = definition.experiment
    guard let acceptance = experiment.acceptance, let condition = acceptance.condition,
      let formula = definition.acceptance
    else { return [] }
    let count = experiment.metrics.count
    var places: [Int: [Double]] = [:]
    guard collect(condition, into: &places), places.count <= 4 else { return [] }
    for (metric, declared) in experiment.metrics.enumerated() where places[metric] != nil {
      if let limit = declared.limit { places[metric]?.append(limit) }
    }
    let names = places.keys.sorted()
    let values = names.map { name in candidates(places[name] ?? [], isCount: name >= count) }
    guard values.reduce(1, { $0 * $1.count }) <= 50_000 else { return [] }
    var isPossible = false
    forEach(values) { row in
      var metrics = [Double?](repeating: 0, count: count)
      var counts = [1, 0]
      for (name, value) in zip(names, row) {
        if name < count { metrics[name] = value } else { counts[name - count] = Int(value) }
      }
      for (metric, declared) in experiment.metrics.enumerated() where !names.contains(metric) {
        metrics[metric] = declared.limit ?? 0
      }
      guard definition.violation(metrics) == 0 else { return true }
      isPossible = (try? formula.truth(in: MetricContext(values: metrics, counts: counts))) ?? true
      return !isPossible
    }
    if isPossible { return [] }
    let limits = names.filter { $0 < count && experiment.metrics[$0].limit != nil }
    return [
      Diagnostic(
        "E1010", "no result can be accepted",
        at: label(experiment, condition.span, "never true" + (limits.isEmpty ? "" : " within the limits")),
        also: limits.map { label(experiment, experiment.metrics[$0].span, "its limit is declared here") },
        help: "change the condition" + (limits.isEmpty ? "" : " or the limit"))
    ]
  }

  /// The numbers that metrics are compared with; false when there is more to the condition than such comparisons.
  private static func collect(_ expression: Expression, into places: inout [Int: [Double]]) -> Bool {
    switch expression.kind {
    case .unary(.not, let operand): return collect(operand, into: &places)
    case .binary(.and, let left, let right), .binary(.or, let left, let right):
      return collect(left, into: &places) && collect(right, into: &places)
    case .binary(let symbol, let left, let right)
    where [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual].contains(symbol):
      for (side, other) in [(left, right), (right, left)] {
        if case .input(let index) = side.kind, let number = other.number {
          places[index, default: []].append(number)
          return true
        }
      }
      return false
    case .literal(.bool): return true
    default: return false
    }
  }

  private static func candidates(_ numbers: [Double], isCount: Bool) -> [Double] {
    let sorted = Set(numbers).sorted()
    if isCount {
      return Set(sorted.flatMap { [$0 - 1, $0, $0 + 1] } + [0, 1]).filter { $0 >= 0 && $0 < 1e9 }.sorted()
    }
    var all = sorted
    for (a, b) in zip(sorted, sorted.dropFirst()) { all.append(a + (b - a) / 2) }
    if let first = sorted.first, let last = sorted.last {
      all += [first - 1 - first.magnitude, last + 1 + last.magnitude]
    }
    return all
  }

  /// Each combination, until `body` is false.
  private static func forEach(_ values: [[Double]], _ body: ([Double]) -> Bool) {
    var digits = [Int](repeating: 0, count: values.count)
    while true {
      guard body(digits.indices.map { values[$0][digits[$0]] }) else { return }
      guard let place = digits.indices.first(where: { digits[$0] + 1 < values[$0].count }) else { return }
      digits[place] += 1
      for lower in 0..<place { digits[lower] = 0 }
    }
  }
}

extension Expression {
  /// A number that is written out.
  fileprivate var number: Double? {
    switch kind {
    case .literal(let value): value.number
    case .unary(.negate, let operand): operand.number.map { -$0 }
    default: nil
    }
  }
}
