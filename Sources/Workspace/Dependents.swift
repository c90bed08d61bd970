internal import Artifacts
internal import Events
internal import Experiments
internal import Knowledge
internal import Traces

/// What else depends on a trial: whoever takes it out should know.
package struct Dependents: Sendable {
  /// Runs that took results of calls that the trial made, and how many calls.
  package var reusers: (runs: [Int64], calls: Int) = ([], 0)
  /// Repetitions of it.
  package var repetitions: [Int] = []
  /// Trials that strategies proposed when they knew it.
  package var later = 0
  /// It was judged the best of all.
  package var isWinner = false
  /// Versions of names that its run made.
  package var versions: [String] = []
  /// Experiments that learnt from it.
  package var learners: [Int] = []
  /// Experiments that have it in their log.
  package var forks: [Int] = []

  /// A line each.
  package var lines: [String] {
    var lines: [String] = []
    func list(_ numbers: [some BinaryInteger]) -> String {
      numbers.prefix(10).map { "\($0)" }.joined(separator: ", ") + (numbers.count > 10 ? ", …" : "")
    }
    if isWinner { lines.append("it was judged the winner") }
    if !versions.isEmpty { lines.append("made by its run: \(versions.joined(separator: ", "))") }
    if reusers.calls > 0 {
      lines.append("runs that reuse \(reusers.calls) of its calls: \(list(reusers.runs))")
    }
    if !repetitions.isEmpty { lines.append("trials that repeat it: \(list(repetitions))") }
    if !learners.isEmpty { lines.append("experiments that learnt from it: \(list(learners))") }
    if !forks.isEmpty { lines.append("forks that have it: \(list(forks))") }
    return lines
  }

  /// What goes on record beside the decision; nil: nothing.
  package var note: String? { lines.isEmpty ? nil : "depends on it: " + lines.joined(separator: "; ") }
}

extension Bench {
  package func dependents(of number: Int) throws(WorkspaceError) -> Dependents {
    let trial = try study.trial(number)
    var found = Dependents()
    found.repetitions = study.trials.filter {
      $0.number != number && $0.proposed.source == .repeated && $0.proposed.point == trial.proposed.point
    }.map(\.number)
    found.isWinner = study.judged?.trial == number
    let ended = entries.firstIndex { if case .ended(let ended) = $0.fact { ended.trial == number } else { false } }
    if let ended {
      found.later = entries.dropFirst(ended).count {
        if case .proposed(let proposed) = $0.fact { proposed.source == .strategy } else { false }
      }
      try workspace.add(ofTrial: number, endedAt: ended, of: record, &found)
    }
    if let run = trial.ended?.run { try workspace.add(of: run, &found) }
    for promoted in study.promoted where promoted.trial == number {
      let name = "\(promoted.name)@v\(promoted.version)"
      if !found.versions.contains(name) { found.versions.append(name) }
    }
    return found
  }
}

extension Workspace {
  fileprivate func add(
    ofTrial trial: Int, endedAt entry: Int, of record: ExperimentRecord, _ found: inout Dependents
  ) throws(WorkspaceError) {
    let ledger = experimentLedger()
    for other in try experiments(limit: .max) where other.startedAt >= record.startedAt && other.number != record.number
    {
      if let parent = other.parent, parent.number == record.number, parent.entries > entry {
        found.forks.append(other.number)
        continue
      }
      let hasLearnt = try entries(of: other.number, in: ledger).contains { entry in
        guard case .learnt(let learnt) = entry.fact else { return false }
        return learnt.origin.uid == record.uid && learnt.observations.contains { $0.trial == trial }
      }
      if hasLearnt { found.learners.append(other.number) }
    }
    found.forks.sort()
    found.learners.sort()
  }

  fileprivate func add(of run: Int64, _ found: inout Dependents) throws(WorkspaceError) {
    for record in try nameLog(nil) {
      if case .put(let version) = record.change, version.run == run {
        found.versions.append("\(version.name)@v\(version.version)")
      }
    }
    let store: Store
    // Without a trace nothing was reused.
    do throws(WorkspaceError) { store = try readableStore() } catch {
      guard error.exit == .notFound else { throw error }
      return
    }
    do throws(TraceError) { found.reusers = try store.trace.reusers(of: run) } catch { throw WorkspaceError(error) }
  }
}
