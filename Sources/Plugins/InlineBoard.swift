internal import CHost
internal import CProcess
internal import Calls
internal import Glibc
internal import Processes
internal import Tasks

/// Who runs inline right now, and who is to end. Thread-safe.
final class InlineBoard: Sendable {
  struct Running {
    /// CHost's run, valid until `ended`.
    var run: UnsafeMutableRawPointer?
    var word: UnsafeMutablePointer<Int32>
    var deadline: Int64?
    var grace: Duration
    var stop: Escalation?
  }

  /// `@unchecked`: the pointers are used under the monitor's lock only.
  private struct State: @unchecked Sendable {
    var running: [UInt64: Running] = [:]
    /// Attempts of batches that are under way, by their first one.
    var batches: [UInt64: [UInt64]] = [:]
    var cancelled: Set<UInt64> = []
    var isWatched = false
    var isStopped = false
  }

  private let state = Monitor(State())

  func enter(_ calls: [Invocation]) {
    let ids = calls.map { $0.id }
    state.with { $0.batches[ids[0]] = ids }
    if calls.contains(where: { $0.timeout != nil }) { watch() }
  }

  func leave(_ calls: [Invocation]) {
    state.with { state in
      state.batches[calls[0].id] = nil
      guard !state.cancelled.isEmpty else { return }
      state.cancelled.subtract(calls.map(\.id))
    }
  }

  /// The attempt was cancelled before it began.
  func isCancelled(_ attempt: UInt64) -> Bool { state.with { $0.cancelled.contains(attempt) } }

  func began(_ call: Invocation, _ run: UnsafeMutableRawPointer?, _ word: UnsafeMutablePointer<Int32>) {
    let deadline = call.timeout.map { limit in
      let (end, overflow) = cprocess_clock().addingReportingOverflow(limit.nanoseconds)
      return overflow ? Int64.max : end
    }
    state.with(announcing: deadline != nil) {
      $0.running[call.id] = Running(run: run, word: word, deadline: deadline, grace: call.grace)
    }
  }

  /// What was done to end the attempt, or nil.
  func ended(_ attempt: UInt64) -> Escalation? { state.with { $0.running.removeValue(forKey: attempt)?.stop } }

  func cancel(_ attempt: UInt64, _ urgency: Urgency) {
    let now = cprocess_clock()
    state.with(announcing: true) { state in
      guard var running = state.running[attempt] else {
        if state.batches.values.contains(where: { $0.contains(attempt) }) { state.cancelled.insert(attempt) }
        return
      }
      if running.stop == nil {
        running.stop = Escalation(.cancel, urgency, since: now, grace: running.grace.nanoseconds)
      } else {
        running.stop?.raise(to: urgency, at: now)
      }
      Self.advance(&running, to: now)
      state.running[attempt] = running
    }
  }

  /// Ends the watching thread.
  func stop() { state.with(announcing: true) { $0.isStopped = true } }

  /// Takes the steps that are due. Under the lock, so that the run cannot end in the middle of its `cancel()`.
  private static func advance(_ running: inout Running, to now: Int64) {
    let before = running.stop?.step ?? .none
    guard let step = running.stop?.advance(to: now) else { return }
    cprocess_store32(running.word, step.word)
    if step >= .callCancel && before < .callCancel, let run = running.run { chost_cancel(run) }
  }

  // MARK: - Deadlines

  /// Starts the thread that watches deadlines, once.
  private func watch() {
    let isFirst = state.with { state in
      defer { state.isWatched = true }
      return !state.isWatched && !state.isStopped
    }
    guard isFirst else { return }
    var thread = pthread_t()
    let board = Unmanaged.passRetained(self)
    let status = pthread_create(&thread, nil, watchDeadlines, board.toOpaque())
    if status == 0 { pthread_detach(thread) } else { board.release() }
  }

  /// Waits for the next deadline and acts on it; false when it is time to go.
  fileprivate func watchOnce() -> Bool {
    var goesOn = true
    state.pause(until: { Self.next($0) }) { state in
      goesOn = !state.isStopped
      let now = cprocess_clock()
      for (attempt, var running) in state.running {
        if running.stop == nil, let deadline = running.deadline, deadline <= now {
          running.stop = Escalation(.timeout, .stop, since: now, grace: running.grace.nanoseconds)
        }
        Self.advance(&running, to: now)
        state.running[attempt] = running
      }
    }
    return goesOn
  }

  private static func next(_ state: State) -> Int64? {
    if state.isStopped { return 0 }
    return state.running.values.compactMap { running in
      guard let stop = running.stop else { return running.deadline }
      // Beyond cancel() there is nothing that can be done in the engine's own process.
      return stop.step < .callCancel ? stop.next : nil
    }.min()
  }
}

private func watchDeadlines(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let raw else { return nil }
  let board = Unmanaged<InlineBoard>.fromOpaque(raw).takeRetainedValue()
  while board.watchOnce() {}
  return nil
}
