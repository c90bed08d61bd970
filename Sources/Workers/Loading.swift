internal import CProcess
internal import Calls
internal import Glibc
internal import Processes
internal import Tasks
internal import Values

extension WorkerProcess {
  /// Greets a new worker and has it load its plugin. `lines` gets what is printed meanwhile; `mustStop` is asked after
  /// each event and ends it early. A worker that throws is of no further use.
  func load(
    _ plan: LaunchPlan, limit: Duration, mail: Int32 = -1, lines: (LogLevel, String) -> Void = { _, _ in },
    mustStop: () -> (stop: Bool, next: Int64?) = { (false, nil) }
  ) throws(Failure) {
    var tail: [String] = []
    func note(_ level: LogLevel, _ text: String) {
      tail.append(text)
      if tail.count > LogBook.tailLines { tail.removeFirst() }
      lines(level, text)
    }
    do throws(SystemError) {
      let hello = Frame.hello(memoryLimit: UInt64(clamping: key.memoryLimit))
      let greeted = try OutgoingPacket(.hello, hello, also: [page.descriptor]).send(socket)
      let body = try encoded { () throws(WireError) in
        try Frame.load(path: plan.path, source: plan.source, options: plan.options)
      }
      let asked = try OutgoingPacket(.load, body).send(socket)
      guard greeted && asked else {
        throw SystemError("send to a new worker", number: EAGAIN)
      }
    } catch {
      // Its end says more than the broken connection.
      guard error.number == EPIPE || error.number == ECONNRESET else { throw Failure(.load, "\(error)") }
    }
    let deadline = cprocess_clock() + limit.nanoseconds
    while document == nil {
      let (stop, next) = mustStop()
      if stop { throw Failure(.cancelled, "cancelled while its plugin was loading") }
      let ready = wait(mail: mail, wantsRoom: false, until: Swift.min(deadline, next ?? deadline))
      if ready.contains(.output) { drain(note) }
      if ready.contains(.socket) || ready.contains(.ended) {
        guard try takeLoaded(tail) else { throw deathWhileLoading(note, { tail }) }
      }
      if document == nil && cprocess_clock() >= deadline {
        throw Failure(.load, "loading \(name) took longer than \(limit)", code: "load.timeout", log: tail)
      }
    }
  }

  private var name: String { key.source.path }

  /// False at the end of the connection.
  private func takeLoaded(_ tail: [String]) throws(Failure) -> Bool {
    do throws(WireError) {
      while true {
        switch try receive(regionFor: { descriptor throws(SystemError) in try SharedMemory.adopt(descriptor) }) {
        case .nothing: return true
        case .end: return false
        case .packet(var packet):
          switch packet.kind {
          case .ready:
            let version: UInt32 = try packet.body.read()
            guard version == 1 else { throw WireError("a worker of protocol version \(version)", at: 0) }
          case .loaded:
            let status: Int32 = try packet.body.read()
            let text = try packet.body.string()
            try packet.body.finish()
            guard status == 0 else { throw WireError.refused(text) }
            document = text
            return true
          case .report: continue
          default: throw WireError("an unexpected packet while loading", at: 0)
          }
        }
      }
    } catch {
      if let reason = error.refusal { throw Failure(.load, reason, log: tail) }
      throw Failure(.contract, "the worker broke the protocol while loading \(name): \(error)", log: tail)
    }
  }

  private func deathWhileLoading(_ note: (LogLevel, String) -> Void, _ tail: () -> [String]) -> Failure {
    _ = child.hasEnded(within: 1_000)
    let ending = end()
    drain(note)
    flushLines(note)
    return Failure(
      .load,
      "the worker process \(ending.sentence) while it loaded \(name)"
        + memoryHint(key.memoryLimit), signal: ending.signal, log: tail())
  }
}

extension WireError {
  /// A plugin that says no travels as an error with an impossible offset.
  fileprivate static func refused(_ reason: String) -> WireError { WireError(reason, at: -1) }
  fileprivate var refusal: String? { offset == -1 ? message : nil }
}

/// A value that cannot be encoded is the caller's mistake, told like a failing system call.
private func encoded(_ body: () throws(WireError) -> WireEncoder) throws(SystemError) -> WireEncoder {
  do throws(WireError) { return try body() } catch { throw SystemError("\(error)", number: EINVAL) }
}

extension Ending {
  /// `died of SIGSEGV`, `exited with status 3`.
  var sentence: String { signal != 0 ? "died of \(signalName)" : "exited with status \(code)" }
}

/// What to say about a memory limit that may have been the reason; empty without one.
func memoryHint(_ limit: Int64) -> String {
  guard limit > 0 else { return "" }
  let mebibytes = Double(limit) / 1_048_576
  let text = mebibytes >= 1024 ? "\((mebibytes / 1024 * 10).rounded() / 10) GiB" : "\(Int(mebibytes)) MiB"
  return " (its memory limit is \(text): raise `resources memory` if it needs more)"
}
