internal import Spaces
package import Strategies
internal import Workflows

/// A record gone through again: every proposal, and every judgement by which a trial was stopped or not, is asked for once more
/// and compared with what is on record.
package struct StudyReplay: Sendable {
  package struct Difference: Sendable {
    /// The number of the entry, from 1.
    package let entry: Int
    package let recorded: Proposed
    /// Nil: nothing would be proposed there now.
    package let now: Proposed?
  }

  /// A trial that would be stopped somewhere else now.
  package struct Misjudgement: Sendable {
    package let entry: Int
    package let trial: Int
    /// The step and why; nil: it went on to its end.
    package let recorded: (step: Int, reason: String)?
    package let now: (step: Int, reason: String)?
  }

  /// What a plugin says when it is asked again.
  package enum Said<A: Sendable>: Sendable {
    case answer(A)
    /// It cannot be asked as it was, for a person.
    case nothing(String)
  }

  /// Who asks plugins.
  package struct Asker<E: Error> {
    package let propose: (Asking) throws(E) -> Said<Answer>
    /// The reason to stop; nil: it goes on.
    package let judge: (Judging) throws(E) -> Said<String?>

    package init(
      propose: @escaping (Asking) throws(E) -> Said<Answer>, judge: @escaping (Judging) throws(E) -> Said<String?>
    ) {
      self.propose = propose
      self.judge = judge
    }
  }

  package private(set) var study: Study
  /// Proposals that were asked for again.
  package private(set) var asked = 0
  /// Trials that were judged again.
  package private(set) var judged = 0
  /// Proposals and trials that were not, by why.
  package private(set) var unasked: [(why: String, count: Int)] = []
  package private(set) var differences: [Difference] = []
  package private(set) var misjudgements: [Misjudgement] = []
  private let width: Int

  package init<E: Error>(_ entries: [Entry], of fresh: Study, _ asker: Asker<E>) throws(E) {
    study = fresh
    width = Self.width(of: entries, fresh)
    for (place, entry) in entries.enumerated() {
      switch entry.fact {
      case .proposed(let recorded) where entry.actor.kind == .engine: try propose(recorded, place + 1, asker)
      case .ended(let recorded) where entry.actor.kind == .engine: try judge(recorded, place + 1, asker)
      default: break
      }
      study.apply(entry)
    }
  }

  private mutating func leaveOut(_ why: String) {
    if let place = unasked.firstIndex(where: { $0.why == why }) {
      unasked[place].count += 1
    } else {
      unasked.append((why, 1))
    }
  }

  // MARK: Proposals

  private mutating func propose<E: Error>(_ recorded: Proposed, _ entry: Int, _ asker: Asker<E>) throws(E) {
    var study = study
    var now: Proposed?
    if study.definition.experiment.stages.indices.contains(recorded.stage),
      case .search(let search) = study.definition.experiment.stages[recorded.stage].kind
    {
      var move = study.proposal(recorded.stage, search, width: study.budget.parallel ?? width)
      if case .ask(let asking)? = move {
        switch try asker.propose(asking) {
        case .nothing(let why): return leaveOut(why)
        case .answer(let answer): move = study.asked(asking, answer).map { .record($0) }
        }
      }
      if case .record(.proposed(let proposed))? = move { now = proposed }
    }
    asked += 1
    if now != recorded { differences.append(Difference(entry: entry, recorded: recorded, now: now)) }
  }

  // MARK: Judgements

  private static let arrival =
    "trials were judged by what had ended by then; with `order strict` that can be asked for again"

  private mutating func judge<E: Error>(_ recorded: Ended, _ entry: Int, _ asker: Asker<E>) throws(E) {
    let experiment = study.definition.experiment
    guard let place = study.place(of: recorded.trial), study.definition.prunes(study.trials[place].proposed.stage),
      recorded.outcome == .finished || recorded.outcome == .pruned, !recorded.curve.isEmpty
    else { return }
    guard experiment.isStrict else { return leaveOut(Self.arrival) }
    let objective = study.definition.objectives.first.map { experiment.metrics[$0] }
    // After the last item nothing is judged.
    let hasItems = objective?.items != nil && recorded.outcome == .finished
    var now: (step: Int, reason: String)?
    for step in stride(from: 1, through: recorded.curve.count - (hasItems ? 1 : 0), by: 1) {
      let curve = Array(recorded.curve.prefix(step))
      var reason = study.reasonToStop(recorded.trial, curve: curve, parallel: width)
      if let judging = study.judging(recorded.trial, curve: curve, parallel: width) {
        switch try asker.judge(judging) {
        case .nothing(let why): return leaveOut(why)
        case .answer(let said): reason = said
        }
      }
      if let reason {
        now = (step, reason)
        break
      }
    }
    judged += 1
    let before = recorded.outcome == .pruned ? (step: recorded.curve.count, reason: recorded.message) : nil
    guard now?.step != before?.step || now?.reason != before?.reason else { return }
    misjudgements.append(Misjudgement(entry: entry, trial: recorded.trial, recorded: before, now: now))
  }

  /// How many trials could run at a time, as far as the record shows it: the most that did.
  static func width(of entries: [Entry], _ fresh: Study) -> Int {
    if let width = fresh.budget.parallel { return width }
    var (running, most) = (Set<Int>(), 1)
    for entry in entries {
      switch entry.fact {
      case .proposed(let proposed): running.insert(proposed.trial)
      case .ended(let ended): running.remove(ended.trial)
      default: break
      }
      most = max(most, running.count)
    }
    return most
  }
}

extension StudyReplay {
  /// Without plugins.
  package init(_ entries: [Entry], of fresh: Study) {
    let asker = Asker<Never>(
      propose: { _ throws(Never) in .nothing("plugins were not asked") },
      judge: { _ throws(Never) in .nothing("plugins were not asked") })
    self.init(entries, of: fresh, asker)
  }
}
