internal import Spaces
package import Strategies
internal import Workflows

/// An experiment gone through again without one of its decisions: as recorded until then, and from there on as strategies would
/// have gone on, with the other decisions at the same number of ended trials. Trials end in the order in which they began.
///
/// What a configuration gave is taken from the record where it was tried; `next` asks for the rest.
package struct Counterfactual: Sendable {
  package enum Step: Sendable, Equatable {
    /// Its result is not on record: `end` gives it.
    case run(Proposed)
    /// A strategy of a plugin has to be asked: `answer`.
    case ask(Asking)
    case over
  }

  package private(set) var study: Study
  private var running: [Proposed] = []
  /// What people did later: after how many ended trials, and the study as they saw it.
  private var pending: [(ended: Int, entry: Entry, seen: Study)] = []
  /// Trials that people made elsewhere, by the numbers that they have here.
  private var told: [Int: Int] = [:]
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
      if place + 1 > omitted, entry.actor.kind != .engine, entry.fact.undoes != omitted {
        pending.append((count, entry, whole))
      }
      whole.apply(entry)
      if case .ended(let ended) = entry.fact {
        count += 1
        if let trial = whole.trials.last(where: { $0.number == ended.trial }) {
          known[Self.key(trial.proposed, whole)] = ended
        }
      }
      if place + 1 < omitted { add(entry) }
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

  /// What a strategy of a plugin said; `wait`: nothing, as long as nothing else happens.
  package mutating func answer(_ asking: Asking, _ answer: Answer) {
    if let fact = study.asked(asking, answer) { add(Entry(at: now, actor: .engine, fact)) }
  }

  /// Goes on as far as results are known.
  package mutating func next() -> Step {
    // More steps than this only a study that never ends needs.
    for _ in 0..<10_000_000 {
      applyDue(force: false)
      switch study.next(parallel: width, elapsed: .zero, now: now) {
      case .over: return .over
      case .record(let fact): add(Entry(at: now, actor: .engine, fact))
      case .ask(let asking): return .ask(asking)
      // What is held out is not for questions of what could have been.
      case .confirm: return .over
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
      if let entry = translated(next.entry, next.seen) { add(entry) }
    }
    return hasApplied
  }

  // MARK: What people meant

  /// An entry by a person, in the numbers and coordinates that hold here; nil: there is nothing here to which it could apply.
  private mutating func translated(_ entry: Entry, _ seen: Study) -> Entry? {
    var entry = entry
    switch entry.fact {
    case .decided(var decision):
      guard let operation = translated(decision.operation, seen) else { return nil }
      decision.operation = operation
      entry.fact = .decided(decision)
    case .proposed(var proposed):
      told[proposed.trial] = study.nextTrial
      proposed.trial = study.nextTrial
      proposed.point = study.moved(proposed.point, in: seen)
      entry.fact = .proposed(proposed)
    case .ended(var ended):
      guard let trial = told[ended.trial] else { return nil }
      ended.trial = trial
      entry.fact = .ended(ended)
    default: break
    }
    return entry
  }

  private func translated(_ operation: Decision.Operation, _ seen: Study) -> Decision.Operation? {
    switch operation {
    case .enqueue(let point): return .enqueue(study.moved(point, in: seen))
    case .withdraw(let point): return .withdraw(study.moved(point, in: seen))
    case .veto(let point, let isVetoed): return .veto(study.moved(point, in: seen), isVetoed)
    case .pin(let parameter, let coordinate):
      return .pin(parameter: parameter, coordinate.map { study.moved($0, of: parameter, in: seen) })
    case .exclude(let trial, let isExcluded):
      return here(trial, seen).map { .exclude(trial: $0, isExcluded) }
    case .again(let trial, let seed, let isAsked):
      return here(trial, seen).map { .again(trial: $0, seed: seed, isAsked) }
    case .prefer(let better, let worse, let isPreferred):
      guard let better = here(better, seen), let worse = here(worse, seen) else { return nil }
      return .prefer(better, over: worse, isPreferred)
    case .prior(.some(var stated)):
      stated.settings = study.moved(stated.settings, in: seen)
      return .prior(stated)
    default: return operation
    }
  }

  /// The trial that somebody meant: that of the same number may be another one here.
  private func here(_ trial: Int, _ seen: Study) -> Int? {
    guard let meant = seen.trials.first(where: { $0.number == trial }) else { return nil }
    let words = seen.words(at: meant.proposed.point)
    return study.trials.first {
      study.words(at: $0.proposed.point) == words && $0.proposed.seed == meant.proposed.seed
    }?.number
  }
}

extension Entry.Fact {
  fileprivate var undoes: Int? { if case .decided(let decision) = self { decision.undoes } else { nil } }
}
