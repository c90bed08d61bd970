internal import Diagnostics
internal import Syntax
internal import Values

/// Budget, knowledge, acceptance.
extension ExperimentChecker {
  /// What the stages ask for together, as far as they say; each round counts.
  private var asked: Int {
    experiment.stages.reduce(0) { sum, stage in
      guard case .search(let search) = stage.kind else { return sum }
      var trials = search.trials ?? 0
      if let source = search.strategy.source, search.trials == nil {
        let seeds = if case .list(let items)? = search.strategy.option("seeds") { items.count } else { 1 }
        trials = source.count * seeds
      }
      return sum + trials * (1 + (search.again?.most ?? 0))
    }
  }

  func warnAboutBudget() {
    guard let budget = experiment.budget.trials, asked > budget else { return }
    let clause = syntax.statements.first { $0.first?.word.text == "budget" }
    session.warning(
      "W1001", "the stages ask for \(asked) trials, the budget allows \(budget)", in: file,
      at: clause?.span ?? syntax.name.span, "the last stages get less or nothing",
      help: "raise `trials` to \(asked), or lower it in the stages")
  }

  // MARK: Knowledge

  func readKnowledge(_ block: [StatementSyntax]) {
    for line in block {
      guard let clause = line.first, clause.word.text == "reuse" else {
        if let clause = line.first { unknown(clause.word, ["reuse"], "knowledge has no `\(clause.word.text)`") }
        continue
      }
      guard let what = word(clause, Experiment.Reuse.What.allCases.map(\.rawValue)).flatMap(Experiment.Reuse.What.init)
      else { continue }
      var reuse = Experiment.Reuse(what: what, tag: nil, experiment: nil, relation: .any, span: line.span)
      if let from = line.clause("from") { readOrigin(from, &reuse) }
      if let when = line.clause("when") { reuse.relation = relation(when) ?? .any }
      if let kin = line.clause("as") {
        reuse.kin = word(kin, Experiment.Reuse.Kin.allCases.map(\.rawValue)).flatMap(Experiment.Reuse.Kin.init)
      }
      for clause in line.clauses.dropFirst() where !["from", "as", "when"].contains(clause.word.text) {
        unknown(clause.word, ["from", "as", "when"], "`reuse` has no `\(clause.word.text)`")
      }
      experiment.reuses.append(reuse)
    }
  }

  /// `experiments(tag: "churn")`, `experiments("churn_q2")`, `experiments`.
  private func readOrigin(_ clause: ClauseSyntax, _ reuse: inout Experiment.Reuse) {
    guard let value = value(clause, "`experiments(…)`") else { return }
    guard value.calleePath?.text == "experiments" else {
      return error("E1008", "knowledge comes from `experiments(…)`", at: value.span, "not that")
    }
    guard case .call(let call) = value.kind else { return }
    for argument in call.arguments {
      guard case .string(let text) = argument.value.kind else {
        error("E1008", "experiments are named by texts in quotes", at: argument.span, "not a text")
        continue
      }
      switch argument.name?.text {
      case "tag"?: reuse.tag = text
      case nil: reuse.experiment = text
      case let name?:
        unknown(Name(text: name, span: argument.span), ["tag"], "`experiments` has no `\(name)`", code: "E1008")
      }
    }
  }

  /// `same(workflow, data)`, `similar(data) > 0.8`.
  private func relation(_ clause: ClauseSyntax) -> Experiment.Reuse.Relation? {
    guard let value = value(clause, "`same(…)` or `similar(data) > 0.8`") else { return nil }
    switch value.kind {
    case .call(let call) where call.callee.text == "same": return same(call)
    case .binary(let sign, let left, let right)
    where [">", ">="].contains(sign.text) && left.calleePath?.text == "similar":
      if let share = number(right), (0...1).contains(share) { return .similar(share) }
      error("E1008", "similarity goes from 0 to 1", at: right.span, "not in that range")
      return nil
    default:
      error(
        "E1008", "knowledge is used when it is `same(…)` or `similar(…)` enough", at: value.span, "neither",
        help: "write `when same(workflow, data)` or `when similar(data) > 0.8`")
      return nil
    }
  }

  /// `same(workflow)`, `same(data)`, both.
  private func same(_ call: CallSyntax) -> Experiment.Reuse.Relation? {
    var words: Set<String> = []
    for argument in call.arguments {
      guard case .reference(let path) = argument.value.kind, argument.name == nil,
        ["workflow", "data"].contains(path.text)
      else {
        error("E1008", "`same` takes `workflow` and `data`", at: argument.span, "neither")
        return nil
      }
      words.insert(path.text)
    }
    guard !words.isEmpty else {
      error("E1008", "the same what?", at: call.callee.span, "nothing named", help: "write `same(workflow, data)`")
      return nil
    }
    return .same(workflow: words.contains("workflow"), data: words.contains("data"))
  }

  // MARK: Acceptance

  func readAcceptance(_ statement: StatementSyntax) {
    var acceptance = Experiment.Acceptance(span: statement.span)
    acceptance.condition = statement.clause("when").flatMap(condition)
    for line in statement.block ?? [] {
      guard let clause = line.first else { continue }
      switch clause.word.text {
      case "promote": readPromotion(clause, line, &acceptance)
      case "approve":
        if let by = line.clause("by") { acceptance.approvers = texts(by) } else { acceptance.approvers = [""] }
      default: unknown(clause.word, ["promote", "approve"], "`accept` has no `\(clause.word.text)`")
      }
    }
    if !acceptance.approvers.isEmpty, let stage = experiment.stages.first(where: { $0.name == "accept" }) {
      error(
        "E0105", "`accept` is the name of the gate at which the winner is approved", at: stage.span, "the same name",
        also: [.init(file, acceptance.span, "the gate is here")], help: "give this stage another name")
    }
    experiment.acceptance = acceptance
  }

  private func readPromotion(
    _ clause: ClauseSyntax, _ line: StatementSyntax, _ acceptance: inout Experiment.Acceptance
  ) {
    guard let syntax = value(clause, "an output of the study") else { return }
    guard let name = line.clause("as").flatMap(text) else {
      if line.clause("as") == nil {
        error(
          "E1002", "under which name?", at: clause.span, "`as` is missing",
          help: "write `promote … as \"models/churn\"`")
      }
      return
    }
    let value = value(ofStudy: syntax)
    let output = "promote.\(acceptance.promotions.count)"
    acceptance.promotions.append((output, name))
    experiment.outputs.append(.init(name: output, type: value.type, doc: "", value: value, span: syntax.span))
  }
}
