internal import Plans
internal import Workflows

/// An experiment played through without running anything: each trial that it would make at most, if every gate lets it go on.
package struct Rehearsal: Sendable {
  package struct Trial: Sendable {
    package let proposed: Proposed
    /// The very configuration; otherwise one that stands for what the strategy will choose by results.
    package let isCertain: Bool
  }

  package let trials: [Trial]
  /// The budget of trials ends it before its stages do.
  package let isCutShort: Bool

  /// - Parameters:
  ///   - entries: of its log so far.
  ///   - most: trials that are played.
  package init(
    _ definition: Definition, after entries: [Entry], most: Int = .max
  ) {
    var study = Study(definition.rehearsed)
    for entry in entries { study.apply(entry) }
    var now = entries.last?.at ?? 0
    // What was begun, and did not end.
    for trial in study.trials where trial.ended == nil { study.apply(Self.end(of: trial.number, definition, now)) }
    var trials: [Trial] = []
    var isCertain = true
    play: while trials.count < most {
      now += 1
      switch study.next(parallel: 1, elapsed: .zero, now: now) {
      // Strategies of plugins were replaced by one that is known here.
      case .over, .ask, .confirm: break play
      case .wait:
        guard let gate = study.openGate else { break play }
        // Where a gate wants several people, one after the other.
        study.apply(
          Entry(
            at: now, actor: Actor(.person, "\(now)"),
            .decided(Decision(.answer(stage: gate.stage, gate.answer), reason: "", basis: study.count))))
      case .record(let fact):
        study.apply(Entry(at: now, actor: .engine, fact))
        guard case .proposed(let proposed) = fact else { continue }
        isCertain = isCertain && definition.isForeseeable(proposed.stage)
        trials.append(Trial(proposed: proposed, isCertain: isCertain || proposed.source == .person))
        study.apply(Self.end(of: proposed.trial, definition, now))
      }
    }
    self.trials = trials
    isCutShort = study.closing?.status == .exhausted
  }

  /// All results are the same: which is the best does not matter here.
  private static func end(of trial: Int, _ definition: Definition, _ now: Int64) -> Entry {
    Entry(
      at: now, actor: .engine,
      .ended(Ended(trial: trial, .finished, metrics: definition.experiment.metrics.map { $0.limit ?? 0 })))
  }
}

extension Study {
  fileprivate var openGate: (stage: Int, answer: String)? {
    for (place, stage) in definition.experiment.stages.enumerated() where stages[place].status == .running {
      guard case .gate(let gate) = stage.kind, stages[place].answer == nil else { continue }
      let goesOn = gate.answers.first { !["stop", "reject"].contains($0) }
      return (place, goesOn ?? "continue")
    }
    return nil
  }
}

extension Definition {
  private static let foreseeable = ["grid", "random", "sobol", "lhs"]

  /// Whether what a stage proposes depends on no result.
  package func isForeseeable(_ stage: Int) -> Bool {
    let stage = experiment.stages[stage]
    guard case .search(let search) = stage.kind, stage.condition == nil else { return false }
    return Self.foreseeable.contains(search.strategy.name) && search.again?.condition == nil && search.pruning == nil
  }

  /// With all stages and rounds that there may be; configurations that depend on results are drawn.
  fileprivate var rehearsed: Definition {
    var experiment = experiment
    if approval != nil { experiment.stages.removeLast() }
    experiment.acceptance = nil
    experiment.heldOut = []
    experiment.budget.wall = nil
    experiment.budget.work = nil
    experiment.budget.failures = nil
    for place in experiment.stages.indices {
      experiment.stages[place].condition = nil
      guard case .search(var search) = experiment.stages[place].kind else { continue }
      search.again?.condition = nil
      if search.strategy.source == nil, !Self.foreseeable.contains(search.strategy.name) {
        search.strategy.name = "random"
        search.strategy.options = []
        search.strategy.task = nil
      }
      experiment.stages[place].kind = .search(search)
    }
    return Definition(experiment, like: self)
  }
}
