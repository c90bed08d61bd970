package import Tasks
package import Values

/// The number of a run in its store, counting from 1.
package typealias RunNumber = Int64

/// What happened, in the order in which it happened: the only memory of the engine. Boxed: an event passes through many
/// hands, and is a word in each. The most frequent one tells of all attempts of a batch at once.
package enum Event: Sendable {
  indirect case runStarted(RunStarted)
  indirect case runFinished(RunFinished)
  /// An attempt that takes long, or must not be run twice, has begun; short ones are recorded once, at their end.
  indirect case attemptStarted(AttemptStarted)
  /// Attempts of one run that ended together.
  case attemptsFinished([AttemptFinished])
  indirect case nodeReused(NodeReused)
  indirect case nodeSkipped(NodeSkipped)
  indirect case log(LogLine)
  indirect case metric(MetricPoint)
  indirect case checkpoint(run: RunNumber, node: Int, bytes: [UInt8])
  indirect case inputChanged(InputChanged)
}

/// A file that a task was given changed while the task ran: its result may be of neither content, and the run is tainted.
package struct InputChanged: Sendable {
  package var node: NodeReference
  /// The parameter.
  package var input: String
  package var artifact: Digest
  /// When the attempt began: what ended later is not to be trusted.
  package var since: Int64
  package var at: Int64

  package init(node: NodeReference, input: String, artifact: Digest, since: Int64, at: Int64) {
    self.node = node
    self.input = input
    self.artifact = artifact
    self.since = since
    self.at = at
  }
}

package struct RunStarted: Sendable {
  package var run: RunNumber
  /// 128 random bits in hexadecimal: the identity outside this store.
  package var uid: String
  package var workflow: String
  package var file: String
  /// The document's text, its imports included, so that the run can be repeated.
  package var documents: [(path: String, text: String)]
  package var inputs: [(name: String, value: Value)]
  /// Chosen variants by step path, where they are not the default.
  package var variants: [(step: String, variant: String)]
  package var seed: UInt64
  package var engine: String
  package var host: String
  package var user: String
  package var reason: String
  package var resumes: RunNumber?
  package var startedAt: Int64
  /// The steps of the plan, in plan order.
  package var plan: PlanRecord
  package var circumstances: Circumstances
  /// The named artifacts that the documents refer to.
  package var artifacts: [RunArtifact] = []

  package init(
    run: RunNumber, uid: String, workflow: String, file: String, documents: [(path: String, text: String)],
    inputs: [(name: String, value: Value)], variants: [(step: String, variant: String)], seed: UInt64, engine: String,
    host: String, user: String, reason: String = "", resumes: RunNumber?, startedAt: Int64, plan: PlanRecord,
    circumstances: Circumstances = Circumstances()
  ) {
    self.run = run
    self.uid = uid
    self.workflow = workflow
    self.file = file
    self.documents = documents
    self.inputs = inputs
    self.variants = variants
    self.seed = seed
    self.engine = engine
    self.host = host
    self.user = user
    self.reason = reason
    self.resumes = resumes
    self.startedAt = startedAt
    self.plan = plan
    self.circumstances = circumstances
  }
}

/// What a named artifact was for a run.
package struct RunArtifact: Sendable {
  /// As written: `raw/churn@production`.
  package var reference: String
  /// `raw/churn@v3`.
  package var version: String
  package var value: Value

  package init(reference: String, version: String, value: Value) {
    self.reference = reference
    self.version = version
    self.value = value
  }
}

/// A step of a plan, as remembered.
package struct StepRecord: Sendable {
  /// `prep.clean`: sub-workflow steps have dotted paths.
  package var path: String
  package var phase: String
  package var isolation: Isolation
  /// What it calls, shared by all steps that call the same.
  package var callee: TaskRecord
  /// What it waits for.
  package var needs: [StepNeed]
  /// The step's own word on reuse, as in the document (`never`, `1h`); empty: none.
  package var reuse: String
  /// Where its arguments came from.
  package var wiring: Wiring

  package init(
    path: String, phase: String, isolation: Isolation, callee: TaskRecord, needs: [StepNeed] = [], reuse: String = "",
    wiring: Wiring = Wiring()
  ) {
    self.path = path
    self.phase = phase
    self.isolation = isolation
    self.callee = callee
    self.needs = needs
    self.reuse = reuse
    self.wiring = wiring
  }

  package var task: String { callee.task }
  package var version: String { callee.version }
  package var code: Digest { callee.code }
  package var traits: TaskTraits { callee.traits }
  /// The names of the outputs, in port order.
  package var outputs: [String] { callee.outputs }
}

/// A task that a run calls, as remembered.
package final class TaskRecord: Sendable {
  package let task: String
  package let version: String
  package let code: Digest
  /// The components that the keys of all its calls in this run have in common.
  package let components: [(name: String, digest: Digest)]
  /// The names of the parameters (inputs, then configuration) and of the outputs, in port order.
  package let parameters: [String]
  package let outputs: [String]
  /// What parameters are when a call does not give them, as a document would say it.
  package let defaults: [String: String]
  /// What it promised.
  package let traits: TaskTraits

  package init(
    task: String, version: String, code: Digest, components: [(name: String, digest: Digest)], parameters: [String],
    outputs: [String], defaults: [String: String] = [:], traits: TaskTraits = []
  ) {
    self.task = task
    self.version = version
    self.code = code
    self.components = components
    self.parameters = parameters
    self.defaults = defaults
    self.outputs = outputs
    self.traits = traits
  }

  /// The components of the key of one call, of which `arguments` are the digests by parameter.
  package func components(_ arguments: [Digest]) -> [(name: String, digest: Digest)] {
    components + zip(parameters, arguments).map { ("inputs." + $0, $1) }
  }
}

/// That a step waits for another one.
package struct StepNeed: Sendable, Equatable {
  /// Index into the run's steps.
  package var step: Int
  /// How many leading indices of their items a call and the one that it needs have in common: `each.b[3]` needs
  /// `each.a[3]` (1), `mean` needs all of `fit[0]`, `fit[1]`… (0).
  package var shared: Int
  package init(step: Int, shared: Int) {
    self.step = step
    self.shared = shared
  }
}

package enum RunStatus: String, Sendable, CaseIterable { case running, succeeded, failed, cancelled, interrupted }

package struct RunFinished: Sendable {
  package var run: RunNumber
  package var status: RunStatus
  package var outputs: [(name: String, value: Value)]
  /// One line for a person, empty on success.
  package var message: String
  package var finishedAt: Int64
  package init(
    run: RunNumber, status: RunStatus, outputs: [(name: String, value: Value)], message: String, finishedAt: Int64
  ) {
    self.run = run
    self.status = status
    self.outputs = outputs
    self.message = message
    self.finishedAt = finishedAt
  }
}

/// Which planned call: the node's number in its run, its step and its place in enclosing `foreach`es.
package struct NodeReference: Sendable, Hashable {
  package var run: RunNumber
  /// Unique in the run.
  package var node: Int
  /// Index into the run's steps.
  package var step: Int
  /// `[3]`, `[3][0]`… or empty.
  package var item: String
  package init(run: RunNumber, node: Int, step: Int, item: String = "") {
    self.run = run
    self.node = node
    self.step = step
    self.item = item
  }
}

package struct AttemptStarted: Sendable {
  package var node: NodeReference
  package var attempt: Int
  package var startedAt: Int64
  package init(node: NodeReference, attempt: Int, startedAt: Int64) {
    self.node = node
    self.attempt = attempt
    self.startedAt = startedAt
  }
}

package struct AttemptFinished: Sendable {
  package let node: NodeReference
  package let attempt: Int
  package let startedAt: Int64
  package let usage: Usage
  /// The identity of the call; nil when it could not be computed (an input was never hashed).
  package let key: Digest?
  /// The digests of the arguments by parameter: with the components of its task the parts of the key, so that "why did
  /// this run again" is a field diff. Empty where there is no key.
  package let arguments: [Digest]
  /// Stored outputs in port order (large parts are artifacts), or the failure.
  package let result: Result<[Value?], Failure>
  /// Whether a later call with the same key may take these outputs.
  package let reusable: Bool

  package init(
    node: NodeReference, attempt: Int, startedAt: Int64, usage: Usage, key: Digest?,
    arguments: [Digest], result: Result<[Value?], Failure>, reusable: Bool
  ) {
    self.node = node
    self.attempt = attempt
    self.startedAt = startedAt
    self.usage = usage
    self.key = key
    self.arguments = arguments
    self.result = result
    self.reusable = reusable
  }
}

package struct NodeReused: Sendable {
  package var node: NodeReference
  package var key: Digest
  /// Where the result came from.
  package var run: RunNumber
  /// The result, for those who watch: it is on record with `run`.
  package var outputs: [Value?]
  package var at: Int64
  package init(node: NodeReference, key: Digest, from run: RunNumber, outputs: [Value?] = [], at: Int64) {
    self.node = node
    self.key = key
    self.run = run
    self.outputs = outputs
    self.at = at
  }
}

package struct NodeSkipped: Sendable {
  package enum Why: String, Sendable {
    /// Its `when` was false.
    case condition
    /// Something it needs failed.
    case upstreamFailed
    /// Something it needs was skipped and it has no use for a missing value.
    case upstreamSkipped
    /// The run was cancelled or stopped first.
    case stopped
    /// `--until` ends before it.
    case notWanted
  }
  package var node: NodeReference
  package var why: Why
  package var at: Int64
  package init(node: NodeReference, why: Why, at: Int64) {
    self.node = node
    self.why = why
    self.at = at
  }
}

package struct LogLine: Sendable {
  package var run: RunNumber
  /// Node of the run, or -1: the run itself.
  package var node: Int
  package var attempt: Int
  package var level: LogLevel
  package var text: String
  package var at: Int64
  package init(run: RunNumber, node: Int, attempt: Int, level: LogLevel, text: String, at: Int64) {
    self.run = run
    self.node = node
    self.attempt = attempt
    self.level = level
    self.text = text
    self.at = at
  }
}

package struct MetricPoint: Sendable {
  package var run: RunNumber
  package var node: Int
  package var attempt: Int
  package var name: String
  package var value: Double
  package var unit: String
  package var step: Int64
  package var at: Int64
  package init(
    run: RunNumber, node: Int, attempt: Int, name: String, value: Double, unit: String, step: Int64, at: Int64
  ) {
    self.run = run
    self.node = node
    self.attempt = attempt
    self.name = name
    self.value = value
    self.unit = unit
    self.step = step
    self.at = at
  }
}
