import Database
import Events
import Tasks
import Testing
import Values

@testable import Traces

/// A generator of numbers that gives the same ones each time.
private struct Numbers: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
  mutating func one<T>(of items: [T]) -> T { items[Int.random(in: items.indices, using: &self)] }
}

private func task(_ name: String) -> TaskRecord {
  TaskRecord(task: name, version: "1", code: key(1), components: [], parameters: [], outputs: [])
}

private func steps(_ count: Int, seed: UInt64) -> [StepRecord] {
  var numbers = Numbers(state: seed)
  let tasks = [task("a"), task("b"), task("c")]
  return (0..<count).map { index in
    var wiring = Wiring()
    if index > 0, Bool.random(using: &numbers) {
      wiring.add("x", [.output(step: Int.random(in: 0..<index, using: &numbers), port: 0), .input(300)])
    }
    return StepRecord(
      path: numbers.one(of: ["step", "prep.clean", "größe", ""]) + "\(index % 97)",
      phase: numbers.one(of: ["", "data preparation"]),
      isolation: numbers.one(of: Isolation.allCases), callee: numbers.one(of: tasks),
      needs: (0..<Int.random(in: 0...3, using: &numbers)).map {
        StepNeed(step: Int.random(in: 0...(1 << 40), using: &numbers), shared: $0)
      }, reuse: numbers.one(of: ["", "never", "1h"]), wiring: wiring)
  }
}

private func text(_ steps: [StepRecord]) -> [String] {
  steps.map { "\($0.path)|\($0.phase)|\($0.isolation)|\($0.task)|\($0.needs)|\($0.reuse)|\($0.wiring.bytes)" }
}

@Suite struct PlanRecordTests {
  @Test(arguments: [0, 1, 2, 500, 4095, 4096, 4097, 9000])
  func whatIsPackedIsUnpacked(count: Int) throws {
    let steps = steps(count, seed: UInt64(count))
    let record = PlanRecord(steps)
    #expect(record.count == count)
    #expect(text(record.steps) == text(steps))
    let read = try #require(PlanRecord(tasks: record.tasks, parts: record.parts))
    #expect(read.count == count)
    #expect(text(read.steps) == text(steps))
  }

  @Test func damageIsNoticedOrHarmless() {
    let record = PlanRecord(steps(40, seed: 5))
    let bytes = record.parts[0]
    for cut in 0..<bytes.count { _ = PlanRecord(tasks: record.tasks, parts: [Array(bytes[..<cut])]) }
    var numbers = Numbers(state: 9)
    for _ in 0..<5000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        damaged[Int.random(in: damaged.indices, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
      }
      _ = PlanRecord(tasks: record.tasks, parts: [damaged])
    }
  }

  @Test func runsOfOnePlanKeepItOnce() throws {
    let scratch = Scratch()
    let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
    try journal.append([
      started(1, steps: 5000), finished(1), started(2, steps: 5000), finished(2), started(3, steps: 7),
    ])
    try journal.flush()
    journal.close()
    let trace = try Trace(path: scratch.database)
    #expect(try Connection(scratch.database).integer("SELECT count(*) FROM plan_parts") == 3)
    for (run, count) in [(1, 5000), (2, 5000), (3, 7)] {
      let steps = try #require(try trace.detail(of: RunNumber(run))).steps
      #expect(steps.map(\.step.path) == (0..<count).map { "s\($0)" })
      #expect(steps.last?.step.needs == [StepNeed(step: count - 2, shared: count - 1)])
    }
  }

  /// What the run before had is not hashed again; each has its own all the same.
  @Test func runsInARowKeepTheirOwnDocumentsAndFacts() throws {
    let scratch = Scratch()
    let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
    let texts = [["a"], ["a"], ["b"], ["b", "c"], ["a", "c"], [], ["a"]]
    let facts = ["de", "de", "fr", "fr", "de", "", "de"].map { $0.isEmpty ? [] : [Fact(.locale, "LANG", $0)] }
    for (place, (texts, facts)) in zip(texts, facts).enumerated() {
      guard case .runStarted(var run) = started(RunNumber(place + 1)) else { return }
      run.documents = texts.enumerated().map { ("\($0).assay", $1) }
      run.circumstances.facts = facts
      try journal.append([.runStarted(run), finished(run.run)])
    }
    try journal.flush()
    journal.close()
    let trace = try Trace(path: scratch.database)
    for place in texts.indices {
      let run = RunNumber(place + 1)
      #expect(try trace.documents(of: run).map(\.text) == texts[place])
      #expect(try trace.circumstances(of: run)?.facts == facts[place])
    }
  }

  @Test func aDamagedPlanIsSaidToBe() throws {
    let scratch = Scratch()
    let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
    try journal.append([started(1), finished(1)])
    try journal.flush()
    journal.close()
    try Connection(scratch.database).execute("UPDATE plan_parts SET steps = zeroblob(0)")
    let error = #expect(throws: TraceError.self) { try Trace(path: scratch.database).detail(of: 1) }
    #expect(error?.message.contains("the plan of run 1 is damaged") == true)
  }
}
