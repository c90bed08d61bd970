internal import Diagnostics
internal import Syntax

/// Where in the grammar a caret is, found from the tokens before it alone: the text behind may be anything, and what is being
/// written is never complete.
struct Caret {
  enum Spot: Equatable {
    case nowhere
    /// Between declarations of the file.
    case file
    /// Between members of a workflow.
    case member
    /// Between the braces of an experiment.
    case experiment
    /// Behind `use`; `isString`: inside the quotes.
    case use(isString: Bool)
    case type
    /// What a step or variant calls; the names before the last dot.
    case callee([String])
    /// Behind a complete call: clauses, and on a new line members too.
    case clause(isNewLine: Bool)
    case phase
    /// The name of a parameter of this call, given by its path.
    case parameter(call: [String], given: [String])
    case expression(Expectation)
    /// Behind a dot in an expression: the names before it.
    case field([String])
    /// Between the options of a step.
    case option
    /// Behind the word that an option begins with.
    case optionValue(String, previous: String)
    /// Behind `default`.
    case variantName
    /// Inside the quotes of the path of `file(…)` or `dir(…)`.
    case path(isFolder: Bool)
    /// Inside the quotes of a string that is expected to be something.
    case string(Expectation)
  }

  /// What a value is for.
  enum Expectation: Equatable {
    case anything
    /// A parameter of a call.
    case parameter(call: [String], name: String)
    case condition, list
    /// The value of an input or output, by its name.
    case input(String)
    case output(String)
  }

  let tree: SyntaxTree
  let offset: Int
  /// What is replaced: the name or the inside of the string that the caret is in.
  private(set) var replaced: Span
  /// Tokens before what is replaced.
  private(set) var count: Int
  private(set) var spot: Spot = .nowhere
  /// The token that starts the step, input or output around, and the variant inside it.
  private(set) var statement: Int?

  init(_ tree: SyntaxTree, at offset: Int) {
    self.tree = tree
    self.offset = offset
    replaced = Span(offset, offset)
    count = tree.tokens.count - 1
    var low = 0
    while low < count {
      let middle = (low + count) / 2
      if tree.tokens[middle].start >= offset { count = middle } else { low = middle + 1 }
    }
    guard !isInComment() else { return }
    var isInString = false
    if count > 0 {
      let last = tree.tokens[count - 1]
      switch last.kind {
      case .name where last.end >= offset:
        replaced = last.span
        count -= 1
      case .string where last.end > offset, .openString where last.end >= offset:
        isInString = true
        replaced = Span(last.start + 1, last.kind == .string ? last.end - 1 : last.end)
        count -= 1
      case .integer where last.end >= offset, .float where last.end >= offset, .quantity where last.end >= offset:
        return
      default: break
      }
    }
    find(isInString: isInString)
  }

  var prefix: String { tree.file.text(Span(replaced.start, offset)) }
  /// What is written ends its line: nothing but a name starts here.
  var startsLine: Bool {
    guard count > 0 else { return true }
    // The caret may stand inside of `??`, `..` or what is no token at all.
    let end = min(tree.tokens[count - 1].end, replaced.start)
    return tree.file.bytes[end..<replaced.start].contains(0x0A)
  }

  /// Among the arguments of a step or variant, where the items of its `foreach` are known: not in `foreach` or `when`.
  var isInArguments: Bool {
    guard let statement else { return false }
    var level = 0
    var isInClause = false
    for index in statement..<max(statement, count) {
      let token = tree.tokens[index]
      if level == 0, token.kind == .name, ["foreach", "when"].contains(text(index)) { isInClause = true }
      if level == 0, token.kind == .leftBrace, isBlock(index) { isInClause = false }
      if Self.opens(token.kind) { level += 1 } else if Self.closes(token.kind) { level -= 1 }
    }
    return level > 0 && !isInClause
  }

  /// Where the dotted name around the caret begins.
  var dottedStart: Int {
    guard kind(count - 1) == .dot, tree.tokens[count - 1].end == replaced.start else { return replaced.start }
    let start = path(endingAt: count - 1).start
    return start < count ? tree.tokens[start].start : replaced.start
  }

  private func isInComment() -> Bool {
    let start = count > 0 ? tree.tokens[count - 1].end : 0
    guard start < offset else { return false }
    let gap = tree.file.bytes[start..<offset]
    let line = gap.lastIndex(of: 0x0A).map { $0 + 1 } ?? start
    return gap[line...].contains(UInt8(ascii: "#"))
  }

  // MARK: Tokens

  func text(_ index: Int) -> String { tree.text(tree.tokens[index].span) }
  private func kind(_ index: Int) -> Token.Kind? { index >= 0 && index < count ? tree.tokens[index].kind : nil }
  private func isWord(_ index: Int, _ word: String) -> Bool { kind(index) == .name && text(index) == word }

  private static func opens(_ kind: Token.Kind) -> Bool {
    kind == .leftParenthesis || kind == .leftBracket || kind == .leftBrace
  }
  private static func closes(_ kind: Token.Kind) -> Bool {
    kind == .rightParenthesis || kind == .rightBracket || kind == .rightBrace
  }

  /// The names of the dotted path that ends before `end`.
  private func path(endingAt end: Int) -> (names: [String], start: Int) {
    var names: [String] = []
    var index = end - 1
    while kind(index) == .name {
      names.insert(text(index), at: 0)
      guard kind(index - 1) == .dot else { return (names, index) }
      index -= 2
    }
    return (names, index + 1)
  }

  // MARK: Statement

  private mutating func find(isInString: Bool) {
    var open: [Int] = []
    var closers = 0
    var inner: Int?
    var index = count - 1
    while index >= 0 {
      let token = tree.tokens[index]
      if Self.closes(token.kind) {
        closers += 1
      } else if Self.opens(token.kind) {
        if closers > 0 { closers -= 1 } else { open.append(index) }
      } else if token.kind == .name, token.startsLine || isBehindBrace(index) {
        switch text(index) {
        case "in" where closers > 0 && startsMember(index), "out" where closers > 0 && startsMember(index),
          "step" where closers > 0 && startsMember(index):
          // Of a workflow that was closed before the caret.
          spot = isInString ? .nowhere : .file
          return
        case "use", "workflow", "experiment":
          spot = head(index, open, isInString)
          return
        case "in" where startsMember(index), "out" where startsMember(index):
          statement = index
          spot = port(index, open, isInString)
          return
        case "step" where startsMember(index):
          statement = index
          spot = inner.map { self.inner($0, open, isInString) } ?? step(index, open, isInString)
          return
        case "variant" where closers == 0 && inner == nil && startsMember(index),
          "default" where closers == 0 && inner == nil && startsMember(index):
          inner = index
        default: break
        }
      }
      index -= 1
    }
    spot = isInString ? .nowhere : .file
  }

  private func isBehindBrace(_ index: Int) -> Bool { index > 0 && tree.tokens[index - 1].kind == .leftBrace }

  /// A keyword with a name behind it, or with the caret behind it.
  private func startsMember(_ index: Int) -> Bool {
    index + 1 == count || kind(index + 1) == .name
  }

  private func head(_ index: Int, _ open: [Int], _ isInString: Bool) -> Spot {
    if text(index) == "use" {
      if isInString { return index + 1 == count ? .use(isString: true) : .nowhere }
      if index + 1 == count { return .use(isString: false) }
      if kind(count - 1) == .dot { return .use(isString: false) }
      if isWord(count - 1, "as") { return .nowhere }
      return startsLine ? .file : .clause(isNewLine: false)
    }
    guard !isInString else { return .nowhere }
    if open.isEmpty {
      let isClosed = (index..<count).contains { tree.tokens[$0].kind == .rightBrace }
      return isClosed ? .file : .nowhere
    }
    return text(index) == "workflow" ? .member : .experiment
  }

  private func port(_ index: Int, _ open: [Int], _ isInString: Bool) -> Spot {
    // Braces of the workflow are open around it.
    let inside = open.filter { $0 > index }
    guard index + 1 < count, let colon = (index..<count).first(where: { tree.tokens[$0].kind == .colon }) else {
      return .nowhere
    }
    guard let equal = (colon..<count).first(where: { tree.tokens[$0].kind == .equal }) else {
      if startsLine, inside.isEmpty, count > colon + 1 { return .member }
      return isInString ? .nowhere : .type
    }
    let name = text(index + 1)
    let isInput = text(index) == "in"
    return value(from: equal + 1, inside, isInput ? .input(name) : .output(name), isInString)
  }

  private func step(_ index: Int, _ open: [Int], _ isInString: Bool) -> Spot {
    let inside = open.filter { $0 > index }
    guard index + 2 < count, kind(index + 2) == .equal else { return .nowhere }
    return call(from: index + 3, inside, isInString, blockIn: index)
  }

  /// Inside the braces of a step, behind `variant` or `default`.
  private func inner(_ index: Int, _ open: [Int], _ isInString: Bool) -> Spot {
    let inside = open.filter { $0 > index }
    if text(index) == "default" {
      if index + 1 == count { return .variantName }
      return startsLine ? .option : .nowhere
    }
    guard index + 2 < count, kind(index + 2) == .equal else { return .nowhere }
    let found = call(from: index + 3, inside, isInString, blockIn: nil)
    if case .clause(let isNewLine) = found { return isNewLine ? .option : .nowhere }
    return found
  }

  /// A call and what follows it, from the token where its path begins.
  private func call(from start: Int, _ open: [Int], _ isInString: Bool, blockIn step: Int?) -> Spot {
    guard let parenthesis = (start..<max(start, count)).first(where: { tree.tokens[$0].kind == .leftParenthesis })
    else {
      if isInString { return .nowhere }
      if start == count { return startsLine && start > 0 ? .member : .callee([]) }
      return kind(count - 1) == .dot ? .callee(path(endingAt: count - 1).names) : .clause(isNewLine: startsLine)
    }
    let callee = path(endingAt: parenthesis).names
    if let outer = open.last, outer == parenthesis { return argument(of: callee, open, isInString) }
    if let brace = open.last, tree.tokens[brace].kind == .leftBrace, step != nil, isBlock(brace) {
      return isInString ? .nowhere : option(from: brace + 1)
    }
    return clause(from: parenthesis, open, isInString)
  }

  /// A brace that opens a step's block, not a record.
  private func isBlock(_ brace: Int) -> Bool {
    if tree.tokens[brace].role == .block { return true }
    switch kind(brace - 1) {
    case .rightParenthesis, .rightBracket, .name, .integer: return true
    default: return false
    }
  }

  private func argument(of callee: [String], _ open: [Int], _ isInString: Bool) -> Spot {
    let parenthesis = open[open.count - 1]
    guard open.count == 1 else {
      // Deeper inside a value: the name of its argument still says what it is for.
      let name = argumentName(in: parenthesis)
      return value(
        from: parenthesis + 1, open, name.map { .parameter(call: callee, name: $0) } ?? .anything, isInString)
    }
    if let name = argumentName(in: parenthesis) {
      return value(from: parenthesis + 1, open, .parameter(call: callee, name: name), isInString)
    }
    if isInString { return .nowhere }
    let last = kind(count - 1)
    guard last == .comma || last == .leftParenthesis || startsLine else { return .nowhere }
    return .parameter(call: callee, given: given(in: parenthesis))
  }

  /// The argument that the caret is in the value of: the `name:` behind the last comma of the call.
  private func argumentName(in parenthesis: Int) -> String? {
    var level = 0
    var start = parenthesis + 1
    for index in parenthesis + 1..<max(parenthesis + 1, count) {
      let kind = tree.tokens[index].kind
      if Self.opens(kind) { level += 1 } else if Self.closes(kind) { level -= 1 }
      if kind == .comma, level == 0 { start = index + 1 }
    }
    return kind(start) == .name && kind(start + 1) == .colon ? text(start) : nil
  }

  /// The names that are given in a call already, also behind the caret.
  private func given(in parenthesis: Int) -> [String] {
    var level = 0
    var names: [String] = []
    var index = parenthesis + 1
    while index + 1 < tree.tokens.count {
      let kind = tree.tokens[index].kind
      if Self.opens(kind) { level += 1 } else if Self.closes(kind) { level -= 1 }
      if level < 0 { break }
      if level == 0, kind == .name, tree.tokens[index + 1].kind == .colon { names.append(text(index)) }
      index += 1
    }
    return names
  }

  private func clause(from start: Int, _ open: [Int], _ isInString: Bool) -> Spot {
    if kind(count - 1) == .at { return .phase }
    var word: Int?
    var level = 0
    for index in start..<count {
      let kind = tree.tokens[index].kind
      if Self.opens(kind) { level += 1 } else if Self.closes(kind) { level -= 1 }
      guard level == 0, kind == .name else { continue }
      if ["foreach", "in", "when", "max"].contains(text(index)), self.kind(index - 1) != .dot { word = index }
    }
    guard let word else { return isInString ? .nowhere : .clause(isNewLine: startsLine) }
    switch text(word) {
    case "when": return value(from: word + 1, open, .condition, isInString, endsInClause: true)
    case "in": return value(from: word + 1, open, .list, isInString, endsInClause: true)
    case "foreach": return count > word + 1 && !isInString ? .clause(isNewLine: false) : .nowhere
    default: return count > word + 1 && !isInString ? .clause(isNewLine: startsLine) : .nowhere
    }
  }

  private func option(from start: Int) -> Spot {
    if startsLine || count == start { return .option }
    // The option on the line of the caret.
    var index = count - 1
    while index > start, !tree.tokens[index].startsLine { index -= 1 }
    guard kind(index) == .name else { return .option }
    var word = text(index)
    if word == "on", isWord(index + 1, "failure") { word = "on failure" }
    return .optionValue(word, previous: text(count - 1))
  }

  // MARK: Values

  private func value(
    from start: Int, _ open: [Int], _ expectation: Expectation, _ isInString: Bool, endsInClause: Bool = false
  ) -> Spot {
    let inner = open.first.flatMap { $0 >= start ? $0 : nil }
    if isInString {
      if let inner, kind(inner) == .leftParenthesis, inner + 1 == count {
        let callee = path(endingAt: inner).names
        if callee == ["file"] || callee == ["dir"] { return .path(isFolder: callee == ["dir"]) }
      }
      return .string(expectation)
    }
    if kind(count - 1) == .dot { return .field(path(endingAt: count - 1).names) }
    if let inner, kind(inner) == .leftBrace {
      // A field's name, or its value.
      let last = kind(count - 1)
      return last == .leftBrace || last == .comma ? .nowhere : .expression(.anything)
    }
    switch kind(count - 1) {
    case .name where !["and", "or", "not", "when", "in"].contains(text(count - 1)), .rightParenthesis, .rightBracket,
      .rightBrace, .integer, .float, .quantity, .string:
      // A value is complete.
      if startsLine, inner == nil, !open.contains(where: { kind($0) == .leftParenthesis }) {
        return .clause(isNewLine: true)
      }
      return endsInClause && inner == nil ? .clause(isNewLine: startsLine) : .nowhere
    default: break
    }
    let isWhole = inner == nil && kind(count - 1) != .plus && kind(count - 1) != .minus
    return .expression(isWhole || inner.map { kind($0) == .leftBracket } == true ? expectation : .anything)
  }
}
