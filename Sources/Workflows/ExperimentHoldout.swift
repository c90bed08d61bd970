internal import Diagnostics
internal import Syntax
internal import Values

/// `holdout { exam = artifact("cancer/exam") }`: what trials must not see.
extension ExperimentChecker {
  func readHoldout(_ block: [StatementSyntax]) {
    for line in block {
      guard case .metric(let name, let value, let clauses) = line.kind, clauses.isEmpty, line.block == nil else {
        error(
          "E1001", "what is held out is an input of the study with another value", at: line.span, "not that",
          help: "write `INPUT = artifact(\"NAME\")`")
        continue
      }
      readHeldOut(name, value)
    }
    if let clause = syntax.statements.lazy.compactMap({ $0.clause("holdout") }).first, block.isEmpty {
      error("E1002", "nothing is held out", at: clause.span, "which input?", help: "write `INPUT = artifact(\"NAME\")`")
    }
  }

  private func readHeldOut(_ name: Name, _ syntax: ExpressionSyntax) {
    guard let input = workflow.inputs.first(where: { $0.name == name.text }) else {
      return unknown(
        name, workflow.inputs.map(\.name), "workflow `\(workflow.name)` has no input `\(name.text)`", code: "E0104")
    }
    if let first = experiment.heldOut.first(where: { $0.name == name.text }) {
      return error(
        "E0105", "`\(name.text)` is held out twice", at: name.span, "the second one",
        also: [.init(file, first.value.span, "the first one")])
    }
    var scope = ExpressionScope(isConstant: true)
    let value = checked(syntax, expecting: input.type, &scope)
    let fitted = checker.reading(document) {
      $0.fit(value, to: input.type, scope) { .init(what: "input `\(input.name)`", type: input.type) }
    }
    if case .invalid = fitted.kind { return }
    if let seen = seen(fitted, as: input) {
      error(
        "E1014", "trials see what is held out", at: syntax.span, "the same \(seen.what)",
        also: [.init(seen.file ?? file, seen.span, "trials have it from here")],
        help: "hold out data that nothing of the search reads")
    }
    experiment.heldOut.append(.init(name: name.text, value: fitted))
  }

  /// Where trials have a value from that is held out, if its name says so.
  private func seen(
    _ value: Expression, as input: Workflow.Input
  ) -> (what: String, span: Span, file: SourceFile?)? {
    if let name = value.dataName {
      if let given = experiment.inputs.first(where: { $0.value.dataName == name }) {
        return ("data", given.value.span, nil)
      }
      for parameter in experiment.parameters {
        if case .artifacts(let names) = parameter.domain, names.contains(where: { "artifact \($0)" == name }) {
          return ("artifact", parameter.span, nil)
        }
      }
      let isGiven = Set(experiment.inputs.map(\.name))
      for other in workflow.inputs where !isGiven.contains(other.name) && other.default?.dataName == name {
        return ("data", other.span, workflow.file)
      }
      return seenInside(name)
    }
    // A constant, such as the number of a fold.
    guard let constant = WorkflowChecker.constant(value) else { return nil }
    let usual = experiment.inputs.first { $0.name == input.name }?.value ?? input.default
    guard let usual, WorkflowChecker.constant(usual) == constant else { return nil }
    return ("value", usual.span, experiment.inputs.contains { $0.name == input.name } ? nil : workflow.file)
  }

  /// Steps that name data themselves.
  private func seenInside(_ name: String) -> (what: String, span: Span, file: SourceFile?)? {
    var found: Span?
    for step in workflow.steps {
      for argument in step.variants.flatMap(\.arguments) where found == nil {
        argument.value.forEach { if $0.dataName == name { found = $0.span } }
      }
    }
    return found.map { ("data", $0, workflow.file) }
  }
}

extension Expression {
  /// What data is called here: two expressions with the same name are the same data.
  fileprivate var dataName: String? {
    switch kind {
    case .artifact(let name): return "artifact \(name)"
    case .call(.file, let arguments), .call(.dir, let arguments):
      if case .literal(.string(let path))? = arguments.first?.kind { return "file \(path)" }
      return nil
    default: return nil
    }
  }
}
