internal import CProcess
internal import Calls
internal import Glibc
internal import Processes
internal import Tasks
internal import Values

/// One batch on one worker: sends RUNs ahead, reads REPORTs, watches deadlines, and judges a death.
///
/// Used by the thread that runs the batch. Two RUNs may be under way, so that the worker never waits for the next one;
/// a worker that cannot send because nobody reads, and an engine that cannot send because the worker is busy, never
/// wait for each other: sending never blocks.
struct Exchange {
  /// Invocations of one RUN, so that two of them have slots of their own.
  static let window = SharedPage.slots / 2
  /// A RUN's body is closed beyond this, so that it still fits a packet.
  static let bodyLimit = 48 << 10

  enum End {
    /// All attempts have ended; the worker can be used again.
    case done
    /// The worker is gone, or must go; these have not ended.
    case lost([Int])
  }

  private let worker: WorkerProcess
  private let batch: Batch
  /// Not yet sent, in order.
  private var waiting: ArraySlice<Int>
  /// Sent and not ended, in order, with their slots.
  private var sent: [(index: Int, slot: Int)] = []
  /// A RUN that waits for room in the socket, with the last of `sent`.
  private var packet: (packet: OutgoingPacket, count: Int)?
  private var nextSlot = 0
  /// Large values of this batch: what was sent, to recognise it when it comes back, and copies of heap bytes.
  private let blobs = BlobTable()

  // What the page said last.
  private var runningID: UInt64 = 0
  private var runningIndex: Int?
  private var runningSince: Int64 = 0
  /// The first of `sent`, and since when it is that.
  private var head: Int?
  private var headSince: Int64 = 0
  private var progressSequence: UInt64
  private var lastSign: Int64
  /// The attempt for which the worker was sent SIGTERM or SIGKILL.
  private var condemned: Int?

  init(_ worker: WorkerProcess, _ batch: Batch, _ indices: [Int]) {
    self.worker = worker
    self.batch = batch
    waiting = indices[...]
    progressSequence = worker.page.progressSequence
    lastSign = cprocess_clock()
  }

  mutating func run() -> End {
    while true {
      var alive = fill()
      if sent.isEmpty && waiting.isEmpty && packet == nil { return finished() }
      let ready = worker.wait(mail: batch.mailbox.descriptor, wantsRoom: packet != nil, until: nextLook())
      let now = cprocess_clock()
      if ready.contains(.mail) { batch.takeMail(at: now) }
      look(at: now)
      if ready.contains(.output) { drain(for: ready.contains(.socket) ? sent.first?.index : running) }
      if ready.contains(.socket) {
        lastSign = now
        do throws(WireError) { alive = try receive() && alive } catch { return violated(error) }
      }
      if !alive || ready.contains(.ended) { return bury() }
      enforce(at: now)
    }
  }

  private func finished() -> End {
    worker.exchanges += 1
    return condemned == nil ? .done : .lost([])
  }

  // MARK: - Sending

  /// Sends what there is room for; false when the worker is gone.
  private mutating func fill() -> Bool {
    do throws(SystemError) {
      while true {
        if packet == nil && sent.count <= Self.window && !waiting.isEmpty { packet = try nextPacket() }
        guard let next = packet else { return true }
        guard try next.packet.send(worker.socket) else { return true }
        packet = nil
      }
    } catch {
      takeBack(packet?.count ?? 0)
      packet = nil
      if error.number == EPIPE || error.number == ECONNRESET { return false }
      // Neither memory nor descriptors for the values: that is not the worker's fault.
      batch.fail(waiting, Failure(.resource, "the inputs cannot be handed to a worker: \(error)"))
      waiting = []
      return true
    }
  }

  /// A RUN with the next attempts, or nil when none of those tried can be sent.
  private mutating func nextPacket() throws(SystemError) -> (OutgoingPacket, Int)? {
    var body = WireEncoder(place: blobs.place)
    body.reserve(4096)
    body.put(UInt32(0))
    var count = 0
    while let index = waiting.first, count < Self.window, body.bytes.count < Self.bodyLimit,
      body.regions.count < Wire.maximumDescriptors / 2
    {
      waiting.removeFirst()
      guard !batch.withoutCancelled([index]).isEmpty else { continue }
      do throws(WireError) {
        try batch.calls[index].write(into: &body, slot: nextSlot)
      } catch {
        // The body holds half an invocation: it is written again, without this one.
        batch.finish(index, .failure(Failure(.input, "an input cannot be sent to a worker: \(error)")))
        takeBack(count)
        return try nextPacket()
      }
      worker.page.setCancel(slot: nextSlot, 0, wakes: false)
      sent.append((index, nextSlot))
      nextSlot = (nextSlot + 1) % SharedPage.slots
      count += 1
    }
    guard count > 0 else { return nil }
    body.patch(UInt32(count), at: 0)
    blobs.remember(body.regions)
    do throws(SystemError) { return (try OutgoingPacket(.run, body), count) } catch {
      takeBack(count)
      throw error
    }
  }

  /// The last `count` of `sent` were not sent after all.
  private mutating func takeBack(_ count: Int) {
    waiting = (sent.suffix(count).map(\.index) + waiting)[...]
    sent.removeLast(count)
  }

  // MARK: - Reading

  /// Takes one packet; false at the end of the connection.
  private mutating func receive() throws(WireError) -> Bool {
    let blobs = blobs
    switch try worker.receive(regionFor: { descriptor throws(SystemError) in try blobs.region(for: descriptor) }) {
    case .nothing: return true
    case .end: return false
    case .packet(var packet):
      guard packet.kind == .report else { throw WireError("a packet that is no report", at: 4) }
      let count = try packet.body.count(ofSize: 9)
      for _ in 0..<count { try take(try ReportItem(&packet.body)) }
      try packet.body.finish()
      return true
    }
  }

  private mutating func take(_ item: ReportItem) throws(WireError) {
    switch item {
    case .log(let attempt, let level, let time, let text):
      guard let index = position(of: attempt) ?? speaker else { return }
      batch.log(index, level, text, at: time)
    case .metric(let attempt, let name, let value, let unit, let step, let time):
      guard let index = position(of: attempt) else { return }
      batch.announce(index)
      batch.observer.metric(attempt, name, value, unit: unit, step: step, unixNanoseconds: time)
    case .checkpoint(let attempt, let bytes):
      guard let index = position(of: attempt) else { return }
      batch.announce(index)
      batch.observer.checkpoint(attempt, bytes)
    case .done(let attempt, let completion):
      guard let first = sent.first, batch.calls[first.index].id == attempt else {
        throw WireError("a result for attempt \(attempt), which was not the next", at: 0)
      }
      sent.removeFirst()
      batch.announce(first.index)
      if sent.isEmpty { finishLines(first.index) }
      settle(first.index, completion)
    }
  }

  private func settle(_ index: Int, _ completion: Completion) {
    let call = batch.calls[index]
    var usage = completion.usage
    usage.process = worker.pid
    switch completion.result {
    case .success(let outputs):
      var check = OutputCheck(call)
      let result = Result { () throws(Failure) in try check.accept(outputs) }
      batch.finish(index, result.mapError { $0 }, usage)
    case .failure(var failure):
      if let stop = batch.stops[index], stop.step > .none {
        failure = Self.stopped(stop, call, failure.kind == .cancelled ? "" : failure.message)
      } else if failure.isMemoryShortage {
        failure.message += memoryHint(call.memoryLimit)
      }
      batch.finish(index, .failure(failure), usage)
    }
  }

  private func position(of attempt: UInt64) -> Int? {
    sent.first { batch.calls[$0.index].id == attempt }?.index
  }

  /// Whose output it is that comes without a name: that of the attempt that runs, or ran last.
  private var speaker: Int? { running ?? sent.first?.index }

  /// The attempt that runs, as far as known.
  private var running: Int? { runningIndex.flatMap { batch.isOpen($0) ? $0 : nil } }

  private func drain(for attempt: Int?) {
    guard let speaker = attempt ?? speaker else { return worker.drain { _, _ in } }
    let time = cprocess_wall_clock()
    worker.drain { batch.log(speaker, $0, $1, at: time) }
  }

  /// The last words of the last attempt, without a line break.
  private func finishLines(_ index: Int) {
    let time = cprocess_wall_clock()
    worker.flushLines { batch.log(index, $0, $1, at: time) }
  }

  // MARK: - Time

  /// Reads the page: which attempt runs, and how far it is.
  private mutating func look(at now: Int64) {
    let id = worker.page.running
    if id != runningID {
      runningID = id
      runningIndex = id == 0 ? nil : position(of: id)
      runningSince = now
      if let running { batch.announce(running) }
    }
    let sequence = worker.page.progressSequence
    guard sequence != progressSequence, let running, let progress = worker.page.progress() else { return }
    progressSequence = sequence
    batch.observer.progress(batch.calls[running].id, done: progress.done, total: progress.total, progress.text)
  }

  /// The attempt on the clock: the one that runs, else the one that the worker should have begun: it may be stopped or stuck.
  private var current: Int? { running ?? head.flatMap { batch.isOpen($0) ? $0 : nil } }

  private func since(_ index: Int) -> Int64 { index == running ? runningSince : headSince }

  /// When to wake up although nothing came: for a deadline, a step of an escalation, or to look at the page. The first
  /// look is early, so that a long attempt is soon known to have started; a quick batch never gets there.
  private func nextLook() -> Int64? {
    let now = cprocess_clock()
    var tick: Int64 = now - lastSign < 20_000_000 ? 20_000_000 : 100_000_000
    if let index = current ?? sent.first?.index, let timeout = batch.calls[index].timeout {
      tick = min(tick, max(1_000_000, timeout.nanoseconds / 4))
    }
    var result = now + tick
    if let current {
      if let end = deadline(current) { result = min(result, end) }
      if let next = batch.stops[current]?.next { result = min(result, next) }
    }
    return result
  }

  private func deadline(_ index: Int) -> Int64? {
    guard batch.stops[index]?.reason != .timeout, let timeout = batch.calls[index].timeout else { return nil }
    let (end, overflow) = since(index).addingReportingOverflow(timeout.nanoseconds)
    return overflow ? nil : end
  }

  /// Carries out what is due for the current attempt, and flags those that wait in the worker.
  private mutating func enforce(at now: Int64) {
    if sent.first?.index != head {
      head = sent.first?.index
      headSince = now
    }
    let current = current
    if let current, let end = deadline(current), now >= end {
      if batch.stops[current] == nil {
        batch.stops[current] = Escalation(
          .timeout, .stop, since: now, grace: batch.calls[current].grace.nanoseconds)
      } else {
        batch.stops[current]?.raise(to: .stop, at: now)
      }
    }
    guard !batch.stops.isEmpty else { return }
    for (index, slot) in sent {
      guard batch.stops[index] != nil else { continue }
      guard index == current else {
        worker.page.setCancel(slot: slot, 1, wakes: false)
        continue
      }
      guard let step = batch.stops[index]?.advance(to: now) else { continue }
      worker.page.setCancel(slot: slot, step.word, wakes: true)
      guard step >= .terminate else { continue }
      condemned = index
      worker.signal(step == .kill ? SIGKILL : SIGTERM)
    }
  }

  // MARK: - Ends

  /// The worker is dead or dying: finds out whose fault it was.
  private mutating func bury() -> End {
    // Its last packets and words are still in the kernel.
    if !worker.child.hasEnded(within: 1_000) { worker.signal(SIGKILL) }
    do throws(WireError) {
      while !sent.isEmpty, try receive() { if !worker.hasPackets { break } }
    } catch { return violated(error) }
    let ending = worker.end()
    look(at: cprocess_clock())
    drain(for: nil)
    if let speaker { finishLines(speaker) }
    let rest = sent.map(\.index).filter(batch.isOpen)
    if let condemned {
      if rest.contains(condemned), let stop = batch.stops[condemned] {
        finish(condemned, Self.stopped(stop, batch.calls[condemned], "killed with \(ending.sentence)"), ending)
      }
      return .lost(remaining(rest))
    }
    if let running, rest.contains(running) {
      finish(running, crash(running, ending), ending)
      return .lost(remaining(rest))
    }
    // One that had worked before and died idle is no sign that the next will.
    if worker.exchanges == 0 { batch.losses += 1 }
    let remains = remaining(rest)
    guard batch.losses >= 3 else { return .lost(remains) }
    batch.fail(
      remains,
      Failure(
        .crash, "three workers in a row were lost before the task started: the last one \(ending.sentence)",
        signal: ending.signal))
    return .lost([])
  }

  /// What has to run again on another worker. An attempt before the one that runs has ended there, only its result is
  /// lost; a task that must not run twice then cannot be saved.
  private func remaining(_ rest: [Int]) -> [Int] {
    let boundary = runningIndex.flatMap { rest.firstIndex(of: $0) } ?? (runningID == 0 ? rest.count : 0)
    for index in rest[..<boundary] where !batch.calls[index].task.signature.traits.areRepeatable {
      batch.finish(index, .failure(Failure(.lost, "the worker died before the result of this attempt was reported")))
    }
    return (rest + Array(waiting)).filter(batch.isOpen)
  }

  private func crash(_ index: Int, _ ending: Ending) -> Failure {
    let call = batch.calls[index]
    let what =
      ending.signal != 0
      ? "died of \(ending.signalName) while it ran \(call.task.signature.id)"
      : "exited with status \(ending.code) before \(call.task.signature.id) had finished"
    return Failure(
      .crash, "the worker process " + what + memoryHint(call.memoryLimit), number: ending.code, signal: ending.signal)
  }

  private func finish(_ index: Int, _ failure: Failure, _ ending: Ending) {
    let usage = Usage(
      wallNanoseconds: cprocess_clock() - since(index), cpuNanoseconds: ending.cpuNanoseconds,
      peakMemoryBytes: ending.peakMemoryBytes, process: worker.pid)
    batch.announce(index)
    batch.finish(index, .failure(failure), usage)
  }

  /// The worker says what no worker may say: it is killed, and the attempt that ran has failed.
  private mutating func violated(_ error: WireError) -> End {
    look(at: cprocess_clock())
    let ending = worker.end()
    drain(for: nil)
    let rest = sent.map(\.index).filter(batch.isOpen)
    let guilty = running.flatMap { rest.contains($0) ? $0 : nil } ?? rest.first
    if let guilty {
      finish(guilty, Failure(.contract, "the worker broke the protocol: \(error)"), ending)
    }
    return .lost((rest + Array(waiting)).filter(batch.isOpen))
  }

  private static func stopped(_ stop: Escalation, _ call: Invocation, _ detail: String) -> Failure {
    stop.reason == .timeout ? .timedOut(call, detail: detail) : .cancelled(detail: detail)
  }
}

extension Failure {
  /// The failure looks like memory that could not be had.
  fileprivate var isMemoryShortage: Bool {
    kind == .resource || number == ENOMEM || code.hasSuffix("MemoryError") || message.contains("MemoryError")
  }
}
