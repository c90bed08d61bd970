internal import Workflows

/// What would be proposed now.
extension Study {
  /// What strategies would propose next if nobody had paused or taken over, and nobody waited in the queue.
  package func asked(_ count: Int, now: Int64) -> [Proposed] {
    var study = self
    study.isPaused = false
    study.isTakenOver = false
    study.queue = []
    study.budget.parallel = nil
    var proposals: [Proposed] = []
    // A stage may begin or end in between; none does more than a few times.
    for _ in 0..<(count + 4 * stages.count) where proposals.count < count {
      let running = study.trials.count { $0.ended == nil }
      guard case .record(let fact) = study.next(parallel: running + 1, elapsed: .zero, now: now) else { break }
      if case .closed = fact { break }
      if case .proposed(let proposed) = fact { proposals.append(proposed) }
      study.apply(Entry(at: now, actor: .engine, fact))
    }
    return proposals
  }
}
