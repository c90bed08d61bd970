internal import Events
internal import Tasks
internal import Timelines
internal import Traces

extension Timeline {
  /// From what is on record.
  init(
    _ detail: RunDetail, _ attempts: [AttemptRecord], _ unfinished: [AttemptStarted], _ reused: [ReusedNode],
    _ skipped: [SkippedNode]
  ) {
    let ended = attempts.map { record in
      var failure: Failure?
      if case .failure(let reason) = record.result { failure = reason }
      return Attempt(
        node: record.node, number: record.attempt, startedAt: record.startedAt, usage: record.usage, failure: failure)
    }
    let open = unfinished.map {
      Attempt(node: $0.node, number: $0.attempt, startedAt: $0.startedAt, usage: Usage(), isOver: false)
    }
    self.init(
      run: detail.summary.run, workflow: detail.summary.workflow, startedAt: detail.summary.startedAt,
      finishedAt: detail.summary.finishedAt, steps: detail.steps.map(\.step), attempts: ended + open,
      reused: reused.map { Reuse(node: $0.node, source: $0.source, at: $0.at) },
      skipped: skipped.map { Skip(node: $0.node, why: $0.why, at: $0.at) })
  }
}
