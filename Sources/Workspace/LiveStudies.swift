package import Events
package import Experiments
internal import Foundation
internal import Synchronization
internal import Traces

/// Experiments as they are now, for who looks again and again: the documents are checked once, and each look reads only the
/// entries that came since the last one. Any thread.
package final class LiveStudies: Sendable {
  private let workspace: Workspace
  private let known = Mutex<[Int: Study]>([:])

  package init(_ workspace: Workspace) { self.workspace = workspace }

  package func study(of record: ExperimentRecord) throws(WorkspaceError) -> Study {
    guard var study = known.withLock({ $0[record.number] }) else {
      let study = try workspace.study(of: record)
      known.withLock { $0[record.number] = study }
      return study
    }
    let news = try workspace.log(of: record.number, from: study.count)
    guard !news.isEmpty else { return study }
    for entry in news { study.apply(entry) }
    known.withLock { known in
      // Somebody else may have looked later and finished first.
      if known[record.number].map({ $0.count < study.count }) ?? true { known[record.number] = study }
    }
    return study
  }
}

extension Workspace {
  /// The directory of the store, made if need be; the store itself is not opened.
  package func makeStoreDirectory() throws(WorkspaceError) -> String {
    do {
      try FileManager.default.createDirectory(atPath: layout.store, withIntermediateDirectories: true)
    } catch {
      throw WorkspaceError(.store, "cannot create \(layout.store): \(error.localizedDescription)")
    }
    return layout.store
  }

  /// The entries of an experiment's log from place `first` on, counted from 0.
  package func log(of experiment: Int, from first: Int = 0) throws(WorkspaceError) -> [Entry] {
    try entries(of: experiment, from: first, in: experimentLedger())
  }

  /// What changed the situation since somebody had seen `basis` entries; nil: nothing.
  package func change(since basis: Int, of experiment: Int) throws(WorkspaceError) -> DecisionResult? {
    let news = try log(of: experiment, from: basis)
    return news.firstIndex(where: \.changesTheSituation).map {
      .stale(entry: basis + $0 + 1, count: basis + news.count)
    }
  }

  /// Puts a decision on record in somebody's name. An engine that runs the experiment learns of it within a moment.
  ///
  /// - Parameter basis: how many entries whoever decided had seen. If anybody decided something since then, or a stage or the
  ///   experiment came to its end, nothing is recorded: the decision was taken about another situation. Trials that began and
  ///   ended meanwhile do not matter.
  package func decide(
    _ operation: Decision.Operation, _ reason: String, by actor: Actor, about experiment: Int, basis: Int
  ) throws(WorkspaceError) -> DecisionResult {
    let ledger = experimentLedger()
    var count = basis
    while true {
      let news = try entries(of: experiment, from: count, in: ledger)
      if let change = news.firstIndex(where: \.changesTheSituation) {
        return .stale(entry: count + change + 1, count: count + news.count)
      }
      count += news.count
      let entry = Entry(at: Self.now(), actor: actor, .decided(Decision(operation, reason: reason, basis: basis)))
      do throws(TraceError) {
        if try ledger.append([entry.row], to: experiment, basis: count, isSafe: true) {
          return .recorded(entry: count + 1)
        }
      } catch {
        throw WorkspaceError(error)
      }
    }
  }
}

/// Places in the log are counted from 1.
package enum DecisionResult: Sendable, Equatable {
  case recorded(entry: Int)
  /// The first entry that changed the situation, and how many there are now.
  case stale(entry: Int, count: Int)
}

extension Entry {
  /// Whether what somebody decided before it may not be meant any more.
  fileprivate var changesTheSituation: Bool {
    switch fact {
    case .decided(let decision):
      if case .note = decision.operation { false } else { true }
    case .stage, .closed: true
    case .proposed, .ended: false
    }
  }
}

extension StudyEvent {
  package init(_ entry: Entry) {
    switch entry.fact {
    case .proposed(let proposed): self = .proposed(proposed)
    case .ended(let ended): self = .ended(ended)
    case .stage(let stage, let event): self = .stage(stage, event)
    case .decided(let decision): self = .decided(decision, entry.actor)
    case .closed(let closing): self = .closed(closing)
    }
  }
}
