internal import Diagnostics
internal import Syntax
internal import Values

extension JSONReader {
  mutating func step() throws(JSONProblem) -> StepSyntax {
    var call = Call()
    var variants: [VariantSyntax]?
    var chosen: Name?
    var draft = StepSyntax.Draft()
    var object = try open(Members.step)
    while let name = try next(&object) {
      switch name {
      case "variants": variants = try list { (reader) throws(JSONProblem) in try reader.variant() }
      case "default": chosen = try self.name()
      case "foreach": draft.foreach = try foreach()
      case "when":
        draft.condition = try expression()
        draft.conditionSpan = draft.condition?.span
      case "phase": draft.phase = try self.name()
      case "options": draft.options = try list { (reader) throws(JSONProblem) in try reader.option() }
      default: try call.read(name, &self)
      }
    }
    let name = try object.required(call.name, "name")
    if let variants {
      guard call.callee == nil else { throw JSONProblem("expected either `call` or `variants`", at: object.start) }
      let vary = NamePath(names: [Name(text: "vary", span: name.span)])
      draft.body = .vary(
        VarySyntax(shared: call.syntax(vary, span(object)), variants: variants, defaultName: chosen))
    } else {
      if let chosen { throw JSONProblem("only a step with `variants` has a default", at: chosen.span.start) }
      let callee = try object.required(call.callee, "call")
      guard callee.text != "vary" else {
        throw JSONProblem("a variability point has `variants` instead of a call", at: callee.span.start)
      }
      draft.body = .call(call.syntax(callee, span(object)))
    }
    return StepSyntax(name, doc: call.doc, draft, span: span(object), isBroken: false)
  }

  /// What steps and variants have in common.
  private struct Call {
    var name: Name?
    var doc = ""
    var callee: NamePath?
    var arguments: [ArgumentSyntax] = []

    mutating func read(_ member: String, _ reader: inout JSONReader) throws(JSONProblem) {
      switch member {
      case "name": name = try reader.name()
      case "doc": doc = try reader.string().text
      case "call": callee = try reader.dotted()
      default:
        arguments = try reader.members { name, value in ArgumentSyntax(name: name, value: value) }
      }
    }

    /// Without parentheses: nothing can be added by an edit.
    func syntax(_ callee: NamePath, _ span: Span) -> CallSyntax {
      CallSyntax(callee: callee, arguments: arguments, span: span, open: callee.span, close: nil)
    }
  }

  private mutating func variant() throws(JSONProblem) -> VariantSyntax {
    var call = Call()
    var object = try open(Members.variant)
    while let name = try next(&object) { try call.read(name, &self) }
    return VariantSyntax(
      name: try object.required(call.name, "name"), doc: call.doc,
      call: call.syntax(try object.required(call.callee, "call"), span(object)), span: span(object))
  }

  private mutating func foreach() throws(JSONProblem) -> ForeachSyntax {
    var items: [Name] = []
    var source: ExpressionSyntax?
    var limit: Name?
    var object = try open(Members.foreach)
    while let name = try next(&object) {
      switch name {
      case "items":
        _ = try json.peek()
        let start = json.offset
        items = try list { (reader) throws(JSONProblem) in try reader.name() }
        guard !items.isEmpty else { throw JSONProblem("expected at least one name", at: start) }
      case "in": source = try expression()
      default:
        _ = try json.peek()
        let start = json.offset
        guard case .int(let number) = try json.value(), number >= 0 else {
          throw JSONProblem("expected a number from 0 on", at: start)
        }
        limit = Name(text: String(number), span: Span(start, json.offset))
      }
    }
    guard !items.isEmpty else { throw object.missing("items") }
    return ForeachSyntax(
      bindings: items, source: try object.required(source, "in"), limit: limit, span: span(object))
  }

  // MARK: Options

  private mutating func option() throws(JSONProblem) -> OptionSyntax {
    let start = try begin(.array, "an array")
    var isFirst = true
    guard try json.nextItem(&isFirst) else {
      throw JSONProblem("expected the name of an option and its words", at: start)
    }
    let (name, place) = try string()
    guard name == "on failure" || Lexer.isName(name) else {
      throw JSONProblem("`\(name)` is not an option", at: place.start)
    }
    var words: [OptionSyntax.Word] = []
    while try json.nextItem(&isFirst) { words.append(try word()) }
    return OptionSyntax(name: Name(text: name, span: place), words: words, span: Span(start, json.offset))
  }

  private mutating func word() throws(JSONProblem) -> OptionSyntax.Word {
    switch try json.peek() {
    case .string:
      let (text, span) = try string()
      guard let word = Self.word(text, span) else {
        throw JSONProblem("`\(text)` is not a word, a quantity or a range", at: span.start)
      }
      return word
    case .number:
      let start = json.offset
      let number = try json.value()
      let span = Span(start, json.offset)
      if case .int(let number) = number, number >= 0 { return .integer(span) }
      if case .float(let number) = number, number >= 0 { return .float(span) }
      throw JSONProblem("expected a number from 0 on", at: start)
    case .object:
      var text: (text: String, span: Span)?
      var object = try open(Members.string)
      while try next(&object) != nil { text = try string() }
      let (decoded, span) = try object.required(text, "string")
      return .string(decoded, span)
    default:
      throw JSONProblem("expected a word, a number from 0 on or {\"string\": …}", at: json.offset)
    }
  }

  /// What the parser of texts takes for one word.
  private static func word(_ text: String, _ span: Span) -> OptionSyntax.Word? {
    if Lexer.isName(text) { return .path(NamePath(names: [Name(text: text, span: span)])) }
    let tokens = Lexer.tokens(of: Array(text.utf8)).dropLast()
    let isNumber = { (token: Token) in [.integer, .float, .quantity].contains(token.kind) }
    // Without gaps, and without escapes: places are places in the string.
    guard let first = tokens.first, let last = tokens.last, text.utf8.count == span.end - span.start,
      zip(tokens, tokens.dropFirst()).allSatisfy({ $0.end == $1.start }), first.start == 0, last.end == text.utf8.count
    else { return nil }
    func place(_ token: Token) -> Span { Span(span.start + token.start, span.start + token.end) }
    if tokens.count == 1, first.kind == .quantity { return .quantity(span) }
    if tokens.count == 3, isNumber(first), isNumber(last), tokens[1].kind == .dotDot {
      return .range(place(first), place(last))
    }
    let bytes = Array(text.utf8)
    var names: [Name] = []
    for (index, token) in tokens.enumerated() {
      guard token.kind == (index % 2 == 0 ? .name : .dot) else { return nil }
      guard token.kind == .name else { continue }
      names.append(Name(text: String(decoding: bytes[token.start..<token.end], as: UTF8.self), span: place(token)))
    }
    return tokens.count % 2 == 1 ? .path(NamePath(names: names)) : nil
  }
}
