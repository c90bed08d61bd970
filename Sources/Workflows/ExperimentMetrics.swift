internal import Diagnostics
internal import Syntax
internal import Values

extension ExperimentChecker {
  func readMetrics(_ block: [StatementSyntax]) {
    for statement in block {
      guard case .metric(let name, let value, let clauses) = statement.kind else {
        error(
          "E1001", "a metric has a name and a value", at: statement.span, "not a metric",
          help: "write `name = step.output maximize`")
        continue
      }
      readMetric(name, value, clauses, statement.doc)
    }
    if !block.isEmpty, !experiment.metrics.isEmpty, experiment.metrics.allSatisfy(\.isWatched) {
      error(
        "E1002", "no metric is to be maximised or minimised", at: block[0].span, "what is good?",
        help: "write `maximize` or `minimize` behind one of them")
    }
  }

  private func readMetric(_ name: Name, _ syntax: ExpressionSyntax, _ clauses: [ClauseSyntax], _ doc: String) {
    if let first = experiment.metrics.first(where: { $0.name == name.text }) {
      return error(
        "E0105", "metric `\(name.text)` is declared twice", at: name.span, "the second one",
        also: [.init(file, first.span, "the first one")])
    }
    let value = value(ofStudy: syntax)
    let scope = ExpressionScope()
    let number = checker.reading(document) { checker -> Expression in
      let wanted: ValueType = value.type.isOptional ? .optional(.float(nil)) : .float(nil)
      return checker.fit(value, to: wanted, scope) { .init(what: "metric `\(name.text)`", type: wanted) }
    }
    var metric = Experiment.Metric(
      name: name.text, doc: doc, isMaximized: false, limit: nil, isWatched: true, output: "metric.\(name.text)",
      items: items(value), isReported: isReported(value), span: name.span)
    var direction: ClauseSyntax?
    for clause in clauses {
      switch clause.word.text {
      case "maximize", "minimize":
        if let direction {
          error(
            "E0105", "a metric has one direction", at: clause.span, "the second one",
            also: [.init(file, direction.span, "the first one")])
        }
        direction = clause
        metric.isWatched = false
        metric.isMaximized = clause.word.text == "maximize"
      case "limit":
        if let value = self.value(clause, "a number") {
          metric.limit = self.number(value)
          if metric.limit == nil { error("E1008", "`limit` takes a number", at: value.span, "not a number") }
        }
      default:
        unknown(clause.word, ["maximize", "minimize", "limit"], "a metric has no `\(clause.word.text)`")
      }
    }
    if metric.limit != nil, direction == nil {
      error(
        "E1002", "a limit needs a direction", at: name.span, "is more better, or less?",
        help: "write `maximize limit …` or `minimize limit …`")
    }
    experiment.metrics.append(metric)
    experiment.outputs.append(.init(name: metric.output, type: number.type, doc: doc, value: number, span: name.span))
  }

  /// An expression of the study, which may name its outputs too.
  func value(ofStudy syntax: ExpressionSyntax) -> Expression {
    var scope = ExpressionScope()
    for output in workflow.outputs {
      scope.outputs[output.name] = Expression(output.value.kind, output.type, output.span)
    }
    return checked(syntax, &scope)
  }

  /// `mean(step.output)` of a `foreach`: its items are seen one by one.
  private func items(_ value: Expression) -> (step: String, port: Int)? {
    guard case .call(.mean, let arguments) = value.kind, arguments.count == 1,
      case .output(let step, let port) = arguments[0].kind, workflow.steps[step].foreach != nil
    else { return nil }
    return (workflow.steps[step].name, port)
  }

  private func isReported(_ value: Expression) -> Bool {
    guard case .output(let step, _) = value.kind else { return false }
    return workflow.steps[step].foreach == nil
  }

  /// What stops trials early needs something to see before they end.
  func requireCurve(_ pruning: Experiment.Call) {
    guard let metric = experiment.metrics.first(where: { !$0.isWatched }), metric.items == nil, !metric.isReported
    else { return }
    error(
      "E1013", "`\(pruning.name)` has nothing to see before a trial ends", at: pruning.span,
      "judges by `\(metric.name)`",
      also: [.init(file, metric.span, "neither `mean(…)` of the items of a `foreach` nor an output of a task")],
      help: "make the metric the mean of what a `foreach` step gives, or an output that its task reports while it runs")
  }

  /// Metrics as inputs of a condition, by place; then `trials` and `failures`.
  var metricNames: [String: Expression] {
    var names: [String: Expression] = [:]
    for (index, metric) in experiment.metrics.enumerated() {
      names[metric.name] = Expression(.input(index), .float(nil), metric.span)
    }
    let count = experiment.metrics.count
    for (offset, name) in ["trials", "failures"].enumerated() where names[name] == nil {
      names[name] = Expression(.input(count + offset), .int(nil), syntax.name.span)
    }
    return names
  }

  func condition(_ clause: ClauseSyntax) -> Expression? {
    guard let value = value(clause, "a condition") else { return nil }
    var scope = ExpressionScope(known: metricNames)
    let condition = checked(value, expecting: .bool, &scope)
    return checker.reading(document) {
      $0.fit(condition, to: .bool, scope) { .init(what: "`\(clause.word.text)`", type: .bool) }
    }
  }
}
