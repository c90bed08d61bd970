internal import CProcess
internal import Glibc
internal import Processes
internal import Synchronization
internal import Tasks

/// Where other threads leave cancellations for the thread that runs a batch. Writing wakes its `poll`.
final class Mailbox: Sendable {
  private struct State {
    var attempts: [UInt64] = []
    var requests: [(attempt: UInt64, urgency: Urgency)] = []
  }

  /// Readable while something lies in it.
  let descriptor: Int32
  private let state = Mutex(State())

  init() throws(SystemError) {
    descriptor = cprocess_event()
    guard descriptor >= 0 else { throw SystemError("create an event descriptor", number: -descriptor) }
  }

  deinit { Glibc.close(descriptor) }

  /// From now on it is the mailbox of these attempts.
  func open(for attempts: [UInt64]) {
    state.withLock { $0.attempts = attempts }
  }

  /// It is nobody's mailbox any more.
  func close() {
    let late = state.withLock { state in
      defer { state = State() }
      return !state.requests.isEmpty
    }
    if late { cprocess_event_clear(descriptor) }
  }

  /// Leaves a request; false when the attempt is not of this batch.
  func post(_ attempt: UInt64, _ urgency: Urgency) -> Bool {
    let accepted = state.withLock { state in
      guard state.attempts.contains(attempt) else { return false }
      state.requests.append((attempt, urgency))
      return true
    }
    if accepted { cprocess_event_raise(descriptor) }
    return accepted
  }

  /// Empties it.
  func take() -> [(attempt: UInt64, urgency: Urgency)] {
    cprocess_event_clear(descriptor)
    return state.withLock { state in
      defer { state.requests = [] }
      return state.requests
    }
  }
}
