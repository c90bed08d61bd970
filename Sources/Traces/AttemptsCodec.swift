internal import Events
internal import Tasks
internal import Values

/// Attempts as they lie in a row of `attempts`, packed, because there may be millions of them: what ended together is a row
/// together. A row of SQLite for each would cost more than everything else that is done for a short call.
enum AttemptsCodec {
  /// Enough company for a row, in attempts and in bytes.
  static let mostTogether = 64
  static let mostBytes = 32_768

  private static let isReusable = 1
  private static let hasKey = 2
  private static let hasOutputs = 4

  static func append(_ attempt: AttemptFinished, to bytes: inout [UInt8], _ encode: (Value) -> [UInt8]) {
    let usage = attempt.usage
    var flags = 0
    if attempt.reusable, attempt.key != nil { flags |= isReusable }
    if attempt.key != nil { flags |= hasKey }
    if case .success = attempt.result { flags |= hasOutputs }
    Packing.put(
      (
        flags, attempt.node.node, attempt.node.step, attempt.attempt, positive(attempt.startedAt),
        positive(usage.wallNanoseconds), positive(usage.cpuNanoseconds), positive(usage.peakMemoryBytes)
      ), &bytes)
    Packing.put(Int(max(0, usage.process)), &bytes)
    Packing.put(attempt.node.item, &bytes)
    attempt.key?.append(to: &bytes)
    Packing.put(attempt.arguments.count, &bytes)
    for argument in attempt.arguments { argument.append(to: &bytes) }
    guard case .success(let outputs) = attempt.result else { return }
    Packing.put(outputs.count, &bytes)
    for output in outputs { put(output, &bytes, encode) }
  }

  private static func positive(_ number: Int64) -> Int { Int(max(0, number)) }

  /// One more than the count of its bytes, and the bytes; 0 for an output that was not set.
  private static func put(_ output: Value?, _ bytes: inout [UInt8], _ encode: (Value) -> [UInt8]) {
    guard let output else { return Packing.put(0, &bytes) }
    let isScalar = output.withStoredScalar { stored in
      Packing.put(stored.count + 1, &bytes)
      bytes.append(contentsOf: stored)
    }
    if isScalar { return }
    let stored = encode(output)
    Packing.put(stored.count + 1, &bytes)
    bytes.append(contentsOf: stored)
  }

  /// Nil when the bytes are damaged.
  ///
  /// - Parameter first: the sequence number of the first one.
  static func decode(_ bytes: [UInt8], first: Int64, run: RunNumber) -> [StoredAttempt]? {
    var attempts: [StoredAttempt] = []
    var reader = Unpacking(bytes)
    while !reader.isAtEnd {
      let flags = reader.number()
      let node = reader.number()
      let step = reader.number()
      let attempt = reader.number()
      let startedAt = Int64(reader.number())
      let usage = Usage(
        wallNanoseconds: Int64(reader.number()), cpuNanoseconds: Int64(reader.number()),
        peakMemoryBytes: Int64(reader.number()), process: Int32(clamping: reader.number()))
      let item = reader.text()
      let key = flags & hasKey == 0 ? nil : Digest(bytes: reader.bytes(32))
      let arguments = (0..<min(reader.number(), bytes.count / 32)).compactMap { _ in Digest(bytes: reader.bytes(32)) }
      var outputs: StoredOutputs?
      if flags & hasOutputs != 0 {
        outputs = (0..<min(reader.number(), bytes.count)).map { _ in
          let count = reader.number()
          return count == 0 ? nil : Array(reader.bytes(count - 1))
        }
      }
      guard !reader.isBad else { return nil }
      attempts.append(
        StoredAttempt(
          sequence: first &+ Int64(attempts.count),
          node: NodeReference(run: run, node: node, step: step, item: item), attempt: attempt, startedAt: startedAt,
          usage: usage, reusable: flags & isReusable != 0, key: key, arguments: arguments, outputs: outputs))
    }
    return attempts
  }
}

/// An attempt as it lies in the trace.
struct StoredAttempt: Sendable {
  var sequence: Int64
  var node: NodeReference
  var attempt: Int
  var startedAt: Int64
  var usage: Usage
  var reusable: Bool
  var key: Digest?
  var arguments: [Digest]
  /// Nil: it failed, and `failures` has the reason.
  var outputs: StoredOutputs?

  /// When it was complete.
  var endedAt: Int64 { startedAt &+ usage.wallNanoseconds }
}
