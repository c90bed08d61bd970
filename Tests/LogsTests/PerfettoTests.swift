import Events
import Experiments
import Logs
import Spaces
import Testing
import Values

/// What viewers rely on in Chrome's trace-event format.
@Suite struct PerfettoTests {
  private let ada = Actor(.person, "ada")
  private let record = ExperimentRecord(
    number: 3, uid: "ab", name: "tune", file: "a.assay", documents: [], startedAt: 1, user: "ada", host: "h",
    engine: "0")

  /// Two trials side by side, a gate that was answered, one that waits still.
  private var experiment: LoggedExperiment {
    func proposed(_ at: Int64, _ trial: Int) -> Entry {
      Entry(at: at, actor: .engine, .proposed(Proposed(trial: trial, stage: 0, point: Point([1]), reason: "r")))
    }
    func ended(_ at: Int64, _ trial: Int) -> Entry {
      Entry(
        at: at, actor: .engine,
        .ended(Ended(trial: trial, .finished, metrics: [0.5], run: Int64(trial), taskSeconds: 1)))
    }
    var names = LoggedExperiment.Names()
    names.stages = ["search", "review", "refine"]
    names.gates = [1, 2]
    return LoggedExperiment(
      record,
      [
        Entry(at: 1_000, actor: .engine, .stage(0, .began(evidence: ""))), proposed(2_000, 1), proposed(3_000, 2),
        ended(5_000, 1), proposed(5_000, 3), ended(6_000, 2), ended(7_000, 3),
        Entry(at: 8_000, actor: .engine, .stage(0, .ended("3 trials"))),
        Entry(at: 8_000, actor: .engine, .stage(1, .began(evidence: ""))),
        Entry(at: 9_000, actor: ada, .decided(Decision(.exclude(trial: 1, true), reason: "odd", basis: 3))),
        Entry(at: 10_000, actor: .engine, .stage(1, .ended("continue"))),
        Entry(at: 11_000, actor: .engine, .stage(2, .began(evidence: ""))),
      ], names, line: "main")
  }

  private func visit(_ run: Int, _ phase: String, _ start: Int64, _ end: Int64) -> LogEvent {
    LogEvent(
      id: "visit:\(run)/\(phase)", type: phase, startedAt: start, at: end,
      attributes: [LogAttribute("visit", .string("first"))],
      relations: [LogRelation("line", "line:main"), LogRelation("run", "run:\(run)")])
  }

  private func writer() -> PerfettoWriter {
    var writer = PerfettoWriter()
    for event in experiment.events { writer.add(event) }
    for event in [visit(1, "development", 2_000, 4_000), visit(2, "development", 3_000, 5_000)] { writer.add(event) }
    return writer
  }

  private func named(_ events: [JSON], _ name: String) -> JSON? { events.first { $0["name"]?.asString == name } }

  @Test func everyEventHasWhatItsKindNeeds() throws {
    let needed = [
      "M": ["pid", "tid", "name", "args"], "X": ["pid", "tid", "name", "ts", "dur", "cat"],
      "B": ["pid", "tid", "name", "ts"], "i": ["pid", "tid", "ts", "name", "s"],
    ]
    let events = writer().events()
    for event in events {
      let phase = try #require(event["ph"]?.asString)
      for member in try #require(needed[phase], "\(phase)") { #expect(event[member] != nil, "\(phase).\(member)") }
      if let ts = event["ts"]?.asDouble { #expect(ts >= 0) }
    }
    let groups = events.compactMap { $0["args"]?["name"]?.asString }
    #expect(groups.contains("experiment 3") && groups.contains("main"))
  }

  @Test func aGateIsOpenFromItsBeginningToItsAnswer() throws {
    let events = writer().events()
    let gate = try #require(named(events, "gate review"))
    #expect(gate["ph"] == "X" && gate["ts"]?.asDouble == 7 && gate["dur"]?.asDouble == 2)
    #expect(gate["args"]?["ended"] == "continue")
    #expect(named(events, "stage search")?["dur"]?.asDouble == 7)
    // Nobody has answered yet.
    #expect(named(events, "gate refine")?["ph"] == "B")
    let decision = try #require(named(events, "exclude 1") ?? events.first { $0["ph"] == "i" })
    #expect(decision["ph"] == "i" && decision["args"]?["by"] == "ada" && decision["args"]?["reason"] == "odd")
  }

  @Test func slicesOnOneLaneNeverOverlap() throws {
    var ends: [Int64: Double] = [:]
    for slice in writer().events() where slice["ph"] == "X" {
      let lane = try #require(slice["tid"]?.asInt)
      let start = try #require(slice["ts"]?.asDouble)
      #expect(start >= ends[lane, default: 0])
      ends[lane] = start + (slice["dur"]?.asDouble ?? 0)
    }
    // Stages, gates, two lanes of trials, two of the phase.
    #expect(ends.count == 6)
  }

  @Test func whatEndedBeforeTheBeginningIsLeftOut() throws {
    let events = writer().events(since: 5_500, firstProcess: 9)
    #expect(named(events, "trial 1") == nil)
    let trial = try #require(named(events, "trial 2"))
    #expect(trial["ts"]?.asDouble == 0 && trial["dur"]?.asDouble == 0.5)
    #expect(events.allSatisfy { ($0["pid"]?.asInt ?? 0) >= 9 })
  }
}
