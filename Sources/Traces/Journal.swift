internal import Database
package import Events
internal import Glibc
package import Values

/// The one writer of a store's trace.
///
/// Appending is cheap and legal from any thread; a thread of its own writes what has come together in one transaction
/// (group commit). What was appended is committed in order: a crash costs a suffix, never a hole. After a failed write
/// the journal is *failed*: it takes nothing more and says so.
package final class Journal: Sendable {
  package let path: String
  package let durability: Durability

  /// Keys of results that are committed but not yet in the index; shared with readers of this process.
  let recent: RecentResults

  private let state: Monitor<State>
  private let lock: WriterLock
  private let thread: DedicatedThread

  private struct State {
    var pending: [Event] = []
    /// Places that they take in the trace.
    var pendingPlaces = 0
    /// Places taken so far, and of these the ones that are on disk.
    var appended: UInt64 = 0
    var committed: UInt64 = 0
    var nextRun: RunNumber
    var failure: TraceError?
    var isClosing = false
    var hasEnded = false
    /// The writer waits for the first event.
    var isIdle = false
    /// Threads that are in a hurry.
    var waiters = 0
  }

  /// Enough company for a transaction: more hardly makes a row cheaper.
  private static let goodBatch = 2048
  /// Appending blocks above this, so that a disk slower than the tasks costs time, not memory, and so that little is left
  /// to write when the last task has ended.
  private static let mostPending = 8_192

  /// Opens (or creates) the trace at `path` as its only writer, and marks runs that a dead engine left as interrupted.
  ///
  /// - Parameters:
  ///   - waiting: block while another engine has the store, instead of throwing `locked`.
  ///   - encode: the stored form of an output, input… (numbers go without it); called by the journal's thread.
  ///   - onCommit: told (by the journal's thread) the `committed` count after each commit; must not block or append.
  package init(
    path: String, durability: Durability = .full, waiting: Bool = false,
    encode: @escaping @Sendable (Value) -> [UInt8], onCommit: @escaping @Sendable (UInt64) -> Void = { _ in }
  ) throws(TraceError) {
    self.path = path
    self.durability = durability
    lock = try WriterLock(database: path, waiting: waiting)
    recent = RecentResults()
    let writer: JournalWriter
    do {
      writer = try JournalWriter(path: path, durability: durability, recent: recent, encode: encode)
    } catch {
      throw TraceError(error, path: path)
    }
    state = Monitor(State(nextRun: writer.lastRun + 1))
    // The thread owns the writer: when it has ended, the connection is closed.
    let started = DedicatedThread { [state, durability, path] in
      Self.write(state, writer, apart: durability == .strict ? 0 : 5_000_000, path, onCommit)
    }
    guard let started else { throw TraceError(.database, "no thread for the journal", path: path) }
    thread = started
  }

  deinit { close() }

  /// The number for a run to be started; each call gives another one.
  package func nextRun() -> RunNumber {
    state.withLock { state in
      defer { state.nextRun += 1 }
      return state.nextRun
    }
  }

  /// Takes events for writing, in order. Returns how many places were taken so far, for `wait(for:)`.
  ///
  /// Any thread; about 100 ns; blocks only while the disk is far behind. Throws after a failure or `close()`, and has
  /// then taken nothing.
  @discardableResult
  package func append(_ events: [Event]) throws(TraceError) -> UInt64 {
    let places = events.reduce(0) { $0 + $1.places }
    let result: Result<UInt64, TraceError> = state.wait(for: .progress) { state in
      if let failure = state.failure { return .failure(failure) }
      if state.isClosing { return .failure(TraceError(.closed, "the journal is closed", path: path)) }
      if state.pendingPlaces >= Self.mostPending { return nil }
      let before = state.pendingPlaces
      state.pending.append(contentsOf: events)
      state.pendingPlaces += places
      state.appended += UInt64(places)
      let isEnough = before < Self.goodBatch && state.pendingPlaces >= Self.goodBatch
      if state.isIdle || isEnough { self.state.signal(.work) }
      return .success(state.appended)
    }
    return try result.get()
  }

  /// Blocks until everything appended so far is committed.
  package func flush() throws(TraceError) { try wait(for: state.withLock { $0.appended }) }

  /// Blocks until place number `sequence` is committed, or throws the failure that prevents it.
  package func wait(for sequence: UInt64) throws(TraceError) {
    state.withLock { state in
      state.waiters += 1
      self.state.signal(.work)
    }
    defer { state.withLock { $0.waiters -= 1 } }
    let failure: TraceError? = state.wait(for: .progress) { state in
      if state.committed >= sequence { return .some(nil) }
      if let failure = state.failure { return .some(failure) }
      return state.hasEnded ? .some(TraceError(.closed, "the journal is closed", path: path)) : nil
    }
    if let failure { throw failure }
  }

  /// How many places are on disk.
  package var committed: UInt64 { state.withLock { $0.committed } }

  /// Why nothing can be written any more.
  package var failure: TraceError? { state.withLock { $0.failure } }

  /// Commits what was appended, ends the thread and gives the store free. Look at `failure` afterwards, or `flush` before.
  package func close() {
    let isFirst = state.withLock { state in
      defer { state.isClosing = true }
      return !state.isClosing
    }
    guard isFirst else { return }
    state.signal(.work)
    state.signal(.progress)
    thread.join()
    lock.release()
  }

  // MARK: the writer's thread

  private static func write(
    _ state: Monitor<State>, _ writer: JournalWriter, apart: Int, _ path: String,
    _ onCommit: @Sendable (UInt64) -> Void
  ) {
    var last = Int.min / 2
    while let (batch, places) = next(state, notBefore: last + apart) {
      do {
        try writer.write(batch)
        let committed = state.withLock { state in
          state.committed += UInt64(places)
          return state.committed
        }
        state.signal(.progress)
        onCommit(committed)
        last = Monitor<State>.now
      } catch {
        let failure = TraceError(error, path: path)
        state.withLock { state in
          state.failure = failure
          state.pending = []
        }
        break
      }
    }
    // After a failure nobody knows what is on disk: nothing more is written.
    if state.withLock({ $0.failure == nil }) { writer.finish() }
    state.withLock { $0.hasEnded = true }
    state.signal(.progress)
  }

  /// The next transaction's events, or nil at the end.
  ///
  /// The first event after a rest is written at once; when they come thick and fast, a transaction waits for company
  /// until `moment` (nanoseconds of the monotonic clock), unless somebody is in a hurry.
  private static func next(_ state: Monitor<State>, notBefore moment: Int) -> (events: [Event], places: Int)? {
    let isOver: Bool = state.wait(for: .work) { state in
      state.isIdle = state.pending.isEmpty && !state.isClosing
      return state.isIdle ? nil : state.pending.isEmpty
    }
    if isOver { return nil }
    state.pause(for: .work, until: moment) { $0.waiters > 0 || $0.isClosing || $0.pendingPlaces >= goodBatch }
    let batch = state.withLock { state in
      let batch = (events: state.pending, places: state.pendingPlaces)
      state.pending = []
      state.pending.reserveCapacity(batch.events.count)
      state.pendingPlaces = 0
      return batch
    }
    // Whoever found the buffer full may go on.
    if batch.places >= mostPending { state.signal(.progress) }
    return batch
  }
}
