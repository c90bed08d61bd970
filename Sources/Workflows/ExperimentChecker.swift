internal import Diagnostics
internal import Syntax
internal import Values

/// Checks one experiment against the workflow that it studies.
///
/// Statements are checked in the order in which they depend on each other, whatever their order in the text: the study, the
/// space, the metrics, the stages, and the rest.
final class ExperimentChecker: StatementChecker {
  let session: Session
  let syntax: ExperimentSyntax
  let document: Document
  var experiment: Experiment
  /// Of the study.
  private(set) var checker: WorkflowChecker
  private(set) var workflow: Workflow
  /// Parameters with mistakes, which were said: no conclusions from their absence.
  var broken: Set<String> = []

  static let words = [
    "study", "intent", "tags", "seed", "order", "space", "metrics", "stage", "gate", "budget", "knowledge", "holdout",
    "accept",
  ]

  /// Nil after saying that it does not study a workflow that is known.
  init?(
    _ session: Session, _ syntax: ExperimentSyntax, in document: Document, _ checkers: [WorkflowChecker],
    _ workflows: [Workflow]
  ) {
    self.session = session
    self.syntax = syntax
    self.document = document
    experiment = Experiment(name: syntax.name.text, file: document.file, nameSpan: syntax.name.span)
    experiment.doc = syntax.doc
    let study = syntax.statements.lazy.compactMap { $0.clause("study") }.first
    guard let study else {
      session.error(
        "E1002", "experiment `\(syntax.name.text)` has no `study`", in: document.file, at: syntax.name.span,
        "which workflow does it study?", help: "add `study WORKFLOW(input: value, …)`")
      return nil
    }
    guard let target = study.values.first, let path = target.calleePath,
      let index = document.workflows[path.text]
    else {
      let names = document.workflows.keys.sorted()
      let written = study.values.first?.calleePath
      let near = written.flatMap { session.report.near($0.text, names) }
      let span = written?.span ?? study.values.first?.span ?? study.word.span
      let (help, fix) = suggestion(near, for: span, otherwise: names.isEmpty ? nil : "workflows: \(enumerated(names))")
      session.error(
        "E1003", written.map { "there is no workflow `\($0.text)` here" } ?? "`study` names a workflow",
        in: document.file,
        at: span, "not a workflow of this file or of those that it uses", help: help, fix: fix)
      return nil
    }
    checker = checkers[index]
    workflow = workflows[index]
    experiment.workflow = index
    session.note(.workflow(index), at: path.span, in: document)
    if case .call(let call) = target.kind { experiment.inputs = inputs(call, of: workflow, checker) }
  }

  func check() -> Experiment {
    refuseUnknownWords()
    for statement in syntax.statements { readPlain(statement) }
    for block in blocks("space") { readSpace(block) }
    for block in blocks("metrics") { readMetrics(block) }
    requireMetrics()
    readStages()
    for block in blocks("budget") { experiment.budget = budget(block) }
    for block in blocks("knowledge") { readKnowledge(block) }
    for block in blocks("holdout") { readHoldout(block) }
    for statement in syntax.statements where statement.first?.word.text == "accept" { readAcceptance(statement) }
    requireInputs()
    warnAboutReach()
    warnAboutHoldout()
    warnAboutBudget()
    return experiment
  }

  // MARK: Statements

  private func refuseUnknownWords() {
    var seen: [String: Span] = [:]
    for statement in syntax.statements {
      guard let clause = statement.first else {
        error("E1001", "this belongs into `space` or `metrics`", at: statement.span, "not here")
        continue
      }
      let word = clause.word
      guard Self.words.contains(word.text) else {
        unknown(word, Self.words, "an experiment has no `\(word.text)`")
        continue
      }
      let isBlock = ["space", "metrics", "stage", "gate", "budget", "knowledge", "holdout"].contains(word.text)
      if isBlock != (statement.block != nil), word.text != "accept" {
        error(
          "E1001", isBlock ? "`\(word.text)` has a block in braces" : "`\(word.text)` has no block", at: word.span,
          isBlock ? "the braces are missing" : "nothing stands in braces here")
      }
      if !["stage", "gate"].contains(word.text) {
        if let first = seen[word.text] {
          error(
            "E0105", "`\(word.text)` is given twice", at: word.span, "the second one",
            also: [.init(file, first, "the first one")], help: "keep one of them")
        }
        seen[word.text] = word.span
      }
    }
  }

  private func readPlain(_ statement: StatementSyntax) {
    guard let clause = statement.first else { return }
    switch clause.word.text {
    case "intent": experiment.intent = text(clause) ?? ""
    case "tags": experiment.tags = texts(clause)
    case "seed": experiment.seed = integer(clause, 0...Int64.max).map { UInt64($0) } ?? 0
    case "order":
      if let word = word(clause, ["strict", "arrival"]) { experiment.isStrict = word == "strict" }
    default: break
    }
  }

  func blocks(_ word: String) -> [[StatementSyntax]] {
    syntax.statements.filter { $0.first?.word.text == word }.compactMap(\.block)
  }

  private func requireMetrics() {
    guard blocks("space").isEmpty || experiment.metrics.isEmpty else { return }
    if blocks("space").isEmpty {
      error(
        "E1002", "experiment `\(syntax.name.text)` has no `space`", at: syntax.name.span, "what does it vary?",
        help: "add `space { parameter in [a, b] }`")
    }
    if blocks("metrics").isEmpty {
      error(
        "E1002", "experiment `\(syntax.name.text)` has no `metrics`", at: syntax.name.span, "what does it measure?",
        help: "add `metrics { name = output maximize }`")
    }
  }

  /// An expression of this document, whose names mean what the study's do, or what `scope.known` says.
  func checked(
    _ syntax: ExpressionSyntax, expecting: ValueType = .any, _ scope: inout ExpressionScope
  ) -> Expression {
    checker.reading(document) { $0.check(syntax, expecting: expecting, &scope) }
  }
}

// MARK: Values of clauses

extension StatementChecker {
  /// The only value, after saying so if there is none or more.
  func value(_ clause: ClauseSyntax, _ what: String) -> ExpressionSyntax? {
    guard clause.values.count == 1 else {
      error(
        "E1008", "`\(clause.word.text)` takes \(what)", at: clause.span,
        clause.values.isEmpty ? "nothing stands behind it" : "more than one value")
      return nil
    }
    return clause.values[0]
  }

  func text(_ clause: ClauseSyntax) -> String? {
    guard let value = value(clause, "a text") else { return nil }
    if case .string(let text) = value.kind { return text }
    error("E1008", "`\(clause.word.text)` takes a text in quotes", at: value.span, "not a text")
    return nil
  }

  func texts(_ clause: ClauseSyntax) -> [String] {
    clause.values.compactMap { value in
      if case .string(let text) = value.kind { return text }
      error("E1008", "`\(clause.word.text)` takes texts in quotes", at: value.span, "not a text")
      return nil
    }
  }

  func integer(_ clause: ClauseSyntax, _ range: ClosedRange<Int64>) -> Int64? {
    guard let value = value(clause, "a whole number") else { return nil }
    if case .integer = value.kind, let number = Int64(file.text(value.span).filter { $0 != "_" }),
      range.contains(number)
    {
      return number
    }
    error(
      "E1008", "`\(clause.word.text)` takes a whole number of at least \(range.lowerBound)", at: value.span, "not that")
    return nil
  }

  func duration(_ clause: ClauseSyntax) -> Duration? {
    guard let value = value(clause, "a duration, such as `8h`") else { return nil }
    if case .quantity = value.kind, let duration = DurationLiteral.parse(file.text(value.span)) { return duration }
    error("E1008", "`\(clause.word.text)` takes a duration, such as `8h`", at: value.span, "not a duration")
    return nil
  }

  func word(_ clause: ClauseSyntax, _ known: [String]) -> String? {
    value(clause, "one of \(enumerated(known))").flatMap { word($0, clause.word.text, known) }
  }

  func word(_ value: ExpressionSyntax, _ what: String, _ known: [String]) -> String? {
    guard case .reference(let path) = value.kind else {
      error("E1008", "`\(what)` takes one of \(enumerated(known))", at: value.span, "not one of them")
      return nil
    }
    guard known.contains(path.text) else {
      unknown(
        Name(text: path.text, span: path.span), known, "`\(what)` does not take `\(path.text)`",
        code: "E1008")
      return nil
    }
    return path.text
  }

  /// A number that is written out.
  func number(_ syntax: ExpressionSyntax) -> Double? {
    switch syntax.kind {
    case .integer, .float: return Double(file.text(syntax.span).filter { $0 != "_" })
    case .unary(_, let operand): return number(operand).map { -$0 }
    case .quantity:
      let text = file.text(syntax.span)
      if let duration = DurationLiteral.parse(text) { return duration / .seconds(1) }
      return ByteSize.parse(text).map(Double.init)
    default: return nil
    }
  }
}

extension StatementSyntax {
  /// Its first clause, if it consists of clauses.
  var first: ClauseSyntax? {
    if case .clauses(let clauses) = kind { clauses.first } else { nil }
  }

  var clauses: [ClauseSyntax] {
    switch kind {
    case .clauses(let clauses), .parameter(_, _, let clauses), .metric(_, _, let clauses): clauses
    }
  }

  func clause(_ word: String) -> ClauseSyntax? { clauses.first { $0.word.text == word } }
}

extension ExpressionSyntax {
  /// The name in `name` and `name(…)`.
  var calleePath: NamePath? {
    switch kind {
    case .reference(let path): path
    case .call(let call): call.callee
    default: nil
    }
  }
}
