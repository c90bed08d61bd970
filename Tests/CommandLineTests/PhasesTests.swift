import Foundation
import Testing
import Values

private let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
  .standardizedFileURL

/// `assay phases` by the built program on real runs.

private func document(_ x: Int = 3, _ model: String = "plain", check: Bool = false) -> String {
  """
  assay 1
  use "./tool.so" as tool
  workflow main {
    in data: file = file("data.txt")
    step raw = tool.twice(x: \(x)) @acquisition
    step model = vary(x: raw.y) @development {
      variant plain = tool.twice()
      variant odd = tool.flaky()
      default \(model)
      retry 2
    }
    step last = tool.\(check ? "boom" : "twice")(x: model.y) @deployment
    out y: int = last.y
  }

  """
}

private func revisits(_ json: JSON) -> [String] {
  (json["revisits"]?.asArray ?? []).map {
    "\($0["run"]?.asInt ?? 0) \($0["from"]?.asString ?? "")>\($0["to"]?.asString ?? "") \($0["reason"]?.asString ?? "")"
  }
}

@Test func returnsAreSeenInTheRecord() throws {
  let project = try Project(["a.assay": document(), "data.txt": "1"])
  #expect(try project.assay("run", "a.assay").exit == 0)
  // The same again is all reused: nobody went anywhere.
  #expect(try project.assay("run", "a.assay").exit == 0)
  try project.write("a.assay", document(4))
  #expect(try project.assay("run", "a.assay", "--focus", "development").exit == 0)
  try project.write("a.assay", document(4, check: true))
  #expect(try project.assay("run", "a.assay").exit == 1)
  try project.write("a.assay", document(4, "odd"))
  #expect(try project.assay("run", "a.assay").exit == 0)
  #expect(try project.assay("phases", "annotate", "3", "--why", "twice too much", "--reason", "bug").exit == 0)

  let phases = try project.assay("phases", "--json")
  let json = try phases.json()
  #expect(
    revisits(json) == [
      "3 development>acquisition bug", "4 deployment>deployment unstated", "5 deployment>development failed-check",
    ])
  #expect(json["revisits"]?.asArray?[0]["focus"] == "explicit")
  #expect(json["revisits"]?.asArray?[2]["focus"] == "evidence")
  #expect(json["backward"] == 2)
  #expect(json["runs"] == 5)
  #expect(
    try OutputSchema.mistakes([json, try project.assay("phases", "compare", "2026-01-01", "--json").json()]) == "")
  let text = try project.assay("phases").out
  #expect(text.contains("2 returns to earlier phases, 1 within one in 5 runs"), "\(text)")
  #expect(try project.assay("phases", "reasons").out.contains("twice too much"))
  #expect(
    try project.assay("phases", "insights").out.contains(
      "1 of 1 returns to development came from deployment after `last` failed."))
  #expect(try project.assay("phases", "timeline").out.contains("◆"))
  #expect(try project.assay("phases", "times").out.contains("acquisition"))
}

@Test func workOutsideTheEngineAndOtherPhases() throws {
  let project = try Project(["a.assay": document(), "data.txt": "1"])
  #expect(try project.assay("phases", "log", "problem", "--took", "2h", "--why", "what for?").exit == 0)
  #expect(try project.assay("run", "a.assay").exit == 0)
  #expect(try project.assay("phases", "log", "problem_definition", "--why", "for whom?").exit == 0)
  let json = try project.assay("phases", "--json").json()
  #expect(revisits(json) == ["-2 deployment>problem_definition other"])
  #expect(json["times"]?.asArray?[0]["touch"]?.asDouble == 7200)

  let unknown = try project.assay("phases", "log", "deploymet", "--why", "x")
  #expect(unknown.exit == 2)
  #expect(unknown.err.contains("did you mean `deployment`?"))

  try project.write("assay.toml", "[phases]\nnames = [\"data_acquisition\", \"training\"]\n")
  try project.write("a.assay", document().replacing("@development", with: "@training"))
  #expect(try project.assay("run", "a.assay").exit == 0)
  let own = try project.assay("phases", "--json")
  #expect(try own.json()["phases"] == ["data_acquisition", "training"])
  let left = try project.assay("phases").err
  #expect(left.contains("left out: "), "\(left)")
}

@Test(arguments: ["matrix", "graph", "timeline", "times", "reasons"]) func figuresAreWellFormed(_ figure: String) throws
{
  let project = try Project(["a.assay": document(), "data.txt": "1"])
  #expect(try project.assay("run", "a.assay").exit == 0)
  try project.write("a.assay", document(5))
  #expect(try project.assay("run", "a.assay").exit == 0)
  for name in ["f.svg", "f.html"] {
    #expect(try project.assay("phases", figure, "--figure", name).exit == 0)
    let text = try #require(project.read(name))
    let svg = text[
      (try #require(text.range(of: "<svg"))).lowerBound..<(try #require(text.range(of: "</svg>"))).upperBound]
    let check = "import sys, xml.dom.minidom as m; m.parseString(sys.argv[1])"
    let (status, output) = try ToolPython.run([try ToolPython.executable.get(), "-c", check, String(svg)])
    #expect(status == 0, "\(output)")
    #expect(figure == "reasons" ? svg.contains("unstated") : svg.contains("acquisition"))
  }
  #expect(try project.assay("phases", figure, "--figure", "f.png").exit == 2)
}

@Test func anEmptyStoreHasNothingToSay() throws {
  let project = try Project([:])
  let phases = try project.assay("phases")
  #expect(phases.exit == 4)
  #expect(try project.assay("phases", "focus", "deployment").exit == 0)
  #expect(try project.assay("phases").exit == 0)
}

/// An expression over what another step gives is part of the step that it stands in.
@Test func anEditedExpressionIsNoEcho() throws {
  func document(_ x: Int, _ expression: String) -> String {
    """
    assay 1
    use "./tool.so" as tool
    workflow main {
      in extra: int = 0
      step raw = tool.twice(x: \(x)) @acquisition
      step model = tool.twice(x: \(expression)) @development
      step last = tool.twice(x: model.y) @deployment
      out y: int = last.y
    }

    """
  }
  let project = try Project(["a.assay": document(3, "raw.y + extra")])
  #expect(try project.assay("run", "a.assay").exit == 0)
  try project.write("a.assay", document(3, "raw.y + extra + 1"))
  #expect(try project.assay("run", "a.assay").exit == 0)
  // The words are the same: only what came before changed.
  try project.write("a.assay", document(4, "raw.y + extra  +  1"))
  #expect(try project.assay("run", "a.assay").exit == 0)
  // An input of the workflow in it is none of the other step's.
  #expect(try project.assay("run", "a.assay", "--set", "extra=50").exit == 0)
  let json = try project.assay("phases", "--json").json()
  #expect(
    revisits(json) == [
      "2 deployment>development unstated", "3 deployment>acquisition unstated", "4 deployment>development unstated",
    ])
  #expect(json["revisits"]?.asArray?.compactMap { $0["causes"] }.prefix(2) == [["parameters"], ["parameters"]])
}

private let searching = """
  assay 1
  use "./tool.so" as tool
  workflow main {
    in x: int(0..1000) = 3
    step raw = tool.twice(x: x) @preparation
    step model = tool.twice(x: raw.y) @development
    out y: int = model.y
  }
  experiment tune {
    study main()
    space { x in int 0..40 }
    metrics { low = model.y minimize }
    stage search { strategy random(trials: 2) }
    gate review after search {
      ask "Go on?"
      allow continue, stop
    }
  }

  """

/// What an experiment says is better holds for runs of its workflow too; its trials are exploration.
@Test func experimentsSayWhatIsBetter() throws {
  let project = try Project(["a.assay": searching])
  #expect(try project.assay("run", "a.assay").exit == 0)
  #expect(try project.assay("run", "a.assay", "--set", "x=9").exit == 0)
  #expect(try project.assay("run", "a.assay", "--set", "x=8").exit == 0)
  #expect(try project.assay("phases", "--json").json()["revisits"]?.asArray?.last?["reason"] == "unstated")
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1", "--progress", "none").exit == 5)
  let json = try project.assay("phases", "--json").json()
  #expect(
    revisits(json) == ["2 development>preparation unstated", "3 development>preparation metric-regression"])
  #expect(json["revisits"]?.asArray?.last?["text"] == "y 12.0 → 36.0")
  // The setting comes before it.
  try project.write("assay.toml", "[phases]\nmetrics = [\"y maximize\"]\n")
  #expect(revisits(try project.assay("phases", "--json").json()).last == "3 development>preparation unstated")

  let trials = try project.assay("phases", "--experiment", "tune", "--json").json()
  #expect(trials["runs"] == 2 && trials["revisits"] == [])
  #expect((trials["rework"]?["exploration"]?.asDouble ?? 0) > 0 && trials["rework"]?["first"]?.asDouble == 0)
  #expect(try project.assay("phases", "--experiment", "1").out.contains("2 runs of trials look around"))
  #expect(try project.assay("phases", "--experiment", "tone").exit == 4)

  // The gate is open still; the second trial ran beside it in the trace of the first.
  #expect(try project.assay("exp", "answer", "1", "review", "continue").exit == 0)
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1", "--progress", "none").exit == 0)
  func names(_ words: String...) throws -> [String] {
    let trace = try project.start(words).wait()
    #expect(trace.exit == 0, "\(trace.err)")
    return try JSON.parse(trace.out)["traceEvents"]?.asArray?.filter { $0["ph"] != "M" }.compactMap {
      $0["name"]?.asString
    } ?? []
  }
  let all = try names("export", "perfetto")
  for name in ["run:1", "preparation", "development", "trial 1", "trial 2", "stage search", "gate review"] {
    #expect(all.contains(name), "\(name) in \(all)")
  }
  let one = try names("runs", "trace", "4")
  for name in ["raw", "preparation", "trial 1", "trial 2", "gate review"] { #expect(one.contains(name), "\(name)") }
  #expect(try !names("runs", "trace", "1").contains("trial 1"))
}

@Test func onePageAndWhatStopsIt() throws {
  let project = try Project(["a.assay": document(), "data.txt": "1"])
  #expect(try project.assay("run", "a.assay").exit == 0)
  let report = try project.assay("phases", "report", "r.html", "--json")
  #expect(report.exit == 0, "\(report.err)")
  #expect(try OutputSchema.mistakes([report.json()]) == "")
  #expect(try #require(project.read("r.html")).contains("Where the time went"))
  #expect(try project.assay("phases", "report", "r.txt").exit == 2)
  #expect(try project.assay("phases", "--since", "2026-05-02", "--until", "2026-05-02").exit == 2)
  // One run: nothing to go back to, and no insight without a number.
  #expect(try project.assay("phases").out.contains("0 returns to earlier phases, 0 within one in 1 run;"))
  #expect(try project.assay("phases", "insights").exit == 0)
  for name in ["trace.db", "trace.db-wal"] {
    try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: "\(project.path)/.assay/\(name)"))
  }
  let damaged = try project.assay("phases")
  #expect(damaged.exit == 8, "\(damaged.err)")
  #expect(!damaged.err.isEmpty)
}

/// The example: what its runs are known to have gone through.
@Test func threeMonthsOfAProject() throws {
  let project = try Project([:])
  let story = repository.appending(path: "Examples/project/three-months").path
  let (status, output) = try ToolPython.run([
    "/usr/bin/env", "ASSAY=\(executablePath)", "python3", story, project.path + "/story",
  ])
  #expect(status == 0, "\(output)")
  let json = try project.assay("phases", "-C", "story/project", "--json").json()
  let found = revisits(json)
  #expect(found.contains("2 preparation>acquisition data-quality"))
  #expect(found.contains("6 development>preparation requirement-change"))
  #expect(found.contains("10 monitoring>acquisition new-data"))
  #expect((json["self"]?.asInt ?? 0) + (json["backward"]?.asInt ?? 0) + (json["forward"]?.asInt ?? 0) == found.count)
}
