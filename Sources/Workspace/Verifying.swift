internal import Comparisons
internal import Foundation
internal import Synchronization
internal import Tasks
internal import Values

/// Runs deterministic tasks twice and fails those whose outputs are not the same, bit for bit.
///
/// The second time in a process of its own: another address space, another hash seed, memory that nobody has used. The
/// clock that is handed to tasks, their seed and inputs are the same.
final class VerifyingRunner: TaskRunner {
  private let inner: any TaskRunner
  /// Existing directory for the private directories of second attempts.
  private let scratch: String
  private let verifiedCount = Atomic<Int>(0)

  init(_ inner: any TaskRunner, scratch: String) {
    self.inner = inner
    self.scratch = scratch
  }

  /// Calls that gave the same outputs twice.
  var verified: Int { verifiedCount.load(ordering: .relaxed) }

  func run(_ batch: [Invocation], observer: any AttemptObserver) -> [Outcome] {
    var outcomes = inner.run(batch, observer: observer)
    for (index, invocation) in batch.enumerated() where outcomes.indices.contains(index) {
      guard invocation.task.signature.traits.contains(.deterministic),
        case .success(let outputs) = outcomes[index].result
      else { continue }
      if let failure = verify(invocation, outputs) {
        outcomes[index].result = .failure(failure)
      } else {
        verifiedCount.add(1, ordering: .relaxed)
      }
    }
    return outcomes
  }

  func cancel(_ attempt: UInt64, _ urgency: Urgency) { inner.cancel(attempt, urgency) }

  func shutDown() { inner.shutDown() }

  private func verify(_ first: Invocation, _ outputs: [Value?]) -> Failure? {
    let directory = "\(scratch)/again-\(first.id)"
    mkdir(directory, 0o700)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let second = first.again(.fresh, in: directory)
    let task = first.task.signature
    switch inner.run([second], observer: Silence()).first?.result {
    case nil: return Failure(.lost, "the runner returned no outcome")
    case .failure(let failure) where failure.kind == .cancelled: return failure
    case .failure(var failure):
      failure.message = "`\(task.id)` is declared deterministic, but succeeded and then failed: \(failure.message)"
      failure.code = Self.code
      failure.retryable = false
      return failure
    case .success(let again):
      for (port, (before, after)) in zip(task.outputs, zip(outputs, again)) {
        guard let difference = difference(before, after) else { continue }
        return Failure(
          .contract,
          "`\(task.id)` is declared deterministic, but `\(port.name)` differed when it ran again: \(difference.words)",
          code: Self.code,
          detail: "The second attempt had the same inputs, configuration, seed and clock, in a process of its own.",
          port: port.name, retryable: false)
      }
      return nil
    }
  }

  static let code = "nondeterministic"

  private func difference(_ before: Value?, _ after: Value?) -> ValueComparison.Difference? {
    let (a, b) = (before.map(\.hashed), after.map(\.hashed))
    if let x = a?.contentDigest(), x == b?.contentDigest() { return nil }
    return ValueComparison(a, b, contents: FileContents.read).first
  }
}

/// The bytes of files that are small enough to be shown a difference of.
enum FileContents {
  static let limit: Int64 = 4 << 20

  static func read(_ file: FileReference) -> [UInt8]? {
    guard file.size <= limit, let data = FileManager.default.contents(atPath: file.path) else { return nil }
    return [UInt8](data)
  }
}

extension ValueComparison.Difference {
  /// `row 5, column b: 1.0, then 2.0`.
  var words: String { (place.isEmpty ? "" : place + ": ") + "\(before), then \(after)" }
}

extension Value {
  /// With a digest for each file and directory. One that cannot be read keeps none, and is then like no other.
  fileprivate var hashed: Value {
    switch self {
    case .file: return (try? withDigests()) ?? self
    case .directory(var tree):
      guard tree.digest == nil else { return self }
      var hasher = Hasher256()
      let names = FileManager.default.enumerator(atPath: tree.path)?.compactMap { $0 as? String } ?? []
      for name in names.sorted() {
        let file = Value.file(FileReference(path: "\(tree.path)/\(name)", size: 0))
        hasher.update("\(name.utf8.count) \(name) \((try? file.withDigests())?.contentDigest()?.hex ?? "-")\n")
      }
      tree.digest = hasher.digest()
      return .directory(tree)
    case .list(let items): return .list(items.map(\.hashed))
    case .record(let fields): return .record(fields.map { Field($0.name, $0.value.hashed) })
    default: return self
    }
  }
}

/// What a second attempt says has been said by the first.
private struct Silence: AttemptObserver {
  func log(_ attempt: UInt64, _ level: LogLevel, _ text: String, unixNanoseconds: Int64) {}
  func metric(_ attempt: UInt64, _ name: String, _ value: Double, unit: String, step: Int64, unixNanoseconds: Int64) {}
  func progress(_ attempt: UInt64, done: Double, total: Double, _ what: String) {}
  func checkpoint(_ attempt: UInt64, _ bytes: [UInt8]) {}
  func started(_ attempt: UInt64) {}
}
