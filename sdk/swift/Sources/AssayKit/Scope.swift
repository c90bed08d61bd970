internal import CAssay
internal import Glibc

/// One attempt as the kit sees it: the engine's tables, and what was lent for its duration.
///
/// Used on the thread that `run` was called on only, from before the inputs are read until the outputs are handed over.
final class Scope {
  let run: UnsafePointer<assay_run>
  let host: UnsafePointer<assay_host>
  private var lent: [TensorStorage] = []
  private var files = 0

  init(run: UnsafePointer<assay_run>, host: UnsafePointer<assay_host>) {
    self.run = run
    self.host = host
  }

  /// Whether the engine's table has the function at `field`.
  func offers<T>(_ field: KeyPath<assay_host, T>) -> Bool {
    guard let offset = MemoryLayout<assay_host>.offset(of: field) else { return false }
    return Int(host.pointee.struct_size) >= offset + MemoryLayout<T>.size
  }

  /// Memory that the engine can pass on without a copy. The result holds the engine's value in `owner`.
  func buffer(_ count: Int) throws -> TensorStorage {
    guard let make = host.pointee.buffer else { return TensorStorage(count: count) }
    var value = assay_value()
    let status = make(run, UInt64(max(count, 1)), 64, &value)
    guard status == ASSAY_OK, let data = value.data else {
      throw TaskFailure("no memory for \(count) bytes", code: "memory", kind: .resource)
    }
    return TensorStorage(UnsafeMutableRawPointer(mutating: data), count: count, owner: .value(value))
  }

  /// Notes memory that the engine takes back when the attempt ends.
  func lend(_ storage: TensorStorage) { lent.append(storage) }

  /// Copies what was lent and is still in use elsewhere, so that no tensor ever points at memory that is gone.
  func end() {
    while var storage = lent.popLast() {
      if !isKnownUniquelyReferenced(&storage) { storage.detach() }
    }
  }

  /// A path for a new file of that name, in a directory of its own.
  func newPath(_ name: String) throws -> String {
    let base = run.pointee.temp_dir.map { String(cString: $0) } ?? "/tmp"
    files += 1
    let directory = "\(base)/file-\(files)"
    guard mkdir(directory, 0o700) == 0 else {
      throw TaskFailure("cannot make `\(directory)`", code: "io.create", kind: .resource, number: errno)
    }
    return directory + "/" + name.split(separator: "/").joined(separator: "_")
  }

  /// Hands an output over; the engine owns it from here on, whatever it answers.
  func output(_ port: UInt32, _ value: consuming Encoded) throws {
    guard let output = host.pointee.output else { throw TaskFailure("the engine takes no outputs", kind: .contract) }
    var raw = value.take()
    if raw.kind == Encoded.committed { return }
    let status = output(run, port, &raw)
    guard status == ASSAY_OK else { throw EngineRefusal(status: status) }
  }

  /// Reports a failure and gives the status that `run` has to return.
  func fail(_ failure: TaskFailure) -> assay_status {
    guard let report = host.pointee.fail else { return failure.kind.rawValue }
    var error = assay_error()
    error.struct_size = UInt32(MemoryLayout<assay_error>.size)
    error.status = failure.kind.rawValue
    error.retryable = failure.retryable.map { $0 ? 1 : 0 } ?? -1
    error.domain_code = failure.number
    error.retry_after_ms =
      failure.retryAfter.map { $0.components.seconds * 1000 + $0.components.attoseconds / 1_000_000_000_000_000 } ?? -1
    let texts = [failure.code, failure.message, failure.detail, failure.port ?? ""].map(cString)
    defer { for text in texts { text.deallocate() } }
    error.domain = failure.code.isEmpty ? nil : texts[0]
    error.message = texts[1]
    error.detail = failure.detail.isEmpty ? nil : texts[2]
    error.port = failure.port == nil ? nil : texts[3]
    return report(run, &error)
  }
}

/// The engine did not take an output and has already recorded why.
struct EngineRefusal: Error {
  var status: assay_status
}
