internal import Diagnostics

/// The inside of an experiment: statements of words and expressions, some with a block of their own. Which words there are
/// and what they take is the checker's business.
extension Parser {
  /// An experiment or a policy.
  ///
  /// - Parameter what: for messages.
  mutating func parseExperiment(_ what: String = "experiment") -> ExperimentSyntax? {
    let doc = docComment()
    let start = declare()
    guard let name = expectName("a name for the \(what)"), let open = openBlock() else { return nil }
    let first = index
    let statements = parseStatements()
    let body = first..<index
    // Its lines stay as they were written.
    for position in body { tokens[position].role = .opaque }
    closeBrace(open)
    isLost = false
    return ExperimentSyntax(name: name, doc: doc, span: since(start), body: body, statements: statements)
  }

  /// Up to the brace that closes the block.
  private mutating func parseStatements() -> [StatementSyntax] {
    var statements: [StatementSyntax] = []
    guard depth < Self.maximumDepth else {
      report("E0003", "this is nested more than \(Self.maximumDepth) levels deep", at: token.span, "too deep")
      isLost = true
      return []
    }
    depth += 1
    defer { depth -= 1 }
    while !at(.rightBrace), !at(.end), !startsDeclaration {
      if at(.comma) {
        advance()
        continue
      }
      let before = index
      if let statement = parseStatement() { statements.append(statement) }
      if isLost { skipToStatement(past: before) }
    }
    return statements
  }

  private mutating func parseStatement() -> StatementSyntax? {
    let doc = docComment()
    let start = token.start
    guard at(.name) else {
      fail("expected a line of an experiment, found \(found)", "such as `study`, `space`, `stage` or `budget`")
      return nil
    }
    let kind: StatementSyntax.Kind
    if let path = pathBefore(word: "in") {
      index = path.after
      advance()
      guard let domain = parseDomain() else { return nil }
      kind = .parameter(path.path, domain, parseClauses(behind: true))
    } else if peek(1).kind == .equal {
      let name = name(advance())
      advance()
      let value = parseExpression()
      guard !isLost else { return nil }
      kind = .metric(name, value, parseClauses(behind: true))
    } else {
      kind = .clauses(parseClauses())
    }
    guard !isLost else { return nil }
    var statement = StatementSyntax(doc: doc, kind: kind, block: nil, span: since(start))
    if at(.leftBrace), !token.startsLine {
      guard let open = openBlock() else { return nil }
      statement.block = parseStatements()
      closeBrace(open)
      statement.span = since(start)
    }
    return statement
  }

  /// The path at the current token, if `word` follows it on the same line.
  private func pathBefore(word: StaticString) -> (path: NamePath, after: Int)? {
    var names = [name(token)]
    var next = 1
    while peek(next).kind == .dot, peek(next + 1).kind == .name {
      names.append(name(peek(next + 1)))
      next += 2
    }
    guard isWord(peek(next), word), !peek(next).startsLine else { return nil }
    return (NamePath(names: names), index + next)
  }

  private mutating func parseDomain() -> DomainSyntax? {
    let start = token.start
    if at(.leftBracket) {
      let list = parseExpression()
      guard case .list(let items) = list.kind else { return nil }
      return DomainSyntax(kind: .choices(items), span: since(start))
    }
    guard at("int") || at("float") else {
      fail(
        "expected what the parameter may be, found \(found)", "not a list or a range",
        help: "write `in [a, b]`, `in int 1..9` or `in float 0.01..1 log`")
      return nil
    }
    let type = name(advance())
    let low = parseBound()
    guard !isLost, expect(.dotDot, "`..` and the upper end") != nil else { return nil }
    let high = parseBound()
    guard !isLost else { return nil }
    return DomainSyntax(kind: .range(type, low, high), span: since(start))
  }

  /// A number with or without sign.
  private mutating func parseBound() -> ExpressionSyntax {
    let start = token
    let isNegative = at(.minus)
    if isNegative { advance() }
    guard at(.integer) || at(.float) || at(.quantity) else {
      fail("expected a number, found \(found)", "the end of a range is a number")
      return ExpressionSyntax(kind: .missing, span: start.span, height: 1)
    }
    let kind: ExpressionSyntax.Kind = at(.integer) ? .integer : at(.float) ? .float : .quantity
    let number = ExpressionSyntax(kind: kind, span: advance().span, height: 1)
    guard isNegative else { return number }
    let sign = Name(text: "-", span: start.span)
    return ExpressionSyntax(kind: .unary(sign, number), span: start.span.joined(number.span), height: 2)
  }

  // MARK: Clauses

  /// Words after which nothing follows but the next word.
  private static let flags: [StaticString] = ["maximize", "minimize", "accept", "approve", "log"]

  /// Up to the end of the line, a brace, or a comma before another word with values.
  ///
  /// - Parameter behind: something stands before them on their line.
  private mutating func parseClauses(behind: Bool = false) -> [ClauseSyntax] {
    var clauses: [ClauseSyntax] = []
    while !isLost, at(.name), !token.startsLine || !behind && clauses.isEmpty {
      let isFlag = Self.flags.contains { at($0) }
      let word = name(advance())
      let values = isFlag ? [] : parseValues()
      clauses.append(ClauseSyntax(word: word, values: values, span: since(word.span.start)))
    }
    if !isLost, !endsStatement {
      fail("expected a word or the end of the line, found \(found)", "does not belong here")
    }
    return clauses
  }

  private var endsStatement: Bool {
    token.startsLine || at(.leftBrace) || at(.rightBrace) || at(.comma) || at(.end)
  }

  private mutating func parseValues() -> [ExpressionSyntax] {
    var values: [ExpressionSyntax] = []
    while !isLost, values.isEmpty ? !endsStatement : true {
      values.append(parseExpression())
      guard !isLost, at(.comma), !isNextStatement else { break }
      advance()
    }
    return values
  }

  /// Behind the comma stands a word with a value: `trials 120, wall 8h`.
  private var isNextStatement: Bool {
    guard peek(1).kind == .name else { return peek(1).kind == .rightBrace }
    switch peek(2).kind {
    case .integer, .float, .quantity, .string: return !peek(2).startsLine
    case .name: return !isWord(peek(2), "and") && !isWord(peek(2), "or") && !peek(2).startsLine
    default: return false
    }
  }

  /// After a mistake: goes to the next line of this block, or to the brace that closes it.
  private mutating func skipToStatement(past start: Int) {
    if index == start { advance() }
    var level = 0
    while !at(.end), !startsDeclaration {
      if level == 0, at(.rightBrace) || token.startsLine { break }
      if at(.leftBrace) { level += 1 }
      if at(.rightBrace) { level -= 1 }
      advance()
    }
    mistakes += 1
    isLost = false
  }
}
