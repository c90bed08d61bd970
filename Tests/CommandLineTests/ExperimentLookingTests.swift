import Foundation
import Testing
import Values

/// What is to be seen of experiments, by the built program.

private let document = """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in x: int(0..1000) = 3
    in seed: int = 0
    step model = vary(x: x + seed) {
      variant plain = tool.twice()
      variant odd = tool.twice()
      default plain
    }
    step other = tool.twice(x: 100 - x)
    out y: int = model.y
    out z: int = other.y
  }

  experiment tune {
    study main()
    intent "small | <y>"
    space {
      model in [plain, odd]
      x in int 0..40
    }
    metrics {
      y = y minimize
      z = z minimize
    }
    stage search { strategy random(trials: 14) }
    stage confirm after search { strategy repeat(best(2, search), seeds: [1, 2, 3]) }
    budget { trials 20 }
  }

  """

@Test func everythingThatCanBeSeenOfAnExperiment() throws {
  let project = try Project(["a.assay": document])
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1", "--plain").exit == 0)
  let changed = document.replacing("random(trials: 14)", with: "sobol(trials: 4)").replacing("0..40", with: "0..20")
  try project.write("a.assay", changed)
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)

  // Other seeds change y by twice as much: the repeats say so, and the first values are not among them.
  let board = try project.assay("exp", "leaderboard", "1", "--json").json()
  let first = try #require(board["rows"]?.asArray?.first)
  #expect(first["n"]?.asInt == 3 && first["counted"]?.asArray?.count == 3)
  let (value, x) = (first["value"]?.asDouble, first["configuration"]?["x"]?.asInt)
  #expect(value == 2 * Double(x ?? -1) + 4)
  // A mean of three values 2 apart: ± t(0.975, 2) · 2 / √3.
  let ends = first["interval"]?.asArray?.compactMap(\.asDouble) ?? []
  #expect(ends.count == 2 && (ends[1] - (value ?? 0) - 4.968275).magnitude < 1e-5)
  #expect(board["promises"]?.asArray?.first?["claimed"]?.asDouble == value.map { $0 - 4 })
  let text = try project.assay("exp", "leaderboard", "1", "--all", "--by", "z", "--cost", "y")
  #expect(text.out.contains("CONFIGURATION") && text.exit == 0)
  #expect(try project.assay("exp", "leaderboard", "1", "--stage", "serach").err.contains("stages: search, confirm"))
  #expect(try project.assay("exp", "leaderboard", "1", "--by", "q").exit == 4)

  let trials = try project.assay("exp", "compare", "1", "1", "2", "--json").json()
  #expect(trials["metrics"]?.asArray?.count == 2)
  let two = try project.assay("exp", "compare", "1", "2", "--json").json()
  #expect(two["parameters"]?.asArray?.first?["name"] == "x")
  #expect(try project.assay("exp", "compare", "1", "2").out.contains("AFTER TRIALS"))
  #expect(try project.assay("exp", "compare", "1", "1", "99").exit == 4)
  let importance = try project.assay("exp", "importance", "1", "--json").json()
  #expect(importance["parameters"]?.asArray?.count == 2)
  #expect(try project.assay("exp", "importance", "1", "--values").out.contains("MEAN Y"))
  #expect(try project.assay("exp", "importance", "2").exit == 4)
  let front = try project.assay("exp", "pareto", "1", "--json").json()
  #expect(front["front"]?.asArray?.isEmpty == false)
  #expect(try project.assay("exp", "pareto", "1", "--metrics", "y").exit == 2)
  let log = try project.assay("exp", "export", "1", "--json").json()
  #expect(log["entries"]?.asArray?.last?["kind"] == "closed")
  let card = try project.assay("exp", "report", "2", "--json").json()
  #expect(card["card"]?["description"] == "small | <y>")
  #expect(try OutputSchema.mistakes([board, trials, two, importance, front, log, card]) == "")
}

@Test func whatIsExportedIsWhatWasMeasured() throws {
  let project = try Project(["a.assay": document.replacing("14", with: "4")])
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1", "--json").exit == 0)
  let lines = try project.assay("exp", "export").out.split(separator: "\n").map { try JSON.parse(String($0)) }
  let csv = try project.assay("exp", "export", "--format", "csv").out.split(separator: "\n")
  #expect(lines.count == 10 && csv.count == 11)
  #expect(csv[0].hasPrefix("trial,stage,source,seed,state,model,x,y,z,run"))
  for (line, row) in zip(lines, csv.dropFirst()) {
    let cells = row.split(separator: ",", omittingEmptySubsequences: false)
    #expect(String(cells[6]) == "\(line["configuration"]?["x"]?.asInt ?? -1)")
    #expect(Double(cells[7]) == line["metrics"]?["y"]?.asDouble)
  }
  #expect(try project.assay("exp", "report", "-o", "card.html").out == "card.html\n")
  #expect(project.read("card.html")?.contains("<svg") == true)
  #expect(try project.assay("exp", "report", "-o", "missing/card.md").exit == 2)
  let status = try project.assay("exp", "status")
  #expect(status.out.contains("10 of 20") && status.out.contains("stage"))
}
