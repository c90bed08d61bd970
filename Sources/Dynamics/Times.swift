package import Statistics

/// How long a phase took, and how long it stayed open. Seconds.
package struct PhaseTimes: Sendable, Equatable {
  package var phase: Int
  package var startedAt: Int64
  /// The first time that something of it succeeded.
  package var completedAt: Int64?
  /// The last time that something was changed in it.
  package var lastChangeAt: Int64?
  /// Of all that ran.
  package var touch: Double
  /// Runs in which something of it was changed after it had been done.
  package var changes: Int

  /// From the first start to the last end of its first completion.
  package var lead: Double? { completedAt.map { Double($0 - startedAt) / 1e9 } }
  /// How long it went on to change after it had been completed; 0: it did not.
  package var settling: Double? {
    guard let completedAt else { return nil }
    return lastChangeAt.map { max(0, Double($0 - completedAt) / 1e9) } ?? 0
  }
}

extension Period {
  /// Of the phases that something was done in, in order.
  package func times() -> [PhaseTimes] {
    var result: [Int: PhaseTimes] = [:]
    for leg in legs {
      var isChanged: Set<Int> = []
      for step in leg.executed {
        let work = step.execution
        var times =
          result[work.phase]
          ?? PhaseTimes(
            phase: work.phase, startedAt: work.startedAt, completedAt: nil, lastChangeAt: nil, touch: 0, changes: 0)
        times.startedAt = min(times.startedAt, work.startedAt)
        times.touch += work.seconds + work.retrySeconds
        if step.kind == .root {
          times.lastChangeAt = max(times.lastChangeAt ?? .min, work.finishedAt)
          if isChanged.insert(work.phase).inserted { times.changes += 1 }
        }
        if work.isSuccess, times.completedAt == nil { times.completedAt = work.finishedAt }
        result[work.phase] = times
      }
    }
    return result.values.sorted { $0.phase < $1.phase }
  }

  /// Lines in which a phase was completed and never gone back to, of those in which it was completed. Nil: in none.
  package func firstPassYield(_ phase: Int) -> Proportion? {
    var completed: Set<String> = []
    for leg in legs where leg.steps.contains(where: { $0.execution.phase == phase && $0.execution.isSuccess }) {
      completed.insert(leg.run.line)
    }
    guard !completed.isEmpty else { return nil }
    let again = Set(revisits.filter { $0.to == phase }.map { leg($0).run.line })
    return Proportion(completed.subtracting(again).count, of: completed.count)
  }

  /// Runs in which a phase was changed and something was found wrong, of those in which it was changed. Nil: in none.
  package func changeFailRate(_ phase: Int) -> Proportion? {
    let changed = legs.filter { leg in
      !leg.run.isExploration && leg.steps.contains { $0.execution.phase == phase && $0.kind == .root }
    }
    return changed.isEmpty ? nil : Proportion(changed.count { !$0.run.symptoms.isEmpty }, of: changed.count)
  }
}
