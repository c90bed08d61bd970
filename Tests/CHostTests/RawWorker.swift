import CProcess
import Calls
import Foundation
import Glibc
import Processes
import Tasks
import Testing
import Values

/// A worker process at the other end of a real socket, without any of the engine's care.
final class RawWorker {
  let child: Child
  let socket: Int32
  private let page: UnsafeMutableRawPointer
  private var buffer = [UInt8](repeating: 0, count: 65_536)
  private(set) var ending: Ending?

  init(memoryLimit: UInt64 = 0, greets: Bool = true) throws {
    var ends: [Int32] = [-1, -1]
    try #require(cprocess_socket_pair(&ends) == 0)
    socket = ends[0]
    child = try Child.start(
      [Fixture.worker, "--socket", "3"], environment: Command.environment, descriptors: [nil, nil, nil, ends[1]],
      ownGroup: true)
    close(ends[1])
    let file = cprocess_memory_file("page", 4096)
    try #require(file >= 0)
    defer { close(file) }
    page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    page.storeBytes(of: 1, as: UInt32.self)
    guard greets else { return }
    var hello = WireEncoder()
    hello.put(UInt32(1))
    hello.put(memoryLimit)
    try send(1, hello.bytes, [file])
    let ready = try #require(try receive())
    #expect(ready.kind == 101)
  }

  deinit {
    if ending == nil {
      kill(child.pid, SIGKILL)
      _ = child.reap()
    }
    close(socket)
    munmap(page, 4096)
  }

  static func head(_ kind: UInt16, flags: UInt16 = 0, _ count: Int) -> [UInt8] {
    var head = WireEncoder()
    head.put(UInt32(0x3159_5341))
    head.put(kind)
    head.put(flags)
    head.put(UInt32(count))
    return head.bytes
  }

  func send(_ kind: UInt16, _ body: [UInt8], _ descriptors: [Int32] = []) throws {
    guard body.count > 65_000 else { return try sendRaw(Self.head(kind, body.count) + body, descriptors) }
    let file = try SharedMemory.copy(body)
    try sendRaw(Self.head(kind, flags: 1, body.count), [file.descriptor ?? -1] + descriptors)
  }

  func sendRaw(_ packet: [UInt8], _ descriptors: [Int32] = []) throws {
    let sent = cprocess_send(socket, packet, packet.count, nil, 0, descriptors, Int32(descriptors.count))
    try #require(sent == packet.count, "\(sent)")
  }

  /// The next packet, or nil at the end of the connection.
  func receive() throws -> (kind: UInt16, body: WireDecoder)? {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    try #require(poll(&entry, 1, 30_000) > 0, "the worker says nothing")
    var descriptors = [Int32](repeating: -1, count: Int(CPROCESS_MAX_DESCRIPTORS))
    var count: Int32 = 0
    let size = cprocess_receive(socket, &buffer, buffer.count, &descriptors, &count)
    guard size >= 12 else { return nil }
    var packet = WireDecoder(Array(buffer[..<size]))
    let magic: UInt32 = try packet.read()
    #expect(magic == 0x3159_5341)
    let kind: UInt16 = try packet.read()
    let flags: UInt16 = try packet.read()
    let length = Int(try packet.read(UInt32.self))
    var received = descriptors[..<Int(count)]
    var body = Array(buffer[12..<size])
    if flags == 1 {
      let first = received.popFirst()
      let file = try Received(try #require(first))
      body = file.withUnsafeBytes { Array($0) }
    }
    #expect(body.count == length)
    return (kind, WireDecoder(body, regions: try received.map { try Received($0) }))
  }

  /// Loads a fixture; nil when all is well, or the reason.
  func load(_ fixture: String) throws -> String? {
    var body = WireEncoder()
    try body.put(try Fixture.path(fixture))
    try body.put("")
    body.put(UInt32(0))
    try send(2, body.bytes)
    guard var packet = try receive() else { return "the worker is gone" }
    #expect(packet.kind == 102)
    let status: Int32 = try packet.body.read()
    let text = try packet.body.string()
    return status == 0 ? nil : text
  }

  /// The items of the next report.
  func items() throws -> [ReportItem] {
    guard var packet = try receive() else { return [] }
    #expect(packet.kind == 103)
    var items: [ReportItem] = []
    for _ in 0..<(try packet.body.read(UInt32.self)) { items.append(try ReportItem(&packet.body)) }
    try packet.body.finish()
    return items
  }

  /// Items until `count` attempts have ended; fewer when the worker has gone.
  func results(_ count: Int) throws -> [(attempt: UInt64, completion: Completion)] {
    var results: [(attempt: UInt64, completion: Completion)] = []
    while results.count < count {
      let items = try items()
      if items.isEmpty { break }
      for case .done(let attempt, let completion) in items { results.append((attempt, completion)) }
    }
    return results
  }

  func run(_ calls: [(plugin: Int, call: Invocation)]) throws {
    var body = WireEncoder { payload in payload.withUnsafeBytes { try? SharedMemory.copy($0) } }
    body.put(UInt32(calls.count))
    for (slot, entry) in calls.enumerated() { try entry.call.write(into: &body, plugin: entry.plugin, slot: slot) }
    try send(3, body.bytes, body.regions.compactMap(\.descriptor))
  }

  static func call(_ id: UInt64, task index: Int, _ inputs: [Value]) -> Invocation {
    let task = InstalledTask(
      signature: TaskSignature(id: "t", version: "1"), source: PluginSource(kind: .sharedObject, path: ""),
      index: index,
      code: Hasher256.digest([]))
    return Invocation(id: id, task: task, inputs: inputs, temporaryDirectory: "/tmp")
  }

  /// Waits, without a limit of its own, until the attempt is running.
  func awaitStart(_ attempt: UInt64) {
    while cprocess_load64(page + 8) != attempt && !child.hasEnded(within: 1) {}
  }

  func raise(slot: Int, _ word: Int32) {
    cprocess_store32(page + 1024 + 4 * slot, word)
    cprocess_wake(page + 1024 + 4 * slot)
  }

  func end() -> Ending {
    let ending = child.reap()
    self.ending = ending
    return ending
  }
}
