package import Events
package import Tasks

/// What happened in a run and when: the source of reports and of traces for other tools. Times are Unix nanoseconds.
package struct Timeline: Sendable {
  /// One try of a call.
  package struct Attempt: Sendable {
    package var node: NodeReference
    /// From 1.
    package var number: Int
    package var startedAt: Int64
    package var usage: Usage
    package var failure: Failure?
    /// False: it runs still, or was cut off.
    package var isOver: Bool
    package var endedAt: Int64 { startedAt + usage.wallNanoseconds }

    package init(
      node: NodeReference, number: Int, startedAt: Int64, usage: Usage, failure: Failure? = nil, isOver: Bool = true
    ) {
      self.node = node
      self.number = number
      self.startedAt = startedAt
      self.usage = usage
      self.failure = failure
      self.isOver = isOver
    }
  }

  package struct Reuse: Sendable {
    package var node: NodeReference
    package var source: RunNumber
    package var at: Int64
    package init(node: NodeReference, source: RunNumber, at: Int64) {
      self.node = node
      self.source = source
      self.at = at
    }
  }

  package struct Skip: Sendable {
    package var node: NodeReference
    package var why: NodeSkipped.Why
    package var at: Int64
    package init(node: NodeReference, why: NodeSkipped.Why, at: Int64) {
      self.node = node
      self.why = why
      self.at = at
    }
  }

  package var run: RunNumber
  package var workflow: String
  package var startedAt: Int64
  /// Nil while it goes on, and when its engine was killed.
  package var finishedAt: Int64?
  package var steps: [StepRecord]
  /// In the order in which they ended; those that did not, last.
  package var attempts: [Attempt]
  package var reused: [Reuse]
  package var skipped: [Skip]

  package init(
    run: RunNumber, workflow: String, startedAt: Int64, finishedAt: Int64?, steps: [StepRecord],
    attempts: [Attempt] = [], reused: [Reuse] = [], skipped: [Skip] = []
  ) {
    self.run = run
    self.workflow = workflow
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.steps = steps
    self.attempts = attempts
    self.reused = reused
    self.skipped = skipped
  }

  /// `fit[3]`.
  package func name(_ node: NodeReference) -> String { path(node) + node.item }

  package func path(_ node: NodeReference) -> String {
    steps.indices.contains(node.step) ? steps[node.step].path : "step \(node.step)"
  }

  /// The steps so that each comes after what it waits for, otherwise as they are.
  package func order() -> [Int] { topologicalOrder(steps.map { $0.needs.map(\.step) }) }
}
