internal import Diagnostics
internal import Syntax
internal import Values

extension ExperimentChecker {
  /// Stages and gates, put in an order in which each comes after those that it waits for.
  func readStages() {
    let statements = syntax.statements.filter { ["stage", "gate"].contains($0.first?.word.text) && $0.block != nil }
    var names: [(name: Name, statement: StatementSyntax)] = []
    for statement in statements {
      guard let clause = statement.first, let value = value(clause, "a name"), case .reference(let path) = value.kind,
        path.names.count == 1
      else {
        if let clause = statement.first, clause.values.count == 1 {
          error("E1008", "`\(clause.word.text)` takes a name", at: clause.span, "not a name")
        }
        continue
      }
      if let first = names.first(where: { $0.name.text == path.text }) {
        error(
          "E0105", "`\(path.text)` is already a stage", at: path.span, "the second one",
          also: [.init(file, first.name.span, "the first one")])
        continue
      }
      names.append((path.names[0], statement))
    }
    if statements.isEmpty {
      return error(
        "E1002", "experiment `\(syntax.name.text)` has no stage", at: syntax.name.span, "how does it search?",
        help: "add `stage search { strategy tpe(trials: 50) }`")
    }
    let parents = names.map { self.parents(of: $0.statement, names.map(\.name.text)) }
    guard let order = self.order(parents, names) else { return }
    var place: [Int: Int] = [:]
    for (position, index) in order.enumerated() { place[index] = position }
    for index in order {
      let (name, statement) = names[index]
      let isGate = statement.first?.word.text == "gate"
      let known = Dictionary(
        uniqueKeysWithValues: order.prefix(experiment.stages.count).map { (names[$0].name.text, place[$0] ?? 0) })
      let kind: Experiment.Stage.Kind? =
        isGate ? .gate(gate(statement)) : search(name, statement, known).map { .search($0) }
      experiment.stages.append(
        .init(
          name: name.text, doc: statement.doc,
          kind: kind ?? .search(.init(strategy: .init(name: "random", options: [], span: name.span))),
          after: parents[index].compactMap { place[$0] }, condition: statement.clause("when").flatMap(condition),
          span: name.span))
      for clause in statement.clauses.dropFirst() where !["after", "when"].contains(clause.word.text) {
        unknown(clause.word, ["after", "when"], "a \(isGate ? "gate" : "stage") has no `\(clause.word.text)`")
      }
    }
  }

  private func parents(of statement: StatementSyntax, _ names: [String]) -> [Int] {
    guard let clause = statement.clause("after") else { return [] }
    if clause.values.isEmpty {
      error("E1008", "`after` takes names of stages", at: clause.span, "nothing stands behind it")
    }
    return clause.values.compactMap { value in
      guard case .reference(let path) = value.kind else {
        error("E1008", "`after` takes names of stages", at: value.span, "not a name")
        return nil
      }
      guard let index = names.firstIndex(of: path.text) else {
        unknown(Name(text: path.text, span: path.span), names, "there is no stage `\(path.text)`", code: "E1006")
        return nil
      }
      return index
    }
  }

  /// Text order as far as it goes; nil after saying that stages wait for each other.
  private func order(_ parents: [[Int]], _ names: [(name: Name, statement: StatementSyntax)]) -> [Int]? {
    var order: [Int] = []
    var isPlaced = [Bool](repeating: false, count: parents.count)
    while order.count < parents.count {
      let next = parents.indices.first { index in !isPlaced[index] && parents[index].allSatisfy { isPlaced[$0] } }
      guard let next else {
        let stuck = parents.indices.filter { !isPlaced[$0] }.map { names[$0].name }
        error(
          "E1006", "these stages wait for each other: \(stuck.map(\.text).joined(separator: ", "))", at: stuck[0].span,
          "never begins", help: "to repeat a stage write `again N while CONDITION` in it")
        return nil
      }
      isPlaced[next] = true
      order.append(next)
    }
    return order
  }

  // MARK: Searches

  private static let searchWords = ["strategy", "prune", "again"]

  private func search(_ name: Name, _ statement: StatementSyntax, _ known: [String: Int]) -> Experiment.Search? {
    var search: Experiment.Search?
    for line in statement.block ?? [] {
      guard let clause = line.first, Self.searchWords.contains(clause.word.text) else {
        if let clause = line.first {
          unknown(clause.word, Self.searchWords, "a stage has no `\(clause.word.text)`")
        } else {
          error("E1001", "this belongs into `space` or `metrics`", at: line.span, "not part of a stage")
        }
        continue
      }
      if clause.word.text == "strategy" { search = strategy(clause, known) }
    }
    guard var result = search else {
      if statement.block?.contains(where: { $0.first?.word.text == "strategy" }) != true {
        error(
          "E1002", "stage `\(name.text)` has no strategy", at: name.span, "how does it search?",
          help: "write `strategy tpe(trials: 50)`")
      }
      return nil
    }
    for line in statement.block ?? [] {
      if let clause = line.clause("prune") { result.pruning = pruning(clause) }
      if let clause = line.clause("again"), let most = integer(clause, 1...1_000_000) {
        result.again = (Int(most), line.clause("while").flatMap(condition))
      }
    }
    return result
  }

  private func strategy(_ clause: ClauseSyntax, _ known: [String: Int]) -> Experiment.Search? {
    guard let value = value(clause, "a strategy, such as `tpe(trials: 50)`"), let path = value.calleePath else {
      return nil
    }
    let entries = StrategyCatalog.strategies
    if path.names.count > 1 { return pluginStrategy(path, value, known) }
    guard let entry = entries.first(where: { $0.name == path.text }) else {
      unknown(
        Name(text: path.text, span: path.span), entries.map(\.name), "there is no strategy `\(path.text)`",
        code: "E1007")
      return nil
    }
    var search = Experiment.Search(strategy: .init(name: entry.name, options: [], span: value.span))
    let arguments = if case .call(let call) = value.kind { call.arguments } else { [ArgumentSyntax]() }
    for argument in arguments {
      switch argument.name?.text {
      case nil where entry.takesSource && search.strategy.source == nil:
        search.strategy.source = source(argument.value, known)
      case "trials"?:
        let trials = option(argument, .int(.init(1, 1_000_000_000)), "trials")
        if case .int(let count)? = trials { search.trials = Int(count) }
      case "start"? where !entry.takesSource: search.start = source(argument.value, known)
      default: read(argument, entry.options, entry.name, &search.strategy, more: ["trials", "start"])
      }
    }
    if entry.takesSource, search.strategy.source == nil {
      error(
        "E1002", "`\(entry.name)` needs the trials that it takes up", at: value.span, "of which stage?",
        help: "such as `\(entry.name)(best(3, STAGE), seeds: [1, 2, 3])`")
      return nil
    }
    return search
  }

  private func pruning(_ clause: ClauseSyntax) -> Experiment.Call? {
    guard let value = value(clause, "a rule, such as `median(after: 8)`"), let path = value.calleePath else {
      return nil
    }
    if path.names.count > 1 { return pluginPruning(path, value) }
    let entries = StrategyCatalog.prunings
    guard let entry = entries.first(where: { $0.name == path.text }) else {
      unknown(
        Name(text: path.text, span: path.span), entries.map(\.name), "there is no pruning rule `\(path.text)`",
        code: "E1007")
      return nil
    }
    var call = Experiment.Call(name: entry.name, options: [], span: value.span)
    if case .call(let syntax) = value.kind {
      for argument in syntax.arguments { read(argument, entry.options, entry.name, &call, more: []) }
    }
    requireCurve(call)
    return call
  }

  func read(
    _ argument: ArgumentSyntax, _ options: [(name: String, type: ValueType)], _ callee: String,
    _ call: inout Experiment.Call, more: [String]
  ) {
    guard let name = argument.name else {
      return error("E1007", "options of `\(callee)` are given by name", at: argument.span, "which option?")
    }
    guard let option = options.first(where: { $0.name == name.text }) else {
      return unknown(name, more + options.map(\.name), "`\(callee)` has no option `\(name.text)`", code: "E1007")
    }
    guard call.option(name.text) == nil else {
      return error("E0105", "`\(name.text)` is given twice", at: name.span, "the second one")
    }
    if let value = self.option(argument, option.type, name.text) { call.options.append((name.text, value)) }
  }

  func option(_ argument: ArgumentSyntax, _ type: ValueType, _ name: String) -> Value? {
    var scope = ExpressionScope(isConstant: true)
    let expression = checked(argument.value, expecting: type, &scope)
    let fitted = checker.reading(document) {
      $0.fit(expression, to: type, scope) { .init(what: "`\(name)`", type: type) }
    }
    return WorkflowChecker.constant(fitted)
  }

  /// `best(6, screen)`, `best(6)`.
  func source(_ syntax: ExpressionSyntax, _ known: [String: Int]) -> Experiment.Source? {
    guard case .call(let call) = syntax.kind, call.callee.text == "best", !call.arguments.isEmpty,
      call.arguments.count <= 2,
      let count = number(call.arguments[0].value).map({ Int($0) }), count >= 1
    else {
      error(
        "E1007", "trials are taken up by `best(NUMBER, STAGE)`", at: syntax.span, "not that",
        help: "such as `best(6, screen)`, or `best(6)` of all stages before")
      return nil
    }
    guard call.arguments.count == 2 else { return .init(count: count, stage: nil) }
    guard case .reference(let path) = call.arguments[1].value.kind else {
      error("E1006", "the second part of `best` is a stage", at: call.arguments[1].span, "not a stage")
      return nil
    }
    guard let stage = known[path.text] else {
      unknown(
        Name(text: path.text, span: path.span), known.keys.sorted(), "there is no stage `\(path.text)` before this one",
        code: "E1006")
      return nil
    }
    return .init(count: count, stage: stage)
  }

  // MARK: Gates

  private static let gateWords = ["ask", "show", "allow", "timeout", "by", "escalate", "approvals", "form"]
  static let answers = ["continue", "narrow", "stop", "approve", "reject"]

  private func gate(_ statement: StatementSyntax) -> Experiment.Gate {
    var gate = Experiment.Gate()
    for line in statement.block ?? [] {
      guard let clause = line.first else {
        error("E1001", "this belongs into `space` or `metrics`", at: line.span, "not part of a gate")
        continue
      }
      switch clause.word.text {
      case "ask": gate.question = text(clause) ?? ""
      case "show": gate.shows = clause.values.map { file.text($0.span) }
      case "by": gate.roles = texts(clause)
      case "approvals": gate.approvals = integer(clause, 1...100).map { Int($0) } ?? 1
      case "form": for one in line.block ?? [] { if let field = field(one, gate.fields) { gate.fields.append(field) } }
      case "escalate":
        if !clause.values.isEmpty { gate.escalatesAfter = duration(clause) }
        gate.escalation = line.clause("to").flatMap(text)
        if line.clause("to") == nil {
          error("E1002", "to whom?", at: clause.span, "`to` is missing", help: "write `escalate 24h to \"ROLE\"`")
        }
      case "allow":
        gate.answers = clause.values.compactMap { value in
          word(value, clause.word.text, Self.answers)
        }
      case "timeout":
        gate.timeout = duration(clause)
        gate.fallback = line.clause("then").flatMap { word($0, Self.answers) }
      default: unknown(clause.word, Self.gateWords, "a gate has no `\(clause.word.text)`")
      }
    }
    if let fallback = gate.fallback, !gate.answers.contains(fallback) { gate.answers.append(fallback) }
    return gate
  }
}
