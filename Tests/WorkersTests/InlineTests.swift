import Calls
import Glibc
import Plugins
import Synchronization
import Tasks
import Testing
import Values
import Workers

/// The inline runner runs the same tasks as the workers, and gives the same outcomes where nobody crashes.
@Suite struct InlineTests {
  @Test(arguments: [
    "add", "silent", "twice", "wrong", "widen", "nowhere", "odd", "badtext", "steals", "resume", "secret",
  ])
  func sameOutcomeAsInAWorker(name: String) throws {
    let house = try CHouse()
    let inline = InlineRunner()
    defer { inline.shutDown() }
    let call = try house.call(name)
    let here = inline.run([call], observer: Notes())[0]
    let there = house.one(call)
    #expect(here.value == there.value)
    #expect(here.failure?.kind == there.failure?.kind && here.failure?.message == there.failure?.message)
    #expect(here.failure?.port == there.failure?.port)
    #expect(here.usage.process == 0)
  }

  @Test func longBatchesAndLargeValues() throws {
    let house = try CHouse()
    let inline = InlineRunner()
    defer { inline.shutDown() }
    let notes = Notes()
    let outcomes = inline.run(try (0..<700).map { try house.call("add", .int($0)) }, observer: notes)
    #expect(outcomes.map(\.value) == (1...700).map { .int($0) })
    // Short calls are announced now and then, long ones always.
    let started = notes.content.withLock { $0.started }
    #expect(started.first == outcomes.first?.id)
    #expect(started == outcomes.map(\.id).filter(Set(started).contains))
    let big = inline.run([try house.call("big", .int(1 << 20))], observer: notes)[0].value
    guard case .bytes(let payload) = big, case .region(let region, _, _) = payload.storage else {
      Issue.record("no region")
      return
    }
    let echo = inline.run([try house.call("echo", .bytes(payload))], observer: notes)[0].value
    guard case .bytes(let back) = echo, case .region(let same, _, _) = back.storage else {
      Issue.record("no region")
      return
    }
    #expect(same === region)
    let sums = inline.run(try (0..<200).map { _ in try house.call("sum", .bytes(payload)) }, observer: notes)
    #expect(sums.allSatisfy { $0.value == .int(Int64(1 << 20) * 0x71) })
  }

  @Test func whatATaskSaysArrivesAndItCanBeAsked() throws {
    let house = try CHouse()
    let inline = InlineRunner()
    defer { inline.shutDown() }
    let notes = Notes(onProgress: { inline.cancel($0, .ask) })
    #expect(inline.run([try house.call("talks")], observer: notes)[0].value == .int(1))
    let content = notes.content.withLock { $0 }
    #expect(content.log.map(\.2) == ["hello"] && content.metrics == ["auc=0.5@2"])
    #expect(content.checkpoints == [Array("saved".utf8)] && content.progress == ["1.0/4.0 quarter"])
  }

  @Test func limitsRaiseTheFlagAndCallCancel() throws {
    let house = try CHouse()
    let inline = InlineRunner()
    defer { inline.shutDown() }
    let flag = inline.run([try house.call("polite", timeout: .milliseconds(20))], observer: Notes())[0]
    #expect(flag.failure?.kind == .timeout)
    let told = inline.run([try house.call("blocks", timeout: .milliseconds(20))], observer: Notes())[0]
    #expect(told.failure?.kind == .timeout, "\(told.result)")
    let notes = Notes(onStart: { inline.cancel($0, .stop) })
    #expect(inline.run([try house.call("blocks")], observer: notes)[0].failure?.kind == .cancelled)
  }

  @Test func waitingOnesAreCancelled() throws {
    let house = try CHouse()
    let inline = InlineRunner()
    defer { inline.shutDown() }
    let calls = try (0..<3).map { _ in try house.call("add") }
    let notes = Notes(onStart: { if $0 == calls[0].id { inline.cancel(calls[2].id, .ask) } })
    #expect(inline.run(calls, observer: notes).map { $0.failure?.kind } == [nil, nil, .cancelled])
  }

  @Test func whatCannotRunHereSaysSo() throws {
    let house = try CHouse()
    let inline = InlineRunner()
    defer { inline.shutDown() }
    var call = try house.call("add")
    call = call.with(task: call.task.moved { $0.path = "/no/such.so" })
    #expect(inline.run([call], observer: Notes())[0].failure?.kind == .load)
    call = call.with(task: call.task.moved { $0.kind = .python })
    #expect(inline.run([call], observer: Notes())[0].failure?.kind == .unsupported)
    #expect(inline.run([], observer: Notes()).isEmpty)
  }

  @Test func threadsTakeTurns() throws {
    let house = try CHouse()
    let inline = InlineRunner()
    defer { inline.shutDown() }
    let good = Atomic<Int>(0)
    var threads: [pthread_t] = []
    for _ in 0..<4 {
      var thread = pthread_t()
      let work = Work {
        for _ in 0..<20 {
          guard let calls = try? (0..<25).map({ try house.call("add", .int($0)) }) else { return }
          let values = inline.run(calls, observer: Notes()).map(\.value)
          if values == (1...25).map({ .int($0) }) { good.add(1, ordering: .relaxed) }
        }
      }
      try #require(work.start(&thread))
      threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
    #expect(good.load(ordering: .relaxed) == 80)
  }
}
