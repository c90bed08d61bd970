import Glibc
package import Plugins
import Processes
package import Synchronization
package import Tasks
import Testing
package import Values
import Workers

/// Calls tasks of built plugins in real worker processes, with JSON for inputs and outputs.
package final class Bench: Sendable {
  package let directory: String
  private let pool: WorkerPool
  private let catalog: Catalog
  private let ids = Atomic<UInt64>(1)

  package init() throws {
    directory = "/tmp/assay-bench-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectory(directory)
    let products = try #require(Self.products, "assay-worker is not built")
    // The runtime of Swift would take seconds to print a trace of a crash.
    let environment = Command.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let pool = WorkerPool(WorkerConfiguration(worker: products + "/assay-worker", environment: environment))
    self.pool = pool
    catalog = Catalog(directories: [products], cacheDirectory: directory + "/cache", engineVersion: "test") {
      source throws(Failure) in try pool.describe(source)
    }
  }

  deinit {
    pool.shutDown()
    try? Files.remove(directory)
  }

  /// The directory of the package.
  package static let package = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

  /// Where the products are: beside the test program.
  private static let products: String? = {
    let program = CommandLine.arguments.first.flatMap(Files.realPath) ?? ""
    let beside = program.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    return [beside, package + "/.build/debug"].first { Files.isExecutable($0 + "/assay-worker") }
  }()

  /// The path of a program.
  package static func product(_ name: String) -> String { (products ?? "") + "/" + name }

  /// An installed plugin, or one that is built for tests and examples only: those have a hyphen in the file's name, so
  /// that nobody finds them by `use`.
  package func plugin(_ id: String) throws -> Plugin {
    let hidden = Self.product("lib\(id.replacing(".", with: "-"))-test.so")
    guard !id.hasPrefix("std."), Files.stamp(hidden) != nil else { return try catalog.plugin(id: id) }
    return try catalog.plugin(PluginSource(kind: .sharedObject, path: hidden))
  }

  /// Writes a file that a task can read.
  package func file(_ name: String, _ text: String) throws -> JSON {
    let path = "\(directory)/\(ids.add(1, ordering: .relaxed).newValue)-\(name)"
    try Files.writeAtomically(path, Array(text.utf8))
    return .string(path)
  }

  /// An invocation of `std.eval.auc` with named inputs; what is not given takes its declared default.
  package func call(
    _ id: String, _ inputs: [String: Value], seed: UInt64 = 1, attempt: Int = 1,
    checkpoint: [UInt8]? = nil, secrets: [String: String] = [:]
  ) throws -> Invocation {
    let name = id.split(separator: ".").dropLast().joined(separator: ".")
    let local = String(id.split(separator: ".").last ?? "")
    let task = try #require(try plugin(name).task(named: local), "no task \(id)")
    let number = ids.add(1, ordering: .relaxed).newValue
    let temporary = "\(directory)/run-\(number)"
    try Files.makeDirectory(temporary)
    let unknown = inputs.keys.filter { key in !task.signature.inputs.contains { $0.name == key } }
    try #require(unknown.isEmpty, "\(id) has no inputs \(unknown)")
    return Invocation(
      id: number, task: task, attempt: attempt, run: "run-1", workflow: "bench", node: local,
      inputs: task.signature.inputs.map { inputs[$0.name] ?? $0.default ?? .null },
      seed: Seed(Digest(words: (seed, 2, 3, 4))),
      temporaryDirectory: temporary, checkpoint: checkpoint, secrets: secrets)
  }

  /// Runs one attempt.
  package func run(_ call: Invocation, _ notes: Notes = Notes()) -> Outcome { pool.run([call], observer: notes)[0] }

  package func cancel(_ attempt: UInt64) { pool.cancel(attempt, .ask) }

  /// Runs a task and gives its outputs by name.
  package func values(_ id: String, _ inputs: [String: Value]) throws -> [String: Value] {
    let call = try call(id, inputs)
    let values = try run(call).result.get()
    let pairs = zip(call.task.signature.outputs, values).compactMap { port, value in value.map { (port.name, $0) } }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// Runs a task on JSON inputs.
  package func json(_ id: String, _ inputs: [String: JSON]) throws -> [String: JSON] {
    try values(id, try typed(id, inputs)).mapValues { $0.json() }
  }

  /// The failure of a task on JSON inputs.
  package func failure(_ id: String, _ inputs: [String: JSON]) throws -> Failure {
    let outcome = run(try call(id, try typed(id, inputs)))
    guard case .failure(let failure) = outcome.result else {
      throw Unexpected("\(id) did not fail: \(outcome.result)")
    }
    return failure
  }

  private func typed(_ id: String, _ inputs: [String: JSON]) throws -> [String: Value] {
    let ports = try call(id, [:]).task.signature.inputs
    var values: [String: Value] = [:]
    for (name, json) in inputs {
      let port = try #require(ports.first { $0.name == name }, "\(id) has no input `\(name)`")
      values[name] = try Value(json: json, type: port.type)
    }
    return values
  }
}

package struct Unexpected: Error, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}

/// Remembers what an attempt says.
package final class Notes: AttemptObserver {
  package struct Content: Sendable {
    package var log: [String] = []
    package var metrics: [String] = []
    package var progress: [String] = []
    package var checkpoints: [[UInt8]] = []
  }

  package let content = Mutex(Content())
  private let onStart: @Sendable (UInt64) -> Void
  private let onLog: @Sendable ([String]) -> Void

  /// - Parameter onLog: gets all lines so far, at each.
  package init(
    onStart: @escaping @Sendable (UInt64) -> Void = { _ in }, onLog: @escaping @Sendable ([String]) -> Void = { _ in }
  ) {
    self.onStart = onStart
    self.onLog = onLog
  }

  package var said: Content { content.withLock { $0 } }

  package func log(_ attempt: UInt64, _ level: LogLevel, _ text: String, unixNanoseconds: Int64) {
    onLog(
      content.withLock { content in
        content.log.append("\(level.word): \(text)")
        return content.log
      })
  }
  package func metric(
    _ attempt: UInt64, _ name: String, _ value: Double, unit: String, step: Int64, unixNanoseconds: Int64
  ) {
    content.withLock { $0.metrics.append("\(name)=\(value) \(unit)@\(step)") }
  }
  package func progress(_ attempt: UInt64, done: Double, total: Double, _ what: String) {
    content.withLock { $0.progress.append("\(done)/\(total) \(what)") }
  }
  package func checkpoint(_ attempt: UInt64, _ bytes: [UInt8]) { content.withLock { $0.checkpoints.append(bytes) } }
  package func started(_ attempt: UInt64) { onStart(attempt) }
}
