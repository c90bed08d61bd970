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

/// One attempt of one node, ready to run: everything a runner needs.
package struct Invocation: Sendable {
  /// Unique in this engine process.
  package var id: UInt64
  package var task: InstalledTask
  package var isolation: Isolation
  /// Counts from 1.
  package var attempt: Int
  package var run: String
  package var workflow: String
  package var node: String
  /// In port order; `.null` for an optional input that is not given.
  package var inputs: [Value]
  /// A record of all configuration fields, or `.null` when the task has none.
  package var configuration: Value
  package var seed: Seed
  /// Wall clock handed to the task, recorded for replay.
  package var unixNanoseconds: Int64
  /// Nil: no limit.
  package var timeout: Duration?
  /// How long a task may take to notice a cancellation before it is killed.
  package var grace: Duration
  /// A private directory that exists and is empty.
  package var temporaryDirectory: String
  /// The last checkpoint of an earlier attempt.
  package var checkpoint: [UInt8]?
  package var secrets: [String: String]
  /// Address-space limit of the process, 0: none.
  package var memoryLimit: Int64

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

/// 256 bits that make a task's randomness repeatable.
package struct Seed: Sendable, Hashable {
  package var words: [UInt64]
  package init(_ words: [UInt64] = [0, 0, 0, 0]) {
    precondition(words.count == 4)
    self.words = words
  }
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

  package var kind: Kind
  /// Dotted name that `retry on` matches: the task's own (`io.timeout`), or the kind's name.
  package var code: String
  /// The task's own number: errno, HTTP status…
  package var number: Int32
  /// One line for a person.
  package var message: String
  /// Stack trace or anything long.
  package var detail: String
  /// The input or output it is about, or empty.
  package var port: String
  /// The task's own word; nil: the kind decides.
  package var retryable: Bool?
  package var retryAfter: Duration?
  /// Signal that ended the process, or 0.
  package var signal: Int32
  /// The last log lines of the attempt.
  package var log: [String]

  package init(
    _ kind: Kind, _ message: String, code: String? = nil, number: Int32 = 0, detail: String = "", port: String = "",
    retryable: Bool? = nil, retryAfter: Duration? = nil, signal: Int32 = 0, log: [String] = []
  ) {
    self.kind = kind
    self.code = code ?? kind.rawValue
    self.number = number
    self.message = message
    self.detail = detail
    self.port = port
    self.retryable = retryable
    self.retryAfter = retryAfter
    self.signal = signal
    self.log = log
  }
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
