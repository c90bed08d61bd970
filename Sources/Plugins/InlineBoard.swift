internal import CHost
internal import CProcess
internal import Calls
internal import Glibc
internal import Processes
internal import Tasks

/// Who runs inline right now, and who is to end. Thread-safe.
final class InlineBoard: Sendable {
  struct Running {
    var attempt: UInt64
    /// CHost's run, valid until `ended`.
    var run: UnsafeMutableRawPointer?
    var word: UnsafeMutablePointer<Int32>
    var deadline: Int64?
    var grace: Duration
    var stop: Escalation?
  }

  /// A batch that is under way. `@unchecked`: used under the monitor's lock only.
  final class Batch: @unchecked Sendable {
    fileprivate let attempts: [UInt64]
    fileprivate var running: Running?
    /// Attempts that were cancelled before they began.
    fileprivate var cancelled: Set<UInt64> = []

    init(_ calls: [Invocation]) { attempts = calls.map { $0.id } }
  }

  private struct State {
    var batches: [Batch] = []
    var isWatched = false
    var isStopped = false
  }

  private let state = Monitor(State())

  func enter(_ calls: [Invocation]) -> Batch {
    let batch = Batch(calls)
    state.with { $0.batches.append(batch) }
    if calls.contains(where: { $0.timeout != nil }) { watch() }
    return batch
  }

  func leave(_ batch: Batch) { state.with { state in state.batches.removeAll { $0 === batch } } }

  /// The attempt was cancelled before it began.
  func isCancelled(_ attempt: UInt64, of batch: Batch) -> Bool {
    state.with { _ in !batch.cancelled.isEmpty && batch.cancelled.contains(attempt) }
  }

  func began(
    _ call: Invocation, of batch: Batch, _ run: UnsafeMutableRawPointer?, _ word: UnsafeMutablePointer<Int32>
  ) {
    let deadline = call.timeout.map { limit in
      let (end, overflow) = cprocess_clock().addingReportingOverflow(limit.nanoseconds)
      return overflow ? Int64.max : end
    }
    state.with(announcing: deadline != nil) { _ in
      batch.running = Running(attempt: call.id, run: run, word: word, deadline: deadline, grace: call.grace)
    }
  }

  /// What was done to end the attempt that ran, or nil.
  func ended(_ batch: Batch) -> Escalation? {
    state.with { _ in
      defer { batch.running = nil }
      return batch.running?.stop
    }
  }

  func cancel(_ attempt: UInt64, _ urgency: Urgency) {
    let now = cprocess_clock()
    state.with(announcing: true) { state in
      guard let batch = state.batches.first(where: { $0.attempts.contains(attempt) }) else { return }
      guard var running = batch.running, running.attempt == attempt else {
        batch.cancelled.insert(attempt)
        return
      }
      if running.stop == nil {
        running.stop = Escalation(.cancel, urgency, since: now, grace: running.grace.nanoseconds)
      } else {
        running.stop?.raise(to: urgency, at: now)
      }
      Self.advance(&running, to: now)
      batch.running = running
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
      for batch in state.batches {
        guard var running = batch.running else { continue }
        if running.stop == nil, let deadline = running.deadline, deadline <= now {
          running.stop = Escalation(.timeout, .stop, since: now, grace: running.grace.nanoseconds)
        }
        Self.advance(&running, to: now)
        batch.running = running
      }
    }
    return goesOn
  }

  private static func next(_ state: State) -> Int64? {
    if state.isStopped { return 0 }
    return state.batches.compactMap { batch in
      guard let running = batch.running else { return nil }
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
