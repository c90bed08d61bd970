package import Events
package import Tasks
package import Values

/// A run, as in a list.
package struct RunSummary: Sendable, Equatable {
  package var run: RunNumber
  package var uid: String
  package var workflow: String
  package var file: String
  package var status: RunStatus
  package var startedAt: Int64
  package var finishedAt: Int64?
  /// One line for a person, empty on success.
  package var message: String
  package var seed: UInt64
  package var engine: String
  package var host: String
  package var user: String
  package var reason: String
  package var resumes: RunNumber?
  /// The run that this one repeats.
  package var reproduces: RunNumber?
}

/// A value of a run by name, in stored form.
package struct NamedValue: Sendable, Equatable {
  package var name: String
  package var stored: [UInt8]
  /// Where the file or directory of an input came from; empty for anything else.
  package var origin = ""
}

package struct RunDetail: Sendable {
  package var summary: RunSummary
  package var inputs: [NamedValue]
  package var outputs: [NamedValue]
  package var variants: [(step: String, variant: String)]
  /// The named artifacts that the documents refer to, with the version that each was.
  package var artifacts: [(reference: String, version: String, stored: [UInt8])] = []
  package var steps: [StepSummary]
}

package struct StepSummary: Sendable {
  package var step: StepRecord
  package var counts: StepCounts
  /// Time of all its attempts together.
  package var wallNanoseconds: Int64
  package var cpuNanoseconds: Int64
}

/// One try of a node, as recorded.
package struct AttemptRecord: Sendable {
  /// Its place in the trace.
  package var sequence: Int64
  package var node: NodeReference
  package var attempt: Int
  package var startedAt: Int64
  package var usage: Usage
  package var key: Digest?
  package var components: [(name: String, digest: Digest)]
  package var reusable: Bool
  package var result: Result<StoredOutputs, Failure>
}

/// A node that has its outputs.
package struct CompletedNode: Sendable {
  package var node: NodeReference
  package var key: Digest?
  /// The run in which it really ran.
  package var source: RunNumber
  package var at: Int64
  package var outputs: StoredOutputs
}

package struct SkippedNode: Sendable {
  package var node: NodeReference
  package var why: NodeSkipped.Why
  package var at: Int64
}

package struct ReusedNode: Sendable {
  package var node: NodeReference
  package var key: Digest
  package var source: RunNumber
  package var at: Int64

  package init(node: NodeReference, key: Digest, source: RunNumber, at: Int64) {
    self.node = node
    self.key = key
    self.source = source
    self.at = at
  }
}

package struct LogRecord: Sendable {
  /// For following: ask for what comes after it.
  package var sequence: Int64
  package var line: LogLine
}

package struct MetricRecord: Sendable {
  package var sequence: Int64
  package var point: MetricPoint
}
