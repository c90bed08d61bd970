internal import Diagnostics
internal import Syntax
internal import Values

/// Checks one policy against the workflows and experiments of its document.
final class PolicyChecker: StatementChecker {
  let session: Session
  let document: Document
  private let syntax: ExperimentSyntax
  private let checkers: [WorkflowChecker]
  private let workflows: [Workflow]
  private let experiments: [Experiment]
  private var policy: Policy

  static let words = [
    "intent", "every", "at", "version", "monitor", "champion", "start", "run", "rest", "timeout",
  ]

  init(
    _ session: Session, _ syntax: ExperimentSyntax, in document: Document, _ checkers: [WorkflowChecker],
    _ workflows: [Workflow], _ experiments: [Experiment]
  ) {
    self.session = session
    self.document = document
    self.syntax = syntax
    self.checkers = checkers
    self.workflows = workflows
    self.experiments = experiments
    policy = Policy(name: syntax.name.text, nameSpan: syntax.name.span)
    policy.doc = syntax.doc
  }

  func check() -> Policy {
    for statement in syntax.statements { read(statement) }
    if policy.acts.isEmpty, !syntax.statements.contains(where: { ["start", "run"].contains($0.first?.word.text) }) {
      error(
        "E1002", "policy `\(policy.name)` does nothing", at: syntax.name.span, "what is to be done?",
        help: "write `start EXPERIMENT` or `run WORKFLOW(…)`")
    }
    if policy.every == nil, policy.times.isEmpty, policy.versions.isEmpty,
      !syntax.statements.contains(where: { ["every", "at", "version"].contains($0.first?.word.text) })
    {
      error(
        "E1002", "policy `\(policy.name)` never looks", at: syntax.name.span, "when does it look?",
        help: "write `every 1d`, `at \"06:30\"` or `version \"NAME\"`")
    }
    return policy
  }

  private func read(_ statement: StatementSyntax) {
    guard let clause = statement.first else {
      return error("E1001", "a policy has no parameters and no metrics", at: statement.span, "not here")
    }
    if statement.block != nil, clause.word.text != "start" {
      error("E1001", "`\(clause.word.text)` has no block", at: clause.word.span, "nothing stands in braces here")
    }
    switch clause.word.text {
    case "intent": policy.intent = text(clause) ?? ""
    case "every": policy.every = positive(clause)
    case "at": policy.times = texts(clause).compactMap { time($0, clause) }.sorted()
    case "version": policy.versions += texts(clause)
    case "monitor": if let monitor = monitor(clause, statement) { policy.monitors.append(monitor) }
    case "champion": policy.champion = monitor(clause, statement)
    case "start":
      if policy.acts.contains(where: { if case .experiment = $0 { true } else { false } }) {
        error(
          "E0105", "a policy starts one experiment", at: clause.span, "the second one", help: "make a second policy")
      }
      if let act = start(clause, statement) { policy.acts.append(act) }
    case "run": if let call = call(clause) { policy.acts.append(.workflow(call)) }
    case "rest": policy.rest = positive(clause)
    case "timeout": policy.timeout = positive(clause)
    default: unknown(clause.word, Self.words, "a policy has no `\(clause.word.text)`")
    }
    for more in statement.clauses.dropFirst() {
      let known = ["monitor", "champion"].contains(clause.word.text) ? ["when", "failed"] : []
      guard !known.contains(more.word.text) else { continue }
      guard !known.isEmpty else {
        error(
          "E1001", "`\(clause.word.text)` has no `\(more.word.text)`", at: more.word.span, "nothing stands here",
          help: "give it a line of its own")
        continue
      }
      unknown(more.word, known, "`\(clause.word.text)` has no `\(more.word.text)`")
    }
  }

  private func positive(_ clause: ClauseSyntax) -> Duration? {
    guard let duration = duration(clause) else { return nil }
    guard duration > .zero else {
      error("E1008", "`\(clause.word.text)` takes more than nothing", at: clause.span, "no time at all")
      return nil
    }
    return duration
  }

  /// `06:30`, in minutes of the day.
  private func time(_ text: String, _ clause: ClauseSyntax) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let hour = Int(parts[0]), let minute = Int(parts[1]),
      (0..<24).contains(hour), (0..<60).contains(minute)
    else {
      error(
        "E1008", "`\(text)` is no time of the day", at: clause.span, "not `HH:MM`",
        help: "from \"00:00\" to \"23:59\", in UTC")
      return nil
    }
    return hour * 60 + minute
  }

  // MARK: Calls

  private func call(_ clause: ClauseSyntax) -> Policy.Call? {
    guard let value = value(clause, "a workflow, such as `watch(data: artifact(\"raw/data\"))`") else { return nil }
    guard let path = value.calleePath, let index = document.workflows[path.text] else {
      let names = document.workflows.keys.sorted()
      let near = value.calleePath.flatMap { session.report.near($0.text, names) }
      let span = value.calleePath?.span ?? value.span
      let (help, fix) = suggestion(near, for: span, otherwise: names.isEmpty ? nil : "workflows: \(enumerated(names))")
      error(
        "E1003",
        value.calleePath.map { "there is no workflow `\($0.text)` here" }
          ?? "`\(clause.word.text)` names a workflow", at: span,
        "not a workflow of this file or of those that it uses", help: help, fix: fix)
      return nil
    }
    session.note(.workflow(index), at: path.span, in: document)
    let workflow = workflows[index]
    var inputs: [Step.Argument] = []
    if case .call(let call) = value.kind { inputs = self.inputs(call, of: workflow, checkers[index]) }
    for input in workflow.inputs where input.default == nil && !input.type.isOptional {
      guard !inputs.contains(where: { $0.name == input.name }) else { continue }
      error("E0104", "input `\(input.name)` of `\(workflow.name)` is missing", at: value.span, "give it here")
    }
    return Policy.Call(workflow: index, inputs: inputs)
  }

  private func monitor(_ clause: ClauseSyntax, _ statement: StatementSyntax) -> Policy.Monitor? {
    guard let call = call(clause) else { return nil }
    let when = statement.clause("when")
    guard when != nil || statement.clause("failed") != nil else {
      error(
        "E1002", "when is this an alarm?", at: clause.span, "`when` is missing",
        help: "write `when CONDITION` over the outputs of the workflow, or `failed`")
      return nil
    }
    let text = file.text(statement.span)
    guard let when else { return Policy.Monitor(call: call, condition: nil, text: text) }
    guard let value = value(when, "a condition") else { return nil }
    var names: [String: Expression] = [:]
    for (place, output) in workflows[call.workflow].outputs.enumerated() {
      names[output.name] = Expression(.input(place), output.type, output.span)
    }
    var scope = ExpressionScope(known: names)
    let condition = checkers[call.workflow].reading(document) { checker in
      let condition = checker.check(value, expecting: .bool, &scope)
      return checker.fit(condition, to: .bool, scope) { .init(what: "`when`", type: .bool) }
    }
    return Policy.Monitor(call: call, condition: condition, text: text)
  }

  private func start(_ clause: ClauseSyntax, _ statement: StatementSyntax) -> Policy.Act? {
    guard let value = value(clause, "an experiment of this document"), let path = value.calleePath else { return nil }
    guard let index = experiments.firstIndex(where: { $0.name == path.text }) else {
      // One with mistakes was told of.
      if document.tree.experiments.contains(where: { $0.name.text == path.text }) { return nil }
      unknown(
        Name(text: path.text, span: path.span), experiments.map(\.name),
        "there is no experiment `\(path.text)` in this document", code: "E1003")
      return nil
    }
    warnIfNobodyIsAsked(experiments[index], path.span)
    return .experiment(index, budget(statement.block ?? []))
  }

  /// What a policy starts at night is not put into use without a person.
  private func warnIfNobodyIsAsked(_ experiment: Experiment, _ span: Span) {
    guard let acceptance = experiment.acceptance, !acceptance.promotions.isEmpty, acceptance.approvers.isEmpty else {
      return
    }
    let hasGate = experiment.stages.contains { if case .gate = $0.kind { true } else { false } }
    guard !hasGate else { return }
    session.warning(
      "W1005", "`\(experiment.name)` promotes \"\(acceptance.promotions[0].name)\" without asking anybody", in: file,
      at: span, "started by policy `\(policy.name)`", help: "add `approve by \"…\"` to `accept`, or a gate")
  }
}
