import Foundation
import Testing
import Values

/// The record as event logs, by the built program.

private let document = """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in x: int(0..1000) = 3
    in data: file = file("1.txt")
    step first = tool.twice(x: x) @preparation
    step each = tool.twice(x: n) @development foreach n in [x, 7]
    step last = tool.twice(x: first.y) @monitoring
    out y: int = last.y
    out data: file = data
  }

  experiment tune {
    study main()
    space { x in int 0..40 }
    metrics { y = y minimize }
    stage search { strategy random(trials: 3) }
  }

  """

private func project() throws -> Project {
  let project = try Project(["a.assay": document, "1.txt": String(repeating: "one ", count: 30_000)])
  for x in [1, 1, 2] {
    let run = try project.assay("run", "a.assay", "--set", "x=\(x)", "--progress", "none", "-j", "1")
    #expect(run.exit == 0, "\(run.err)")
  }
  let search = try project.assay("exp", "run", "a.assay", "-j", "1")
  #expect(search.exit == 0, "\(search.err)")
  #expect(try project.assay("exp", "exclude", "1", "2", "--reason", "odd").exit == 0)
  return project
}

private func events(_ json: JSON, _ type: String) -> [JSON] {
  (json["events"]?.asArray ?? []).filter { $0["type"]?.asString == type }
}

private func objects(_ json: JSON, _ type: String) -> [String] {
  (json["objects"]?.asArray ?? []).filter { $0["type"]?.asString == type }.compactMap { $0["id"]?.asString }
}

private func relations(_ json: JSON, _ qualifier: String) -> [String] {
  (json["relationships"]?.asArray ?? []).filter { $0["qualifier"]?.asString == qualifier }
    .compactMap { $0["objectId"]?.asString }
}

private func following(_ log: String, _ project: Project) throws -> String {
  let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../Fixtures/logs/directly_follows.py")
  let (status, output) = try ToolPython.run(["python3", script.path, project.path + "/" + log])
  #expect(status == 0, "\(output)")
  return output
}

@Test func theRecordIsAnEventLog() throws {
  let project = try project()
  let whole = try project.assay("export", "ocel", "--output", "log.json", "--json")
  #expect(whole.exit == 0, "\(whole.err)")
  let checked = try project.assay("export", "check", "log.json", "--json")
  #expect(checked.exit == 0, "\(checked.out)")
  #expect(try checked.json()["logs"]?.asArray?.first?["warnings"] == 0)
  let log = try JSON.parse(try #require(project.read("log.json")))
  // What was reused did not happen again: run 2 has no call.
  #expect(events(log, "first").filter { relations($0, "run") == ["run:2"] } == [])
  #expect(events(log, "first").filter { relations($0, "run") == ["run:1"] }.count == 1)
  #expect(events(log, "each").filter { relations($0, "run") == ["run:1"] }.count == 2)
  #expect(events(log, "run").count == 6)
  #expect(events(log, "trial").count == 3)
  #expect(events(log, "decision").compactMap { relations($0, "trial").first } == ["trial:1/2"])
  #expect(events(log, "decision").compactMap { relations($0, "by").first } == ["person:tester"])
  #expect(objects(log, "experiment") == ["experiment:1"])
  #expect(objects(log, "trial") == ["trial:1/1", "trial:1/2", "trial:1/3"])
  #expect(objects(log, "line") == ["line:main"])
  #expect(objects(log, "artifact").count == 1)
  let runs = (log["objects"]?.asArray ?? []).filter { $0["type"] == "run" }
  #expect(runs.allSatisfy { relations($0, "input") == objects(log, "artifact") })
  let names = (log["events"]?.asArray ?? []).compactMap { $0["id"]?.asString }
  #expect(Set(names).count == names.count)
  // The same again.
  #expect(try project.assay("export", "ocel").out == project.read("log.json"))
  let phases = try project.assay("export", "ocel", "--phases", "--output", "phases.json", "--json")
  #expect(try OutputSchema.mistakes([whole.json(), checked.json(), phases.json()]) == "")
}

@Test func bothFormatsTellTheSame() throws {
  let project = try project()
  for kind in ["phases", "tasks"] {
    #expect(try project.assay("export", "ocel", "--\(kind)", "--output", "\(kind).json").exit == 0)
    let xes = try project.assay("export", "xes", "--\(kind)", "--output", "\(kind).xes", "--json")
    #expect(xes.exit == 0, "\(xes.err)")
    #expect(try xes.json()["traces"] == 1)
    #expect(try project.assay("export", "check", "\(kind).json", "\(kind).xes").exit == 0)
    #expect(try following("\(kind).json", project) == following("\(kind).xes", project))
  }
  // As `assay phases` counts them.
  let matrix = try project.assay("phases", "matrix", "--json").json()
  let names = (matrix["phases"]?.asArray ?? []).compactMap(\.asString)
  var expected: [String: Int64] = [:]
  for (from, row) in (matrix["transitions"]?.asArray ?? []).enumerated() {
    for (to, count) in (row.asArray ?? []).enumerated() {
      if let count = count.asInt, count > 0 { expected["\(names[from]) > \(names[to])"] = count }
    }
  }
  let counted = try JSON.parse(following("phases.json", project)).asObject ?? []
  #expect(!expected.isEmpty)
  #expect(Dictionary(uniqueKeysWithValues: counted.map { ($0.name, $0.value.asInt ?? -1) }) == expected)
}

@Test func aFileThatIsThereStays() throws {
  let project = try project()
  try project.write("log.json", "mine")
  #expect(try project.assay("export", "ocel", "--output", "log.json").exit == 1)
  #expect(project.read("log.json") == "mine")
  #expect(try project.assay("export", "ocel", "--output", "log.json", "--force").exit == 0)
  #expect(try project.assay("export", "xes", "--output", "nowhere/log.xes").exit == 1)
  #expect(try project.assay("export", "ocel", "--json").exit == 2)
  #expect(try FileManager.default.contentsOfDirectory(atPath: project.path).allSatisfy { !$0.hasSuffix(".part") })
  let empty = try Project()
  #expect(try empty.assay("export", "ocel", "--output", "log.json").exit == 4)
}

@Test func aCheckNamesThePlace() throws {
  let project = try Project([
    "log.json": """
    {"eventTypes": [{"name": "a", "attributes": []}], "objectTypes": [],
     "objects": [],
     "events": [{"id": "1", "type": "a", "time": "2026-01-05T08:10:00Z",
                 "relationships": [{"objectId": "nope", "qualifier": "of"}]}]}
    """
  ])
  let check = try project.assay("export", "check", "log.json")
  #expect(check.exit == 3)
  #expect(
    check.err.contains("error[E1105]: events[0].relationships[0].objectId: there is no object `nope` in this log"))
  #expect(check.err.contains("log.json:4:45"), "\(check.err)")
  let json = try project.assay("export", "check", "log.json", "--json")
  #expect(json.exit == 3)
  #expect(try json.json()["diagnostics"]?.asArray?.first?["code"] == "E1105")
  #expect(try OutputSchema.mistakes([json.json()]) == "")
  #expect(try project.assay("export", "check", "none.json").exit == 4)
  #expect(try project.assay("explain", "E1105").exit == 0)
}
