package import Plans
package import Spaces
internal import Strategies
internal import Values
package import Workflows

/// An experiment as its log tells it: the fold of all entries so far.
package struct Study: Sendable {
  package let definition: Definition
  package private(set) var trials: [StudyTrial] = []
  package private(set) var stages: [StageState]
  /// With the constraints that people added.
  package private(set) var space: Space
  /// Configurations that people want to be tried next.
  package private(set) var queue: [Point] = []
  package private(set) var decisions: [(at: Int64, actor: Actor, decision: Decision)] = []
  package private(set) var budget: Experiment.Budget
  package private(set) var isPaused = false
  /// What runs is to be cancelled.
  package private(set) var isCancelled = false
  package private(set) var stopReason: String?
  package private(set) var closing: Closing?
  /// Entries so far.
  package private(set) var count = 0
  /// Of task time, all trials together, in seconds.
  package private(set) var taskSeconds = 0.0
  /// By stage: all trials, with the memos of its own.
  private var histories: [Int: History] = [:]
  private var places: [Int: Int] = [:]
  /// Turns the text of a constraint into a formula.
  private let compile: @Sendable (String) -> Formula?

  package init(_ definition: Definition, compile: @escaping @Sendable (String) -> Formula? = { _ in nil }) {
    self.definition = definition
    self.compile = compile
    stages = definition.experiment.stages.map { _ in StageState() }
    space = definition.space
    budget = definition.experiment.budget
  }

  package mutating func apply(_ entry: Entry) {
    count += 1
    switch entry.fact {
    case .proposed(let proposed): apply(proposed, at: entry.at)
    case .ended(let ended): apply(ended)
    case .stage(let stage, let event): apply(event, to: stage, at: entry.at)
    case .decided(let decision):
      decisions.append((entry.at, entry.actor, decision))
      apply(decision)
    case .closed(let closing): self.closing = closing
    }
  }

  private mutating func apply(_ proposed: Proposed, at: Int64) {
    guard places[proposed.trial] == nil, stages.indices.contains(proposed.stage) else { return }
    places[proposed.trial] = trials.count
    trials.append(StudyTrial(proposed, startedAt: at))
    stages[proposed.stage].proposed += 1
    stages[proposed.stage].running += 1
    if proposed.source == .person, let place = queue.firstIndex(of: proposed.point) { queue.remove(at: place) }
    for stage in histories.keys {
      histories[stage]?.append(Self.told(trials[trials.count - 1], for: stage, definition))
    }
  }

  private mutating func apply(_ ended: Ended) {
    guard let place = places[ended.trial], trials[place].ended == nil else { return }
    trials[place].ended = ended
    taskSeconds += ended.taskSeconds
    stages[trials[place].proposed.stage].running -= 1
    retell(place)
  }

  private mutating func retell(_ place: Int) {
    for stage in histories.keys {
      let told = Self.told(trials[place], for: stage, definition)
      histories[stage]?.update(place) { $0 = told }
    }
  }

  private mutating func apply(_ event: StageEvent, to stage: Int, at: Int64) {
    guard stages.indices.contains(stage) else { return }
    switch event {
    case .began(let evidence):
      stages[stage].status = .running
      stages[stage].beganAt = at
      stages[stage].evidence = evidence
    case .again:
      stages[stage].round += 1
      stages[stage].proposed = 0
    case .skipped(let reason): stages[stage].status = .skipped(reason)
    case .ended(let reason): stages[stage].status = .ended(reason)
    }
  }

  private mutating func apply(_ decision: Decision) {
    switch decision.operation {
    case .pause: isPaused = true
    case .resume: isPaused = false
    case .stop(let isHard):
      stopReason = decision.reason.isEmpty ? "stopped by a person" : decision.reason
      if isHard { isCancelled = true }
    case .answer(let stage, let answer):
      // The first answer counts.
      guard stages.indices.contains(stage), stages[stage].answer == nil else { return }
      stages[stage].answer = answer
    case .enqueue(let point): queue.append(point)
    case .exclude(let trial, let isExcluded):
      guard let place = places[trial] else { return }
      trials[place].isExcluded = isExcluded
      retell(place)
    case .restrict(let text):
      if let formula = compile(text) { space = space.with(constraints: [Constraint(text, formula)]) }
    case .budget(let name, let amount):
      switch name {
      case "trials": budget.trials = amount.map { Int($0) }
      case "wall": budget.wall = amount.map { .seconds($0) }
      case "tasks": budget.work = amount.map { .seconds($0) }
      case "parallel": budget.parallel = amount.map { Int($0) }
      case "failures": budget.failures = amount.map { Int($0) }
      default: break
      }
    case .note: break
    }
  }

  // MARK: What strategies see

  /// - Parameter horizon: trials at this place and later are shown as running, whatever became of them; nil: none.
  mutating func history(for stage: Int, _ search: Experiment.Search, horizon: Int?) -> History {
    var history = histories[stage] ?? History(trials.map { Self.told($0, for: stage, definition) })
    histories[stage] = history
    if let start = search.start {
      let kept = Set(ranked(stage: start.stage).prefix(start.count))
      for (place, trial) in trials.enumerated() where trial.proposed.stage != stage && !kept.contains(place) {
        history.update(place) { $0.state = .excluded }
      }
    }
    guard let horizon, horizon < trials.count else { return history }
    for place in max(horizon, 0)..<trials.count where trials[place].ended != nil {
      history.update(place) {
        $0.state = .running
        $0.values = []
        $0.curve = []
      }
    }
    return history
  }

  static func told(_ trial: StudyTrial, for stage: Int, _ definition: Definition) -> Trial {
    var told = Trial(
      trial.number, trial.proposed.point, memo: trial.proposed.stage == stage ? trial.proposed.memo : [])
    // A repetition says nothing new about where to look.
    if trial.isExcluded || trial.proposed.source == .repeated {
      told.state = .excluded
      return told
    }
    guard let ended = trial.ended else { return told }
    let sign = definition.objectives.first.map { definition.experiment.metrics[$0].isMaximized } == true ? -1.0 : 1
    told.curve = ended.curve.map { $0 * sign }
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

package struct StudyTrial: Sendable {
  package let proposed: Proposed
  package let startedAt: Int64
  package internal(set) var ended: Ended?
  /// By a person: kept on record, not learnt from, never the best.
  package internal(set) var isExcluded = false
  package var number: Int { proposed.trial }

  init(_ proposed: Proposed, startedAt: Int64) {
    self.proposed = proposed
    self.startedAt = startedAt
  }
}

package struct StageState: Sendable {
  package enum Status: Sendable, Equatable {
    case pending
    /// Of a gate: waiting for an answer.
    case running
    case skipped(String)
    case ended(String)
  }
  package var status = Status.pending
  package var round = 0
  /// Trials of this round.
  package var proposed = 0
  package var running = 0
  package var beganAt: Int64 = 0
  package var answer: String?
  package var evidence = ""
  package init() {}
}
