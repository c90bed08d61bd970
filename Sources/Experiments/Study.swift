package import Spaces
internal import Strategies
internal import Values
package import Workflows

/// An experiment as its log tells it: the fold of all entries so far.
package struct Study: Sendable {
  /// As people have changed it. Its space has all that ever was in it: coordinates of all trials mean something there.
  package internal(set) var definition: Definition
  package internal(set) var trials: [StudyTrial] = []
  package internal(set) var stages: [StageState]
  /// What may be proposed.
  package internal(set) var space: Space
  var limits = Limits()
  /// Lines of `space` that people have changed, in their words.
  package internal(set) var edits: [String] = []
  /// Configurations that people want to be tried next.
  package internal(set) var queue: [Point] = []
  package private(set) var decisions: [(at: Int64, actor: Actor, decision: Decision)] = []
  package internal(set) var budget: Experiment.Budget
  package internal(set) var isPaused = false
  /// People choose what is tried, strategies propose nothing.
  package internal(set) var isTakenOver = false
  /// What runs is to be cancelled.
  package internal(set) var isCancelled = false
  package internal(set) var stopReason: String?
  package private(set) var closing: Closing?
  /// Entries so far.
  package private(set) var count = 0
  /// Of task time, all trials together, in seconds.
  package private(set) var taskSeconds = 0.0
  /// By stage: all trials, with the memos of its own.
  private var histories: [Int: History] = [:]
  private var places: [Int: Int] = [:]
  /// What an amendment means after those before it; nil: it cannot be read.
  let reading: @Sendable (Amendment, _ edits: [String]) -> Amended?

  package init(
    _ definition: Definition,
    reading: @escaping @Sendable (Amendment, _ edits: [String]) -> Amended? = { _, _ in nil }
  ) {
    self.definition = definition
    self.reading = reading
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
      let told = told(trials[trials.count - 1], for: stage)
      histories[stage]?.append(told)
    }
  }

  private mutating func apply(_ ended: Ended) {
    guard let place = places[ended.trial], trials[place].ended == nil else { return }
    trials[place].ended = ended
    taskSeconds += ended.taskSeconds
    stages[trials[place].proposed.stage].running -= 1
    retell(place)
  }

  mutating func forgetHistories() { histories = [:] }

  mutating func change(_ trial: Int, _ change: (inout StudyTrial) -> Void) {
    guard let place = places[trial] else { return }
    change(&trials[place])
    retell(place)
  }

  private mutating func retell(_ place: Int) {
    for stage in histories.keys {
      let told = told(trials[place], for: stage)
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

  // MARK: What strategies see

  /// - Parameter horizon: trials at this place and later are shown as running, whatever became of them; nil: none.
  mutating func history(for stage: Int, _ search: Experiment.Search, horizon: Int?) -> History {
    var history = histories[stage] ?? History(trials.map { told($0, for: stage) })
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

  private func told(_ trial: StudyTrial, for stage: Int) -> Trial {
    let isOwn = trial.proposed.stage == stage && trial.number >= stages[stage].memosFrom
    var told = Trial(trial.number, trial.proposed.point, memo: isOwn ? trial.proposed.memo : [])
    // A repetition says nothing new about where to look.
    if trial.isExcluded || trial.proposed.source == .repeated || !limits.contain(trial.proposed.point) {
      told.state = .excluded
      return told
    }
    guard let ended = trial.ended else { return told }
    if trial.isVetoed {
      told.state = .failed
      return told
    }
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
  package internal(set) var proposed: Proposed
  package let startedAt: Int64
  package internal(set) var ended: Ended?
  /// By a person: kept on record, not learnt from, never the best.
  package internal(set) var isExcluded = false
  /// By a person: its configuration is not to be tried, and never the best.
  package internal(set) var isVetoed = false
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
  /// The first trial whose memo is of the strategy that the stage has now.
  package var memosFrom = 0
  package init() {}
}
