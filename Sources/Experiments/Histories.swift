internal import Spaces
internal import Strategies
internal import Workflows

/// The trials of a study as strategies and pruning rules are told of them. Kept up to date trial by trial: to ask for the next one
/// costs the same however many there were.
struct Histories: Sendable {
  private let definition: Definition
  private let limits: Limits
  /// By stage: memos of trials before this number are another strategy's.
  private let memosFrom: [Int]
  /// Curves of trials before this number are of another metric.
  private let curvesFrom: Int
  /// By stage; nil until its strategy is asked.
  private var stages: [Told?]
  /// What pruning rules compare with; nil until one is asked.
  private var curves: History?

  private struct Told {
    var history: History
    /// Ends of trials at this place and later are not told yet, whatever became of them.
    var horizon: Int
    /// The trials of other stages that are told, by place; nil: all.
    var kept: Set<Int>?
  }

  init(_ definition: Definition, _ limits: Limits = Limits(), memosFrom: [Int] = [], curvesFrom: Int = 0) {
    self.definition = definition
    self.limits = limits
    self.memosFrom = memosFrom
    self.curvesFrom = curvesFrom
    stages = definition.experiment.stages.map { _ in nil }
  }

  mutating func append(_ trial: StudyTrial) {
    for stage in stages.indices {
      guard let place = stages[stage]?.history.count else { continue }
      let told = told(trial, place, for: stage)
      stages[stage]?.history.append(told)
    }
    let told = told(trial)
    curves?.append(told)
  }

  /// A trial ended, or was taken out or back in.
  mutating func update(_ place: Int, _ trial: StudyTrial) {
    for stage in stages.indices {
      guard stages[stage] != nil else { continue }
      // Another one may be among the best now, that are all that is told.
      if stages[stage]?.kept != nil, trial.proposed.stage != stage {
        stages[stage] = nil
      } else {
        let told = told(trial, place, for: stage)
        stages[stage]?.history.update(place) { $0 = told }
      }
    }
    let told = told(trial)
    curves?.update(place) { $0 = told }
  }

  /// Whether a stage has been told of what is before the horizon, or less.
  func isTold(_ stage: Int, before horizon: Int) -> Bool { stages[stage].map { $0.horizon <= horizon } ?? false }

  /// From the beginning.
  ///
  /// - Parameter kept: the trials of other stages that the stage is told of; nil: all.
  mutating func tell(_ stage: Int, of trials: [StudyTrial], before horizon: Int, kept: Set<Int>?) {
    stages[stage] = Told(history: History(), horizon: horizon, kept: kept)
    for (place, trial) in trials.enumerated() {
      let told = told(trial, place, for: stage)
      stages[stage]?.history.append(told)
    }
  }

  /// What the strategy of a stage is told, which was told before.
  mutating func history(of stage: Int, _ trials: [StudyTrial], before horizon: Int) -> History {
    let last = min(stages[stage]?.horizon ?? 0, trials.count)
    stages[stage]?.horizon = horizon
    for place in last..<max(last, min(horizon, trials.count)) {
      let told = told(trials[place], place, for: stage)
      stages[stage]?.history.update(place) { $0 = told }
    }
    return stages[stage]?.history ?? History()
  }

  /// What pruning rules are told: trials before a place.
  mutating func curves(of trials: [StudyTrial], before horizon: Int) -> History {
    let all = curves ?? History(trials.map { told($0) })
    curves = all
    return horizon < trials.count ? History(Array(all.trials.prefix(max(horizon, 0)))) : all
  }

  /// What is known of all trials, whatever stage they are of; each with its memo, or all without.
  func all(of trials: [StudyTrial], withMemos: Bool) -> History {
    History(trials.map { told($0, memo: withMemos && remembers($0) ? $0.proposed.memo : []) })
  }

  private func remembers(_ trial: StudyTrial) -> Bool {
    !memosFrom.indices.contains(trial.proposed.stage) || trial.number >= memosFrom[trial.proposed.stage]
  }

  private func told(_ trial: StudyTrial, _ place: Int, for stage: Int) -> Trial {
    let isMine = trial.proposed.stage == stage
    var told = told(
      trial, memo: isMine && remembers(trial) ? trial.proposed.memo : [],
      isHidden: place >= stages[stage]?.horizon ?? .max)
    if !isMine, let kept = stages[stage]?.kept, !kept.contains(place) { told.state = .excluded }
    return told
  }

  private func told(_ trial: StudyTrial, memo: [Double] = [], isHidden: Bool = false) -> Trial {
    var told = Trial(trial.number, trial.proposed.point, memo: memo)
    // A repetition says nothing new about where to look.
    if trial.isExcluded || trial.proposed.source == .repeated || !limits.contain(trial.proposed.point) {
      told.state = .excluded
      return told
    }
    guard let ended = trial.ended, !isHidden else { return told }
    if trial.isVetoed {
      told.state = .failed
      return told
    }
    let sign = definition.isFirstMaximised ? -1.0 : 1
    if trial.number >= curvesFrom { told.curve = ended.curve.map { $0 * sign } }
    switch ended.outcome {
    case .finished:
      guard let values = definition.minimised(ended.metrics) else {
        told.state = .failed
        break
      }
      told.state = .finished
      told.values = values
      told.violation = definition.violation(ended.metrics)
    case .pruned: told.state = .pruned
    case .failed: told.state = .failed
    case .cancelled: told.state = .excluded
    }
    return told
  }
}

extension Study {
  /// - Parameter horizon: trials at this place and later are shown as running, whatever became of them; nil: none.
  mutating func history(for stage: Int, _ search: Experiment.Search, horizon: Int?) -> History {
    let horizon = max(horizon ?? .max, 0)
    if !histories.isTold(stage, before: horizon) {
      let best = search.start.map { start in
        ranked(stage: start.stage).filter { trials[$0].proposed.stage != stage }.prefix(start.count)
      }
      histories.tell(stage, of: trials, before: horizon, kept: best.map { Set($0) })
    }
    return histories.history(of: stage, trials, before: horizon)
  }

  /// Why a trial that runs is to be stopped, if its stage stops trials early; a pure function of the log and the curve.
  ///
  /// In strict order it is compared with those trials alone that its proposal knew, which ended before it began.
  ///
  /// - Parameter curve: what it has shown so far, as measured.
  package mutating func reasonToStop(_ trial: Int, curve: [Double], parallel: Int) -> String? {
    guard trial >= curvesFrom, let place = place(of: trial), let rule = definition.pruning(trials[place].proposed.stage)
    else { return nil }
    let (curve, history) = comparison(place, curve, parallel)
    return rule.reasonToStop(curve, of: trial, history)
  }

  /// The curve to be minimised, and what it is compared with.
  mutating func comparison(_ place: Int, _ curve: [Double], _ parallel: Int) -> (curve: [Double], history: History) {
    let width = budget.parallel ?? parallel
    let horizon = definition.experiment.isStrict ? place - width + 1 : trials.count
    let sign = definition.isFirstMaximised ? -1.0 : 1
    return (curve.map { $0 * sign }, histories.curves(of: trials, before: horizon))
  }
}

extension Definition {
  var isFirstMaximised: Bool { objectives.first.map { experiment.metrics[$0].isMaximized } ?? false }

  /// Whether a stage stops trials early.
  package func prunes(_ stage: Int) -> Bool { pruningCall(stage) != nil }

  /// Whether it asks a task of a plugin whether to.
  package func isPrunedByPlugin(_ stage: Int) -> Bool { pruningCall(stage)?.task != nil }

  /// By which rule of the engine it does.
  func pruning(_ stage: Int) -> (any Pruning)? {
    guard let call = pruningCall(stage), call.task == nil else { return nil }
    return NativeStrategies.pruning(call)
  }

  /// By which rule it does.
  func pruningCall(_ stage: Int) -> Experiment.Call? {
    guard experiment.stages.indices.contains(stage), case .search(let search) = experiment.stages[stage].kind else {
      return nil
    }
    return search.pruning
  }
}
