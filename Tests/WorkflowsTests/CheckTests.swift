import Diagnostics
import Syntax
import Tasks
import Testing
import Values
import Workflows

@Suite struct CheckTests {
  @Test(arguments: ["simple.assay", "prepare.assay", "crossval.assay", "experiment.assay", "crlf.assay", "bom.assay"])
  func corpusIsCorrect(_ name: String) throws {
    let checked = check(try Corpus.text("assay/\(name)"), path: name)
    #expect(lines(checked) == [])
    #expect(checked.program != nil)
  }

  @Test func aProgramHasItsTypes() throws {
    let checked = check(try Corpus.text("assay/crossval.assay"), path: "crossval.assay")
    let program = try #require(checked.program)
    #expect(program.workflows.map(\.name) == ["churn_cv", "prepare"])
    #expect(program.files.map(\.path) == ["crossval.assay", "prepare.assay"])
    let workflow = program.workflows[0]
    #expect(workflow.steps.map(\.name) == ["raw", "prep", "split", "fit", "eval", "mean", "alert"])
    func outputs(_ name: String) -> [String] {
      workflow.steps.first { $0.name == name }?.outputs.map { "\($0.name): \($0.type)" } ?? []
    }
    #expect(outputs("fit") == ["model: list<churn.model>"])
    #expect(outputs("eval") == ["auc: list<float>"])
    #expect(outputs("prep") == ["table: table"])
    let raw = workflow.steps[0]
    #expect(raw.options.retries == 4)
    #expect(raw.options.retryOn == ["io.timeout", "io.unavailable"])
    #expect(raw.options.backoff?.lower == .seconds(2) && raw.options.backoff?.upper == .seconds(60))
    #expect(raw.options.jitter == 0.2)
    #expect(raw.options.timeout == .seconds(300))
    #expect(raw.phase == "acquisition")
    let fit = workflow.steps[3]
    #expect(fit.options.resources == Resources(cpu: 1, memoryBytes: 2 << 30))
    #expect(fit.options.reuse == .within(.seconds(48 * 3600)))
    #expect(fit.options.isolation == .fresh)
    #expect(fit.foreach?.bindings == ["fold"])
    #expect(fit.foreach?.limit == 4)
    let eval = workflow.steps[4]
    #expect(eval.foreach.map { "\($0.source.type)" } == "list<{_0: churn.model, _1: {train: table, test: table}}>")
    if case .workflow(let index) = workflow.steps[1].variants[0].callee {
      #expect(program.workflows[index].name == "prepare")
    } else {
      Issue.record("`prep` calls no workflow")
    }
  }

  @Test func skippedStepsGiveOptionalOutputs() throws {
    let program = try #require(check(try Corpus.text("assay/prepare.assay")).program)
    let workflow = program.workflows[0]
    #expect(
      workflow.doc
        == "Clean one raw extract. A workflow is called exactly like a task.\n\nColumns in `drop` are left out.")
    #expect(workflow.steps[2].outputs == [.init("table", .optional(.table(nil)))])
    #expect(workflow.outputs[0].value.type == .table(nil))
  }

  @Test func sharedArgumentsGoToTheVariantsThatTakeThem() throws {
    let program = try #require(check(try Corpus.text("assay/experiment.assay")).program)
    let model = try #require(program.workflows[0].steps.first { $0.name == "model" })
    #expect(model.variants.map(\.name) == ["forest", "boost", "logit"])
    #expect(
      model.variants.map { $0.arguments.map(\.name) } == [
        ["trees", "depth", "table", "seed"], ["rate", "table", "seed"], ["c", "table"],
      ])
    #expect(model.defaultVariant == 0)
    #expect(model.options.timeout == .seconds(1200))
  }

  @Test func stepsAreOrderedByWhatTheyNeed() throws {
    let checked = check(
      """
      assay 1
      use std.table as t
      workflow w {
        out v: float = c.value
        step c = t.mean(values: [b.rate, a.rate])
        step b = t.fold(table: r.table, k: 1) when a.ok
        step a = t.fold(table: r.table, k: 2)
        step r = t.read_csv(path: data)
        in data: file<csv>
      }
      """)
    #expect(lines(checked) == ["E0401 test.assay:5:28 an item of `values` needs `float`, but this may be missing"])
    let fixed = check(
      checked.trees[0].file.text.replacing("b.rate", with: "b.rate ?? 0.5"))
    let workflow = try #require(fixed.program?.workflows.first)
    #expect(workflow.steps.map(\.name) == ["r", "a", "b", "c"])
    guard case .list(let items) = workflow.steps[3].variants[0].arguments[0].value.kind,
      case .output(let step, let port) = items[1].kind
    else {
      Issue.record("no list of outputs")
      return
    }
    #expect(step == 1 && port == 0)
  }

  @Test func aConditionOnRanGivesTheValue() {
    let text = """
      assay 1
      use std.table as t
      workflow w {
        in data: file<csv>
        in n: int
        step a = t.read_csv(path: data) when n > 1
        step b = t.fold(table: a.table, k: 2) when a.ran and n > 2
        step c = t.sleep() when a.ran and size(a.table) > 3
        out r: float? = b.rate
      }
      """
    #expect(lines(check(text)) == [])
    #expect(lines(check(text.replacing("a.ran and ", with: ""))).count == 2)
  }

  @Test func literalsTakeTheTypeOfTheirPlace() throws {
    let program = try #require(
      check(
        """
        assay 1
        use std.table as t
        workflow w {
          in f: file<csv> = file("x.csv")
          in r: {a: float, b: int?} = {a: 1}
          in e: list<float> = [1, -2, 3.5]
          in none: list<string> = []
          step m = t.mean(values: [1, 2])
          step s = t.sleep(wait: 5m, pause: 1.5s)
          out x: float = m.value / 2 + size(e) * 2
          out a: table = artifact("raw/x@v1")
        }
        """
      ).program)
    let workflow = program.workflows[0]
    func literal(_ expression: Expression?) -> Value? {
      if case .literal(let value)? = expression?.kind { value } else { nil }
    }
    #expect(literal(workflow.inputs[1].default) == .record([.init("a", .float(1)), .init("b", .null)]))
    #expect(literal(workflow.inputs[2].default) == .list([.float(1), .float(-2), .float(3.5)]))
    let mean = try #require(workflow.steps.first { $0.name == "m" })
    #expect(literal(mean.variants[0].arguments[0].value) == .list([.float(1), .float(2)]))
    let sleep = try #require(workflow.steps.first { $0.name == "s" })
    #expect(sleep.variants[0].arguments.map { literal($0.value) } == [.float(300), .float(1.5)])
    #expect(workflow.outputs[1].value.type == .table(nil))
  }

  @Test func stepsThatDoSomethingAreNotUnused() {
    let text = """
      assay 1
      use std.table as t
      use std.notify as notify
      workflow top {
        in data: file<csv>
        step quiet = compute(data: data)
        step loud = tell()
        step raw = t.read_csv(path: data)
      }
      workflow compute { in data: file<csv> step a = t.read_csv(path: data) out t: table = a.table }
      workflow tell { step a = tell_more() }
      workflow tell_more { step a = notify.file(text: "x") }
      """
    #expect(
      lines(check(text)) == [
        "W0101 test.assay:6:8 nothing uses step `quiet`", "W0101 test.assay:8:8 nothing uses step `raw`",
      ])
  }

  @Test func hugeWorkflowsCheckWithoutDeepStacks() throws {
    var text = "assay 1\nuse std.table as t\nworkflow w {\n  in data: file<csv>\n"
    // Backwards: each step refers to the next one in the text.
    for index in stride(from: 9_999, to: 0, by: -1) {
      text += "  step s\(index) = t.dedup(table: s\(index - 1).table)\n"
    }
    text += "  step s0 = t.read_csv(path: data)\n  out x: table = s9999.table\n}\n"
    let program = try #require(check(text).program)
    #expect(program.workflows[0].steps.map(\.name) == (0..<10_000).map { "s\($0)" })
  }
}
