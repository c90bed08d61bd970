import Calls
import Glibc
import Processes
import Synchronization
import Tasks
import Testing
import Values
import Workers

@Suite struct ExchangeTests {
  @Test func aBatchComesBackInOrder() throws {
    let house = try FakeHouse()
    let notes = Notes()
    let calls = (0..<700).map { house.call("add", [.int(Int64($0))]) }
    let outcomes = house.run(calls, notes)
    #expect(outcomes.map(\.id) == calls.map(\.id))
    #expect(outcomes.map(\.value) == (1...700).map { .int(Int64($0)) })
    #expect(notes.content.withLock { $0.started } == calls.map(\.id))
    #expect(outcomes[0].usage.process > 0 && outcomes[0].usage.wallNanoseconds == 1000)
    #expect(house.run([]).isEmpty)
  }

  @Test func aWorkerServesManyBatchesAndFreshOnesServeOne() throws {
    let house = try FakeHouse()
    let pids = (0..<3).map { _ in house.one(house.call("pid")).value }
    #expect(pids[0] != nil && Set(pids.map { "\(String(describing: $0))" }).count == 1)
    let fresh = house.run((0..<3).map { _ in house.call("pid", isolation: .fresh) }).map(\.value)
    #expect(Set((fresh + pids).map { "\(String(describing: $0))" }).count == 4)
  }

  @Test func aCrashIsOneFailureAndTheOthersRun() throws {
    let house = try FakeHouse()
    var calls = (0..<9).map { house.call("add", [.int(Int64($0))]) }
    calls[4] = house.call("segv")
    calls[7] = house.call("exit 0")
    let outcomes = house.run(calls)
    for (index, outcome) in outcomes.enumerated() where index != 4 && index != 7 {
      #expect(outcome.value == .int(Int64(index + 1)))
    }
    let crash = try #require(outcomes[4].failure)
    #expect(crash.kind == .crash && crash.signal == SIGSEGV)
    #expect(crash.message.contains("SIGSEGV") && crash.message.contains("fake.task"))
    // Whose line it is that was printed in a batch is a guess; alone it is not.
    #expect(house.one(house.call("segv")).failure?.log == ["about to fall"])
    #expect(outcomes[4].usage.peakMemoryBytes > 0 && outcomes[4].usage.process > 0)
    let exit = try #require(outcomes[7].failure)
    #expect(exit.kind == .crash && exit.message.contains("exited with status 0"))
  }

  @Test func aResultLostBeforeACrashIsRunAgainOnlyIfItMay() throws {
    let house = try FakeHouse()
    let outcomes = house.run([house.call("add", [.int(1)], traits: []), house.call("exit 3", traits: [])])
    #expect(outcomes[0].failure?.kind == .lost)
    #expect(outcomes[1].failure?.kind == .crash && outcomes[1].failure?.number == 3)
  }

  /// What it had written before is gone: it would be in its way.
  @Test func anAttemptWhoseResultWasLostBeginsInAnEmptyDirectory() throws {
    let house = try FakeHouse()
    let outcomes = house.run([house.call("folder"), house.call("exit 3")])
    #expect(outcomes[0].value == .int(7), "\(outcomes[0])")
    #expect(outcomes[1].failure?.kind == .crash)
  }

  @Test func aMemoryLimitIsMentioned() throws {
    let house = try FakeHouse()
    let failure = house.one(house.call("exit 1", memoryLimit: 512 << 20)).failure
    #expect(failure?.message.contains("memory limit is 512 MiB") == true, "\(String(describing: failure))")
  }

  @Test(arguments: ["garbage", "trailing", "foreign", "count"])
  func aBrokenProtocolIsAContractFailure(node: String) throws {
    let house = try FakeHouse()
    let outcomes = house.run([house.call("add", [.int(1)]), house.call(node), house.call("add", [.int(2)])])
    #expect(outcomes[1].failure?.kind == .contract, "\(outcomes[1])")
    #expect(outcomes[0].value == .int(2) && outcomes[2].value == .int(3))
  }

  @Test func aWorkerThatHangsUpIsBuried() throws {
    let house = try FakeHouse()
    #expect(house.one(house.call("close")).failure?.kind == .crash)
  }

  @Test(arguments: [
    ("none", ValueType.int(nil), "`result` was not set"), ("many", .int(nil), "2 outputs"),
    ("text 5", .int(nil), "expected int, got"), ("add", .string, "expected string, got"),
    ("file /etc/passwd", .file(nil), "lies outside"), ("file TMP/missing", .file(nil), "there is no file"),
    ("file TMP/a-link", .file(nil), "lies outside"), ("add", .int(.init(10, 20)), "10..20"),
  ])
  func outputsAreChecked(node: String, type: ValueType, message: String) throws {
    let house = try FakeHouse()
    let failure = house.one(house.call(node, [.int(1)], output: type)).failure
    #expect(failure?.kind == .contract)
    #expect(failure?.message.contains(message) == true, "\(String(describing: failure))")
  }

  @Test func soundOutputsPass() throws {
    let house = try FakeHouse()
    #expect(house.one(house.call("add", [.int(1)], output: .float(nil))).value == .float(2))
    let absent = house.one(house.call("none", optional: true))
    #expect(absent.failure == nil && absent.value == nil)
    guard case .file(let file) = house.one(house.call("file TMP/made", output: .file(nil))).value else {
      Issue.record("no file")
      return
    }
    #expect(file.size == 5 && file.path.hasSuffix("/tmp/made"))
  }

  @Test func failuresSayWhatTheTaskSaid() throws {
    let house = try FakeHouse()
    let failure = try #require(house.one(house.call("fail")).failure)
    #expect(failure.kind == .transient && failure.code == "io.busy" && failure.number == 503)
    #expect(failure.message == "the service is busy" && failure.detail == "trace" && failure.port == "x")
    #expect(failure.retryable == true && failure.retryAfter == .milliseconds(1500))
    let kinds: [Failure.Kind] = [.failed, .transient, .input, .cancelled, .resource, .unsupported, .contract]
    for (index, kind) in kinds.enumerated() {
      #expect(house.one(house.call("status \(-1 - index)")).failure?.kind == kind)
    }
    #expect(house.one(house.call("status 77")).failure?.kind == .contract)
  }

  @Test func whatATaskSaysArrives() throws {
    let house = try FakeHouse()
    let notes = Notes(onProgress: { house.pool.cancel($0, .ask) })
    let call = house.call("logs")
    #expect(house.one(call, notes).value == .int(0))
    let content = notes.content.withLock { $0 }
    #expect(content.log.map(\.2) == ["careful"] && content.log[0].1 == .warning)
    #expect(content.metrics == ["auc=0.9@3"] && content.checkpoints == [Array("saved".utf8)])
    #expect(content.progress == ["3.0/10.0 epoch"] && content.started == [call.id])
  }

  @Test func noiseIsCutAndNeverBlocks() throws {
    let house = try FakeHouse()
    let notes = Notes()
    let call = house.call("noise 5000000")
    #expect(house.one(call, notes).value == .int(0))
    let content = notes.content.withLock { $0 }
    let bytes = content.log.reduce(0) { $0 + $1.2.utf8.count }
    #expect(bytes > 900_000 && bytes < 1_100_000)
    #expect(content.log.allSatisfy { $0.0 == call.id })
    #expect(content.log.last?.2.contains("bytes of output dropped") == true)
    let few = Notes()
    #expect(house.one(house.call("noise 0"), few).value == .int(0))
    #expect(few.lines == [String(repeating: "x", count: 99), "last words"])
    #expect(few.content.withLock { $0.log[1].1 } == .warning)
  }

  @Test func largeValuesGoByDescriptor() throws {
    let house = try FakeHouse()
    let bytes = [UInt8](repeating: 7, count: 1 << 20)
    #expect(house.one(house.call("size", [.bytes(Payload(bytes))])).value == .int(1 << 20))
    #expect(house.one(house.call("size", [.bytes(Payload([1, 2]))])).value == .int(-2))
    let region = try SharedMemory.copy(bytes)
    let slice = Payload(region, offset: 1000, count: 500_000)
    let echoed = house.one(house.call("echo", [.bytes(slice)], output: .bytes)).value
    guard case .bytes(let back) = echoed, case .region(let same, offset: 1000, count: 500_000) = back.storage else {
      Issue.record("\(String(describing: echoed))")
      return
    }
    #expect(same === region, "what was sent is recognised, not mapped again")
  }

  @Test(arguments: ["sealed", "open"]) func largeOutputsAreShared(kind: String) throws {
    let house = try FakeHouse()
    guard case .bytes(let payload) = house.one(house.call("big \(kind)", output: .bytes)).value,
      case .region(let region, offset: 0, count: 200_000) = payload.storage
    else {
      Issue.record("no region")
      return
    }
    #expect(payload.withUnsafeBytes { $0.allSatisfy { $0 == 0x71 } })
    // Whatever the worker sent, nobody can change it now.
    let descriptor = try #require(region.descriptor)
    #expect(write(descriptor, [0], 1) == -1 && errno == EPERM)
  }

  @Test func aSliceBeyondItsDescriptorIsAContractFailure() throws {
    let house = try FakeHouse()
    #expect(house.one(house.call("beyond", output: .bytes)).failure?.kind == .contract)
  }
}

@Suite struct CancellationTests {
  @Test func aTimeoutEscalatesToSIGKILL() throws {
    let house = try FakeHouse()
    let outcomes = house.run([
      house.call("add", [.int(1)]), house.call("stubborn", timeout: .milliseconds(50), grace: .milliseconds(80)),
      house.call("add", [.int(2)]),
    ])
    #expect(outcomes[0].value == .int(2) && outcomes[2].value == .int(3))
    #expect(outcomes[1].failure?.kind == .timeout)
    #expect(outcomes[1].failure?.detail.contains("SIGKILL") == true)
  }

  @Test func aTimeoutFirstAsksThenTellsThenTerminates() throws {
    let house = try FakeHouse()
    let flag = house.one(house.call("polite 1", timeout: .milliseconds(30))).failure
    #expect(flag?.kind == .timeout && flag?.detail == "")
    let told = house.one(house.call("polite 2", timeout: .milliseconds(30), grace: .seconds(60))).failure
    #expect(told?.kind == .timeout && told?.detail == "")
    let ended = house.one(house.call("forever", timeout: .milliseconds(30), grace: .milliseconds(200))).failure
    #expect(ended?.kind == .timeout && ended?.detail.contains("SIGTERM") == true)
  }

  @Test(arguments: [(Urgency.ask, "polite 1"), (.stop, "polite 2"), (.kill, "forever")])
  func aRunningAttemptIsCancelled(urgency: Urgency, node: String) throws {
    let house = try FakeHouse()
    let notes = Notes(onStart: { house.pool.cancel($0, urgency) })
    #expect(house.one(house.call(node, grace: .seconds(60)), notes).failure?.kind == .cancelled)
    #expect(house.one(house.call("add", [.int(1)])).value == .int(2))
  }

  @Test func stopKillsAfterTheGrace() throws {
    let house = try FakeHouse()
    let notes = Notes(onStart: { house.pool.cancel($0, .stop) })
    let failure = house.one(house.call("stubborn", grace: .milliseconds(50)), notes).failure
    #expect(failure?.kind == .cancelled && failure?.detail.contains("SIGKILL") == true)
  }

  @Test func anAttemptMayFinishAlthoughAsked() throws {
    let house = try FakeHouse()
    let notes = Notes(onStart: { house.pool.cancel($0, .ask) })
    #expect(house.one(house.call("lazy"), notes).value == .int(5))
  }

  @Test func waitingAttemptsAreCancelledWithoutRunning() throws {
    let house = try FakeHouse()
    // Far more than are sent ahead, behind one that waits to be stopped.
    let calls = [house.call("polite 1")] + (0..<600).map { house.call("add", [.int(Int64($0))]) }
    let last = calls[600].id
    let first = calls[0].id
    let notes = Notes(onStart: { id in
      guard id == first else { return }
      house.pool.cancel(last, .ask)
      house.pool.cancel(first, .stop)
      house.pool.cancel(0, .kill)
    })
    let outcomes = house.run(calls, notes)
    #expect(outcomes[0].failure?.kind == .cancelled && outcomes[600].failure?.kind == .cancelled)
    #expect(outcomes[1..<600].allSatisfy { $0.value != nil })
    #expect(!notes.content.withLock { $0.started.contains(last) })
  }

  @Test func aWorkerKilledFromOutsideIsACrash() throws {
    let house = try FakeHouse()
    guard case .int(let pid) = house.one(house.call("pid")).value else {
      Issue.record("no pid")
      return
    }
    let notes = Notes(onStart: { _ in kill(pid_t(pid), SIGKILL) })
    let failure = house.one(house.call("forever"), notes).failure
    #expect(failure?.kind == .crash && failure?.signal == SIGKILL)
  }

  @Test func anIdleWorkerThatDiedIsReplaced() throws {
    let house = try FakeHouse()
    guard case .int(let pid) = house.one(house.call("pid")).value else {
      Issue.record("no pid")
      return
    }
    kill(pid_t(pid), SIGKILL)
    #expect(house.one(house.call("add", [.int(1)])).value == .int(2))
  }

  /// It never begins what it is sent, and looks alive.
  @Test func aStoppedIdleWorkerMeetsTheDeadline() throws {
    let house = try FakeHouse()
    guard case .int(let pid) = house.one(house.call("pid")).value else {
      Issue.record("no pid")
      return
    }
    kill(pid_t(pid), SIGSTOP)
    let outcomes = house.run([
      house.call("add", [.int(1)], timeout: .milliseconds(50), grace: .milliseconds(40)), house.call("add", [.int(1)]),
    ])
    #expect(outcomes[0].failure?.kind == .timeout && outcomes[0].failure?.detail.contains("SIG") == true)
    #expect(outcomes[1].value == .int(2))
  }

  /// Nobody has given a limit: a person ends it.
  @Test func aStoppedIdleWorkerIsKilledOnRequest() throws {
    let house = try FakeHouse()
    guard case .int(let pid) = house.one(house.call("pid")).value else {
      Issue.record("no pid")
      return
    }
    kill(pid_t(pid), SIGSTOP)
    let call = house.call("add", [.int(1)])
    let isOver = Mutex(false)
    var thread = pthread_t()
    let insistent = Work { while !isOver.withLock({ $0 }) { house.pool.cancel(call.id, .kill) } }
    try #require(insistent.start(&thread))
    #expect(house.one(call).failure?.kind == .cancelled)
    isOver.withLock { $0 = true }
    pthread_join(thread, nil)
  }

  @Test func childrenOfAWorkerGoWithIt() throws {
    let house = try FakeHouse()
    let note = house.path + "/child"
    #expect(house.one(house.call("child \(note)")).failure?.kind == .crash)
    let pid = try #require(pid_t(try Files.text(note)))
    // Dead, and perhaps not yet reaped by init.
    let state = (try? Files.read("/proc/\(pid)/stat")).map { String(decoding: $0, as: UTF8.self) }
    #expect(state == nil || state?.isEmpty == true || state?.contains(") Z") == true || kill(pid, 0) != 0)
  }
}

@Suite struct LoadingTests {
  @Test func describeGivesTheDocument() throws {
    let house = try FakeHouse()
    let source = house.call("add").task.source
    #expect(try house.pool.describe(source).hasPrefix("{\"about\""))
  }

  @Test func aRefusalIsALoadFailure() throws {
    let house = try FakeHouse()
    let outcomes = house.run((0..<3).map { _ in house.call("add", [.int(1)], source: "refuse.py") })
    #expect(outcomes.allSatisfy { $0.failure?.kind == .load && $0.failure?.message == "wrong generation" })
  }

  @Test func aDeathWhileLoadingIsALoadFailure() throws {
    let house = try FakeHouse()
    let failure = house.one(house.call("add", [.int(1)], source: "die.py")).failure
    #expect(failure?.kind == .load && failure?.message.contains("SIGABRT") == true && failure?.log == ["bad luck"])
  }

  @Test func loadingHasALimitAndCanBeCancelled() throws {
    let quick = try FakeHouse(loadLimit: .milliseconds(100))
    let failure = quick.one(quick.call("add", [.int(1)], source: "hang.py")).failure
    #expect(failure?.code == "load.timeout")
    let house = try FakeHouse()
    let call = house.call("add", [.int(1)], source: "hang.py")
    let notes = Notes(onLog: { house.pool.cancel($0, .kill) })
    #expect(house.one(call, notes).failure?.kind == .cancelled)
  }

  @Test func aMissingInterpreterIsALoadFailure() throws {
    let house = try FakeHouse()
    var call = house.call("add", [.int(1)])
    call = call.with(task: call.task.moved { $0.interpreter?.executable = "/no/such/python" })
    let failure = house.one(call).failure
    #expect(failure?.kind == .load && failure?.message.contains("/no/such/python") == true)
    call = call.with(task: call.task.moved { $0.interpreter = nil })
    #expect(house.one(call).failure?.kind == .load)
  }

  @Test func aFullHouseMakesRoomOrWaits() throws {
    let house = try FakeHouse(maximumProcesses: 1)
    #expect(house.one(house.call("add", [.int(1)], source: "a.py")).value == .int(2))
    #expect(house.one(house.call("add", [.int(1)], source: "b.py")).value == .int(2))
    let sum = Mutex(0)
    var threads: [pthread_t] = []
    for index in 0..<4 {
      var thread = pthread_t()
      let work = Work {
        let ok = house.one(house.call("add", [.int(1)], source: "\(index).py")).value == .int(2)
        sum.withLock { $0 += ok ? 1 : 0 }
      }
      try #require(work.start(&thread))
      threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
    #expect(sum.withLock { $0 } == 4)
  }

  @Test func shutDownEndsAllProcesses() throws {
    let house = try FakeHouse()
    guard case .int(let pid) = house.one(house.call("pid")).value else {
      Issue.record("no pid")
      return
    }
    house.pool.shutDown()
    #expect(kill(pid_t(pid), 0) == -1)
  }
}

/// A closure for a thread of its own.
final class Work: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  func start(_ thread: inout pthread_t) -> Bool {
    pthread_create(
      &thread, nil,
      { raw in
        if let raw { Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body() }
        return nil
      }, Unmanaged.passRetained(self).toOpaque()) == 0
  }
}
