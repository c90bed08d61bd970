internal import Workflows

/// A record gone through again: every proposal is asked for once more and compared with what is on record.
package struct StudyReplay: Sendable {
  package struct Difference: Sendable {
    /// The number of the entry, from 1.
    package let entry: Int
    package let recorded: Proposed
    /// Nil: nothing would be proposed there now.
    package let now: Proposed?
  }

  package private(set) var study: Study
  /// Proposals that were asked for again.
  package private(set) var asked = 0
  /// Those of strategies of plugins: that would be runs.
  package private(set) var unasked = 0
  package private(set) var differences: [Difference] = []

  package init(_ entries: [Entry], of fresh: Study) {
    study = fresh
    let width = Self.width(of: entries, fresh)
    for (place, entry) in entries.enumerated() {
      if case .proposed(let recorded) = entry.fact, entry.actor.kind == .engine {
        guard !Self.isOfPlugin(recorded, study) else {
          unasked += 1
          study.apply(entry)
          continue
        }
        asked += 1
        let now = Self.again(recorded, study, width)
        if now != recorded { differences.append(Difference(entry: place + 1, recorded: recorded, now: now)) }
      }
      study.apply(entry)
    }
  }

  private static func isOfPlugin(_ recorded: Proposed, _ study: Study) -> Bool {
    guard recorded.source == .strategy, study.definition.experiment.stages.indices.contains(recorded.stage),
      case .search(let search) = study.definition.experiment.stages[recorded.stage].kind
    else { return false }
    return search.strategy.task != nil
  }

  private static func again(_ recorded: Proposed, _ study: Study, _ width: Int) -> Proposed? {
    var study = study
    guard study.definition.experiment.stages.indices.contains(recorded.stage),
      case .search(let search) = study.definition.experiment.stages[recorded.stage].kind,
      case .record(.proposed(let now))? = study.proposal(
        recorded.stage, search, width: study.budget.parallel ?? width)
    else { return nil }
    return now
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
