import Glibc
import Plugins
import Processes
import Synchronization
import Tasks
import Testing
import Values
import Workers

@Suite struct RealWorkerTests {
  @Test func aThousandCalls() throws {
    let house = try CHouse()
    let outcomes = house.run(try (0..<1000).map { try house.call("add", .int($0)) })
    #expect(outcomes.map(\.value) == (1...1000).map { .int($0) })
    #expect(outcomes.allSatisfy { $0.usage.wallNanoseconds >= 0 && $0.usage.process > 0 })
  }

  @Test(arguments: [
    ("segv", Failure.Kind.crash, "SIGSEGV"), ("aborts", .crash, "SIGABRT"), ("exits", .crash, "exited with status 1"),
    ("overflow", .crash, "SIGSEGV"), ("silent", .contract, "without setting output `y`"), ("twice", .contract, ""),
    ("wrong", .contract, "`y`"), ("nowhere", .contract, ""), ("odd", .contract, ""), ("badtext", .contract, ""),
    ("steals", .contract, ""), ("thread", .crash, "SIGABRT"), ("closes", .crash, ""), ("secret", .input, ""),
  ])
  func eachHostileTaskIsContained(name: String, kind: Failure.Kind, message: String) throws {
    let house = try CHouse()
    let outcomes = house.run([try house.call("add"), try house.call(name), try house.call("add")])
    #expect(outcomes[0].value == .int(2) && outcomes[2].value == .int(2))
    let failure = outcomes[1].failure
    if name == "secret" {
      #expect(failure != nil)
    } else {
      #expect(failure?.kind == kind, "\(outcomes[1].result)")
    }
    #expect(failure?.message.contains(message) == true, "\(String(describing: failure))")
  }

  @Test func exitZeroIsNoSuccess() throws {
    let house = try CHouse()
    #expect(house.one(try house.call("exits", .int(0))).failure?.kind == .crash)
  }

  @Test func aCrashKeepsTheLastLines() throws {
    let house = try CHouse()
    #expect(house.one(try house.call("segv")).failure?.log == ["about to fall"])
  }

  @Test func aHangEndsAtItsDeadline() throws {
    let house = try CHouse()
    let call = try house.call("hang", timeout: .milliseconds(40), grace: .milliseconds(80))
    let outcomes = house.run([try house.call("add"), call, try house.call("add")])
    #expect(outcomes.map { $0.failure?.kind } == [nil, .timeout, nil])
  }

  @Test(arguments: [Urgency.ask, .stop, .kill]) func cancellationReachesARunningTask(urgency: Urgency) throws {
    let house = try CHouse()
    let notes = Notes(onStart: { house.pool.cancel($0, urgency) })
    #expect(house.one(try house.call("polite"), notes).failure?.kind == .cancelled)
  }

  @Test func cancelUnblocksATask() throws {
    let house = try CHouse()
    let notes = Notes(onStart: { house.pool.cancel($0, .stop) })
    let failure = house.one(try house.call("blocks", grace: .seconds(60)), notes).failure
    #expect(failure?.kind == .cancelled && failure?.detail.contains("SIG") == false, "\(String(describing: failure))")
  }

  @Test func aMemoryLimitHolds() throws {
    let house = try CHouse()
    let crash = house.one(try house.call("eat", .int(4096), memoryLimit: 256 << 20)).failure
    #expect(crash?.kind == .crash && crash?.message.contains("memory limit is 256 MiB") == true)
    let refused = house.one(try house.call("starve", .int(4096), memoryLimit: 256 << 20)).failure
    #expect(refused?.kind == .resource && refused?.message.contains("memory limit is 256 MiB") == true)
    #expect(refused?.number == ENOMEM)
    #expect(house.one(try house.call("add", memoryLimit: 256 << 20)).value == .int(2))
  }

  @Test func noiseIsBounded() throws {
    let house = try CHouse()
    let notes = Notes()
    #expect(house.one(try house.call("noise"), notes).value == .int(1))
    let bytes = notes.lines.reduce(0) { $0 + $1.utf8.count }
    #expect(bytes > 900_000 && bytes < 1_200_000)
    #expect(notes.lines.last?.contains("dropped") == true)
  }

  @Test func whatATaskSaysArrives() throws {
    let house = try CHouse()
    let notes = Notes(onProgress: { house.pool.cancel($0, .ask) })
    #expect(house.one(try house.call("talks"), notes).value == .int(1))
    let content = notes.content.withLock { $0 }
    #expect(content.log.map(\.2) == ["hello"] && content.metrics == ["auc=0.5@2"])
    #expect(content.checkpoints == [Array("saved".utf8)] && content.progress == ["1.0/4.0 quarter"])
  }

  @Test func largeValuesAreSharedBothWays() throws {
    let house = try CHouse()
    guard case .bytes(let big) = house.one(try house.call("big", .int(8 << 20))).value,
      case .region(let region, _, _) = big.storage
    else {
      Issue.record("no region")
      return
    }
    #expect(big.count == 8 << 20 && big.withUnsafeBytes { $0.allSatisfy { $0 == 0x71 } })
    #expect(region.descriptor != nil)
    #expect(house.one(try house.call("sum", .bytes(big))).value == .int(Int64(8 << 20) * 0x71))
    guard case .bytes(let echoed) = house.one(try house.call("echo", .bytes(big))).value,
      case .region(let same, _, _) = echoed.storage
    else {
      Issue.record("no region")
      return
    }
    #expect(same === region)
    let heap = Value.bytes(Payload([UInt8](repeating: 1, count: 100_000)))
    let sums = house.run(try (0..<300).map { _ in try house.call("sum", heap) })
    #expect(sums.allSatisfy { $0.value == .int(100_000) })
    let small = Value.bytes(Payload([UInt8](repeating: 2, count: 60_000)))
    #expect(house.run(try (0..<9).map { _ in try house.call("sum", small) }).allSatisfy { $0.value == .int(120_000) })
  }

  @Test func filesAndWidening() throws {
    let house = try CHouse()
    #expect(house.one(try house.call("widen")).value == .float(3))
    let call = try house.call("makes")
    guard case .file(let file) = house.one(call).value else {
      Issue.record("no file")
      return
    }
    #expect(file.size == 5 && file.path.hasPrefix(call.temporaryDirectory + "/"))
  }

  @Test func secretsAndCheckpointsReachTheTask() throws {
    let house = try CHouse()
    let secret = try house.call("secret").with(secrets: ["token": "hush"])
    #expect(house.one(secret).value == .string("hush"))
    let resume = try house.call("resume")
    #expect(house.one(resume).value == .int(-1))
    #expect(house.one(resume.with(checkpoint: [1, 2, 3])).value == .int(3))
  }

  @Test func freshProcessesAreFresh() throws {
    let house = try CHouse()
    let pids = house.run(try (0..<3).map { _ in try house.call("pid", isolation: .fresh) }).map { $0.usage.process }
    #expect(Set(pids).count == 3)
  }

  @Test func manyThreadsShareThePool() throws {
    let house = try CHouse()
    let good = Atomic<Int>(0)
    var threads: [pthread_t] = []
    for _ in 0..<4 {
      var thread = pthread_t()
      let work = Work {
        for _ in 0..<20 {
          guard let calls = try? (0..<25).map({ try house.call("add", .int($0)) }) else { return }
          let outcomes = house.run(calls)
          if outcomes.map(\.value) == (1...25).map({ .int($0) }) { good.add(1, ordering: .relaxed) }
        }
      }
      try #require(work.start(&thread))
      threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
    #expect(good.load(ordering: .relaxed) == 80)
  }

  @Test func missingAndBrokenPluginsAreLoadFailures() throws {
    let house = try CHouse()
    var call = try house.call("add")
    call = call.with(task: call.task.moved { $0.path = "/no/such.so" })
    #expect(house.one(call).failure?.kind == .load)
    call = call.with(task: call.task.moved { $0.path = "/etc/passwd" })
    #expect(house.one(call).failure?.kind == .load)
    let nobody = WorkerPool(WorkerConfiguration(worker: "/no/worker"))
    let failure = nobody.run([call], observer: Notes())[0].failure
    #expect(failure?.kind == .load && failure?.message.contains("/no/worker") == true)
  }

  /// The engine is killed while a worker runs: nothing of the worker is left.
  @Test func aWorkerDoesNotOutliveTheEngine() async throws {
    let note: String = "/tmp/assay-orphan-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    let worker = try CHouse.worker()
    let directory = try CHouse.built.get()
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [note = note as String, worker = worker as String, directory = directory as String] in
      let house = try OrphanHouse(worker: worker, directory: directory)
      house.run(note)
    }
    let pid = try #require(pid_t(try Files.text(note)))
    try Files.remove(note)
    #expect(vanishes(pid))
  }
}

/// The engine of the test above: kills itself as soon as its worker runs.
private struct OrphanHouse {
  let pool: WorkerPool
  let task: InstalledTask
  let hang: InstalledTask

  init(worker: String, directory: String) throws {
    let pool = WorkerPool(WorkerConfiguration(worker: worker))
    self.pool = pool
    let catalog = Catalog(directories: [directory], cacheDirectory: "/nonexistent", engineVersion: "test") {
      source throws(Failure) in try pool.describe(source)
    }
    let plugin = try catalog.plugin(id: "t")
    task = try #require(plugin.task(named: "pid"))
    hang = try #require(plugin.task(named: "hang"))
  }

  func run(_ note: String) {
    let first = pool.run(
      [Invocation(id: 1, task: task, inputs: [.int(1)], temporaryDirectory: "/tmp")], observer: Notes())
    try? Files.writeAtomically(note, Array("\(first[0].usage.process)".utf8))
    let end = Notes(onStart: { _ in kill(getpid(), SIGKILL) })
    _ = pool.run([Invocation(id: 2, task: hang, inputs: [.int(1)], temporaryDirectory: "/tmp")], observer: end)
  }
}

/// True once the process has ended (a zombie that nobody reaps has, too); gives up after very many looks.
private func vanishes(_ pid: pid_t) -> Bool {
  for _ in 0..<1_000_000 {
    guard kill(pid, 0) == 0 else { return true }
    let handle = open("/proc/\(pid)/stat", O_RDONLY)
    guard handle >= 0 else { return true }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(handle, &buffer, buffer.count)
    close(handle)
    if String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).contains(") Z ") { return true }
    sched_yield()
  }
  return false
}
