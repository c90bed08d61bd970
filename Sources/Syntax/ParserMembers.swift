internal import Diagnostics

extension Parser {
  mutating func parseWorkflow() -> WorkflowSyntax? {
    let doc = docComment()
    let start = declare()
    guard let name = expectName("a name for the workflow"), let open = openBlock() else { return nil }
    var workflow = WorkflowSyntax(name: name, doc: doc, span: since(start), openBrace: open.span)
    while !at(.rightBrace), !at(.end), !startsDeclaration {
      parseMember(into: &workflow)
      if isLost { skipToMember() }
    }
    if at(.rightBrace) { workflow.closeBrace = token.span }
    closeBrace(open)
    // What follows is a declaration or the end: nothing to skip.
    isLost = false
    workflow.span = since(start)
    return workflow
  }

  private mutating func parseMember(into workflow: inout WorkflowSyntax) {
    if at("in") {
      if let input = parseInput() { workflow.inputs.append(input) }
    } else if at("out") {
      if let output = parseOutput() { workflow.outputs.append(output) }
    } else if at("step") {
      if let step = parseStep() { workflow.steps.append(step) }
    } else {
      fail("expected `in`, `out` or `step`, found \(found)", "not part of a workflow")
      // Never stand still.
      advance()
    }
  }

  private mutating func parseInput() -> InputSyntax? {
    let doc = docComment()
    let start = declare()
    guard let name = expectName("a name for the input") else { return nil }
    var input = InputSyntax(name: name, doc: doc, span: since(start))
    input.type = parseTypeAnnotation()
    if !isLost, at(.equal) {
      advance()
      input.defaultValue = parseExpression()
    }
    input.span = since(start)
    return input
  }

  private mutating func parseOutput() -> OutputSyntax? {
    let doc = docComment()
    let start = declare()
    guard let name = expectName("a name for the output") else { return nil }
    let type = parseTypeAnnotation()
    let missing = ExpressionSyntax(kind: .missing, span: Span(token.start, token.start), height: 1)
    let hasValue = !isLost && expect(.equal, "`=` and a value") != nil
    let value = hasValue ? parseExpression() : missing
    return OutputSyntax(name: name, doc: doc, type: type, value: value, span: since(start))
  }

  /// `: type`. Its brackets are matched; its grammar is read elsewhere.
  private mutating func parseTypeAnnotation() -> TypeSyntax? {
    guard expect(.colon, "`:` and a type") != nil else { return nil }
    let first = index
    guard at(.leftBrace) || at(.name) else {
      fail("expected a type, found \(found)", "such as `int`, `table` or `list<float>`")
      return nil
    }
    if at(.name) {
      advance()
      while at(.dot), peek(1).kind == .name { index += 2 }
    }
    while true {
      switch token.kind {
      case .less, .leftParenthesis, .leftBrace, .leftBracket:
        guard skipBalanced() else { return nil }
        continue
      case .question, .coalesce:
        advance()
        continue
      default: break
      }
      break
    }
    for position in first..<index { tokens[position].role = .type }
    tokens[index - 1].role = .typeEnd
    return TypeSyntax(span: Span(tokens[first].start, tokens[index - 1].end))
  }

  /// From an opening bracket to behind its partner. Iterative: types nest as deep as they like here.
  private mutating func skipBalanced() -> Bool {
    let open = token
    var expected: [Token.Kind] = []
    repeat {
      switch token.kind {
      case .less: expected.append(.greater)
      case .leftParenthesis: expected.append(.rightParenthesis)
      case .leftBrace: expected.append(.rightBrace)
      case .leftBracket: expected.append(.rightBracket)
      case .greater, .rightParenthesis, .rightBrace, .rightBracket:
        guard token.kind == expected.last else {
          fail("this type is not closed before \(found)", "unexpected here", also: [(open.span, "opened here")])
          return false
        }
        expected.removeLast()
      case .end:
        fail("this type is never closed", "the file ends here", also: [(open.span, "opened here")])
        return false
      default:
        if startsMember || startsDeclaration {
          fail("this type is not closed before \(found)", "unexpected here", also: [(open.span, "opened here")])
          return false
        }
      }
      advance()
    } while !expected.isEmpty
    return true
  }

  // MARK: Steps

  private mutating func parseStep() -> StepSyntax? {
    let doc = docComment()
    let start = declare()
    guard let name = expectName("a name for the step") else { return nil }
    var step = StepSyntax.Draft()
    let before = mistakes
    if expect(.equal, "`=`") != nil { parseBody(of: &step) }
    return StepSyntax(name, doc: doc, consume step, span: since(start), isBroken: isLost || mistakes != before)
  }

  private mutating func parseBody(of step: inout StepSyntax.Draft) {
    guard let callee = parsePath("a task, a workflow or `vary`") else { return }
    guard at(.leftParenthesis) else {
      fail("expected `(` after `\(callee.text)`, found \(found)", "a call has parentheses, even without arguments")
      return
    }
    let (call, _) = parseArguments(of: callee)
    guard callee.text == "vary" else {
      step.body = .call(call)
      guard !isLost else { return }
      parseClauses(of: &step)
      if !isLost, at(.leftBrace) { parseBlock(of: &step) }
      return
    }
    step.body = .vary(VarySyntax(shared: call, variants: []))
    guard !isLost else { return }
    parseClauses(of: &step)
    guard !isLost else { return }
    guard at(.leftBrace) else {
      fail("expected `{` and the variants, found \(found)", "the variants stand in braces")
      return
    }
    parseBlock(of: &step)
  }

  private mutating func parseClauses(of step: inout StepSyntax.Draft) {
    while !isLost {
      if at("foreach") {
        refuseSecond(step.foreach?.span, "foreach")
        step.foreach = parseForeach() ?? step.foreach
      } else if at("when") {
        refuseSecond(step.conditionSpan, "when")
        let start = advance().start
        step.condition = parseExpression()
        step.conditionSpan = since(start)
      } else if at(.at) {
        refuseSecond(step.phase?.span, "@")
        advance()
        step.phase = expectName("a phase") ?? step.phase
      } else {
        return
      }
    }
  }

  private mutating func refuseSecond(_ first: Span?, _ what: String) {
    guard let first else { return }
    mistakes += 1
    report(
      "E0105", "a step has one `\(what)` only", at: token.span, "the second one", also: [(first, "the first one")])
  }

  private mutating func parseForeach() -> ForeachSyntax? {
    let start = advance().start
    var bindings: [Name] = []
    if at(.leftParenthesis) {
      advance()
      repeat {
        if at(.comma) { advance() }
        guard let name = expectName("a name for the item") else { return nil }
        bindings.append(name)
      } while at(.comma)
      guard expect(.rightParenthesis, "`)`") != nil else { return nil }
    } else {
      guard let name = expectName("a name for the item") else { return nil }
      bindings.append(name)
    }
    guard at("in") else {
      fail("expected `in` and a list, found \(found)", "such as `foreach fold in split.folds`")
      return nil
    }
    advance()
    var result = ForeachSyntax(bindings: bindings, source: parseExpression(), span: since(start))
    if !isLost, at("max") {
      advance()
      if at(.integer) {
        result.limit = name(advance())
      } else {
        fail("expected how many at a time, found \(found)", "a whole number")
      }
    }
    result.span = since(start)
    return result
  }

  /// The braces of a step: options, and for a `vary` its variants and their default.
  private mutating func parseBlock(of step: inout StepSyntax.Draft) {
    tokens[index].role = .block
    let open = advance()
    if case .vary(var vary) = step.body {
      vary.openBrace = open.span
      step.body = .vary(vary)
    }
    while !at(.rightBrace), !at(.end), !startsDeclaration {
      if at("variant") || at("default") {
        parseVaryMember(of: &step)
      } else if startsMember {
        break
      } else {
        parseOption(of: &step)
      }
      if isLost {
        mistakes += 1
        skipToOption()
      }
    }
    if at(.rightBrace), case .vary(var vary) = step.body {
      vary.closeBrace = token.span
      step.body = .vary(vary)
    }
    closeBrace(open)
  }

  private mutating func parseVaryMember(of step: inout StepSyntax.Draft) {
    guard case .vary(var vary) = step.body else {
      fail("only `vary` has variants", "not in a plain step", help: "write `step x = vary(…) { variant … }`")
      advance()
      return
    }
    let doc = docComment()
    let isDefault = at("default")
    let start = declare()
    if isDefault {
      refuseSecond(vary.defaultName?.span, "default")
      vary.defaultName = expectName("the name of a variant") ?? vary.defaultName
    } else if let name = expectName("a name for the variant"), expect(.equal, "`=`") != nil,
      let callee = parsePath("a task or a workflow")
    {
      if at(.leftParenthesis) {
        let (call, _) = parseArguments(of: callee)
        vary.variants.append(VariantSyntax(name: name, doc: doc, call: call, span: since(start)))
      } else {
        fail("expected `(` after `\(callee.text)`, found \(found)", "a call has parentheses, even without arguments")
      }
    }
    step.body = .vary(vary)
  }

  // MARK: Options

  private static let optionWords: [StaticString] = [
    "retry", "backoff", "timeout", "resources", "reuse", "isolation",
  ]

  private var startsOption: Bool {
    Self.optionWords.contains { at($0) } || at("on") && isWord(peek(1), "failure")
  }

  private mutating func parseOption(of step: inout StepSyntax.Draft) {
    guard at(.name) else {
      fail("expected a step option, found \(found)", "such as `retry 2` or `timeout 5m`")
      advance()
      return
    }
    tokens[index].role = .option
    var optionName = name(advance())
    if optionName.text == "on", at("failure") {
      let failure = advance()
      optionName = Name(text: "on failure", span: optionName.span.joined(failure.span))
    }
    var words: [OptionSyntax.Word] = []
    var afterComma = false
    while !at(.rightBrace), !at(.end) {
      if token.startsLine, !afterComma { break }
      if startsOption, !words.isEmpty, !afterComma || peek(1).kind == .integer || peek(1).kind == .quantity { break }
      if at("variant") || at("default"), peek(1).kind == .name { break }
      if at(.comma), !afterComma, !words.isEmpty {
        advance()
        afterComma = true
        continue
      }
      afterComma = false
      guard let word = parseOptionWord() else { break }
      words.append(word)
    }
    step.options.append(OptionSyntax(name: optionName, words: words, span: since(optionName.span.start)))
  }

  private mutating func parseOptionWord() -> OptionSyntax.Word? {
    switch token.kind {
    case .name: return parsePath("a word").map { .path($0) }
    case .string, .openString:
      let text = advance()
      return .string(decode(text), text.span)
    case .integer, .float, .quantity:
      let first = advance()
      if at(.dotDot) {
        advance()
        guard at(.integer) || at(.float) || at(.quantity) else {
          fail("expected the upper end of the range, found \(found)", "such as `2s..60s`")
          return nil
        }
        return .range(first.span, advance().span)
      }
      return first.kind == .integer
        ? .integer(first.span) : first.kind == .float ? .float(first.span) : .quantity(first.span)
    default:
      fail("expected the value of an option, found \(found)", "not part of an option")
      return nil
    }
  }

  /// After a mistake in a step's braces: goes to the next line, or to the brace that closes them.
  private mutating func skipToOption() {
    var level = 0
    while !at(.end), !startsDeclaration, !startsMember {
      if level == 0, at(.rightBrace) || token.startsLine { break }
      if at(.leftBrace) { level += 1 }
      if at(.rightBrace) { level -= 1 }
      advance()
    }
    isLost = false
  }
}
