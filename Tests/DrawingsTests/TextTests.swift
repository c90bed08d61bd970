import Drawings
import Testing

@Suite struct TextTests {
  @Test func stepsStandBesideTheirGraph() throws {
    let program = try #require(Sample.program(Sample.churn))
    #expect(
      Drawing(program, workflow: 0).text() == """
        churn_cv — Cross-validate the churn model.

        inputs
          data   file<csv>
          folds  int(2..20)  = 5
          seed   int         = 42

        steps
          ●    raw    demo.read_csv     @acquisition  retry 4 on io.timeout  timeout 5m
          │      path: data
          ◆    prep   vary: median      @preparation
          │      table: raw.table
          │      ◆ median  demo.median
          │      ◇ knn     demo.knn(k: 3, seed: seed)
          ●    split  demo.kfold        @preparation
          │      table: prep.table, k: folds, seed: seed
          ├─╮
          │ ◎  fit    workflow fit_all
          │ │    folds: split.folds, seed: seed
          ├─╯
          ●    eval   demo.score        @validation  foreach m, fold max 4
          │      each m, fold of zip(fit.models, split.folds), model: m, table: fold.test
          ●    mean   demo.mean         @validation
          │      values: eval.auc
          ●    alert  demo.mail         @monitoring  when mean.value < 0.7
                 text: fmt("AUC only {} <of 1> & \\"low\\"", mean.value)

        outputs
          models  list<demo.model>  ← fit.models
          auc     float             ← mean.value

        """)
  }

  @Test func asciiIsAscii() throws {
    let program = try #require(Sample.program(Sample.churn))
    let text = Drawing(program, workflow: 0).text(ascii: true)
    #expect(text.utf8.allSatisfy { $0 < 0x80 })
    #expect(text.contains("  +-\\\n  | @  fit    workflow fit_all\n"))
  }

  /// Lanes that a line passes without joining stay whole.
  @Test func crossingLanesPassUnder() throws {
    let program = try #require(
      Sample.program(
        """
        assay 1
        use demo as t
        workflow w {
          in f: file<csv>
          step a = t.read_csv(path: f)
          step b = t.read_csv(path: f)
          step c = t.read_csv(path: f)
          step d = t.kfold(table: a.table, k: size([c.table]), seed: 1)
          out x: {b: table, c: table} = {b: b.table, c: c.table}
          step e = t.kfold(table: b.table, k: size(d.folds), seed: 1)
          step g = t.train(table: b.table, trees: size([a.table]), seed: size(e.folds))
        }
        """))
    let graph = Drawing(program, workflow: 0).text().split(separator: "\n").filter { $0.contains("─") }
    #expect(graph == ["  ├─│─┤", "  │ ├─┤", "  ├─┴─╯"].map { $0[...] })
  }

  @Test(arguments: ["main", "other"])
  func theChosenVariantIsMarked(_ name: String) throws {
    let program = try #require(Sample.program(Sample.churn))
    let drawing = Drawing(program, workflow: 0, variants: ["prep": name == "main" ? "knn" : "median"])
    let point = try #require(drawing.nodes.first { $0.name == "prep" })
    #expect(point.variants.first { $0.isChosen }?.name == (name == "main" ? "knn" : "median"))
    #expect(drawing.text().contains(name == "main" ? "vary: knn" : "vary: median"))
    let seed = try #require(drawing.edges.first { $0.to == 4 && $0.from == 2 })
    #expect(drawing.isIdle(seed) == (name == "other"))
  }
}

@Suite struct WideTextTests {
  private func drawing(_ count: Int) throws -> Drawing {
    var text = "assay 1\nuse demo as t\nworkflow fan {\nin f: file<csv>\n"
    for index in 0..<count { text += "step s\(index) = t.read_csv(path: f)\n" }
    text += "out all: list<table> = [\((0..<count).map { "s\($0).table" }.joined(separator: ", "))]\n"
    text += "step end = t.mean(values: [\((0..<count).map { "size([s\($0).table])" }.joined(separator: ", "))])\n}"
    return Drawing(try #require(Sample.program(text)), workflow: 0)
  }

  /// However many steps wait for one, the graph keeps its width, every step its mark, and arguments are cut.
  @Test func lanesAreBounded() throws {
    let lines = try drawing(300).text().split(separator: "\n")
    #expect(lines.count { $0.contains("●") } == 301)
    let end = try #require(lines.last { $0.contains("●") })
    #expect(end.firstIndex(of: "●").map { end.distance(from: end.startIndex, to: $0) } == 2)
    let graph = lines.filter { $0.contains("┴") }
    #expect(graph.allSatisfy { $0.count <= 2 + 2 * 41 })
    #expect(lines.allSatisfy { $0.contains("list<table>") || $0.count < 200 })
  }
}
