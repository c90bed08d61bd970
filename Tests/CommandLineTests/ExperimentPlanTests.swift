import Foundation
import Testing
import Values

/// What `exp plan` foretells, against what then happens.

private func document(_ inside: String) -> String {
  """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in x: int(0..1000) = 3
    step base = tool.twice(x: 500)
    step shared = tool.twice(x: base.y)
    step doubled = tool.twice(x: x)
    step model = tool.twice(x: doubled.y + shared.y)
    out y: int = model.y
  }

  experiment tune {
    study main()
    space { x in int 1..3 }
    metrics { y = y minimize }
  \(inside)
  }

  """
}

private func sum(_ trials: JSON?, _ name: String) -> Int64 {
  (trials?.asArray ?? []).reduce(0) { $0 + ($1[name]?.asInt ?? 0) }
}

@Test func whatIsForetoldHappens() throws {
  let text = document(
    """
      stage search { strategy grid() }
      stage confirm after search { strategy repeat(best(1, search), seeds: [1, 2]) }
      budget { trials 9, tasks 1h, parallel 1 }
    """)
  let project = try Project(["a.assay": text])
  let plan = try project.assay("exp", "plan", "a.assay", "--json").json()
  // Nothing was written.
  #expect(!FileManager.default.fileExists(atPath: project.path + "/.assay/experiments.db"))
  #expect(!FileManager.default.fileExists(atPath: project.path + "/.assay/trace.db"))
  #expect(plan["trials"] == 5)
  // Two steps are the same in all three, and nothing is known of what they give.
  #expect(plan["stages"]?.asArray?[0]["work"]?["new"] == 8)
  #expect(plan["stages"]?.asArray?[0]["work"]?["reused"] == 4)
  #expect(plan["stages"]?.asArray?[0]["certain"] == true)
  #expect(plan["stages"]?.asArray?[1]["certain"] == false)
  #expect(plan["unknown_tasks"]?.asArray == ["tool.twice"])
  #expect(plan["space"]?["configurations"] == 3)

  let run = try project.assay("exp", "run", "a.assay", "--json").json()
  #expect(sum(run["trials"], "ran") == plan["work"]?["new"]?.asInt)
  #expect(sum(run["trials"], "reused") == plan["work"]?["reused"]?.asInt)

  // The grid again costs nothing, and now there are times. Which trial would be repeated is not known beforehand.
  let again = try project.assay("exp", "plan", "a.assay", "--json").json()
  #expect(again["stages"]?.asArray?[0]["work"]?["new"] == 0)
  #expect(again["stages"]?.asArray?[0]["work"]?["reused"] == 12)
  #expect(again["unknown_tasks"]?.asArray?.isEmpty == true)
  try project.write("a.assay", text.replacing("int 1..3", with: "int 2..6"))
  let more = try project.assay("exp", "plan", "a.assay", "--json").json()
  #expect(more["stages"]?.asArray?[0]["work"]?["new"] == 6)
  #expect((more["work"]?["task_seconds"]?.asDouble ?? 0) > 0)
  #expect(try OutputSchema.mistakes([plan, again, more]) == "")
}

@Test func whatDependsOnResultsIsMarked() throws {
  let project = try Project([
    "a.assay": document(
      """
        stage search { strategy tpe(trials: 2) }
        gate review after search { allow continue, stop by "lead" }
        stage more after review when y > 10 { strategy random(trials: 9) }
        accept when y > 1 {
          promote model.y as "numbers/y"
          approve by "officer"
        }
        budget { trials 2 }
      """.replacing("allow continue, stop by \"lead\"", with: "allow continue, stop\n    by \"lead\""))
  ])
  let run = try project.assay("exp", "plan", "a.assay")
  #expect(run.exit == 0, "\(run.err)")
  let lines = run.out.split(separator: "\n").map(String.init)
  #expect(lines.first { $0.hasPrefix("search") }?.contains("~") == true, "\(run.out)")
  #expect(lines.first { $0.hasPrefix("review") }?.contains("waits for lead: continue, stop") == true)
  #expect(lines.first { $0.hasPrefix("more") }?.contains("only if its condition holds") == true)
  #expect(lines.first { $0.hasPrefix("accept") }?.contains("waits for officer: approve, reject") == true)
  #expect(run.out.contains("which end the experiment before its stages do"))
  #expect(try OutputSchema.mistakes([try project.assay("exp", "plan", "a.assay", "--json").json()]) == "")
}

@Test func anExperimentThatGoesOnIsPlannedFromWhereItIs() throws {
  let project = try Project([
    "a.assay": document(
      """
        stage search { strategy grid() }
        gate review after search { allow continue, stop }
        stage confirm after review { strategy repeat(best(1, search), seeds: [1]) }
      """)
  ])
  #expect(try project.assay("exp", "run", "a.assay").exit == 5)
  let plan = try project.assay("exp", "plan", "a.assay", "--json").json()
  #expect(plan["goes_on"]?["experiment"] == 1)
  #expect(plan["trials"] == 1)
  #expect(try project.assay("exp", "plan", "a.assay", "--new", "--json").json()["trials"] == 4)
  #expect(try OutputSchema.mistakes([plan]) == "")
}

/// What is wrong with a space ends every command before anything runs.
@Test(arguments: [["check"], ["exp", "plan"], ["exp", "run"]]) func anEmptySpaceIsRefused(_ command: [String]) throws {
  let project = try Project([
    "a.assay": document("  stage search { strategy grid() }").replacing(
      "int 1..3 }", with: "int 1..3\n    where x > 2\n    where x < 3\n  }")
  ])
  let run = try project.start(command + ["a.assay"]).wait()
  #expect(run.exit == 3)
  #expect(run.err.contains("E1009"), "\(run.err)")
  #expect(run.err.contains("… and this as well"))
}

/// Versions of data as a dimension: planned, run, and reused by content.
@Test func versionsOfDataAreADimension() throws {
  let project = try Project([
    "one.csv": "a\n", "two.csv": "a\nb\n",
    "a.assay": """
    assay 1

    use "./tool.so" as tool

    workflow main {
      in data: file<csv>
      step count = tool.lines(path: data)
      out y: int = count.y
    }

    experiment tune {
      study main()
      space { data in [artifact("raw/a@v1"), artifact("raw/a@v2")] }
      metrics { y = y maximize }
      stage search { strategy grid() }
    }

    """,
  ])
  #expect(try project.assay("artifact", "put", "one.csv", "raw/a").exit == 0)
  #expect(try project.assay("artifact", "put", "two.csv", "raw/a").exit == 0)
  #expect(try project.assay("exp", "plan", "a.assay", "--json").json()["work"]?["new"] == 2)
  let run = try project.assay("exp", "run", "a.assay", "--json")
  #expect(run.exit == 0, "\(run.err)")
  let values = (try run.json()["trials"]?.asArray ?? []).compactMap { $0["metrics"]?["y"]?.asDouble }
  #expect(Set(values) == [1, 2])
}
