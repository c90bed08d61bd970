internal import Spaces
internal import Workflows

/// An experiment gone through again without one of its decisions: as recorded until then, and from there on as strategies would
/// have gone on, with the other decisions at the same number of ended trials. Trials end in the order in which they began.
///
/// What a configuration gave is taken from the record where it was tried; `next` asks for the rest.
package struct Counterfactual: Sendable {
  package enum Step: Sendable, Equatable {
    /// Its result is not on record: `end` gives it.
    case run(Proposed)
    case over
  }

  package private(set) var study: Study
  private var running: [Proposed] = []
  private var pending: [(ended: Int, entry: Entry)] = []
  private var known: [String: Ended] = [:]
  private var ended = 0
  private var now: Int64 = 0
  private let width: Int
  /// Trials from the decision on whose results are from the record.
  package private(set) var recalled = 0

  /// - Parameter omitted: the number of the entry, from 1; entries that take it back are left out too.
  package init(_ entries: [Entry], of fresh: Study, without omitted: Int) {
    study = fresh
    width = StudyReplay.width(of: entries, fresh)
    var whole = fresh
    var count = 0
    for (place, entry) in entries.enumerated() {
      whole.apply(entry)
      if case .ended(let ended) = entry.fact {
        count += 1
        if let trial = whole.trials.last(where: { $0.number == ended.trial }) {
          known[Self.key(trial.proposed, whole)] = ended
        }
      }
      if place + 1 < omitted { add(entry) }
      if place + 1 > omitted, case .decided(let decision) = entry.fact, decision.undoes != omitted {
        pending.append((count, entry))
      }
    }
  }

  /// Configurations by their values: coordinates may have moved.
  private static func key(_ proposed: Proposed, _ study: Study) -> String {
    study.words(at: proposed.point) + " seed \(proposed.seed.map { "\($0)" } ?? "")"
  }

  private mutating func add(_ entry: Entry) {
    now = max(now, entry.at)
    study.apply(entry)
    switch entry.fact {
    case .proposed(let proposed): running.append(proposed)
    case .ended(let end):
      running.removeAll { $0.trial == end.trial }
      ended += 1
    default: break
    }
  }

  package mutating func end(_ ended: Ended) { add(Entry(at: now, actor: .engine, .ended(ended))) }

  /// Goes on as far as results are known.
  package mutating func next() -> Step {
    // More steps than this only a study that never ends needs.
    for _ in 0..<10_000_000 {
      applyDue(force: false)
      switch study.next(parallel: width, elapsed: .zero, now: now) {
      case .over: return .over
      case .record(let fact): add(Entry(at: now, actor: .engine, fact))
      case .wait:
        guard let first = running.first else {
          // Nothing happens any more but what people decided later.
          guard applyDue(force: true) else { return .over }
          continue
        }
        guard var ended = known[Self.key(first, study)] else { return .run(first) }
        ended.trial = first.trial
        recalled += 1
        end(ended)
      }
    }
    return .over
  }

  /// Decisions whose time has come; the next one whatever the time, if it is forced.
  @discardableResult
  private mutating func applyDue(force: Bool) -> Bool {
    var hasApplied = false
    while let next = pending.first, next.ended <= ended || force && !hasApplied {
      pending.removeFirst()
      hasApplied = true
      add(next.entry)
    }
    return hasApplied
  }
}

/// What an experiment came to, for a comparison.
package struct Yield: Sendable, Equatable {
  /// Of the first objective; nil: nothing finished.
  package let best: Double?
  package let bestTrial: Int?
  /// Trials until the best had ended, and in all.
  package let trialsToBest: Int
  package let trials: Int
  package let failures: Int
  package let taskSeconds: Double

  package init(_ study: Study) {
    let place = study.ranked().first
    bestTrial = place.map { study.trials[$0].number }
    best = place.flatMap { place in
      study.definition.objectives.first.flatMap { study.trials[place].ended?.metrics[$0] }
    }
    trialsToBest = place.map { $0 + 1 } ?? 0
    trials = study.trials.count
    failures = study.trials.count { $0.ended?.outcome == .failed }
    taskSeconds = study.taskSeconds
  }
}
