package import Tasks

/// What has become of a node so far.
package enum NodeStatus: Sendable, Equatable {
  case running
  /// In this run.
  case succeeded
  /// Its outputs were taken from an earlier run.
  case reused(from: RunNumber)
  /// The last attempt failed; another one may follow.
  case failed(Failure.Kind)
  case skipped(NodeSkipped.Why)
}

/// How many nodes of a step are where.
package struct StepCounts: Sendable, Equatable {
  package var running = 0
  package var succeeded = 0
  package var reused = 0
  package var failed = 0
  package var skipped = 0
  /// Attempts beyond the first of each node.
  package var retries = 0

  package init(
    running: Int = 0, succeeded: Int = 0, reused: Int = 0, failed: Int = 0, skipped: Int = 0, retries: Int = 0
  ) {
    self.running = running
    self.succeeded = succeeded
    self.reused = reused
    self.failed = failed
    self.skipped = skipped
    self.retries = retries
  }

  /// Nodes that are known.
  package var total: Int { running + succeeded + reused + failed + skipped }

  package mutating func add(_ status: NodeStatus, _ count: Int = 1) {
    switch status {
    case .running: running += count
    case .succeeded: succeeded += count
    case .reused: reused += count
    case .failed: failed += count
    case .skipped: skipped += count
    }
  }
}

/// The state of one run: a fold over its events. Cost: constant per event.
package struct RunState: Sendable {
  package private(set) var run: RunNumber?
  package private(set) var status: RunStatus = .running
  package private(set) var message = ""
  package private(set) var startedAt: Int64?
  package private(set) var finishedAt: Int64?
  package private(set) var steps: [StepRecord] = []
  /// By step, in plan order.
  package private(set) var counts: [StepCounts] = []
  package private(set) var nodes: [Int: NodeStatus] = [:]

  package init() {}

  /// Events of other runs than the first one seen are left out.
  package init(_ events: some Sequence<Event>) {
    for event in events { apply(event) }
  }

  package var total: StepCounts {
    counts.reduce(into: StepCounts()) { sum, step in
      sum.running += step.running
      sum.succeeded += step.succeeded
      sum.reused += step.reused
      sum.failed += step.failed
      sum.skipped += step.skipped
      sum.retries += step.retries
    }
  }

  package mutating func apply(_ event: Event) {
    guard run == nil || event.run == run else { return }
    run = event.run
    switch event {
    case .runStarted(let start):
      startedAt = start.startedAt
      steps = start.plan.steps
      grow(to: steps.count)
    case .runFinished(let end):
      status = end.status
      message = end.message
      finishedAt = end.finishedAt
    case .attemptStarted(let attempt): set(attempt.node, .running)
    case .attemptsFinished(let attempts):
      for attempt in attempts {
        switch attempt.result {
        case .success: set(attempt.node, .succeeded)
        case .failure(let failure): set(attempt.node, .failed(failure.kind))
        }
        if attempt.attempt > 1 { counts[attempt.node.step].retries += 1 }
      }
    case .nodeReused(let reuse): set(reuse.node, .reused(from: reuse.run))
    case .nodeSkipped(let skip): set(skip.node, .skipped(skip.why))
    case .log, .metric, .checkpoint, .inputChanged: break
    }
  }

  private mutating func set(_ node: NodeReference, _ status: NodeStatus) {
    grow(to: node.step + 1)
    if let before = nodes.updateValue(status, forKey: node.node) { counts[node.step].add(before, -1) }
    counts[node.step].add(status)
  }

  private mutating func grow(to count: Int) {
    while counts.count < count { counts.append(StepCounts()) }
  }
}

extension Event {
  /// How many places it takes in the trace: one for each attempt.
  package var places: Int { if case .attemptsFinished(let attempts) = self { attempts.count } else { 1 } }

  /// The run that it belongs to.
  package var run: RunNumber {
    switch self {
    case .runStarted(let event): event.run
    case .runFinished(let event): event.run
    case .attemptStarted(let event): event.node.run
    case .attemptsFinished(let attempts): attempts.first?.node.run ?? 0
    case .nodeReused(let event): event.node.run
    case .nodeSkipped(let event): event.node.run
    case .log(let event): event.run
    case .metric(let event): event.run
    case .checkpoint(let run, _, _): run
    case .inputChanged(let change): change.node.run
    }
  }
}
