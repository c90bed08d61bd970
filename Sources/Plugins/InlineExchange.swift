internal import CHost
internal import CProcess
internal import Calls
internal import Glibc
internal import Processes
internal import Tasks
internal import Values

/// A part of a batch that runs inline: the bytes are those of a worker's, the socket is a function call.
///
/// Used by one thread; what a task's other threads append is guarded by `mutex`, which CHost takes.
final class InlineExchange {
  static let window = 128
  /// Calls are written down together up to about so many bytes.
  private static let bodyLimit = 1 << 20

  private let calls: [Invocation]
  private let observer: any AttemptObserver
  private let board: InlineBoard
  private let batch: InlineBoard.Batch
  private let blobs = BlobTable()
  private var book = LogBook()
  private var outcomes: [Outcome?]
  private var current = 0
  /// Results come in order.
  private var nextDone = 0
  /// When a call was last said to have started.
  private var announced: Int64 = 0
  /// How the attempt that just ended was told to end.
  private var stopped: [UInt64: Escalation] = [:]

  private let report = UnsafeMutablePointer<chost_report>.allocate(capacity: 1)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let words = UnsafeMutablePointer<Int32>.allocate(capacity: InlineExchange.window)

  init(
    _ calls: [Invocation], _ observer: any AttemptObserver, _ board: InlineBoard, _ batch: InlineBoard.Batch
  ) {
    precondition(calls.count <= Self.window)
    self.calls = calls
    self.observer = observer
    self.board = board
    self.batch = batch
    outcomes = Array(repeating: nil, count: calls.count)
    report.initialize(to: chost_report())
    words.initialize(repeating: 0, count: Self.window)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    chost_report_free(report)
    pthread_mutex_destroy(mutex)
    report.deallocate()
    mutex.deallocate()
    words.deallocate()
  }

  func run(on plugin: InlinePlugin) -> [Outcome] {
    var environment = chost_environment()
    environment.context = Unmanaged.passUnretained(self).toOpaque()
    environment.report = report
    environment.lock = lockReport
    environment.unlock = unlockReport
    environment.appended = reportAppended
    environment.progress = progressMade
    environment.cancel_word = cancelWord
    environment.begin = attemptBegan
    environment.end = attemptEnded
    var next = 0
    while next < calls.count { next = runPart(from: next, plugin, &environment) }
    return outcomes.indices.map { index in
      outcomes[index] ?? Outcome(id: calls[index].id, result: .failure(Failure(.contract, "no result was reported")))
    }
  }

  /// Writes down as many calls as fit, runs them one after the other, and reads what they reported. Gives the next call.
  private func runPart(from start: Int, _ plugin: InlinePlugin, _ environment: inout chost_environment) -> Int {
    var body = WireEncoder(place: blobs.place)
    body.reserve(4096)
    var written: [(index: Int, offset: Int)] = []
    var next = start
    while next < calls.count, body.bytes.count < Self.bodyLimit, body.regions.count < Wire.maximumDescriptors / 2 {
      let offset = body.bytes.count
      do throws(WireError) {
        try calls[next].write(into: &body, slot: next)
        written.append((next, offset))
      } catch {
        // What was written of it lies between two others, where nobody reads.
        finish(next, .failure(Failure(.input, "an input cannot be handed over: \(error)")), Usage())
      }
      next += 1
    }
    blobs.remember(body.regions)
    let descriptors = body.regions.compactMap(\.descriptor)
    body.bytes.withUnsafeBufferPointer { bytes in
      plugin.alone { handle in
        for call in written {
          run(call.index, UnsafeBufferPointer(rebasing: bytes[call.offset...]), descriptors, handle, &environment)
        }
      }
    }
    pthread_mutex_lock(mutex)
    takeReport()
    pthread_mutex_unlock(mutex)
    return next
  }

  private func run(
    _ index: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ descriptors: [Int32], _ plugin: OpaquePointer,
    _ environment: inout chost_environment
  ) {
    current = index
    guard !board.isCancelled(calls[index].id, of: batch) else {
      return finish(index, .failure(Failure(.cancelled, "cancelled before it started")), Usage())
    }
    var used = 0
    var plugin: OpaquePointer? = plugin
    let status = chost_run(
      &plugin, 1, bytes.baseAddress, bytes.count, &used, descriptors, UInt32(descriptors.count), &environment)
    if status != 0 { finish(index, .failure(Failure(.contract, "CHost refused the invocation")), Usage()) }
  }

  // MARK: - Called by CHost

  fileprivate func lock() { pthread_mutex_lock(mutex) }
  fileprivate func unlock() { pthread_mutex_unlock(mutex) }

  /// With the lock held.
  fileprivate func appended(urgent: Bool) {
    if urgent || report.pointee.descriptor_count > 100 { takeReport() }
  }

  fileprivate func word(_ slot: Int) -> UnsafeMutablePointer<Int32> { words + min(max(0, slot), Self.window - 1) }

  fileprivate func began(_ run: UnsafeMutableRawPointer?, slot: Int) {
    board.began(calls[current], of: batch, run, word(slot))
    // Calls that are over before anybody could look are not announced one by one.
    let now = cprocess_clock()
    guard now - announced > 500_000 else { return }
    announced = now
    observer.started(calls[current].id)
  }

  fileprivate func ended(_ attempt: UInt64) {
    if let stop = board.ended(batch), stop.step > .none { stopped[attempt] = stop }
  }

  fileprivate func progress(_ done: Double, _ total: Double, _ text: String) {
    observer.progress(calls[current].id, done: done, total: total, text)
  }

  // MARK: - Reading the report

  /// Reads all items and empties the report. With the lock held.
  private func takeReport() {
    let items = report.pointee.items
    guard items > 0 else { return }
    let bytes = Array(UnsafeBufferPointer(start: report.pointee.bytes, count: report.pointee.count))
    do throws(WireError) {
      var decoder = WireDecoder(bytes, regions: try regions())
      for _ in 0..<items { take(try ReportItem(&decoder)) }
      try decoder.finish()
    } catch {
      finish(current, .failure(Failure(.contract, "the report of the task cannot be read: \(error)")), Usage())
    }
    chost_report_clear(report)
  }

  private func regions() throws(WireError) -> [any Region] {
    var regions: [any Region] = []
    let count = Int(report.pointee.descriptor_count)
    let descriptors = withUnsafeBytes(of: &report.pointee.descriptors) { raw in
      Array(raw.bindMemory(to: Int32.self).prefix(count))
    }
    for descriptor in descriptors {
      let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
      guard copy >= 0 else { throw WireError("out of descriptors", at: 0) }
      do throws(SystemError) { regions.append(try blobs.region(for: copy)) } catch {
        throw WireError("\(error)", at: 0)
      }
    }
    return regions
  }

  private func take(_ item: ReportItem) {
    switch item {
    case .log(let attempt, let level, let time, let text): book.add(attempt, level, text, at: time, observer)
    case .metric(let attempt, let name, let value, let unit, let step, let time):
      observer.metric(attempt, name, value, unit: unit, step: step, unixNanoseconds: time)
    case .checkpoint(let attempt, let bytes): observer.checkpoint(attempt, bytes)
    case .done(let attempt, let completion):
      guard let index = (nextDone..<calls.count).first(where: { calls[$0].id == attempt }) else { return }
      nextDone = index + 1
      settle(index, completion)
    }
  }

  private func settle(_ index: Int, _ completion: Completion) {
    switch completion.result {
    case .success(let outputs):
      var check = OutputCheck(calls[index])
      finish(index, Result { () throws(Failure) in try check.accept(outputs) }, completion.usage)
    case .failure(var failure):
      let call = calls[index]
      if let stop = stopped.removeValue(forKey: call.id) {
        let detail = failure.kind == .cancelled ? "" : failure.message
        failure = stop.reason == .timeout ? .timedOut(call, detail: detail) : .cancelled(detail: detail)
      }
      finish(index, .failure(failure), completion.usage)
    }
  }

  private func finish(_ index: Int, _ result: Result<[Value?], Failure>, _ usage: Usage) {
    guard outcomes[index] == nil else { return }
    let id = calls[index].id
    var result = result
    let tail = book.isEmpty ? [] : book.close(id, at: cprocess_wall_clock(), observer)
    if case .failure(var failure) = result {
      failure.log = tail
      result = .failure(failure)
    }
    outcomes[index] = Outcome(id: id, result: result, usage: usage)
  }
}

// Functions rather than closures: they are called on whatever thread a task uses.

private func exchange(_ context: UnsafeMutableRawPointer?) -> InlineExchange? {
  context.map { Unmanaged<InlineExchange>.fromOpaque($0).takeUnretainedValue() }
}

private func lockReport(_ context: UnsafeMutableRawPointer?) { exchange(context)?.lock() }
private func unlockReport(_ context: UnsafeMutableRawPointer?) { exchange(context)?.unlock() }

private func reportAppended(_ context: UnsafeMutableRawPointer?, _ urgent: Int32) {
  exchange(context)?.appended(urgent: urgent != 0)
}

private func progressMade(
  _ context: UnsafeMutableRawPointer?, _ done: Double, _ total: Double, _ text: UnsafePointer<CChar>?
) {
  exchange(context)?.progress(done, total, text.map { String(cString: $0) } ?? "")
}

private func cancelWord(_ context: UnsafeMutableRawPointer?, _ slot: UInt32) -> UnsafePointer<Int32>? {
  exchange(context).map { UnsafePointer($0.word(Int(slot))) }
}

private func attemptBegan(
  _ context: UnsafeMutableRawPointer?, _ attempt: UInt64, _ slot: UInt32, _ run: UnsafeMutableRawPointer?
) {
  exchange(context)?.began(run, slot: Int(slot))
}

private func attemptEnded(_ context: UnsafeMutableRawPointer?, _ attempt: UInt64) { exchange(context)?.ended(attempt) }
