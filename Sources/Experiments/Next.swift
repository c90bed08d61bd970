internal import Plans
internal import Spaces
internal import Strategies
internal import Values
internal import Workflows

/// What is to be done now.
package enum Move: Sendable, Equatable {
  /// Goes on record; then ask again. A proposal that is on record is to be run.
  case record(Entry.Fact)
  /// A strategy of a plugin is to be asked (`asked(_:_:)` says what its answer means); then ask again.
  case ask(Asking)
  /// A trial is to be run once more, on what was held out; that goes on record; then ask again.
  case confirm(Int)
  /// Something that runs has to end, or somebody has to decide.
  case wait
  case over
}

extension Study {
  /// One step on: a pure function of the log, of how many trials may run at a time, and of the time that has passed.
  ///
  /// - Parameter elapsed: wall time of the experiment so far, pauses left out.
  package mutating func next(parallel: Int, elapsed: Duration, now: Int64) -> Move {
    if closing != nil { return .over }
    let running = stages.reduce(0) { $0 + $1.running }
    let isRunning = running > 0
    if let stopReason { return isRunning ? .wait : .record(.closed(Closing(.stopped, stopReason))) }
    if let change = stageChange(now) { return .record(.stage(change.stage, change.event)) }
    if let weighed = priorToWeigh() { return .record(.weighed(weighed)) }
    if let closing = gateStop() { return isRunning ? .wait : .record(.closed(closing)) }
    let isOver = stages.indices.allSatisfy { $0 == definition.approval || stages[$0].isOver }
    if isOver { return isRunning ? .wait : conclusion() }
    if !onlyAsks, let reason = exhausted(elapsed) {
      return isRunning ? .wait : .record(.closed(Closing(.exhausted, reason)))
    }
    if isPaused { return .wait }
    let width = budget.parallel ?? parallel
    guard running < width else { return .wait }
    for stage in stages.indices where stages[stage].status == .running {
      guard case .search(let search) = definition.experiment.stages[stage].kind else { continue }
      if let move = proposal(stage, search, width: width) { return move }
    }
    return .wait
  }

  /// Gates wait for answers, and no search goes on: what was spent is no reason not to hear them.
  private var onlyAsks: Bool {
    let running = stages.indices.filter { stages[$0].status == .running }
    return !running.isEmpty
      && running.allSatisfy { if case .gate = definition.experiment.stages[$0].kind { true } else { false } }
  }

  /// Why nothing more may be tried; nil while something may.
  private func exhausted(_ elapsed: Duration) -> String? {
    if let most = budget.trials, trials.count >= most { return "the budget of \(most) trials is used" }
    if let most = budget.wall, elapsed >= most { return "the budget of time is used" }
    if let most = budget.work, taskSeconds >= most / .seconds(1) { return "the budget of task time is used" }
    guard let most = budget.failures else { return nil }
    return failures > most ? "\(failures) trials failed, \(most) are allowed" : nil
  }

  // MARK: Stages

  private func stageChange(_ now: Int64) -> (stage: Int, event: StageEvent)? {
    for (place, stage) in definition.experiment.stages.enumerated() {
      switch stages[place].status {
      case .pending:
        guard stage.after.allSatisfy({ stages[$0].isOver }) else { continue }
        guard place != definition.approval || isReadyForApproval else { continue }
        if let condition = definition.conditions[place], !holds(condition) {
          return (place, .skipped("its condition does not hold"))
        }
        return (place, .began(evidence: place == definition.approval ? approvalEvidence : evidence(stage)))
      case .running:
        if let event = end(of: place, stage, now) { return (place, event) }
      default: continue
      }
    }
    return nil
  }

  private var isReadyForApproval: Bool {
    guard let judged, judged.isAccepted, let trial = judged.trial else { return false }
    return unconfirmed(trial) == nil && shortfall(of: trial) == nil
  }

  private func end(of place: Int, _ stage: Experiment.Stage, _ now: Int64) -> StageEvent? {
    switch stage.kind {
    case .gate(let gate):
      if let answer = stages[place].answer { return .ended(answer) }
      guard let timeout = gate.timeout, let fallback = gate.fallback else { return nil }
      let waited = Duration.nanoseconds(now - stages[place].beganAt)
      return waited >= timeout ? .ended("\(fallback): nobody answered in time") : nil
    case .search(let search):
      guard stages[place].running == 0, let limit = limit(of: search), taken(place, search) >= limit else {
        return nil
      }
      guard let again = search.again, stages[place].round < again.most,
        again.condition.map({ (try? Formula(closed: $0)).map(holds) ?? false }) ?? true
      else { return .ended("\(limit) trials") }
      return .again
    }
  }

  /// The most trials of a round.
  private func limit(of search: Experiment.Search) -> Int? {
    if let trials = search.trials { return trials }
    guard let source = search.strategy.source else { return nil }
    return source.count * seeds(search.strategy).count
  }

  private func gateStop() -> Closing? {
    for (place, stage) in definition.experiment.stages.enumerated() where place != definition.approval {
      guard case .gate = stage.kind, case .ended(let answer) = stages[place].status else { continue }
      let word = answer.prefix { $0 != ":" }
      if word == "stop" || word == "reject" { return Closing(.stopped, "gate `\(stage.name)`: \(answer)") }
    }
    return nil
  }

  private func holds(_ condition: Formula) -> Bool {
    let best = ranked().first.flatMap { trials[$0].ended?.metrics }
    let context = definition.context(best ?? definition.experiment.metrics.map { _ in nil }, counts)
    return (try? condition.truth(in: context)) ?? false
  }

  /// What the person at the gate sees: it is kept with the decision.
  private func evidence(_ stage: Experiment.Stage) -> String {
    guard case .gate = stage.kind else { return "" }
    let lines = ranked().prefix(10).map { place -> String in
      let trial = trials[place]
      let metrics = zip(definition.experiment.metrics, trial.ended?.metrics ?? []).map { metric, value in
        "\(metric.name)=\(value.map { "\($0)" } ?? "missing")"
      }
      return "trial \(trial.number): \(metrics.joined(separator: ", "))"
    }
    return lines.joined(separator: "\n")
  }

  // MARK: Proposals

  mutating func proposal(_ stage: Int, _ search: Experiment.Search, width: Int) -> Move? {
    if let limit = limit(of: search), taken(stage, search) >= limit { return nil }
    let number = (trials.last?.number ?? 0) + 1
    let round = stages[stage].round
    func proposed(
      _ point: Point, memo: [Double] = [], seed: Int64? = nil, _ source: Proposed.Source, _ reason: String
    ) -> Move {
      .record(
        .proposed(
          Proposed(
            trial: number, stage: stage, round: round, point: point, memo: memo, seed: seed, source: source,
            reason: reason)))
    }
    if let next = repeats.first {
      return proposed(
        next.point, seed: next.seed, .repeated, "trial \(next.trial) again with seed \(next.seed), asked for")
    }
    if let point = queue.first { return proposed(point, .person, "asked for by a person") }
    if isTakenOver { return nil }
    if let source = search.strategy.source {
      guard let (point, seed, of) = repetition(stage, source, search.strategy) else { return nil }
      return proposed(point, seed: seed, .repeated, "trial \(of) again with seed \(seed)")
    }
    // In strict order a proposal knows what is `width` trials old, and waits for that.
    let horizon = definition.experiment.isStrict ? trials.count - width + 1 : nil
    if let horizon, hasRunning(before: horizon) { return .wait }
    var question = Question(
      space, seed: definition.experiment.seed, trial: number, history(for: stage, search, horizon: horizon),
      objectives: definition.objectives.count)
    question.prior = expertPrior(search, trial: number)
    if let proven = proven(question, search) { return proposed(proven.point, memo: proven.memo, .past, proven.reason) }
    if search.strategy.task != nil { return ask(question, stage, search) }
    let strategy = informed(
      NativeStrategies.strategy(search.strategy, trials: search.trials ?? budget.trials ?? 100), search)
    switch strategy.ask(question) {
    case .propose(let proposal):
      return proposed(
        proposal.point, memo: proposal.memo, .of(proposal), proposal.reason + (question.prior?.words ?? ""))
    case .wait: return nil
    case .exhausted:
      return stages[stage].running > 0 ? nil : .record(.stage(stage, .ended("every allowed configuration was tried")))
    }
  }

  /// What runs is among the last ones: looked for from the end.
  private func hasRunning(before horizon: Int) -> Bool {
    var running = stages.reduce(0) { $0 + $1.running }
    for place in trials.indices.reversed() where running > 0 && trials[place].ended == nil {
      if place < horizon { return true }
      running -= 1
    }
    return false
  }

  private func seeds(_ call: Experiment.Call) -> [Int64] {
    guard case .list(let items)? = call.option("seeds") else { return [1, 2, 3] }
    return items.compactMap { if case .int(let seed) = $0 { seed } else { nil } }
  }

  /// Trials of this round that count against the stage's number: what people ask for takes no place of a repetition.
  private func taken(_ stage: Int, _ search: Experiment.Search) -> Int {
    stages[stage].proposed - (search.strategy.source == nil ? 0 : stages[stage].asked)
  }

  /// The next of the best trials of a stage with the next of the seeds; seeds change fastest.
  private func repetition(
    _ stage: Int, _ source: Experiment.Source, _ call: Experiment.Call
  ) -> (point: Point, seed: Int64, of: Int)? {
    let seeds = seeds(call)
    let place = stages[stage].proposed - stages[stage].asked
    let best = ranked(stage: source.stage)
    guard !seeds.isEmpty, place / seeds.count < min(source.count, best.count) else { return nil }
    let trial = trials[best[place / seeds.count]]
    return (trial.proposed.point, seeds[place % seeds.count], trial.number)
  }
}

extension StageState {
  var isOver: Bool {
    switch status {
    case .ended, .skipped: true
    case .pending, .running: false
    }
  }
}
