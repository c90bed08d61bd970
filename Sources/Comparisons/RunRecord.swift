package import Events
package import Tasks
package import Values

/// A run as far as it can be compared with another one: all but its calls, which may be many (`History.calls`).
package struct RunRecord: Sendable {
  package var run: RunNumber
  package var workflow: String
  package var file: String
  package var status: RunStatus
  package var startedAt: Int64
  package var finishedAt: Int64?
  package var seed: UInt64
  package var engine: String
  package var host: String
  /// Root first.
  package var documents: [(path: String, text: String)]
  package var inputs: [NamedContent]
  package var outputs: [NamedContent]
  package var variants: [(step: String, variant: String)]
  package var steps: [StepRecord]
  package var circumstances: Circumstances

  package init(
    run: RunNumber, workflow: String, file: String, status: RunStatus, startedAt: Int64, finishedAt: Int64?,
    seed: UInt64, engine: String, host: String, documents: [(path: String, text: String)], inputs: [NamedContent],
    outputs: [NamedContent], variants: [(step: String, variant: String)], steps: [StepRecord],
    circumstances: Circumstances
  ) {
    self.run = run
    self.workflow = workflow
    self.file = file
    self.status = status
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.seed = seed
    self.engine = engine
    self.host = host
    self.documents = documents
    self.inputs = inputs
    self.outputs = outputs
    self.variants = variants
    self.steps = steps
    self.circumstances = circumstances
    positions = Dictionary(steps.enumerated().map { ($0.element.path, $0.offset) }) { first, _ in first }
  }

  private let positions: [String: Int]

  package func step(_ path: String) -> Int? { positions[path] }

  package func code(_ code: Digest) -> CodeRecord? { circumstances.code.first { $0.code == code } }
}

/// A value under a name, by what it shows and what identifies it.
package struct NamedContent: Sendable, Equatable {
  package var name: String
  /// One line for a person.
  package var text: String
  /// Of the stored form: the same for the same content.
  package var identity: Digest
  /// Where a file came from, or empty.
  package var origin: String

  package init(name: String, text: String, identity: Digest, origin: String = "") {
    self.name = name
    self.text = text
    self.identity = identity
    self.origin = origin
  }
}

/// A call of a task in a run, by its last attempt.
package struct CallRecord: Sendable {
  package enum Fate: Sendable {
    case ran
    case reused(from: RunNumber)
    case failed(Failure)
    case skipped(NodeSkipped.Why)
    /// It had begun when the run ended.
    case cutOff
  }

  package var node: NodeReference
  package var fate: Fate
  package var key: Digest?
  /// Empty for a reused call: those of its origin (`History.components`).
  package var components: [(name: String, digest: Digest)]
  /// By port: of the stored form; nil: not set.
  package var outputs: [Digest?]
  package var startedAt: Int64
  package var usage: Usage
  package var attempts: Int
  /// A later call might have taken its result.
  package var isReusable: Bool

  package init(
    node: NodeReference, fate: Fate, key: Digest? = nil, components: [(name: String, digest: Digest)] = [],
    outputs: [Digest?] = [], startedAt: Int64 = 0, usage: Usage = Usage(), attempts: Int = 1, isReusable: Bool = false
  ) {
    self.node = node
    self.fate = fate
    self.key = key
    self.components = components
    self.outputs = outputs
    self.startedAt = startedAt
    self.usage = usage
    self.attempts = attempts
    self.isReusable = isReusable
  }

  package var hasOutputs: Bool {
    switch fate {
    case .ran, .reused: true
    default: false
    }
  }
}

/// What is on record: the seam between the comparisons, which are pure, and the trace.
package protocol History {
  associatedtype Trouble: Error
  /// Nil when there is none.
  func record(of run: RunNumber) throws(Trouble) -> RunRecord?
  /// The calls of one step.
  func calls(of run: RunNumber, step: Int) throws(Trouble) -> [CallRecord]
  /// The call that really ran: itself, or where a reused one's result came from (itself when that is not known).
  func origin(of call: CallRecord) throws(Trouble) -> CallRecord
  /// Earlier runs of the same workflow, newest first.
  func runs(before run: RunNumber, of workflow: String) throws(Trouble) -> [RunNumber]
}

extension History {
  /// The components of a call's key, also of a reused one; empty when they are not known.
  package func components(of call: CallRecord) throws(Trouble) -> [(name: String, digest: Digest)] {
    try origin(of: call).components
  }
}

/// What the things on record contain.
package protocol Contents: History {
  /// The outputs of a call by port; nil where it was not set or is gone.
  func outputs(of call: CallRecord) throws(Trouble) -> [Value?]
  /// The outputs of a run by name.
  func outputs(of run: RunNumber) throws(Trouble) -> [(name: String, value: Value?)]
  /// The bytes of a file that is worth a look, or nil.
  func bytes(of file: FileReference) -> [UInt8]?
}

/// `fit[3]`.
package struct CallName: Sendable, Hashable, CustomStringConvertible {
  package var path: String
  package var item: String

  package init(path: String, item: String = "") {
    self.path = path
    self.item = item
  }

  /// `fit`, `fit[3]`, `each.fit[3][0]`.
  package init(_ text: String) {
    path = String(text.prefix { $0 != "[" })
    item = String(text.dropFirst(path.count))
  }

  package var description: String { path + item }
}
