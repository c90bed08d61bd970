internal import Diagnostics
internal import Plans
internal import Spaces
internal import Strategies
internal import Values
internal import Workflows

/// What came of `accept` when all stages had ended.
package struct Judged: Sendable, Equatable {
  /// The winner; nil: there is none.
  package var trial: Int?
  package var isAccepted: Bool
  /// Of the winner; means, where it was repeated.
  package var metrics: [Double?]
  package var repetitions: Int
  /// What was compared with what.
  package var reason: String
  /// What else somebody who approves has to see: the winner beside the champion.
  package var evidence: String

  package init(
    trial: Int?, isAccepted: Bool, metrics: [Double?] = [], repetitions: Int = 0, reason: String, evidence: String = ""
  ) {
    self.trial = trial
    self.isAccepted = isAccepted
    self.metrics = metrics
    self.repetitions = repetitions
    self.reason = reason
    self.evidence = evidence
  }
}

/// An output of the winner has its name.
package struct Promoted: Sendable, Equatable {
  /// Among the promotions of the experiment.
  package var place: Int
  package var trial: Int
  package var name: String
  /// 0 until the engine has done it.
  package var version: Int
  /// The champion before.
  package var replaces: Int?

  package init(place: Int, trial: Int, name: String, version: Int = 0, replaces: Int? = nil) {
    self.place = place
    self.trial = trial
    self.name = name
    self.version = version
    self.replaces = replaces
  }
}

/// The trial that all stages together have found.
package struct Winner: Sendable {
  /// Among the trials.
  package let place: Int
  package let metrics: [Double?]
  /// Of which `metrics` are the means; 0: they are the trial's own.
  package let repetitions: Int
}

extension Study {
  /// The best trial that keeps to the limits; where some were repeated with other seeds, the best of those by their means:
  /// a trial that was chosen for its result owes some of that to luck, its repetitions do not.
  package func winner() -> Winner? {
    let candidates = candidates()
    // Of several objectives none is the best: the first of the front that will do.
    if definition.objectives.count > 1, let found = candidates.first(where: { isAcceptable($0.metrics) }) {
      return found
    }
    return candidates.first
  }

  private func candidates() -> [Winner] {
    var repeated: [Point: [[Double?]]] = [:]
    for trial in trials where trial.proposed.source == .repeated && !trial.isExcluded {
      guard let ended = trial.ended, ended.outcome == .finished else { continue }
      repeated[trial.proposed.point, default: []].append(ended.metrics)
    }
    let ranked = ranked()
    // A person who repeats one trial to see how it scatters does not rule out the others.
    guard trials.contains(where: { isOfRepeatStage($0) && repeated[$0.proposed.point] != nil }) else {
      return ranked.map { Winner(place: $0, metrics: trials[$0].ended?.metrics ?? [], repetitions: 0) }
    }
    var found: [Winner] = []
    var told: [Trial] = []
    for place in ranked {
      guard let rows = repeated[trials[place].proposed.point] else { continue }
      let means = definition.experiment.metrics.indices.map { metric -> Double? in
        let values = rows.compactMap { $0.indices.contains(metric) ? $0[metric] : nil }
        return values.count == rows.count ? values.reduce(0, +) / Double(values.count) : nil
      }
      guard let values = definition.minimised(means) else { continue }
      found.append(Winner(place: place, metrics: means, repetitions: rows.count))
      told.append(
        Trial(
          trials[place].number, trials[place].proposed.point, .finished, values: values,
          violation: definition.violation(means)))
    }
    if definition.objectives.count > 1 { return Pareto.fronts(told).flatMap { $0 }.map { found[$0] } }
    return History(told).ranking.map { found[$0] }
  }

  /// Repeated by a stage, rather than because a person asked for it.
  package func isOfRepeatStage(_ trial: StudyTrial) -> Bool {
    guard trial.proposed.source == .repeated,
      case .search(let search) = definition.experiment.stages[trial.proposed.stage].kind
    else { return false }
    return search.strategy.source != nil
  }

  private func isAcceptable(_ metrics: [Double?]) -> Bool {
    guard definition.violation(metrics) == 0 else { return false }
    guard let acceptance = definition.acceptance else { return true }
    return (try? acceptance.truth(in: definition.context(metrics, counts))) ?? false
  }

  /// Trials that have finished, and that have failed.
  var counts: [Int] {
    [trials.count { $0.ended?.outcome == .finished }, trials.count { $0.ended?.outcome == .failed }]
  }

  /// It is over, and its winner was not good enough, or somebody rejected it.
  package var isRefused: Bool {
    guard let closing, closing.status == .finished, judged != nil else { return false }
    return closing.reason.hasPrefix(Self.refusal)
  }

  private static let refusal = "not accepted: "

  // MARK: The end

  /// What is left to do when all stages have ended: the winner is judged, confirmed on what was held out, somebody approves,
  /// its outputs get their names.
  func conclusion() -> Move {
    func close(_ reason: String) -> Move { .record(.closed(Closing(.finished, reason))) }
    guard let acceptance = definition.experiment.acceptance else {
      if let trial = unconfirmed(winner().map { trials[$0.place].number }) { return .confirm(trial) }
      return close("all stages ended")
    }
    guard let judged else { return .record(.judged(judgement())) }
    guard judged.isAccepted, let trial = judged.trial else { return close(Self.refusal + judged.reason) }
    if unconfirmed(trial) != nil { return .confirm(trial) }
    if let shortfall = shortfall(of: trial) { return close(Self.refusal + shortfall) }
    if let approval = definition.approval {
      guard case .ended(let answer) = stages[approval].status else { return .wait }
      guard answer.hasPrefix(Experiment.approve) else { return close(Self.refusal + (rejection ?? answer)) }
    }
    for (place, promotion) in acceptance.promotions.enumerated() where !promoted.contains(where: { $0.place == place })
    {
      return .record(.promoted(Promoted(place: place, trial: trial, name: promotion.name)))
    }
    let names = promoted.map { "\($0.name)@v\($0.version)" }.joined(separator: ", ")
    return close("accepted: trial \(trial)\(names.isEmpty ? "" : " is \(names)")")
  }

  /// Who approved or rejected, and why.
  package var approval: (actor: Actor, reason: String, answer: String)? {
    guard let approval = definition.approval, let answer = stages[approval].answer else { return nil }
    for (_, actor, decision) in decisions.reversed() {
      if case .answer(approval, answer) = decision.operation { return (actor, decision.reason, answer) }
    }
    return nil
  }

  private var rejection: String? {
    approval.map { "rejected by \($0.actor.name)" + ($0.reason.isEmpty ? "" : ": \($0.reason)") }
  }

  private func judgement() -> Judged {
    guard let winner = winner() else {
      return Judged(trial: nil, isAccepted: false, reason: "no trial has finished")
    }
    let trial = trials[winner.place]
    let comparisons = comparisons(winner.metrics)
    let broken = comparisons.filter { !$0.holds }
    let metrics = zip(definition.experiment.metrics, winner.metrics).map { metric, value in
      "\(metric.name)=\(value.map { "\($0)" } ?? "missing")"
    }
    let settings = space.configuration(at: trial.proposed.point).map { "\($0.name)=\($0.value)" }
    var lines = ["trial \(trial.number): \(metrics.joined(separator: ", "))"]
    if winner.repetitions > 0 { lines[0] += " (means of \(winner.repetitions) repetitions)" }
    lines.append("configuration: \(settings.joined(separator: " "))")
    if !comparisons.isEmpty { lines.append("accepted because \(comparisons.map(\.words).joined(separator: ", "))") }
    return Judged(
      trial: trial.number, isAccepted: broken.isEmpty, metrics: winner.metrics, repetitions: winner.repetitions,
      reason: (broken.isEmpty ? comparisons : broken).map(\.words).joined(separator: ", "),
      evidence: broken.isEmpty ? lines.joined(separator: "\n") : "")
  }

  typealias Comparison = (holds: Bool, words: String)

  /// What has to hold of a winner.
  func comparisons(_ metrics: [Double?]) -> [Comparison] { limits(metrics) + conditions(metrics) }

  private func limits(_ metrics: [Double?]) -> [Comparison] {
    zip(definition.experiment.metrics, metrics).compactMap { metric, value in
      guard let limit = metric.limit else { return nil }
      guard let value else { return (false, "\(metric.name) is missing") }
      let holds = metric.isMaximized ? value >= limit : value <= limit
      let sign = metric.isMaximized == holds ? (holds ? ">=" : ">") : (holds ? "<=" : "<")
      return (holds, "\(metric.name) \(value) \(sign) its limit \(limit)")
    }
  }

  /// The parts that `and` joins, each with the numbers that it compares.
  private func conditions(_ metrics: [Double?]) -> [Comparison] {
    guard let whole = definition.experiment.acceptance?.condition else { return [] }
    let context = definition.context(metrics, counts)
    func value(_ expression: Expression) -> Value? { try? Formula(closed: expression).evaluate(in: context) }
    func words(_ expression: Expression) -> String {
      let text = definition.experiment.file.text(expression.span)
      if case .literal = expression.kind { return text }
      return "\(text) \(value(expression).map { $0 == .null ? "(missing)" : "\($0)" } ?? "(missing)")"
    }
    func parts(_ expression: Expression) -> [Comparison] {
      if case .binary(.and, let left, let right) = expression.kind { return parts(left) + parts(right) }
      let holds = value(expression) == .bool(true)
      guard case .binary(let symbol, let left, let right) = expression.kind, let opposite = symbol.opposite else {
        return [(holds, "`\(definition.experiment.file.text(expression.span))` \(holds ? "holds" : "does not hold")")]
      }
      return [(holds, "\(words(left)) \(holds ? symbol.rawValue : opposite) \(words(right))")]
    }
    return parts(whole)
  }
}

extension BinaryOperator {
  /// The comparison that holds where this one does not.
  fileprivate var opposite: String? {
    switch self {
    case .less: ">="
    case .greater: "<="
    case .lessOrEqual: ">"
    case .greaterOrEqual: "<"
    case .equal: "!="
    case .notEqual: "=="
    default: nil
    }
  }
}
