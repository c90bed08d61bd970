internal import Events
internal import Plans
internal import Synchronization
internal import Tasks
internal import Values

/// Files that tasks are given by path are looked at before and after: a result that was computed while its input changed
/// under it is on record as such, and neither it nor what the run makes from then on is ever reused.
final class InputGuard: Sendable {
  /// By task of the plan: it is given files or directories.
  private let takesFiles: [Bool]
  private let changed = Atomic<Bool>(false)

  init(_ plan: Plan) { takesFiles = plan.tasks.map { $0.signature.parameters.contains { $0.type.mayBeFile } } }

  /// Whether an input changed while a task of this run used it.
  var isTainted: Bool { changed.load(ordering: .relaxed) }
  func taint() { changed.store(true, ordering: .relaxed) }

  func watches(_ call: Call) -> Bool { takesFiles[call.taskIndex] }
}

extension Executor {
  /// Fails calls whose inputs are no longer what they were; gives the others.
  func withSoundInputs(_ calls: [Call]) -> [Call] {
    calls.filter { call in
      guard inputGuard.watches(call), let (name, artifact) = altered(call) else { return true }
      reject(
        call,
        Failure(
          .input, "`\(name)` was changed in the store (artifact \(artifact.short)); it was removed from there",
          code: "changed", port: name))
      return false
    }
  }

  /// Puts inputs that changed while the calls ran on record.
  func checkInputs(of calls: [Call]) {
    for call in calls where inputGuard.watches(call) {
      guard let (name, artifact) = altered(call) else { continue }
      inputGuard.taint()
      journal.record([
        .inputChanged(
          InputChanged(
            node: call.node, input: name, artifact: artifact, since: call.startedAt, at: Clock.unixNanoseconds()))
      ])
      journal.log(
        call.node.node, call.job.attempt, .warning,
        "input `\(name)` (artifact \(artifact.short)) changed while `\(call.step.path)\(call.job.item)` ran: "
          + "the run is tainted, and what it makes from here on is not reused")
    }
  }

  private func altered(_ call: Call) -> (name: String, artifact: Digest)? {
    guard case .success(let arguments) = call.job.arguments else { return nil }
    for (parameter, value) in zip(call.task.signature.parameters, arguments) where parameter.type.mayBeFile {
      if let artifact = memory.altered(value).first { return (parameter.name, artifact) }
    }
    return nil
  }
}

extension ValueType {
  /// A value of this type may hold a file or directory.
  fileprivate var mayBeFile: Bool {
    switch self {
    case .file, .directory, .opaque, .any: true
    case .list(let inner), .optional(let inner): inner.mayBeFile
    case .record(let fields): fields.contains { $0.type.mayBeFile }
    default: false
    }
  }
}
