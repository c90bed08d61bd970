internal import Diagnostics

extension Parser {
  /// Binding strength of the operator at the current token, loosest first, or nil.
  private var binaryOperator: (text: String, level: Int, tokens: Int)? {
    switch token.kind {
    case .coalesce: return ("??", 0, 1)
    case .name:
      if at("or") { return ("or", 1, 1) }
      if at("and") { return ("and", 2, 1) }
      return nil
    case .equalEqual: return ("==", 3, 1)
    case .notEqual: return ("!=", 3, 1)
    case .less: return ("<", 3, 1)
    case .lessOrEqual: return ("<=", 3, 1)
    case .greater:
      let next = peek(1)
      return next.kind == .equal && next.start == token.end ? (">=", 3, 2) : (">", 3, 1)
    case .plus: return ("+", 4, 1)
    case .minus: return ("-", 4, 1)
    case .star: return ("*", 5, 1)
    case .slash: return ("/", 5, 1)
    default: return nil
    }
  }

  private static let comparison = 3

  /// `missing` after a mistake.
  mutating func parseExpression() -> ExpressionSyntax { parseBinary(from: 0) }

  private mutating func parseBinary(from level: Int) -> ExpressionSyntax {
    guard enter() else { return missing() }
    defer { depth -= 1 }
    var left = parseUnary()
    while !isLost, let found = binaryOperator, found.level >= level {
      let start = advance()
      var span = start.span
      if found.tokens == 2 { span = span.joined(advance().span) }
      let right = parseBinary(from: found.level + 1)
      left = node(
        .binary(Name(text: found.text, span: span), left, right), left.span.joined(right.span),
        over: max(left.height, right.height))
      if found.level == Self.comparison, let next = binaryOperator, next.level == Self.comparison {
        fail("comparisons cannot be chained", "a second comparison", help: "write `a < b and b < c`")
      }
    }
    return left
  }

  private mutating func parseUnary() -> ExpressionSyntax {
    guard at(.minus) || at("not") else { return parsePostfix() }
    guard enter() else { return missing() }
    defer { depth -= 1 }
    tokens[index].role = .prefix
    let isNot = at("not")
    let sign = name(advance())
    // `not a == b` is `not (a == b)`; `-a + b` is `(-a) + b`.
    let operand = isNot ? parseBinary(from: Self.comparison) : parseUnary()
    return node(.unary(sign, operand), sign.span.joined(operand.span), over: operand.height)
  }

  private mutating func parsePostfix() -> ExpressionSyntax {
    var result = parsePrimary()
    while !isLost, at(.dot) {
      advance()
      guard let name = expectName("a field name") else { break }
      result = node(.field(result, name), result.span.joined(name.span), over: result.height)
    }
    return result
  }

  private mutating func parsePrimary() -> ExpressionSyntax {
    let start = token
    switch start.kind {
    case .integer: return leaf(.integer, advance())
    case .float: return leaf(.float, advance())
    case .quantity: return leaf(.quantity, advance())
    case .string, .openString: return leaf(.string(decode(start)), advance())
    case .leftBracket: return parseList()
    case .leftBrace: return parseRecord()
    case .leftParenthesis: return parseParenthesized()
    case .name where !startsMember && !startsDeclaration: return parseName()
    default:
      fail("expected a value, found \(found)", "a value must stand here", help: foreignOperatorHelp)
      return missing()
    }
  }

  private var foreignOperatorHelp: String? {
    guard at(.unknown) else { return nil }
    switch text(token.span) {
    case "!": return "write `not`"
    case "'": return "text stands between double quotes"
    case "$": return "names are written as they are, without `$`"
    default: return nil
    }
  }

  private mutating func parseName() -> ExpressionSyntax {
    if at("true") { return leaf(.bool(true), advance()) }
    if at("false") { return leaf(.bool(false), advance()) }
    if at("null") { return leaf(.null, advance()) }
    guard let path = parsePath("a value") else { return missing() }
    if at(.leftParenthesis), !token.startsLine {
      let (call, height) = parseArguments(of: path)
      return node(.call(call), call.span, over: height)
    }
    return ExpressionSyntax(kind: .reference(path), span: path.span, height: 1)
  }

  private mutating func parseParenthesized() -> ExpressionSyntax {
    let open = advance()
    var inner = parseBinary(from: 0)
    if expect(.rightParenthesis, "`)`") == nil, skipInList(until: .rightParenthesis), at(.rightParenthesis) {
      advance()
    }
    inner.span = since(open.start)
    return inner
  }

  private mutating func parseList() -> ExpressionSyntax {
    let open = advance()
    var items: [ExpressionSyntax] = []
    parseItems(until: .rightBracket, "`]`", open) { parser in items.append(parser.parseExpression()) }
    return node(.list(items), since(open.start), over: items.reduce(0) { max($0, $1.height) })
  }

  private mutating func parseRecord() -> ExpressionSyntax {
    let open = advance()
    var fields: [ExpressionSyntax.Field] = []
    parseItems(until: .rightBrace, "`}`", open) { parser in
      guard let name = parser.expectName("a field name"), parser.expect(.colon, "`:`") != nil else { return }
      fields.append(.init(name: name, value: parser.parseExpression()))
    }
    return node(.record(fields), since(open.start), over: fields.reduce(0) { max($0, $1.value.height) })
  }

  /// The parenthesis is the current token. The height is that of the highest argument.
  mutating func parseArguments(of callee: NamePath) -> (CallSyntax, height: Int) {
    tokens[index].role = .callParenthesis
    let open = advance()
    var arguments: [ArgumentSyntax] = []
    let close = parseItems(until: .rightParenthesis, "`)`", open) { parser in
      var name: Name?
      if parser.at(.name), parser.peek(1).kind == .colon {
        name = parser.name(parser.advance())
        parser.advance()
      }
      arguments.append(ArgumentSyntax(name: name, value: parser.parseExpression()))
    }
    let call = CallSyntax(
      callee: callee, arguments: arguments, span: since(callee.span.start), open: open.span, close: close?.span)
    return (call, arguments.reduce(0) { max($0, $1.value.height) })
  }

  /// Items with commas between (one may trail) up to the closing token, which it gives.
  @discardableResult
  private mutating func parseItems(
    until close: Token.Kind, _ closeText: String, _ open: Token, _ item: (inout Parser) -> Void
  ) -> Token? {
    guard enter() else { return nil }
    defer { depth -= 1 }
    var hadMistake = false
    while !at(close) {
      item(&self)
      if !isLost, !at(close), !at(.comma) {
        fail(
          "expected `,` or \(closeText), found \(found)", "expected `,` or \(closeText) here",
          also: [(open.span, "opened here")])
      }
      if isLost {
        hadMistake = true
        guard skipInList(until: close) else { return nil }
      }
      if at(.comma) { advance() }
    }
    let token = advance()
    if hadMistake { mistakes += 1 }
    return token
  }

  // MARK: Nodes

  private mutating func enter() -> Bool {
    guard depth < Self.maximumDepth else {
      reportTooDeep(token.span)
      return false
    }
    depth += 1
    return true
  }

  private mutating func reportTooDeep(_ span: Span) {
    guard !isLost else { return }
    isLost = true
    report(
      "E0003", "this is nested more than \(Self.maximumDepth) levels deep", at: span, "too deep",
      help: "take a part out into a step of its own")
  }

  private func missing() -> ExpressionSyntax {
    ExpressionSyntax(kind: .missing, span: Span(token.start, token.start), height: 1)
  }

  private func leaf(_ kind: ExpressionSyntax.Kind, _ token: Token) -> ExpressionSyntax {
    ExpressionSyntax(kind: kind, span: token.span, height: 1)
  }

  /// Long chains such as `a + b + …` are deep trees too.
  private mutating func node(_ kind: ExpressionSyntax.Kind, _ span: Span, over height: Int) -> ExpressionSyntax {
    guard height < Self.maximumDepth else {
      reportTooDeep(span)
      return ExpressionSyntax(kind: .missing, span: span, height: 1)
    }
    return ExpressionSyntax(kind: kind, span: span, height: height + 1)
  }
}
