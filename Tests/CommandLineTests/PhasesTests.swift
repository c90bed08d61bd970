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
  #expect(try project.assay("phases", "insights").out.contains("`last` was seen in deployment"))
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

@Test(arguments: ["matrix", "graph", "timeline"]) func figuresAreWellFormed(_ figure: String) throws {
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
    #expect(svg.contains("acquisition"))
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
