internal import CAssay
internal import CAssayLayouts
internal import Synchronization

/// What the engine offers to a running task.
///
/// `log`, `progress`, `metric` and `isCancelled` may be called from any thread; the rest from the thread that `run` was
/// called on. A context that is kept after `run` has returned does nothing.
public final class Context: @unchecked Sendable {
  /// How much a log line matters.
  public enum Level: Int32, Sendable {
    /// For the author.
    case debug = 0
    /// For the user who looks.
    case info = 1
    /// Something is odd.
    case warning = 2
    /// Something is wrong.
    case error = 3
  }

  /// Nil once the attempt has ended. The lock is held during each call, so that none can outlive the attempt.
  private let attempt: Mutex<Live>
  private let scope: Scope

  /// Counts from 1.
  public let attemptNumber: Int
  /// Id of the run, name of the workflow and of the step, as in the trace.
  public let runID, workflow, node: String
  /// A private, empty directory that is removed afterwards.
  public let temporaryDirectory: String
  /// The same for the same inputs and task version.
  public let seed: [UInt64]
  /// Randomness that is a function of `seed` alone: `context.random.uniform()`.
  public var random: SeededGenerator
  /// The last checkpoint of an earlier attempt, if there is one.
  public let resume: [UInt8]?

  init(scope: Scope) {
    let run = scope.run.pointee
    self.scope = scope
    attempt = Mutex(Live(run: scope.run))
    attemptNumber = Int(run.attempt)
    runID = run.run_id.map { String(cString: $0) } ?? ""
    workflow = run.workflow.map { String(cString: $0) } ?? ""
    node = run.node.map { String(cString: $0) } ?? ""
    temporaryDirectory = run.temp_dir.map { String(cString: $0) } ?? "/tmp"
    seed = [run.seed.0, run.seed.1, run.seed.2, run.seed.3]
    random = SeededGenerator(words: seed)
    resume = run.resume.map { Array(UnsafeRawBufferPointer(start: $0, count: Int(clamping: run.resume_size))) }
  }

  private func withAttempt(_ body: (UnsafePointer<assay_run>, assay_host) -> Void) {
    attempt.withLock { live in
      if let run = live.run, let host = run.pointee.host { body(run, host.pointee) }
    }
  }

  func end() { attempt.withLock { $0.run = nil } }

  /// The user or a deadline asks the task to stop soon.
  public var isCancelled: Bool {
    var flag: Int32 = 0
    withAttempt { run, _ in flag = kit_load(run.pointee.cancel) }
    return flag != 0
  }

  /// Ends the attempt as cancelled when it was asked to stop. Call it in long loops.
  public func checkCancelled() throws { if isCancelled { throw TaskFailure("cancelled", kind: .cancelled) } }

  /// Writes a line to the attempt's log.
  public func log(_ text: String, _ level: Level = .info) {
    var text = text
    withAttempt { run, host in
      text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          host.run_log?(run, level.rawValue, $0.baseAddress, UInt64($0.count))
        }
      }
    }
  }

  /// Says how far the task is; `total` 0 when it is not known.
  public func progress(_ done: Double, of total: Double = 0, _ what: String = "") {
    withAttempt { run, host in host.progress?(run, done, total, what) }
  }

  /// Records a figure in the trace.
  public func metric(_ name: String, _ value: Double, unit: String = "", step: Int = 0) {
    withAttempt { run, host in host.metric?(run, name, value, unit, Int64(step)) }
  }

  /// Keeps bytes from which a later attempt can go on (`resume`). The engine may keep only the last.
  public func checkpoint(_ bytes: [UInt8]) throws {
    guard let keep = scope.host.pointee.checkpoint else { return }
    let status = bytes.withUnsafeBytes { keep(scope.run, $0.baseAddress, UInt64($0.count)) }
    guard status == ASSAY_OK else { throw TaskFailure("the checkpoint was not kept", kind: .resource) }
  }

  /// A secret that the task declares (`TaskInfo.secrets`). Throws when the user has not given it.
  public func secret(_ name: String) throws -> String {
    guard scope.offers(\.secret), let ask = scope.host.pointee.secret else {
      throw TaskFailure("this engine has no secrets", code: "secret.unsupported", kind: .unsupported)
    }
    var value = assay_value()
    guard ask(scope.run, name, &value) == ASSAY_OK else {
      throw TaskFailure("the secret `\(name)` is not there", code: "secret.missing")
    }
    defer { value.release?(&value) }
    guard value.kind == ASSAY_STRING || value.kind == ASSAY_BYTES, let data = value.data else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: data, count: Int(clamping: value.count)), as: UTF8.self)
  }

  /// A zeroed tensor in memory that the engine passes on without a copy when it becomes an output.
  public func tensor<Element: TensorElement>(
    _ shape: [Int], of element: Element.Type = Element.self
  ) throws
    -> Tensor<Element>
  {
    let storage = try scope.buffer(try Tensor<Element>.byteCount(shape))
    storage.zero()
    return Tensor(shape: shape, storage: storage)
  }

  /// A new file for the output `port`, to be written piece by piece or by its `path`; assign it to the output.
  public func makeFile(_ port: String, name: String) throws -> File {
    File(artifact: try newArtifact(port, name))
  }

  /// A new, empty directory for the output `port`; assign it to the output when it is filled.
  public func makeDirectory(_ port: String, name: String) throws -> Directory {
    Directory(artifact: try newArtifact(port, name))
  }

  var outputNames: [String] = []

  private func newArtifact(_ port: String, _ name: String) throws -> NewArtifact {
    guard let index = outputNames.firstIndex(of: port) else {
      throw TaskFailure("the task has no output `\(port)`", port: port, kind: .contract)
    }
    return try NewArtifact(Outlet(scope: scope, port: UInt32(index)), name: name)
  }
}

/// The engine's tables may be used from any thread while the attempt runs.
private struct Live: @unchecked Sendable {
  var run: UnsafePointer<assay_run>?
}
