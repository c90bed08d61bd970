import Events
import Tasks
import Testing
import Timelines
import Values

private func step(_ path: String, _ needs: StepNeed...) -> StepRecord {
  StepRecord(
    path: path, phase: "", isolation: .worker,
    callee: TaskRecord(
      task: "t." + path, version: "1.0.0", code: Hasher256.digest([]), components: [], parameters: [], outputs: ["y"]),
    needs: needs)
}

private func all(_ step: Int) -> StepNeed { StepNeed(step: step, shared: 0) }

/// Times are milliseconds from the start of the run.
private func attempt(
  _ node: Int, _ step: Int, item: String = "", _ start: Int64, _ end: Int64, number: Int = 1, process: Int32 = 10,
  failed: Bool = false, isOver: Bool = true
) -> Timeline.Attempt {
  Timeline.Attempt(
    node: NodeReference(run: 1, node: node, step: step, item: item), number: number, startedAt: 1_000_000 * start,
    usage: Usage(
      wallNanoseconds: 1_000_000 * (end - start), cpuNanoseconds: 500_000, peakMemoryBytes: 7, process: process),
    failure: failed ? Failure(.transient, "busy", code: "io.busy") : nil, isOver: isOver)
}

private func timeline(_ steps: [StepRecord], _ attempts: Timeline.Attempt..., reused: [Timeline.Reuse] = []) -> Timeline
{
  Timeline(
    run: 1, workflow: "w", startedAt: 0, finishedAt: 1_000_000_000, steps: steps, attempts: attempts, reused: reused)
}

@Suite struct TimelineTests {
  @Test func stepsComeAfterWhatTheyWaitFor() {
    let steps = [
      step("end", all(2), all(3)), step("start"), step("left", all(1)), step("right", all(1)), step("other"),
    ]
    #expect(timeline(steps).order().map { steps[$0].path } == ["start", "left", "right", "end", "other"])
  }

  @Test func damagedNeedsLoseNoStep() {
    let steps = [step("a", all(1)), step("b", all(0)), step("c", all(9), all(2))]
    #expect(Set(timeline(steps).order()) == [0, 1, 2])
    let circle = timeline(steps, attempt(0, 0, 0, 5), attempt(1, 1, 0, 5))
    #expect(circle.criticalPath().count <= 2)
    #expect(circle.traceEvents()["traceEvents"]?.asArray?.isEmpty == false)
  }

  /// `b` of each item waits for `a` of the same item, `mean` for all of them.
  @Test func theCriticalPathFollowsItemsThroughScopes() {
    let steps = [
      step("list"), step("each.a", all(0)), step("each.b", StepNeed(step: 1, shared: 1)), step("mean", all(2)),
    ]
    let run = timeline(
      steps, attempt(0, 0, 0, 10), attempt(1, 1, item: "[0]", 10, 50), attempt(2, 1, item: "[1]", 10, 20),
      attempt(3, 2, item: "[1]", 25, 90), attempt(4, 2, item: "[0]", 55, 60), attempt(5, 3, 95, 100))
    let path = run.criticalPath()
    #expect(path.map { run.name($0.node) } == ["list", "each.a[1]", "each.b[1]", "mean"])
    #expect(path.map { $0.waited / 1_000_000 } == [0, 0, 5, 5])
    #expect(path.map(\.attempt) == [0, 2, 3, 5])
  }

  @Test func retriesAndReusedCallsAreOnThePath() {
    let steps = [step("raw"), step("clean", all(0)), step("fit", all(1))]
    let reuse = Timeline.Reuse(node: NodeReference(run: 1, node: 1, step: 1), source: 1, at: 32_000_000)
    let run = timeline(
      steps, attempt(0, 0, 0, 30), attempt(2, 2, 35, 40, failed: true), attempt(2, 2, 60, 80, number: 2),
      reused: [reuse])
    let path = run.criticalPath()
    #expect(path.map { run.name($0.node) } == ["raw", "fit", "fit"])
    #expect(path.map { $0.waited / 1_000_000 } == [0, 3, 20], "the wait counts from when the reused result was there")
  }

  @Test func resourcesAreSums() {
    let run = timeline(
      [step("a")], attempt(0, 0, item: "[0]", 0, 10),
      attempt(1, 0, item: "[1]", 5, 20, process: 11), attempt(2, 0, item: "[2]", 10, 12),
      attempt(3, 0, item: "[3]", 10, 90, isOver: false))
    let use = run.resources
    #expect(use.parallel == 2)
    #expect(use.processes == 2)
    #expect(use.wallNanoseconds == 27_000_000)
    #expect(use.peakMemoryBytes == 7)
    #expect(run.slowest(1).map(\.node.node) == [1])
  }
}

/// The rules of the format are in https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
@Suite struct TraceEventTests {
  private let run: Timeline = {
    let steps = [step("raw"), step("fit", all(0)), step("eval", all(1))]
    var run = timeline(
      steps, attempt(0, 0, 0, 10, process: 0), attempt(1, 1, item: "[0]", 12, 30), attempt(2, 1, item: "[1]", 13, 29),
      attempt(3, 1, item: "[2]", 30, 31, failed: true), attempt(3, 1, item: "[2]", 40, 55, number: 2, process: 11),
      attempt(4, 2, 60, 70, isOver: false),
      reused: [Timeline.Reuse(node: NodeReference(run: 1, node: 7, step: 1, item: "[3]"), source: 1, at: 12_000_000)])
    run.skipped = [Timeline.Skip(node: NodeReference(run: 1, node: 9, step: 2), why: .condition, at: 70_000_000)]
    return run
  }()

  private func events(_ phases: String...) throws -> [JSON] {
    let document = try JSON.parse(run.traceEvents().compact)
    let all = try #require(document["traceEvents"]?.asArray)
    return all.filter { phases.contains($0["ph"]?.asString ?? "") }
  }

  @Test func everyEventHasWhatItsKindNeeds() throws {
    let needed = [
      "M": ["pid", "tid", "name", "args"], "X": ["pid", "tid", "name", "ts", "dur", "cat"],
      "B": ["pid", "tid", "name", "ts"], "b": ["pid", "tid", "name", "ts", "id", "cat"],
      "e": ["pid", "tid", "name", "ts", "id", "cat"], "s": ["pid", "tid", "ts", "id", "cat", "name"],
      "f": ["pid", "tid", "ts", "id", "cat", "name", "bp"], "i": ["pid", "tid", "ts", "name", "s"],
    ]
    for event in try #require(run.traceEvents()["traceEvents"]?.asArray) {
      let phase = try #require(event["ph"]?.asString)
      for member in try #require(needed[phase], "\(phase)") { #expect(event[member] != nil, "\(phase).\(member)") }
      if let ts = event["ts"]?.asDouble { #expect(ts >= 0) }
    }
    #expect(try events("X").count == 1 + 5)
    #expect(try events("B").map { $0["name"]?.asString } == ["eval"])
    #expect(try events("i").map { $0["name"]?.asString } == ["fit[3] reused", "eval skipped"])
  }

  @Test func slicesOnOneLaneNeverOverlap() throws {
    var ends: [Int64: Double] = [:]
    let slices = try events("X").filter { $0["cat"]?.asString != "run" }
    for slice in slices.sorted(by: { ($0["ts"]?.asDouble ?? 0) < ($1["ts"]?.asDouble ?? 0) }) {
      let lane = try #require(slice["tid"]?.asInt)
      let start = try #require(slice["ts"]?.asDouble)
      #expect(start >= ends[lane, default: 0])
      ends[lane] = start + (slice["dur"]?.asDouble ?? 0)
    }
    #expect(ends.count == 4, "the engine, two lanes of one worker, another worker")
    let names = try events("M").filter { $0["name"]?.asString == "process_name" }.compactMap {
      $0["args"]?["name"]?.asString
    }
    #expect(names == ["run 1: w", "engine", "worker 10", "worker 11"])
  }

  @Test func arrowsLeaveWithinASliceAndArriveAtTheBeginningOfOne() throws {
    let slices = try events("X", "B")
    func holds(_ event: JSON) -> Bool {
      slices.contains { slice in
        guard slice["tid"] == event["tid"], slice["pid"] == event["pid"], let at = event["ts"]?.asDouble,
          let start = slice["ts"]?.asDouble
        else { return false }
        return at >= start && at <= start + (slice["dur"]?.asDouble ?? .infinity)
      }
    }
    let (starts, ends) = (try events("s"), try events("f"))
    #expect(starts.allSatisfy(holds) && ends.allSatisfy(holds))
    #expect(starts.compactMap { $0["id"]?.asInt } == ends.compactMap { $0["id"]?.asInt })
    #expect(starts.count == 4, "three calls of fit, the one of eval; no second arrow to a retry")
  }

  @Test func attemptsNestInTheirCall() throws {
    let call = try events("b", "e").filter { $0["id"]?.asInt == 3 }
    #expect(
      call.map { "\($0["ph"]?.asString ?? "") \($0["name"]?.asString ?? "")" } == [
        "b fit[2]", "b attempt 1", "e attempt 1", "b attempt 2", "e attempt 2", "e fit[2]",
      ])
    #expect(call.first?["ts"]?.asDouble == 30_000)
    #expect(call.last?["ts"]?.asDouble == 55_000)
  }
}
