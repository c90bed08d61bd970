import Foundation
import Testing
import Values

private let parts = ["plan", "start", "keys", "dispatch", "tasks", "record", "wait", "commit", "other"]

/// `run --profile`: where the engine's own time went.
@Suite struct ProfileTests {
  @Test func allTimeHasAPlace() throws {
    let project = try Project([
      "a.assay": """
      assay 1
      use "./tool.so" as tool
      workflow main {
        in go: string
        step h = tool.hold(x: 1, path: go)
        step many = tool.twice(x: h.y + i) foreach i in range(40)
        out y: list<int> = many.y
      }
      """
    ])
    let running = try project.start([
      "run", "a.assay", "--profile", "--json", "--parallel", "2", "--set", "go=\(project.path)/go",
    ])
    #expect(running.waits(for: "started  h"))
    try project.write("go", "")
    let result = try running.wait()
    #expect(result.exit == 0, "\(result.err)")
    let json = try result.json()
    #expect(try OutputSchema.mistakes([json]) == "")
    let profile = try #require(json["profile"])
    #expect(profile["calls"] == 41)
    #expect((profile["batches"]?.asInt ?? 0) >= 2)
    let times = try #require(profile["parts"]?.asObject).map { (name: $0.name, seconds: $0.value.asDouble ?? -1) }
    #expect(times.map(\.name) == parts)
    #expect(times.allSatisfy { $0.seconds >= 0 })
    let total = try #require(profile["total_seconds"]?.asDouble)
    #expect(abs(times.reduce(0) { $0 + $1.seconds } - total) < 1e-6 * total)
    // One lane of two was in `hold` for all of its time, and the other one had nothing to do meanwhile.
    let report = try project.assay("runs", "show", "1", "--json").json()
    let hold = report["steps"]?.asArray?.first { $0["path"]?.asString == "h" }
    let took = try #require(hold?["wall_seconds"]?.asDouble, "\(report)")
    func seconds(_ name: String) -> Double { times.first { $0.name == name }?.seconds ?? 0 }
    #expect(seconds("tasks") >= 0.49 * took)
    #expect(seconds("wait") > 0)

    let lines = result.err.split(separator: "\n").map(String.init)
    let head = try #require(lines.firstIndex { $0.hasPrefix("PART ") })
    #expect(lines[(head + 1)...].prefix(10).map { String($0.prefix { $0 != " " }) } == parts + ["total"])
  }

  @Test func nothingIsSaidUnlessAsked() throws {
    let project = try Project([
      "a.assay":
        "assay 1\nuse \"./tool.so\" as tool\nworkflow w {\n  step a = tool.twice(x: 1)\n  out y: int = a.y\n}\n"
    ])
    let plain = try project.assay("run", "a.assay", "--json")
    #expect(try plain.json()["profile"] == nil)
    #expect(!plain.err.contains("PART  "))
    // A stream of events has it in its last line, and the table goes to people only.
    let stream = try project.assay("run", "a.assay", "--profile", "--progress", "json")
    let last = try JSON.parse(String(try #require(stream.out.split(separator: "\n").last)))
    #expect(last["profile"]?["calls"] == 1)
    #expect(!stream.err.contains("PART  "))
  }
}
