package import Knowledge
package import Spaces
internal import Values
package import Workflows

/// An experiment as its log tells it: the fold of all entries so far.
package struct Study: Sendable {
  /// As people have changed it. Its space has all that ever was in it: coordinates of all trials mean something there.
  package internal(set) var definition: Definition
  package internal(set) var trials: [StudyTrial] = []
  package internal(set) var stages: [StageState]
  /// As it was written.
  let original: Space
  /// What may be proposed.
  package internal(set) var space: Space
  var limits = Limits()
  /// Lines of `space` that people have changed, in their words.
  package internal(set) var edits: [String] = []
  /// Configurations that people want to be tried next.
  package internal(set) var queue: [Point] = []
  /// Trials that people want once more, with their seeds.
  package internal(set) var repeats: [Repeat] = []
  /// Which of two trials people prefer, whatever the metrics say.
  package internal(set) var preferences: [Preference] = []
  /// What somebody believes about where good configurations are; nil: nobody said anything.
  package internal(set) var prior: PriorState?
  /// Curves of trials before this number are not of what is optimised now.
  var curvesFrom = 0
  package private(set) var decisions: [(at: Int64, actor: Actor, decision: Decision)] = []
  package internal(set) var budget: Experiment.Budget
  package internal(set) var isPaused = false
  /// People choose what is tried, strategies propose nothing.
  package internal(set) var isTakenOver = false
  /// What runs is to be cancelled.
  package internal(set) var isCancelled = false
  package internal(set) var stopReason: String?
  package private(set) var judged: Judged?
  package private(set) var promoted: [Promoted] = []
  /// Looks at what was held out.
  package private(set) var confirmed: [Confirmed] = []
  package private(set) var closing: Closing?
  /// Entries so far.
  package private(set) var count = 0
  /// Of task time, all trials together, in seconds.
  package private(set) var taskSeconds = 0.0
  /// What it is about, as it was when it began.
  package private(set) var description: Description?
  /// What it began with from past experiments.
  package private(set) var learnt: [Learnt] = []
  /// What past experiments say in the space as it is now; made when it is asked for.
  var lessons: PastLessons?
  /// What names of artifacts mean to it, as far as that is on record.
  package private(set) var artifacts: [Settled.Artifact] = []
  /// When the first entry and the last one were made, in nanoseconds since 1970.
  package private(set) var span: (first: Int64, last: Int64)?
  /// Wall time with an engine, as far as the log tells: entries less than a minute apart belong together, and the end of a
  /// trial to the time that its tasks took.
  package private(set) var elapsed = Duration.zero
  /// Trials that failed.
  private(set) var failures = 0
  /// What strategies and pruning rules are told.
  var histories: Histories
  private var places: [Int: Int] = [:]
  /// What an amendment means after those before it; nil: it cannot be read.
  let reading: @Sendable (Amendment, _ edits: [String]) -> Amended?
  /// Stages whose strategies wait, and how many entries there were then. Not of the log: they are asked again after it.
  var waiting: [Int: Int] = [:]

  package init(
    _ definition: Definition,
    reading: @escaping @Sendable (Amendment, _ edits: [String]) -> Amended? = { _, _ in nil }
  ) {
    self.definition = definition
    original = definition.space
    self.reading = reading
    stages = definition.experiment.stages.map { _ in StageState() }
    space = definition.space
    budget = definition.experiment.budget
    histories = Histories(definition)
  }

  package mutating func apply(_ entry: Entry) {
    count += 1
    pass(to: entry)
    switch entry.fact {
    case .proposed(let proposed): apply(proposed, at: entry.at)
    case .ended(let ended): apply(ended)
    case .stage(let stage, let event): apply(event, to: stage, at: entry.at)
    case .decided(let decision):
      decisions.append((entry.at, entry.actor, decision))
      apply(decision, by: entry.actor.name)
    case .weighed(let weighed): prior?.weighed = weighed
    case .judged(let judged): self.judged = judged
    case .promoted(let promoted): self.promoted.append(promoted)
    case .confirmed(let confirmed): self.confirmed.append(confirmed)
    case .closed(let closing): self.closing = closing
    case .described(let description): self.description = description
    case .learnt(let learnt): self.learnt.append(learnt)
    case .settled(let settled): artifacts += settled.artifacts
    case .imported: break
    }
  }

  private mutating func pass(to entry: Entry) {
    let gap = span.map { Duration.nanoseconds($0.last < entry.at ? entry.at - $0.last : 0) } ?? .zero
    span = (span?.first ?? entry.at, max(span?.last ?? entry.at, entry.at))
    if case .ended(let ended) = entry.fact {
      let worked = ended.taskSeconds > 0 ? min(ended.taskSeconds, 1e9) : 0
      elapsed += min(gap, .seconds(60) + .seconds(worked))
    } else if gap < .seconds(60) {
      elapsed += gap
    }
  }

  private mutating func apply(_ proposed: Proposed, at: Int64) {
    guard places[proposed.trial] == nil, stages.indices.contains(proposed.stage) else { return }
    places[proposed.trial] = trials.count
    trials.append(StudyTrial(proposed, startedAt: at))
    stages[proposed.stage].proposed += 1
    stages[proposed.stage].running += 1
    if proposed.source == .person, let place = queue.firstIndex(of: proposed.point) {
      queue.remove(at: place)
      stages[proposed.stage].asked += 1
    }
    if proposed.source == .repeated,
      let place = repeats.firstIndex(where: { $0.point == proposed.point && $0.seed == proposed.seed })
    {
      repeats.remove(at: place)
      stages[proposed.stage].asked += 1
    }
    histories.append(trials[trials.count - 1])
  }

  private mutating func apply(_ ended: Ended) {
    guard let place = places[ended.trial], trials[place].ended == nil else { return }
    trials[place].ended = ended
    trials[place].ended?.metrics = definition.scored(ended.metrics)
    taskSeconds += ended.taskSeconds
    if ended.outcome == .failed { failures += 1 }
    stages[trials[place].proposed.stage].running -= 1
    histories.update(place, trials[place])
  }

  mutating func forgetHistories() {
    histories = Histories(definition, limits, memosFrom: stages.map(\.memosFrom), curvesFrom: curvesFrom)
  }

  mutating func change(_ trial: Int, _ change: (inout StudyTrial) -> Void) {
    guard let place = places[trial] else { return }
    change(&trials[place])
    histories.update(place, trials[place])
    judgeAgain()
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
      stages[stage].asked = 0
    case .skipped(let reason): stages[stage].status = .skipped(reason)
    case .ended(let reason): stages[stage].status = .ended(reason)
    }
  }

  /// What was judged and approved has changed.
  mutating func judgeAgain() {
    guard judged != nil, promoted.isEmpty, closing == nil else { return }
    judged = nil
    if let approval = definition.approval { stages[approval] = StageState() }
  }

  func place(of trial: Int) -> Int? { places[trial] }
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
  /// Of these the ones that people asked for.
  package var asked = 0
  package var running = 0
  package var beganAt: Int64 = 0
  package var answer: String?
  /// Where several answers are needed: what was answered so far, by whom.
  package var answers: [(person: String, answer: String)] = []
  /// Who answers in whose place.
  package var delegations: [(from: String, to: String)] = []
  /// What was filled in, a JSON object; nil: nothing.
  package var form: String?
  package var evidence = ""
  /// The first trial whose memo is of the strategy that the stage has now.
  package var memosFrom = 0
  package init() {}
}
