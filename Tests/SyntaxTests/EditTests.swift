import Diagnostics
import Syntax
import Testing

@Suite struct EditTests {
  @Test func argumentsAreSetAddedAndRemoved() throws {
    let text = "assay 1\nworkflow w {\n  step a = t.f(x: 1, # one\n    y: 2, # two\n    z: 3)\n  step b = t.g()\n}\n"
    func edited(_ body: (WorkflowEdits) throws -> [TextEdit]) throws -> String {
      try apply(body(WorkflowEdits(parse(text), workflow: "w")), to: text)
    }
    #expect(try edited { try $0.set("x", to: "q.r", in: "a") }.contains("x: q.r, # one"))
    #expect(try edited { try $0.set("n", to: "[1]", in: "b") }.contains("t.g(n: [1])"))
    #expect(try edited { try $0.set("n", to: "5m", in: "a") }.contains("z: 3, n: 5m)"))
    let removed = try edited { try $0.remove("y", from: "a") }
    #expect(comments(of: removed) == ["# one", "# two"])
    #expect(parse(removed).diagnostics.isEmpty)
    #expect(try edited { try $0.remove("z", from: "a") }.contains("z: 3") == false)
    #expect(throws: EditProblem.self) { try edited { try $0.set("x", to: "1) step c = t.h(", in: "a") } }
    #expect(throws: EditProblem.self) { try edited { try $0.add(step: "b", "t.f()") } }
    #expect(throws: EditProblem.self) { try edited { try $0.add(step: "c", "t.f( } workflow x {") } }
  }

  /// Comments survive, the result parses, lines without an edit stay.
  @Test(arguments: 0..<60)
  func randomEditsNeverLoseAComment(_ seed: Int) throws {
    var random = Generator(UInt64(seed))
    let name = try #require(Corpus.names.randomElement(using: &random))
    var text = try Corpus.text(name)
    for round in 0..<12 {
      let tree = parse(text)
      let workflow = try #require(tree.workflows.randomElement(using: &random))
      let edits = try WorkflowEdits(tree, workflow: workflow.name.text)
      guard let changes = try? change(edits, workflow, round, &random) else { continue }
      let result = try apply(changes, to: text)
      #expect(comments(of: result).sorted() == comments(of: text).sorted(), "\(changes)")
      #expect(parse(result).diagnostics.isEmpty, "\(changes)\n\(result)")
      let lines = Set(result.split(separator: "\n", omittingEmptySubsequences: false))
      let lost = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !lines.contains($0) }
      #expect(lost.count <= changes.reduce(0) { $0 + 1 + text.utf8.lineBreaks(in: $1.span) })
      text = result
    }
  }

  private func change(
    _ edits: WorkflowEdits, _ workflow: WorkflowSyntax, _ round: Int, _ random: inout Generator
  ) throws -> [TextEdit] {
    let new = "fresh_\(round)"
    guard let step = workflow.steps.randomElement(using: &random) else { return try edits.add(step: new, "t.dedup()") }
    var arguments: [ArgumentSyntax] = []
    var variant: String?
    switch step.body {
    case .call(let call): arguments = call.arguments
    case .vary(let vary):
      let chosen = vary.variants.randomElement(using: &random)
      variant = chosen?.name.text
      arguments = chosen?.call.arguments ?? []
      if Bool.random(using: &random), let variant { return try edits.setDefault(variant, of: step.name.text) }
    case .missing: break
    }
    let name = step.name.text
    let argument = arguments.randomElement(using: &random)?.name?.text ?? "q"
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return try edits.set(argument, to: "other.table", in: name, variant: variant)
    case 1: return try edits.set("added_\(round)", to: "{a: [1, 2]}", in: name, variant: variant)
    case 2: return try edits.remove(argument, from: name, variant: variant)
    default: return try edits.add(step: new, "t.dedup(table: x.y) when true { retry 1 }")
    }
  }
}

extension String.UTF8View {
  fileprivate func lineBreaks(in span: Span) -> Int {
    dropFirst(span.start).prefix(span.end - span.start).count { $0 == 0x0A }
  }
}
