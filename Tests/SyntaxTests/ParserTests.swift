import Diagnostics
import Syntax
import Testing

@Suite struct ParserTests {
  @Test(arguments: Corpus.names)
  func corpusParsesWithoutMistakesAndPrintsEveryByte(_ name: String) throws {
    let text = try Corpus.text(name)
    let tree = parse(text)
    #expect(
      tree.diagnostics.map { "\($0.code) \($0.message) at \(tree.file.position(at: $0.primary.span.start))" } == [])
    #expect(printed(tree.tokens, of: Array(text.utf8)) == Array(text.utf8))
  }

  @Test func corpusIsThere() { #expect(Corpus.names.count >= 6) }

  @Test func stepsCarryTheirParts() throws {
    let tree = parse(try Corpus.text("crossval.assay"))
    let workflow = try #require(tree.workflows.first)
    #expect(workflow.doc == "k-fold cross-validation of the churn model.")
    #expect(workflow.inputs.map(\.name.text) == ["data", "folds", "seed"])
    #expect(workflow.inputs.compactMap(\.type).map { tree.text($0.span) } == ["file<csv>", "int(2..20)", "int"])
    #expect(workflow.steps.map(\.name.text) == ["raw", "prep", "split", "fit", "eval", "mean", "alert"])
    let raw = workflow.steps[0]
    #expect(raw.phase?.text == "acquisition")
    #expect(raw.options.map(\.name.text) == ["retry", "backoff", "timeout"])
    #expect(raw.options.map(\.words.count) == [4, 3, 1])
    let fit = workflow.steps[3]
    #expect(fit.foreach?.bindings.map(\.text) == ["fold"])
    #expect(fit.foreach?.limit?.text == "4")
    #expect(fit.options.map(\.name.text) == ["retry", "timeout", "resources", "reuse", "isolation", "on failure"])
    #expect(workflow.steps[4].foreach?.bindings.map(\.text) == ["m", "fold"])
    #expect(workflow.steps[6].condition != nil)
  }

  @Test func docCommentsBelongToTheNextDeclaration() throws {
    let tree = parse(try Corpus.text("experiment.assay"))
    let steps = try #require(tree.workflows.first).steps
    guard case .vary(let vary) = steps[1].body else {
      Issue.record("`prep` is no variability point")
      return
    }
    #expect(vary.variants.map(\.doc) == ["", "Slower, better on skewed columns.", ""])
    #expect(vary.defaultName?.text == "median")
    #expect(tree.experiments.first?.doc == "Which learner, with which settings, for the Q3 data?")
    #expect(parse("assay 1\nuse a ## of the use\nworkflow w {}").workflows.first?.doc == "")
    #expect(parse("assay 1\n## one\r\n##\r\n## two\r\nworkflow w {}").workflows.first?.doc == "one\n\ntwo")
  }

  @Test(arguments: [
    ("a ?? b ?? c", "((a ?? b) ?? c)"), ("a or b and not c == d", "(a or (b and (not (c == d))))"),
    ("1 + 2 * -x - 3", "((1 + (2 * (- x))) - 3)"), ("(1 + 2) * 3", "((1 + 2) * 3)"), ("a.b >= 2", "(a.b >= 2)"),
    ("zip(a, b: c.d).e", "zip(a, b: c.d).e"), ("[1, {a: \"x\\n\"}]", "[1, {a: \"x\n\"}]"), ("a < 5m", "(a < 5m)"),
    ("not a and b", "((not a) and b)"),
  ])
  func expressionsGroupByStrength(_ source: String, _ expected: String) throws {
    let tree = parse("assay 1\nworkflow w { out x: int = \(source) }")
    #expect(tree.diagnostics.isEmpty)
    let value = try #require(tree.workflows.first?.outputs.first?.value)
    #expect(shape(value, tree) == expected)
  }

  private func shape(_ expression: ExpressionSyntax, _ tree: SyntaxTree) -> String {
    switch expression.kind {
    case .missing: "<missing>"
    case .null, .bool, .integer, .float, .quantity: tree.text(expression.span)
    case .string(let text): "\"\(text)\""
    case .reference(let path): path.text
    case .call(let call):
      call.callee.text + "("
        + call.arguments.map { ($0.name.map { $0.text + ": " } ?? "") + shape($0.value, tree) }.joined(separator: ", ")
        + ")"
    case .list(let items): "[" + items.map { shape($0, tree) }.joined(separator: ", ") + "]"
    case .record(let fields):
      "{" + fields.map { "\($0.name.text): \(shape($0.value, tree))" }.joined(separator: ", ") + "}"
    case .field(let base, let name): shape(base, tree) + "." + name.text
    case .unary(let sign, let operand): "(\(sign.text) \(shape(operand, tree)))"
    case .binary(let sign, let left, let right): "(\(shape(left, tree)) \(sign.text) \(shape(right, tree)))"
    }
  }

  // MARK: Recovery

  @Test func oneMistakeGivesOneMessageAndKeepsTheRest() throws {
    let tree = parse(
      """
      assay 1
      workflow w {
        in a: int =
        step one = t.f(x: , y: 2)
        step two t.g()
        step three = t.h(x: one.y) { retry ( }
        out z: int = three.z
      }
      workflow v { out q: int = 1 }
      """)
    #expect(tree.diagnostics.map { tree.file.position(at: $0.primary.span.start).line } == [4, 4, 5, 6])
    let workflow = try #require(tree.workflows.first)
    #expect(workflow.steps.map(\.name.text) == ["one", "two", "three"])
    #expect(workflow.steps.map(\.isBroken) == [true, true, true])
    #expect(workflow.outputs.count == 1)
    #expect(tree.workflows.map(\.name.text) == ["w", "v"])
  }

  @Test func aMissingBraceDoesNotSwallowTheNextWorkflow() {
    let tree = parse("assay 1\nworkflow a {\n  step s = t.f(\n\nworkflow b {\n  out x: int = 1\n}\n")
    #expect(tree.workflows.map(\.name.text) == ["a", "b"])
    #expect(tree.workflows.last?.outputs.count == 1)
    #expect(!tree.diagnostics.isEmpty)
  }

  @Test(arguments: [
    ("workflow w {}", "E0005"), ("assay 2", "E0006"), ("assay 1\nworkflow w { out a: string = \"x }", "E0001"),
    ("assay 1\nworkflow w { out a: string = \"\\q\" }", "E0004"), ("assay 1\nfoo", "E0002"),
    ("assay 1\nworkflow w { out a: bool = 1 < 2 < 3 }", "E0002"),
  ])
  func mistakesOfFormHaveCodes(_ text: String, _ code: String) {
    #expect(parse(text).diagnostics.first?.code == code)
  }

  @Test(arguments: ["(", "[", "-", "not ", "{a: ", "f(x: ", "a + (", "1 + "])
  func deepNestingIsRefusedWithoutOverflow(_ piece: String) {
    let text = "assay 1\nworkflow w { out a: int = " + String(repeating: piece, count: 100_000) + "1"
    let tree = parse(text)
    #expect(tree.diagnostics.contains { $0.code == "E0003" })
    #expect(printed(tree.tokens, of: Array(text.utf8)) == Array(text.utf8))
  }

  @Test func longChainsAreRefusedButLongListsAreNot() {
    let chain = "assay 1\nworkflow w { out a: int = 1" + String(repeating: " + 1", count: 50_000) + " }"
    #expect(parse(chain).diagnostics.map(\.code) == ["E0003"])
    let list = "assay 1\nworkflow w { out a: list<int> = [" + String(repeating: "1,", count: 50_000) + "] }"
    #expect(parse(list).diagnostics.isEmpty)
    let type = "assay 1\nworkflow w { in a: " + String(repeating: "list<", count: 50_000) + "int"
    #expect(!parse(type).diagnostics.isEmpty)
  }
}
