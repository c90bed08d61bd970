import Dynamics
import Foundation
import Logs
import Numbers
import Testing
import Values

/// What is written is read by others as it was meant: the phases of a project, by a program that knows nothing of it.
/// `scripts/reliability mining` gives the same files to pm4py.
@Suite struct FollowingTests {
  private static let names = ["definition", "acquisition", "preparation", "development", "deployment", "monitoring"]

  /// Two lines of work whose runs begin somewhere, mostly at an early phase, and go on from there: with two loops that are
  /// taken again and again.
  private func project(_ seed: UInt64, runs: Int) -> [WorkRun] {
    var clock: Int64 = 1_767_600_000_000_000_000
    return (1...runs).map { number in
      var draws = Draws(seed: seed, trial: number, stream: 0)
      let first = draws.unit() < 0.5 ? 2 : draws.unit() < 0.5 ? 3 : Int(draws.unit() * 6)
      let last = min(5, first + Int(draws.unit() * 4))
      let line = draws.unit() < 0.3 ? "side & \"more\" <1>" : "main"
      let executions = (first...last).map { phase -> Execution in
        defer { clock += 1_000_000 + Int64(draws.unit() * 1e9) }
        let identity = Hasher256.digest(Array("\(number)".utf8))
        return Execution(
          task: "task\(phase)", phase: phase, parts: [Part("code", .code, identity)], startedAt: clock,
          finishedAt: clock + 900_000)
      }
      return WorkRun(
        number: number, line: line, startedAt: executions[0].startedAt, finishedAt: clock, executions: executions)
    }
  }

  @Test func directlyFollowsCountsAreOurs() throws {
    let folder =
      ProcessInfo.processInfo.environment["ASSAY_KEEP_LOGS"]
      ?? FileManager.default.temporaryDirectory.appending(path: "assay-logs-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer {
      if ProcessInfo.processInfo.environment["ASSAY_KEEP_LOGS"] == nil {
        try? FileManager.default.removeItem(atPath: folder)
      }
    }
    let phases = Phases(Self.names)
    let period = Period(Journey(project(4, runs: 300), phases: phases))
    let (ocel, xes) = logs(period, phases)
    try Data(ocel).write(to: URL(filePath: folder + "/phases.json"))
    try Data(xes).write(to: URL(filePath: folder + "/phases.xes"))
    var expected: [String: Int64] = [:]
    for (from, row) in period.transitions().enumerated() {
      for (to, count) in row.enumerated() where count > 0 {
        expected["\(Self.names[from]) > \(Self.names[to])"] = Int64(count)
      }
    }
    let text = JSON.object(expected.sorted { $0.key < $1.key }.map { .init($0.key, .int($0.value)) })
    try Data(text.bytes()).write(to: URL(filePath: folder + "/expected.json"))
    // The planted loops are there.
    #expect(expected["development > preparation", default: 0] > 20)
    #expect(expected["preparation > preparation", default: 0] > 0)
    for file in ["phases.json", "phases.xes"] {
      for order in ["start", "end"] {
        #expect(try following("\(folder)/\(file)", order) == expected, "\(file) by \(order)")
      }
    }
    for bytes in [ocel, xes] { #expect(LogReport(checking: bytes).problems.map(\.message) == []) }
  }

  private func logs(_ period: Period, _ phases: Phases) -> (ocel: [UInt8], xes: [UInt8]) {
    final class Bytes { var all: [UInt8] = [] }
    let (ocel, xes) = (Bytes(), Bytes())
    let activities = Activities(phases: phases.names)
    let events = period.visits.map { $0.event(phases, activities) }
    var first = OCELWriter { ocel.all += $0 }
    for event in events { first.add(event) }
    for line in period.lines { first.add(LogObject(id: LogId.line(line), type: "line")) }
    for run in Set(period.visits.map(\.run)).sorted() { first.add(LogObject(id: LogId.run(Int64(run)), type: "run")) }
    first.finish()
    var second = XESWriter { xes.all += $0 }
    for line in period.lines {
      second.trace(line, zip(period.visits, events).filter { $0.0.line == line }.map(\.1))
    }
    second.finish()
    return (ocel.all, xes.all)
  }

  private func following(_ log: String, _ order: String) throws -> [String: Int64] {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../Fixtures/logs/directly_follows.py")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", script.path, log, order]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    let members = try JSON.parse(Array(text)).asObject ?? []
    return Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value.asInt ?? -1) })
  }
}

@Suite struct WriterTests {
  private func ocel(_ body: (inout OCELWriter) -> Void) throws -> (json: JSON, bytes: [UInt8]) {
    final class Bytes { var all: [UInt8] = [] }
    let bytes = Bytes()
    var writer = OCELWriter { bytes.all += $0 }
    body(&writer)
    writer.finish()
    return (try JSON.parse(bytes.all), bytes.all)
  }

  @Test func anEmptyRecordIsALog() throws {
    let (json, bytes) = try ocel { _ in }
    #expect(json["events"] == [] && json["objects"] == [] && json["eventTypes"] == [] && json["objectTypes"] == [])
    #expect(LogReport(checking: bytes).problems == [])
  }

  /// Names and texts of people may be anything; numbers that JSON has not are left out.
  @Test func oddTextsSurvive() throws {
    let odd = "a\u{1}\u{0}\n\"<&>'\t\u{FFFF}é \\ 😀 ]]>"
    let event = LogEvent(
      id: odd, type: odd, at: 5, resource: odd,
      attributes: [
        LogAttribute(odd, .string(odd)), LogAttribute("n", .float(.nan)), LogAttribute("m", .integer(.min)),
      ],
      relations: [LogRelation("run", odd)])
    let (json, bytes) = try ocel {
      $0.add(event)
      $0.add(LogObject(id: odd, type: odd, attributes: [LogAttribute(odd, .boolean(true))]))
    }
    #expect(LogReport(checking: bytes).problems == [])
    #expect(json["events"]?.asArray?[0]["id"]?.asString == odd)
    #expect(json["events"]?.asArray?[0]["attributes"]?.asArray?.count == 2)
    final class Bytes { var all: [UInt8] = [] }
    let xes = Bytes()
    var writer = XESWriter { xes.all += $0 }
    writer.trace(odd, [event])
    writer.finish()
    #expect(LogReport(checking: xes.all).problems == [])
    #expect(LogReport(checking: xes.all).events == 1)
  }

  /// A step may be called like a phase, or like what experiments do.
  @Test func eachKindOfEventHasNamesOfItsOwn() {
    let activities = Activities(phases: ["monitoring", "trial"])
    #expect(activities.phase("monitoring") == "monitoring")
    #expect(activities.phase("trial") == "phase trial")
    #expect(activities.step("monitoring") == "step monitoring")
    #expect(activities.step("run") == "step run")
    #expect(activities.step("fit") == "fit")
  }
}
