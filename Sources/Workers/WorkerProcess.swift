internal import CProcess
internal import Calls
internal import Glibc
internal import Processes
internal import Tasks
internal import Values

/// One worker: its process, socket, page and output pipes.
///
/// `@unchecked`: used by one thread at a time; the pool's lock hands it from one to the next.
final class WorkerProcess: @unchecked Sendable {
  let key: WorkerKey
  let child: Child
  let socket: Int32
  let page: SharedPage
  /// Standard output and standard error; -1 once closed by the worker.
  var pipes: [Int32]
  var lines = [LineSplitter(), LineSplitter()]
  /// The describe document, once loaded.
  var document: String?
  /// Batches that it has seen to their end.
  var exchanges = 0
  private(set) var ending: Ending?

  var pid: Int32 { child.pid }

  init(_ key: WorkerKey, _ plan: LaunchPlan, _ configuration: WorkerConfiguration) throws(SystemError) {
    self.key = key
    page = try SharedPage()
    var owned: [Int32] = []
    func pair(_ make: (UnsafeMutablePointer<Int32>?) -> Int32, _ what: String) throws(SystemError) -> (Int32, Int32) {
      var ends: [Int32] = [-1, -1]
      let status = make(&ends)
      guard status == 0 else { throw SystemError(what, number: -status) }
      owned += ends
      return (ends[0], ends[1])
    }
    do throws(SystemError) {
      let (ours, theirs) = try pair(cprocess_socket_pair, "create a socket")
      let (out, outEnd) = try pair(cprocess_pipe, "create a pipe")
      let (err, errEnd) = try pair(cprocess_pipe, "create a pipe")
      var environment = configuration.environment
      environment["PYTHONUNBUFFERED"] = "1"
      // Unless somebody asks for them: Swift's traces take long and swallow signals that were sent, not earned.
      environment["SWIFT_BACKTRACE"] = environment["SWIFT_BACKTRACE"] ?? "enable=no"
      child = try Child.start(
        plan.arguments, environment: environment, descriptors: [nil, outEnd, errEnd, theirs], ownGroup: true)
      for end in [theirs, outEnd, errEnd] { close(end) }
      socket = ours
      pipes = [out, err]
    } catch {
      for end in owned { close(end) }
      throw error
    }
  }

  deinit {
    if ending == nil { _ = end() }
    close(socket)
    for pipe in pipes where pipe >= 0 { close(pipe) }
  }

  /// A signal to the worker and everything in its process group.
  func signal(_ number: Int32) {
    guard ending == nil else { return }
    kill(-child.pid, number)
  }

  /// Kills what is left, waits and takes the remains. Idempotent.
  func end() -> Ending {
    if let ending { return ending }
    // The group outlives its leader; as long as that is not reaped its number cannot be taken by another.
    kill(-child.pid, SIGKILL)
    let result = child.reap()
    ending = result
    return result
  }

  private var wasAsked = false

  /// Asks it to finish: `deinit`, exit 0.
  func askToFinish() {
    guard ending == nil, !wasAsked else { return }
    wasAsked = true
    guard let packet = try? OutgoingPacket(.bye, WireEncoder()), (try? packet.send(socket)) == true else {
      return signal(SIGKILL)
    }
  }

  /// Asks it to finish and gives it `milliseconds`; then it is killed.
  func retire(within milliseconds: Int32 = 2_000) {
    guard ending == nil else { return }
    askToFinish()
    _ = child.hasEnded(within: milliseconds)
    _ = end()
  }

  /// Something lies in the socket.
  var hasPackets: Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) > 0 && Int32(entry.revents) & POLLIN != 0
  }

  /// The next packet, without waiting.
  enum Received {
    case packet(IncomingPacket)
    case nothing
    /// The other side is gone.
    case end
  }

  func receive(regionFor: (Int32) throws(SystemError) -> any Region) throws(WireError) -> Received {
    var descriptors = [Int32](repeating: -1, count: Int(CPROCESS_MAX_DESCRIPTORS))
    var descriptorCount: Int32 = 0
    var received = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Frame.packetLimit) { buffer, count in
      received = cprocess_receive(socket, buffer.baseAddress, buffer.count, &descriptors, &descriptorCount)
      count = max(0, received)
    }
    if received == 0 || received == -Int(ECONNRESET) { return .end }
    if received == -Int(EAGAIN) { return .nothing }
    guard received > 0 else { throw WireError("\(SystemError("receive", number: Int32(-received)))", at: 0) }
    let attached = Array(descriptors.prefix(Int(descriptorCount)))
    return .packet(try IncomingPacket(bytes, descriptors: attached, regionFor: regionFor))
  }
}

// MARK: - Waiting

extension WorkerProcess {
  struct Readiness: OptionSet {
    let rawValue: Int
    /// A packet, or the end of the connection.
    static let socket = Readiness(rawValue: 1)
    /// The socket takes packets again.
    static let room = Readiness(rawValue: 2)
    static let mail = Readiness(rawValue: 4)
    static let output = Readiness(rawValue: 8)
    /// The process has ended.
    static let ended = Readiness(rawValue: 16)
  }

  /// Sleeps until something happens or `deadline` (monotonic nanoseconds; nil: no limit) has passed.
  func wait(mail: Int32, wantsRoom: Bool, until deadline: Int64?) -> Readiness {
    // The socket is first: what a task wrote before its DONE is then seen together with that.
    var entries = [
      pollfd(fd: socket, events: Int16(POLLIN | (wantsRoom ? POLLOUT : 0)), revents: 0),
      pollfd(fd: pipes[0], events: Int16(POLLIN), revents: 0),
      pollfd(fd: pipes[1], events: Int16(POLLIN), revents: 0),
      pollfd(fd: mail, events: Int16(POLLIN), revents: 0),
      pollfd(fd: child.handle, events: Int16(POLLIN), revents: 0),
    ]
    let rest = deadline.map { Swift.max(0, ($0 - cprocess_clock() + 999_999) / 1_000_000) }
    guard poll(&entries, nfds_t(entries.count), rest.map { Int32(clamping: $0) } ?? -1) > 0 else { return [] }
    var result: Readiness = []
    if Int32(entries[0].revents) & (POLLIN | POLLHUP | POLLERR) != 0 { result.insert(.socket) }
    if Int32(entries[0].revents) & POLLOUT != 0 { result.insert(.room) }
    if entries[1].revents != 0 || entries[2].revents != 0 { result.insert(.output) }
    if entries[3].revents != 0 { result.insert(.mail) }
    if entries[4].revents != 0 { result.insert(.ended) }
    return result
  }

  /// Reads what the worker wrote to its standard output (info) and error (warning), without waiting.
  func drain(_ line: (LogLevel, String) -> Void) {
    for (index, level) in [LogLevel.info, .warning].enumerated() where pipes[index] >= 0 {
      guard !lines[index].drain(pipes[index], { line(level, $0) }) else { continue }
      lines[index].finish { line(level, $0) }
      close(pipes[index])
      pipes[index] = -1
    }
  }

  /// What is left of lines without a break, when the attempt that wrote them is over.
  func flushLines(_ line: (LogLevel, String) -> Void) {
    lines[0].finish { line(.info, $0) }
    lines[1].finish { line(.warning, $0) }
  }
}
