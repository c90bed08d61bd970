package import Experiments
internal import Numbers
internal import Spaces
package import Statistics
internal import Strategies
internal import Workflows

/// What matters in an experiment: how much each parameter decides whether a trial is among the best, how far to trust that,
/// and what its values do.
package struct Sensitivity: Sendable {
  package struct Row: Sendable {
    package let name: String
    package let share: Double
    /// Of the share: the middle 95 % over resamples of the trials.
    package let interval: Interval
    /// The share that values dealt out at random would explain.
    package let chance: Double
    /// How often chance alone would make any parameter stand out as much.
    package let p: Double
    /// Of the variance of the metric, what the values of the parameter explain by themselves.
    package let explained: Double
    /// By value, or by quarter of a scale: the mean of the metric as measured, and how many trials there were.
    package let groups: [(name: String, summary: Summary)]
    /// The group with the best mean.
    package let best: String?
  }

  package let rows: [Row]
  package let best: Int
  package let trials: Int
  /// What all parameters explain by themselves.
  package let explained: Double
  package let warnings: [String]

  /// Below so many trials the order of parameters is a guess.
  private static let few = 40

  /// - Returns: nil for fewer than ten finished trials, or when all are equally good.
  package init?(_ study: Study) {
    let (space, history) = (study.space, study.history)
    let seed = study.definition.experiment.seed
    func draws(_ trial: Int) -> Draws { Draws(seed: seed, trial: trial, stream: 102) }
    guard let importance = Importance(space, history, draws: draws(0)) else { return nil }
    let effects = Effect.all(space, history)
    let sign = study.definition.objectives.first.map { study.sign($0) } ?? 1
    let shares = Self.resampled(space, history, draws(1))
    rows = importance.rows.map { row in
      let effect = effects[row.parameter]
      let sampled = shares.map { $0[row.parameter] }.sorted()
      let best = effect.groups.filter { $0.summary.count > 1 }.min { $0.summary.mean < $1.summary.mean }
      return Row(
        name: space.parameters[row.parameter].name, share: row.share,
        interval: Interval(Self.quantile(sampled, 0.025), Self.quantile(sampled, 0.975)), chance: row.chance,
        p: row.p ?? 1, explained: effect.explained,
        groups: effect.groups.map { ($0.name, sign < 0 ? $0.summary.turned : $0.summary) }, best: best?.name)
    }
    best = importance.best
    trials = importance.trials
    explained = importance.explained
    var warnings: [String] = []
    if importance.trials < Self.few {
      warnings.append(
        "\(importance.trials) finished trials are few: below \(Self.few) the order of parameters is a guess")
    }
    if let smallest = rows.map(\.p).min(), smallest >= 0.05 {
      warnings.append(
        "no parameter stands out from what chance does (p \(Words.p(smallest))): the order below may be noise")
    }
    self.warnings = warnings
  }

  /// Shares over trials drawn with replacement, by parameter.
  private static func resampled(_ space: Space, _ history: History, _ draws: Draws) -> [[Double]] {
    let trials = history.trials.filter { $0.state == .finished && $0.value.isFinite }
    let count = min(200, max(30, 400_000 / max(trials.count, 1)))
    var (draws, shares) = (draws, [[Double]]())
    for _ in 0..<count {
      let sample = trials.indices.map { _ in trials[draws.index(below: trials.count)] }
      guard let importance = Importance(space, History(sample), shuffles: 0, draws: draws) else { continue }
      var row = [Double](repeating: 0, count: space.parameters.count)
      for one in importance.rows { row[one.parameter] = one.share }
      shares.append(row)
    }
    return shares
  }

  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard let first = sorted.first else { return .nan }
    let place = share * Double(sorted.count - 1)
    let low = Int(place)
    guard low + 1 < sorted.count else { return sorted.last ?? first }
    return sorted[low] + (sorted[low + 1] - sorted[low]) * (place - Double(low))
  }
}
