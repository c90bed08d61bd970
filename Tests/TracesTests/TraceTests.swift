import Database
import Events
import Glibc
import Tasks
import Testing
import Values

@testable import Traces

@Suite struct TraceTests {
  let scratch = Scratch()

  /// Writes the events with a journal that is closed again.
  func record(_ events: [Event]) throws {
    let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
    try journal.append(events)
    try journal.flush()
    journal.close()
  }

  @Test func aRunIsReadBackAsItWasWritten() throws {
    var failure = Failure(.crash, "it died", code: "x.y", number: 3, detail: "trace", port: "p", signal: 11)
    failure.retryable = true
    failure.retryAfter = .milliseconds(1500)
    failure.log = ["one", "", "two"]
    try record([
      started(1), attempt(1, 0, key: key(1), reusable: true), attempt(1, 1, step: 1, attempt: 1, .failure(failure)),
      attempt(1, 1, step: 1, attempt: 2), finished(1),
    ])
    let trace = try Trace(path: scratch.database)
    let detail = try #require(try trace.detail(of: 1))
    #expect(detail.summary.uid == "uid-1")
    #expect(detail.summary.status == .succeeded)
    #expect(detail.summary.seed == .max)
    #expect(detail.summary.startedAt == 101)
    #expect(detail.summary.finishedAt == 201)
    #expect(detail.inputs == [NamedValue(name: "n", stored: encode(.int(5)))])
    #expect(detail.outputs == [NamedValue(name: "r", stored: encode(.int(1)))])
    #expect(detail.variants.map { $0.variant } == ["knn"])
    #expect(detail.steps.map(\.step.path) == ["s0", "s1"])
    #expect(detail.steps[0].step.outputs == ["value", "extra"])
    #expect(detail.steps[1].step.needs == [StepNeed(step: 0, shared: 1)])
    #expect(detail.steps[0].step.code == key(0))
    #expect(detail.steps[0].counts == StepCounts(succeeded: 1))
    #expect(detail.steps[1].counts == StepCounts(succeeded: 1, retries: 1))
    #expect(detail.steps[1].wallNanoseconds == 2000)
    #expect(try trace.documents(of: 1).map { $0.text } == ["assay 1\n"])

    let attempts = try trace.attempts(of: 1)
    #expect(attempts.map(\.attempt) == [1, 1, 2])
    #expect(attempts[0].key == key(1))
    #expect(attempts[0].components.map { $0.name } == ["task", "inputs.n"])
    #expect(attempts[0].components.map { $0.digest } == [taskDigest, key(1)])
    #expect(attempts[0].usage == Usage(wallNanoseconds: 1000, cpuNanoseconds: 7, peakMemoryBytes: 8, process: 9))
    guard case .success(let outputs) = attempts[0].result else { throw Failure(.failed, "no outputs") }
    #expect(outputs.count == 2)
    #expect(decoded(outputs[0]) == 0)
    #expect(outputs[1] == nil)
    guard case .failure(let found) = attempts[1].result else { throw Failure(.failed, "no failure") }
    #expect(found == failure)
    #expect(try trace.attempts(of: 1, node: 1).count == 2)
    #expect(try trace.attempts(of: 1, step: 0).count == 1)
    #expect(try trace.attempts(of: 1, after: attempts[0].sequence, limit: 1).map(\.attempt) == [1])
    #expect(decoded(try trace.outputs(of: 1, node: 1)?[0]) == 1)
    #expect(try trace.outputs(of: 1, node: 2) == nil)
    #expect(try trace.detail(of: 2) == nil)
  }

  @Test func runsAreListedNewestFirstAndFiltered() throws {
    try record(
      [started(1), finished(1), started(2, workflow: "other"), finished(2, .failed), started(3), finished(3, .failed)])
    let trace = try Trace(path: scratch.database)
    #expect(try trace.runs().map(\.run) == [3, 2, 1])
    #expect(try trace.runs(limit: 2).map(\.run) == [3, 2])
    #expect(try trace.runs(workflow: "main").map(\.run) == [3, 1])
    #expect(try trace.runs(status: .failed).map(\.run) == [3, 2])
    #expect(try trace.runs(workflow: "main", status: .succeeded, limit: 1).map(\.run) == [1])
    #expect(try trace.summary(of: 2)?.workflow == "other")
  }

  @Test func runsThatInterleaveKeepTheirOwnRows() throws {
    try record([
      started(1), started(2), attempt(1, 0), attempt(2, 0), attempt(1, 1), finished(1), attempt(2, 1), attempt(2, 2),
      finished(2),
    ])
    let trace = try Trace(path: scratch.database)
    #expect(try trace.attempts(of: 1).map(\.node.node) == [0, 1])
    #expect(try trace.attempts(of: 2).map(\.node.node) == [0, 1, 2])
  }

  @Test func reusableResultsAreFoundAtOnceAndLater() throws {
    let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
    let trace = try Trace(path: scratch.database, journal: journal)
    try journal.append([started(1), attempt(1, 7, key: key(7), reusable: true), attempt(1, 8, key: key(8))])
    try journal.flush()
    // Committed but not in the index yet.
    let found = try #require(try trace.reusable(key(7)))
    #expect(found.run == 1 && found.node == 7 && found.at == 1007)
    #expect(decoded(found.outputs[0]) == 7)
    #expect(try trace.reusable(key(8)) == nil)
    try journal.append([finished(1)])
    try journal.flush()
    #expect(try trace.reusable(key(7)) == found)
    // The latest result counts.
    try journal.append([started(2), attempt(2, 1, key: key(7), reusable: true)])
    try journal.flush()
    #expect(try trace.reusable([key(9), key(7)]).map { $0?.run } == [nil, 2])
    journal.close()
    #expect(try Trace(path: scratch.database).reusable(key(7))?.run == 2)
  }

  @Test func aKeyWithTheSameFirstBytesIsNotMistaken() throws {
    try record([started(1), attempt(1, 0, key: key(1), reusable: true), finished(1)])
    var bytes = key(1).bytes
    bytes[31] ^= 1
    #expect(try Trace(path: scratch.database).reusable(#require(Digest(bytes: bytes))) == nil)
  }

  @Test func aReusedNodeHasTheOutputsOfItsSource() throws {
    let reuse = { (run: RunNumber, node: Int, source: RunNumber) in
      Event.nodeReused(NodeReused(node: NodeReference(run: run, node: node, step: 0), key: key(1), from: source, at: 5))
    }
    try record([
      started(1), attempt(1, 10, key: key(1), reusable: true), finished(1), started(2), reuse(2, 3, 1), finished(2),
      // Another result under the same key.
      started(3), attempt(3, 30, key: key(1), reusable: true), finished(3), started(4), reuse(4, 4, 3),
    ])
    let trace = try Trace(path: scratch.database)
    #expect(decoded(try trace.outputs(of: 2, node: 3)?[0]) == 10)
    #expect(decoded(try trace.outputs(of: 4, node: 4)?[0]) == 30)
    let completed = try trace.completed(in: 2)
    #expect(completed.map(\.source) == [1])
    #expect(decoded(completed.first?.outputs[0]) == 10)
    #expect(try trace.detail(of: 2)?.steps[0].counts == StepCounts(reused: 1))
  }

  @Test func logsAndMetricsAreFollowedBySequence() throws {
    let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
    let line = { (node: Int, text: String) in
      Event.log(LogLine(run: 1, node: node, attempt: 1, level: .warning, text: text, at: 1))
    }
    try journal.append([started(1), line(0, "a"), line(-1, "b")])
    try journal.flush()
    let trace = try Trace(path: scratch.database)
    let first = try trace.logs(of: 1)
    #expect(first.map(\.line.text) == ["a", "b"])
    #expect(first[0].line.level == .warning)
    let point = MetricPoint(run: 1, node: 0, attempt: 1, name: "auc", value: .nan, unit: "", step: 4, at: 2)
    try journal.append([line(0, "c"), .metric(point)])
    try journal.flush()
    #expect(try trace.logs(of: 1, after: first[1].sequence).map(\.line.text) == ["c"])
    #expect(try trace.logs(of: 1, node: -1).map(\.line.text) == ["b"])
    #expect(try trace.logs(of: 1, node: 0, limit: 1).map(\.line.text) == ["a"])
    // Not a number is kept as one.
    let metrics = try trace.metrics(of: 1)
    #expect(metrics.map(\.point.name) == ["auc"])
    #expect(metrics.first?.point.value.isNaN == true)
    journal.close()
  }

  @Test func onlyTheLastCheckpointIsKeptAndNoneAfterSuccess() throws {
    try record([
      started(1), .checkpoint(run: 1, node: 2, bytes: [1]), .checkpoint(run: 1, node: 2, bytes: [2, 2]),
      finished(1, .failed),
      started(2), .checkpoint(run: 2, node: 2, bytes: [3]), finished(2),
    ])
    let trace = try Trace(path: scratch.database)
    #expect(try trace.checkpoint(of: 1, node: 2) == [2, 2])
    #expect(try trace.checkpoint(of: 2, node: 2) == nil)
  }

  @Test func mediansComeFromTheLatestRuns() throws {
    try record([
      started(1), attempt(1, 0, wall: 10), attempt(1, 1, wall: 30), attempt(1, 2, wall: 20),
      attempt(1, 3, step: 1, wall: 5),
      attempt(1, 4, wall: 999, .failure(Failure(.failed, "no"))), finished(1),
    ])
    let trace = try Trace(path: scratch.database)
    #expect(try trace.medianNanoseconds(workflow: "main") == ["s0": 20, "s1": 5])
    #expect(try trace.medianNanoseconds(workflow: "other").isEmpty)
  }

  @Test func aRunOfADeadEngineIsInterrupted() throws {
    let node = NodeReference(run: 1, node: 5, step: 1, item: "[3]")
    try record([
      started(1), attempt(1, 0, key: key(1)), .attemptStarted(AttemptStarted(node: node, attempt: 2, startedAt: 9)),
    ])
    // Seen by a reader before anybody writes again …
    let trace = try Trace(path: scratch.database)
    #expect(try trace.runs().map(\.status) == [.interrupted])
    #expect(try trace.runs(status: .running).isEmpty)
    // … and recorded by the next writer, whose own run is running.
    let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
    #expect(journal.nextRun() == 2)
    try journal.append([started(2, resumes: 1), attempt(2, 0)])
    try journal.flush()
    #expect(try trace.runs().map(\.status) == [.running, .interrupted])
    #expect(try trace.summary(of: 2)?.resumes == 1)
    #expect(try trace.completed(in: 1).map(\.node.node) == [0])
    #expect(try trace.unfinished(in: 1).map(\.node) == [node])
    #expect(try trace.detail(of: 1)?.steps[1].counts == StepCounts(running: 1))
    journal.close()
  }

  @Test func artifactsAreReferredToByRunAndNode() throws {
    let file = FileReference(path: "/x", size: 1, digest: key(50))
    let tree = FileReference(path: "/y", size: 1, digest: key(51))
    try record([
      started(1),
      attempt(1, 3, .success([.list([.file(file), .file(file)]), .record([.init("d", .directory(tree))])])),
      finished(1),
    ])
    let trace = try Trace(path: scratch.database)
    #expect(Set(try trace.artifactUses().map(\.digest)) == [key(50), key(51)])
    #expect(try trace.users(of: key(50)).map { $0.node } == [3])
    #expect(try trace.artifactUses().filter { $0.run == 2 }.map(\.digest).isEmpty)
  }

  @Test func thereIsNoTraceYet() {
    let error = #expect(throws: TraceError.self) { try Trace(path: scratch.database) }
    #expect(error?.code == .missing)
  }

  @Test func aNewerTraceIsRefusedByWriterAndReader() throws {
    try record([started(1)])
    do {
      let connection = try Connection(scratch.database)
      try connection.execute("PRAGMA user_version = 99")
    }
    #expect(#expect(throws: TraceError.self) { try Trace(path: scratch.database) }?.code == .newer)
    let error = #expect(throws: TraceError.self) {
      try Journal(path: scratch.database, durability: .normal, encode: encode)
    }
    #expect(error?.code == .newer)
    #expect(error?.message.contains("update assay") == true)
  }

  @Test func aDamagedTraceIsAnErrorNotACrash() throws {
    try record([started(1)] + (0..<2000).map { attempt(1, $0, key: key(UInt64($0)), reusable: true) } + [finished(1)])
    let file = open(scratch.database, O_RDWR)
    let junk = [UInt8](repeating: 0xA5, count: 4096)
    var size = lseek(file, 0, SEEK_END)
    while size > 8192 {
      size -= 4096
      pwrite(file, junk, junk.count, size)
    }
    close(file)
    let error = #expect(throws: TraceError.self) { try Trace(path: scratch.database).attempts(of: 1) }
    #expect(error?.code == .corrupt)
    #expect(throws: TraceError.self) {
      let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
      try journal.append([started(2)] + (0..<2000).map { attempt(2, $0, key: key(UInt64($0)), reusable: true) })
      try journal.flush()
    }
  }
}
