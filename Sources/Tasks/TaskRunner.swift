package import Values

/// Where a task runs.
package enum Isolation: String, Sendable, CaseIterable {
  /// In the engine's own process: only what the engine ships or the user trusts explicitly.
  case inline
  /// In a persistent process for its plugin and environment (the default).
  case worker
  /// In a process of its own for each attempt.
  case fresh
}

/// One attempt of one node, ready to run: everything a runner needs. An object, as it
/// passes through many hands.
package final class Invocation: Sendable {
  /// Unique in this engine process.
  package let id: UInt64
  package let task: InstalledTask
  package let isolation: Isolation
  /// Counts from 1.
  package let attempt: Int
  package let run: String
  package let workflow: String
  package let node: String
  /// In port order; `.null` for an optional input that is not given.
  package let inputs: [Value]
  /// A record of all configuration fields, or `.null` when the task has none.
  package let configuration: Value
  package let seed: Seed
  /// Wall clock handed to the task, recorded for replay.
  package let unixNanoseconds: Int64
  /// Nil: no limit.
  package let timeout: Duration?
  /// How long a task may take to notice a cancellation before it is killed.
  package let grace: Duration
  /// A private directory that exists and is empty.
  package let temporaryDirectory: String
  /// The last checkpoint of an earlier attempt.
  package let checkpoint: [UInt8]?
  package let secrets: [String: String]
  /// Address-space limit of the process, 0: none.
  package let memoryLimit: Int64

  package init(
    id: UInt64, task: InstalledTask, isolation: Isolation = .worker, attempt: Int = 1, run: String = "",
    workflow: String = "", node: String = "", inputs: [Value], configuration: Value = .null, seed: Seed = Seed(),
    unixNanoseconds: Int64 = 0, timeout: Duration? = nil, grace: Duration = .seconds(5), temporaryDirectory: String,
    checkpoint: [UInt8]? = nil, secrets: [String: String] = [:], memoryLimit: Int64 = 0
  ) {
    self.id = id
    self.task = task
    self.isolation = isolation
    self.attempt = attempt
    self.run = run
    self.workflow = workflow
    self.node = node
    self.inputs = inputs
    self.configuration = configuration
    self.seed = seed
    self.unixNanoseconds = unixNanoseconds
    self.timeout = timeout
    self.grace = grace
    self.temporaryDirectory = temporaryDirectory
    self.checkpoint = checkpoint
    self.secrets = secrets
    self.memoryLimit = memoryLimit
  }
}

extension Invocation {
  /// The same call once more, elsewhere.
  package func again(_ isolation: Isolation, in temporaryDirectory: String) -> Invocation {
    Invocation(
      id: id, task: task, isolation: isolation, attempt: attempt, run: run, workflow: workflow, node: node,
      inputs: inputs, configuration: configuration, seed: seed, unixNanoseconds: unixNanoseconds, timeout: timeout,
      grace: grace, temporaryDirectory: temporaryDirectory, checkpoint: checkpoint, secrets: secrets,
      memoryLimit: memoryLimit)
  }
}

/// 256 bits that make a task's randomness repeatable.
package struct Seed: Sendable, Hashable {
  private var digest: Digest
  package init(_ digest: Digest = Digest(words: (0, 0, 0, 0))) { self.digest = digest }
  package var words: (UInt64, UInt64, UInt64, UInt64) { digest.words }
}

/// How an attempt ended.
package struct Outcome: Sendable {
  package var id: UInt64
  /// Outputs in port order, `nil` for an optional one that was not set; types already checked.
  package var result: Result<[Value?], Failure>
  package var usage: Usage

  package init(id: UInt64, result: Result<[Value?], Failure>, usage: Usage = Usage()) {
    self.id = id
    self.result = result
    self.usage = usage
  }
}

/// What an attempt cost.
package struct Usage: Sendable, Hashable {
  package var wallNanoseconds: Int64
  package var cpuNanoseconds: Int64
  package var peakMemoryBytes: Int64
  /// Process that ran it; 0: the engine.
  package var process: Int32

  package init(wallNanoseconds: Int64 = 0, cpuNanoseconds: Int64 = 0, peakMemoryBytes: Int64 = 0, process: Int32 = 0) {
    self.wallNanoseconds = wallNanoseconds
    self.cpuNanoseconds = cpuNanoseconds
    self.peakMemoryBytes = peakMemoryBytes
    self.process = process
  }
}

/// Why an attempt did not succeed: data for retry rules, traces and people.
///
/// One word, with the fields behind it: results carry it through many hands and mostly are none.
package struct Failure: Error, Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    /// The task could not do it; the same inputs fail again.
    case failed
    /// Worth another attempt.
    case transient
    /// An input is not acceptable.
    case input
    case cancelled
    /// Memory, disk, device.
    case resource
    case unsupported
    /// The plugin broke the ABI: wrong output type, missing output, output set twice.
    case contract
    /// The process died.
    case crash
    case timeout
    /// The plugin or its interpreter could not be loaded.
    case load
    /// The worker was lost through no fault of this attempt; it never counts as an attempt.
    case lost
  }

  private struct Fields: Sendable, Equatable {
    var kind: Kind
    var code: String
    var number: Int32
    var message: String
    var detail: String
    var port: String
    var retryable: Bool?
    var retryAfter: Duration?
    var signal: Int32
    var log: [String]
  }

  private final class Box: Sendable {
    let fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }

  private var box: Box

  package init(
    _ kind: Kind, _ message: String, code: String? = nil, number: Int32 = 0, detail: String = "", port: String = "",
    retryable: Bool? = nil, retryAfter: Duration? = nil, signal: Int32 = 0, log: [String] = []
  ) {
    box = Box(
      Fields(
        kind: kind, code: code ?? kind.rawValue, number: number, message: message, detail: detail, port: port,
        retryable: retryable, retryAfter: retryAfter, signal: signal, log: log))
  }

  package var kind: Kind {
    get { box.fields.kind }
    set { set(\.kind, newValue) }
  }
  /// Dotted name that `retry on` matches: the task's own (`io.timeout`), or the kind's name.
  package var code: String {
    get { box.fields.code }
    set { set(\.code, newValue) }
  }
  /// The task's own number: errno, HTTP status…
  package var number: Int32 {
    get { box.fields.number }
    set { set(\.number, newValue) }
  }
  /// One line for a person.
  package var message: String {
    get { box.fields.message }
    set { set(\.message, newValue) }
  }
  /// Stack trace or anything long.
  package var detail: String {
    get { box.fields.detail }
    set { set(\.detail, newValue) }
  }
  /// The input or output it is about, or empty.
  package var port: String {
    get { box.fields.port }
    set { set(\.port, newValue) }
  }
  /// The task's own word; nil: the kind decides.
  package var retryable: Bool? {
    get { box.fields.retryable }
    set { set(\.retryable, newValue) }
  }
  package var retryAfter: Duration? {
    get { box.fields.retryAfter }
    set { set(\.retryAfter, newValue) }
  }
  /// Signal that ended the process, or 0.
  package var signal: Int32 {
    get { box.fields.signal }
    set { set(\.signal, newValue) }
  }
  /// The last log lines of the attempt.
  package var log: [String] {
    get { box.fields.log }
    set { set(\.log, newValue) }
  }

  private mutating func set<T>(_ field: WritableKeyPath<Fields, T>, _ value: T) {
    var fields = box.fields
    fields[keyPath: field] = value
    box = Box(fields)
  }

  package static func == (a: Failure, b: Failure) -> Bool { a.box.fields == b.box.fields }
}

package enum LogLevel: Int32, Sendable, Comparable, CaseIterable {
  case debug = 0
  case info = 1
  case warning = 2
  case error = 3
  package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
  package var word: String { "\(self)" }
}

/// What an attempt says while it runs. Called from any thread; must not block for long.
package protocol AttemptObserver: Sendable {
  func log(_ attempt: UInt64, _ level: LogLevel, _ text: String, unixNanoseconds: Int64)
  func metric(_ attempt: UInt64, _ name: String, _ value: Double, unit: String, step: Int64, unixNanoseconds: Int64)
  func progress(_ attempt: UInt64, done: Double, total: Double, _ what: String)
  func checkpoint(_ attempt: UInt64, _ bytes: [UInt8])
  /// The attempt is now really running (batches run in order).
  func started(_ attempt: UInt64)
}

package enum Urgency: Sendable {
  /// Raise the flag; the task may finish in its own time.
  case ask
  /// Flag, `cancel()`, and the process is killed after the grace period.
  case stop
  /// Kill the process now.
  case kill
}

/// Runs attempts: inline, worker, remote and the test double are interchangeable.
package protocol TaskRunner: Sendable {
  /// Runs a batch in order on behalf of the calling thread, which is blocked until all have ended.
  /// All invocations of a batch share plugin source, isolation and memory limit.
  /// Returns exactly one outcome per invocation, in the order given; never throws.
  /// Callable from several threads at once.
  func run(_ batch: [Invocation], observer: any AttemptObserver) -> [Outcome]

  /// Cancels one attempt if it is running or waits in a batch. Callable from any thread.
  func cancel(_ attempt: UInt64, _ urgency: Urgency)

  /// Ends all processes. No `run` may be under way or follow.
  func shutDown()
}
