internal import Diagnostics
internal import Syntax
internal import Values

extension JSONReader {
  mutating func expression() throws(JSONProblem) -> ExpressionSyntax {
    switch try json.peek() {
    case .object: return try tagged()
    case .array:
      let start = try begin(.array, "an array")
      var items: [ExpressionSyntax] = []
      var isFirst = true
      while try json.nextItem(&isFirst) { items.append(try expression()) }
      return try node(.list(items), from: start, over: Self.height(items))
    case .string:
      let start = json.offset
      let text = try json.string()
      return leaf(.string(text), from: start)
    case .number: return try number()
    default:
      let start = json.offset
      guard case .bool(let flag) = try json.value() else { return leaf(.null, from: start) }
      return leaf(.bool(flag), from: start)
    }
  }

  /// Texts have no negative numbers: those are `-` and a number.
  private mutating func number() throws(JSONProblem) -> ExpressionSyntax {
    let start = json.offset
    let isNegative: Bool
    let kind: ExpressionSyntax.Kind
    switch try json.value() {
    case .int(let number):
      kind = .integer
      isNegative = number < 0
    case .float(let number):
      kind = .float
      isNegative = number.sign == .minus
    default: return leaf(.null, from: start)
    }
    guard isNegative else { return leaf(kind, from: start) }
    let digits = leaf(kind, from: start + 1)
    return try node(.unary(Name(text: "-", span: Span(start, start + 1)), digits), from: start, over: 1)
  }

  private static let tags = ["ref", "call", "record", "field", "op", "duration", "size", "quantity", "number"]

  /// The first member of an object says what it is, or one of the others.
  private mutating func tagged() throws(JSONProblem) -> ExpressionSyntax {
    let start = json.offset
    var ahead = json
    try ahead.enter()
    var isFirst = true
    var found: String?
    while found == nil, let (name, _) = try ahead.nextName(&isFirst) {
      if Self.tags.contains(name) { found = name } else { _ = try ahead.value() }
    }
    guard let tag = found else {
      throw JSONProblem(
        "expected one of \(Self.tags.map { "`\($0)`" }.joined(separator: ", ")); a record is {\"record\": {…}}",
        at: start)
    }
    switch tag {
    case "ref": return try reference()
    case "call": return try call()
    case "field": return try field()
    case "op": return try operation()
    case "record":
      var fields: [ExpressionSyntax.Field]?
      var object = try open(["record"])
      while try next(&object) != nil { fields = try members { .init(name: $0, value: $1) } }
      let all = fields ?? []
      return try node(.record(all), from: start, over: all.reduce(0) { max($0, $1.value.height) })
    default: return try literal(tag)
    }
  }

  private mutating func reference() throws(JSONProblem) -> ExpressionSyntax {
    var path: [Name] = []
    var object = try open(["ref"])
    while try next(&object) != nil {
      let start = try begin(.array, "an array")
      var isFirst = true
      // Nearly all paths have two names: one piece of memory.
      path.reserveCapacity(2)
      while try json.nextItem(&isFirst) { path.append(try name()) }
      guard let first = path.first else { throw JSONProblem("expected at least one name", at: start) }
      guard !["true", "false", "null", "not"].contains(first.text) else {
        throw JSONProblem("`\(first.text)` is not a reference", at: start)
      }
    }
    return leaf(.reference(NamePath(names: path)), from: object.start)
  }

  private mutating func call() throws(JSONProblem) -> ExpressionSyntax {
    var callee: NamePath?
    var arguments: [ExpressionSyntax] = []
    var object = try open(["call", "arguments"])
    while let name = try next(&object) {
      if name == "call" {
        callee = try dotted()
      } else {
        arguments = try list { (reader) throws(JSONProblem) in try reader.expression() }
      }
    }
    let path = try object.required(callee, "call")
    // In texts these are words of their own.
    guard !["true", "false", "null", "not"].contains(path.names[0].text) else {
      throw JSONProblem("`\(path.names[0].text)` is not a function", at: path.span.start)
    }
    let syntax = CallSyntax(
      callee: path, arguments: arguments.map { ArgumentSyntax(name: nil, value: $0) }, span: span(object),
      open: path.span, close: nil)
    return try node(.call(syntax), from: object.start, over: Self.height(arguments))
  }

  private mutating func field() throws(JSONProblem) -> ExpressionSyntax {
    var field: Name?
    var base: ExpressionSyntax?
    var object = try open(["field", "of"])
    while let name = try next(&object) {
      if name == "field" { field = try self.name() } else { base = try expression() }
    }
    let of = try object.required(base, "of")
    return try node(.field(of, try object.required(field, "field")), from: object.start, over: of.height)
  }

  private mutating func operation() throws(JSONProblem) -> ExpressionSyntax {
    var sign: Name?
    var operands: [ExpressionSyntax] = []
    var place = json.offset
    var object = try open(["op", "of"])
    while let name = try next(&object) {
      if name == "op" {
        let (text, span) = try string()
        sign = Name(text: text, span: span)
      } else {
        _ = try json.peek()
        place = json.offset
        operands = try list { (reader) throws(JSONProblem) in try reader.expression() }
      }
    }
    let symbol = try object.required(sign, "op")
    // More than `maximumDepth` are a deeper tree than the language allows.
    guard let first = operands.first, operands.count <= Parser.maximumDepth else {
      throw JSONProblem("expected 1 to \(Parser.maximumDepth) operands", at: place)
    }
    if operands.count == 1 {
      guard symbol.text == "-" || symbol.text == "not" else {
        throw JSONProblem("`\(symbol.text)` with one operand: expected `-` or `not`", at: symbol.span.start)
      }
      return try node(.unary(symbol, first), from: object.start, over: first.height)
    }
    guard Operators.levels[symbol.text] != nil else {
      let known = Operators.levels.keys.sorted().joined(separator: " ")
      throw JSONProblem("expected one of \(known), found `\(symbol.text)`", at: symbol.span.start)
    }
    guard operands.count == 2 || !Operators.comparisons.contains(symbol.text) else {
      throw JSONProblem("comparisons take two operands", at: symbol.span.start)
    }
    var result = first
    for operand in operands.dropFirst() {
      let place = result.span.joined(operand.span)
      result = try node(.binary(symbol, result, operand), from: object.start, over: max(result.height, operand.height))
      result.span = place
    }
    result.span = span(object)
    return result
  }

  /// `{"duration": "5m"}`: the place is that of `5m`.
  private mutating func literal(_ tag: String) throws(JSONProblem) -> ExpressionSyntax {
    var found: (text: String, span: Span)?
    var object = try open([tag])
    while try next(&object) != nil { found = try string() }
    let (text, span) = try object.required(found, tag)
    let tokens = Lexer.tokens(of: Array(text.utf8))
    let kind = tokens.count == 2 && tokens[0].end == text.utf8.count && tokens[0].start == 0 ? tokens[0].kind : .unknown
    if tag == "number" {
      guard kind == .integer || kind == .float else { throw JSONProblem("expected digits", at: span.start) }
      return ExpressionSyntax(kind: kind == .integer ? .integer : .float, span: span, height: 1)
    }
    guard kind == .quantity else { throw JSONProblem("expected a number and a unit", at: span.start) }
    if tag == "duration", DurationLiteral.parse(text) == nil {
      throw JSONProblem("expected a duration such as 5m", at: span.start)
    }
    if tag == "size", ByteSize.parse(text) == nil { throw JSONProblem("expected a size such as 2GiB", at: span.start) }
    return ExpressionSyntax(kind: .quantity, span: span, height: 1)
  }

  /// Any names, each once, with expressions.
  mutating func members<T>(_ make: (Name, ExpressionSyntax) -> T) throws(JSONProblem) -> [T] {
    _ = try begin(.object, "an object")
    var result: [T] = []
    var seen: Set<String> = []
    var isFirst = true
    while let (name, start) = try json.nextName(&isFirst) {
      guard Lexer.isName(name) else {
        _ = try json.peek()
        throw JSONProblem("`\(name)` is not a name", at: json.offset)
      }
      guard seen.insert(name).inserted else { throw Self.twice(name, start) }
      result.append(make(Name(text: name, span: Span(start + 1, start + 1 + name.utf8.count)), try expression()))
    }
    return result
  }

  // MARK: Nodes

  private static func height(_ items: [ExpressionSyntax]) -> Int { items.reduce(0) { max($0, $1.height) } }

  private func leaf(_ kind: ExpressionSyntax.Kind, from start: Int) -> ExpressionSyntax {
    ExpressionSyntax(kind: kind, span: Span(start, json.offset), height: 1)
  }

  private func node(
    _ kind: ExpressionSyntax.Kind, from start: Int, over height: Int
  ) throws(JSONProblem) -> ExpressionSyntax {
    guard height < Parser.maximumDepth else {
      throw JSONProblem("this is nested more than \(Parser.maximumDepth) levels deep", at: start)
    }
    return ExpressionSyntax(kind: kind, span: Span(start, json.offset), height: height + 1)
  }
}
