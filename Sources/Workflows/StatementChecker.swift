internal import Diagnostics
internal import Syntax

/// What checks a block of statements: an experiment or a policy.
protocol StatementChecker: AnyObject {
  var session: Session { get }
  var document: Document { get }
}

extension StatementChecker {
  var file: SourceFile { document.file }

  /// The arguments of a call of a workflow: constants, by name.
  func inputs(_ call: CallSyntax, of workflow: Workflow, _ checker: WorkflowChecker) -> [Step.Argument] {
    var inputs: [Step.Argument] = []
    var seen: Set<String> = []
    for argument in call.arguments {
      guard let name = argument.name else {
        error(
          "E0104", "inputs of `\(workflow.name)` are given by name", at: argument.span, "which input?",
          help: "inputs: \(enumerated(workflow.inputs.map(\.name)))")
        continue
      }
      guard let input = workflow.inputs.first(where: { $0.name == name.text }) else {
        let near = session.report.near(name.text, workflow.inputs.map(\.name))
        let (help, fix) = suggestion(
          near, for: name.span, otherwise: "inputs: \(enumerated(workflow.inputs.map(\.name)))")
        error(
          "E0104", "workflow `\(workflow.name)` has no input `\(name.text)`", at: name.span, "no such input",
          help: help,
          fix: fix)
        continue
      }
      guard seen.insert(name.text).inserted else {
        error("E0105", "`\(name.text)` is given twice", at: name.span, "the second one")
        continue
      }
      var scope = ExpressionScope(isConstant: true)
      let value = checker.reading(document) { $0.check(argument.value, expecting: input.type, &scope) }
      let fitted = checker.fit(value, to: input.type, scope) {
        .init(what: "input `\(input.name)`", type: input.type)
      }
      inputs.append(.init(name: name.text, value: fitted))
    }
    return inputs
  }

  // MARK: Budgets

  func budget(_ block: [StatementSyntax]) -> Experiment.Budget {
    let words = ["trials", "wall", "tasks", "parallel", "failures"]
    var budget = Experiment.Budget()
    for line in block {
      for clause in line.clauses {
        switch clause.word.text {
        case "trials": budget.trials = integer(clause, 1...1_000_000_000).map { Int($0) }
        case "parallel": budget.parallel = integer(clause, 1...100_000).map { Int($0) }
        case "failures": budget.failures = integer(clause, 0...1_000_000_000).map { Int($0) }
        case "wall": budget.wall = duration(clause)
        case "tasks": budget.work = duration(clause)
        default: unknown(clause.word, words, "a budget has no `\(clause.word.text)`")
        }
      }
      if line.clauses.isEmpty {
        error("E1001", "a budget has words and amounts", at: line.span, "not part of a budget")
      }
    }
    return budget
  }

  // MARK: Mistakes

  func error(
    _ code: String, _ message: String, at span: Span, _ label: String, also: [Diagnostic.Label] = [],
    help: String? = nil, fix: Fix? = nil
  ) {
    session.error(code, message, in: file, at: span, label, also: also, help: help, fix: fix)
  }

  func unknown(_ name: Name, _ known: [String], _ message: String, code: String = "E1001") {
    let near = session.report.near(name.text, known)
    let (help, fix) = suggestion(near, for: name.span, otherwise: "there are \(enumerated(known, limit: 14))")
    error(code, message, at: name.span, "unknown here", help: help, fix: fix)
  }
}
