internal import Processes
package import Tasks
package import Values

extension Invocation {
  /// Appends the invocation as a RUN packet carries it (docs/wire.md). `plugin`: its position in the order of LOAD;
  /// `slot`: its cancel word.
  package func write(into body: inout WireEncoder, plugin: Int = 0, slot: Int) throws(WireError) {
    body.put(
      id, UInt32(clamping: plugin), UInt32(clamping: task.index), UInt32(clamping: attempt), UInt32(clamping: slot))
    try body.put(workflow)
    try body.put(node)
    try body.put(run)
    try body.put(temporaryDirectory)
    body.put(seed.words, unixNanoseconds, timeout.map { max(1, $0.nanoseconds) } ?? 0)
    try body.put(configuration)
    body.put(UInt32(clamping: inputs.count))
    for input in inputs { try body.put(input) }
    body.put(UInt8(checkpoint == nil ? 0 : 1))
    if let checkpoint { body.put(blob: Payload(checkpoint)) }
    body.put(UInt32(clamping: secrets.count))
    for (name, secret) in secrets {
      try body.put(name)
      try body.put(secret)
    }
  }
}

extension Failure {
  /// What became of an attempt that was told to end and did not succeed.
  package static func timedOut(_ call: Invocation, detail: String) -> Failure {
    let limit = call.timeout.map { "\($0)" } ?? ""
    return Failure(.timeout, "the task took longer than its limit of \(limit)", detail: detail)
  }

  package static func cancelled(detail: String) -> Failure { Failure(.cancelled, "cancelled", detail: detail) }
}
