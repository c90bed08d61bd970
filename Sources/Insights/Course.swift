package import Experiments
internal import Numbers
package import Statistics
internal import Strategies
internal import Workflows

/// How an experiment went so far: what was found when, what it cost, what runs and who is waited for.
package struct Course: Sendable {
  /// A trial that was better than all before it, by the first objective.
  package struct Step: Sendable {
    package let trial: Int
    /// How many trials had been begun.
    package let place: Int
    package let value: Double
  }

  /// A part of the budget, and how much of it is used.
  package struct Part: Sendable {
    package let name: String
    package let used: Double
    package let limit: Double?
    package let isTime: Bool

    package var share: Double? { limit.map { $0 > 0 ? used / $0 : 1 } }
    package var words: String {
      func text(_ value: Double) -> String { isTime ? Words.time(seconds: value) : "\(Int(value))" }
      return limit.map { "\(text(used)) of \(text($0))" } ?? text(used)
    }
  }

  package let improvements: [Step]
  /// Values of the first objective by place; nil: not measured, beyond limits, or a repeat: that is no search.
  package let values: [Double?]
  package let budget: [Part]
  /// Places of the trials that run.
  package let running: [Int]
  package let finished: Int
  package let failed: Int
  package let pruned: Int
  package let cancelled: Int
  package let excluded: Int
  /// Places of gates that wait for an answer.
  package let gates: [Int]

  /// - Parameter elapsed: wall time so far in seconds, where it is known.
  package init(_ study: Study, elapsed: Double? = nil) {
    let metric = study.definition.objectives.first
    let sign = metric.map { study.sign($0) } ?? 1
    var (improvements, values, best) = ([Step](), [Double?](), Double.infinity)
    var counts: [Ended.Outcome: Int] = [:]
    var (running, excluded) = ([Int](), 0)
    values.reserveCapacity(study.trials.count)
    for (place, trial) in study.trials.enumerated() {
      if trial.isExcluded { excluded += 1 }
      guard let ended = trial.ended else {
        running.append(place)
        values.append(nil)
        continue
      }
      counts[ended.outcome, default: 0] += 1
      guard ended.outcome == .finished, !trial.isExcluded, trial.proposed.source != .repeated, let metric,
        let value = ended.metrics[at: metric] ?? nil, study.definition.violation(ended.metrics) == 0
      else {
        values.append(nil)
        continue
      }
      values.append(value)
      if value * sign < best {
        best = value * sign
        improvements.append(Step(trial: trial.number, place: place + 1, value: value))
      }
    }
    self.improvements = improvements
    self.values = values
    self.running = running
    self.excluded = excluded
    finished = counts[.finished] ?? 0
    failed = counts[.failed] ?? 0
    pruned = counts[.pruned] ?? 0
    cancelled = counts[.cancelled] ?? 0
    gates = study.definition.experiment.stages.indices.filter { place in
      guard case .gate = study.definition.experiment.stages[place].kind else { return false }
      return study.stages[place].status == .running && study.stages[place].answer == nil && study.closing == nil
    }
    budget = Self.budget(study, elapsed, failed: counts[.failed] ?? 0)
  }

  private static func budget(_ study: Study, _ elapsed: Double?, failed: Int) -> [Part] {
    let budget = study.budget
    var parts = [
      Part(name: "trials", used: Double(study.trials.count), limit: budget.trials.map(Double.init), isTime: false)
    ]
    if let elapsed {
      parts.append(Part(name: "time", used: elapsed, limit: budget.wall.map { $0 / .seconds(1) }, isTime: true))
    }
    parts.append(
      Part(name: "task time", used: study.taskSeconds, limit: budget.work.map { $0 / .seconds(1) }, isTime: true))
    if let most = budget.failures {
      parts.append(Part(name: "failures", used: Double(failed), limit: Double(most), isTime: false))
    }
    return parts
  }

  /// The best after so many trials; nil before the first.
  package func best(after count: Int) -> Double? { improvements.last { $0.place <= count }?.value }
}

extension Study {
  /// Places of trials that were drawn at random: what the experiment is like without a strategy.
  package var controls: [Int] {
    trials.indices.filter { place in
      guard case .search(let search) = definition.experiment.stages[trials[place].proposed.stage].kind else {
        return false
      }
      return search.strategy.name == "random" && trials[place].proposed.source == .strategy
    }
  }

  /// What the record says about itself. O(trials × parameters), some hundred times.
  package var health: [Finding] {
    guard let metric = definition.objectives.first else { return [] }
    let evidence = Evidence(self)
    // Most of a long experiment was measured once.
    let again = evidence.candidates.lazy.filter { $0.violation == 0 && evidence.single($0, metric) == nil }
      .map { evidence.measured($0, metric) }.filter { $0.values.count > 1 }
    return Health(
      space, history, controls: Set(controls.map { trials[$0].number }), measured: Array(again), evidence.repeats,
      isMaximized: definition.experiment.metrics[metric].isMaximized,
      draws: Draws(seed: definition.experiment.seed, trial: 0, stream: 101)
    ).findings()
  }
}
