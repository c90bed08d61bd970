import CProcess
import Calls
import Foundation
import Glibc
import Processes
import Tasks
import Testing
import Values

/// The worker program itself: its protocol, and what it makes of packets that break it.
@Suite struct WorkerTests {
  /// Position of a task in good.c.
  static func index(_ task: String) throws -> Int {
    let host = try Host("good")
    return try host.call("good.\(task)").task.index
  }

  @Test func aBatchIsAnsweredInOrder() throws {
    let worker = try RawWorker()
    #expect(try worker.load("good") == nil)
    let add = try Self.index("add")
    try worker.run((1...100).map { (0, RawWorker.call(UInt64($0), task: add, [.int(Int64($0)), .int(1)])) })
    let results = try worker.results(100)
    #expect(results.map(\.attempt) == Array(1...100))
    for (attempt, completion) in results { #expect(try completion.result.get() == [.int(Int64(attempt) + 1)]) }
    try worker.send(4, [])
    let ending = worker.end()
    #expect(ending.code == 0 && ending.signal == 0)
  }

  @Test func aPluginThatFailsToLoadKeepsItsNumber() throws {
    let worker = try RawWorker()
    #expect(try worker.load("refuses")?.contains("Monday") == true)
    #expect(try worker.load("good") == nil)
    let add = try Self.index("add")
    try worker.run([
      (1, RawWorker.call(1, task: add, [.int(1), .int(1)])), (0, RawWorker.call(2, task: 0, [])),
      (9, RawWorker.call(3, task: 0, [])),
    ])
    let results = try worker.results(3)
    #expect(try results[0].completion.result.get() == [.int(2)])
    for result in results.dropFirst() {
      guard case .failure(let failure) = result.completion.result else { continue }
      #expect(failure.kind == .contract && failure.message.contains("not loaded"))
    }
  }

  @Test(arguments: [("hang_until_cancelled", Int32(1)), ("hang_until_cancel_call", 2)])
  func cancelling(fixture: String, word: Int32) throws {
    let worker = try RawWorker()
    #expect(try worker.load(fixture) == nil)
    try worker.run([(0, RawWorker.call(5, task: 0, [.int(1)]))])
    worker.awaitStart(5)
    worker.raise(slot: 0, word)
    guard case .failure(let failure)? = try worker.results(1).first?.completion.result else {
      Issue.record("it was not cancelled")
      return
    }
    #expect(failure.kind == .cancelled)
  }

  @Test func aResultDoesNotWaitForASlowTaskBehindIt() throws {
    let worker = try RawWorker()
    #expect(try worker.load("good") == nil)
    #expect(try worker.load("hang_until_cancelled") == nil)
    let add = try Self.index("add")
    try worker.run([
      (0, RawWorker.call(1, task: add, [.int(1), .int(1)])), (1, RawWorker.call(2, task: 0, [.int(1)])),
    ])
    #expect(try worker.results(1).map(\.attempt) == [1])
    worker.raise(slot: 1, 1)
    #expect(try worker.results(1).map(\.attempt) == [2])
  }

  @Test func bodiesOfAnySize() throws {
    let worker = try RawWorker()
    #expect(try worker.load("good") == nil)
    let list = Value.list((0..<100_000).map { .int($0) })
    try worker.run([(0, RawWorker.call(1, task: try Self.index("echo_list"), [list]))])
    #expect(try worker.results(1).first?.completion.result.get() == [list])
  }

  @Test func moreLargeContentsThanAPacketHasRoomFor() throws {
    let worker = try RawWorker()
    #expect(try worker.load("good") == nil)
    let make = try Self.index("shared_bytes")
    try worker.run((1...256).map { (0, RawWorker.call(UInt64($0), task: make, [.int(70_000)])) })
    let results = try worker.results(256)
    #expect(results.count == 256)
    for result in results {
      guard case .bytes(let bytes)?? = try result.completion.result.get().first else { continue }
      #expect(bytes.count == 70_000)
    }
  }

  @Test func inputsThatDoNotFitTheMemoryLimitFailAloneAndCleanly() throws {
    let worker = try RawWorker(memoryLimit: 512 << 20)
    #expect(try worker.load("good") == nil)
    let file = cprocess_memory_file("large", 1 << 30)
    defer { close(file) }
    let large = try Received(dup(file))
    var body = WireEncoder()
    body.put(UInt32(2))
    let echo = RawWorker.call(
      1, task: try Self.index("echo_bytes"), [.bytes(Payload(large, offset: 0, count: large.count))])
    try echo.write(into: &body, slot: 0)
    try RawWorker.call(2, task: try Self.index("add"), [.int(1), .int(1)]).write(into: &body, slot: 1)
    try worker.send(3, body.bytes, [file])
    let results = try worker.results(2)
    guard case .failure(let failure)? = results.first?.completion.result else {
      Issue.record("it fitted")
      return
    }
    #expect(failure.kind == .resource)
    #expect(try results.last?.completion.result.get() == [.int(2)])
  }

  @Test func itEndsWithItsEngine() throws {
    let worker = try RawWorker()
    shutdown(worker.socket, Int32(SHUT_RDWR))
    let ending = worker.end()
    // It takes all of its group with it, if it has one of its own.
    #expect(ending.signal == 0 || ending.signal == SIGKILL)
  }

  static let broken: [[UInt8]] = [
    [], [1, 2, 3], [UInt8](repeating: 0, count: 12), RawWorker.head(3, 0), RawWorker.head(3, 1),
    RawWorker.head(3, 4) + [1, 0, 0, 0], RawWorker.head(3, 4) + [0xFF, 0xFF, 0xFF, 0xFF], RawWorker.head(2, 0),
    RawWorker.head(2, 4) + [0xFF, 0xFF, 0xFF, 0x7F], RawWorker.head(77, 0), RawWorker.head(1, 0),
    RawWorker.head(3, flags: 1, 4096), RawWorker.head(3, flags: 0xFFFE, 0), RawWorker.head(3, 0) + [0],
  ]

  @Test(arguments: broken.indices) func brokenPacketsEndTheWorkerInOrder(index: Int) throws {
    let worker = try RawWorker()
    guard !Self.broken[index].isEmpty else {
      let stranger = try RawWorker(greets: false)
      try stranger.send(3, [0, 0, 0, 0])
      let ending = stranger.end()
      #expect(ending.signal == 0 && ending.code == 70)
      return
    }
    try worker.sendRaw(Self.broken[index])
    let ending = worker.end()
    #expect(ending.signal == 0 && ending.code == 70)
  }

  /// Random damage to a RUN packet: the worker may refuse it and end, or do something else than asked, but must not die.
  @Test func damagedRunsNeverKillTheWorker() throws {
    let host = try Host("good")
    var samples: [[UInt8]] = []
    for (kind, value) in ValueTests.examples where kind != "tensor" || value != .null {
      var body = WireEncoder()
      body.put(UInt32(1))
      try host.call("good.echo_\(kind)", [value], checkpoint: [1, 2], secrets: ["token": "x"]).write(
        into: &body, slot: 0)
      if body.bytes.count < 60_000 { samples.append(body.bytes) }
    }
    var random = SeededRandom(seed: 20_261_121)
    var worker = try RawWorker()
    _ = try worker.load("good")
    for round in 0..<2_000 {
      var bytes = samples[Int(random.next() % UInt64(samples.count))]
      for _ in 0...Int(random.next() % 3) {
        let place = 24 + Int(random.next() % UInt64(bytes.count - 24))  // the task stays what it is
        bytes[place] = random.next() % 4 == 0 ? 0xFF : UInt8(truncatingIfNeeded: random.next())
      }
      if random.next() % 8 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count - 4))) }
      try worker.send(3, bytes)
      guard try worker.results(1).isEmpty else { continue }
      let ending = worker.end()
      #expect(ending.signal == 0 && ending.code == 70, "round \(round): signal \(ending.signal), code \(ending.code)")
      worker = try RawWorker()
      _ = try worker.load("good")
    }
  }

  @Test func commandLine() throws {
    var said: [String] = []
    #expect(try Command([Fixture.worker, "--version"]).run { said.append($0) }.succeeded)
    #expect(said.first?.hasPrefix("assay-worker ") == true)
    said = []
    #expect(try Command([Fixture.worker, "--describe", try Fixture.path("good")]).run { said.append($0) }.succeeded)
    #expect(said.joined().contains("\"good.add\""))
    #expect(try Command([Fixture.worker, "--describe", "/nowhere"]).run { _ in }.ending.code == 7)
    #expect(try Command([Fixture.worker]).run { _ in }.ending.code == 2)
  }
}

/// The same numbers each time.
struct SeededRandom {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
