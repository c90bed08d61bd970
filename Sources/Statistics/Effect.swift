package import Spaces
package import Strategies

/// What the trials with each value of a parameter measured, whatever the other parameters were.
package struct Effect: Sendable {
  package struct Group: Sendable {
    package let name: String
    /// Of the first objective.
    package let summary: Summary
  }

  /// The place of the parameter in its space.
  package let parameter: Int
  /// Of values that were tried.
  package let groups: [Group]
  /// The share of the variance between trials in which the parameter exists that its groups explain, less what as many
  /// groups would explain by chance: ε² (T. L. Kelley, PNAS 21, 1935). Not below 0.
  package let explained: Double

  /// For each parameter, over finished trials within limits.
  package static func all(_ space: Space, _ history: History) -> [Effect] {
    let finished = history.trials.filter { $0.state == .finished && $0.violation == 0 && $0.value.isFinite }
    return space.parameters.indices.map { Effect(space, $0, finished) }
  }

  private init(_ space: Space, _ parameter: Int, _ trials: [Trial]) {
    let regions = Regions(space, parameter)
    var values = [[Double]](repeating: [], count: regions.count)
    for trial in trials {
      if let region = regions.region(of: trial.point) { values[region].append(trial.value) }
    }
    self.parameter = parameter
    groups = values.enumerated().compactMap { region, values in
      Summary(values).map { Group(name: regions.name(region), summary: $0) }
    }
    explained = Self.explained(groups.map(\.summary), Summary(values.flatMap { $0 }))
  }

  private static func explained(_ groups: [Summary], _ all: Summary?) -> Double {
    guard let all, let deviation = all.deviation, deviation > 0, all.count > groups.count else { return 0 }
    let within = groups.reduce(0) { $0 + ($1.deviation.map { $0 * $0 } ?? 0) * Double($1.count - 1) }
    return max(0, 1 - within / Double(all.count - groups.count) / (deviation * deviation))
  }
}
