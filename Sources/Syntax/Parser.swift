package import Diagnostics

/// Reads a document into a tree by recursive descent. Never fails: after a mistake it goes on at the next declaration.
/// O(tokens) time; nesting is limited to `maximumDepth`, so the stack is too.
package struct Parser {
  package static let maximumDepth = 200
  package static let edition = 1
  /// More mistakes of form than this in one file help nobody.
  static let maximumDiagnostics = 100

  let file: SourceFile
  var tokens: [Token]
  var index = 0
  var depth = 0
  var diagnostics: [Diagnostic] = []
  /// A mistake was found and no place to go on was reached yet: further ones would be echoes.
  var isLost = false
  /// Mistakes that were recovered from inside a declaration.
  var mistakes = 0

  package static func parse(_ file: SourceFile) -> SyntaxTree {
    var parser = Parser(file)
    return parser.parseFile()
  }

  private init(_ file: SourceFile) {
    self.file = file
    tokens = Lexer.tokens(of: file.bytes)
  }

  // MARK: The file

  private mutating func parseFile() -> SyntaxTree {
    if file.bytes.count > Lexer.maximumBytes {
      report("E0002", "this file is too long to be a document", at: Span(0, 0), "longer than 1 GiB")
    }
    reportOpenStrings()
    let edition = parseEdition()
    var uses: [UseSyntax] = []
    var workflows: [WorkflowSyntax] = []
    var experiments: [ExperimentSyntax] = []
    var policies: [ExperimentSyntax] = []
    while !at(.end) {
      isLost = false
      let start = index
      if at("use") {
        if let use = parseUse() { uses.append(use) }
      } else if at("workflow") {
        if let workflow = parseWorkflow() { workflows.append(workflow) }
      } else if at("experiment") {
        if let experiment = parseExperiment() { experiments.append(experiment) }
      } else if at("policy") {
        if let policy = parseExperiment("policy") { policies.append(policy) }
      } else {
        fail("expected `use`, `workflow`, `experiment` or `policy`, found \(found)", "not a declaration")
      }
      if isLost { skipToDeclaration(atLeastPast: start) }
    }
    diagnostics.sort { $0.primary.span.start < $1.primary.span.start }
    return SyntaxTree(
      file: file, tokens: tokens, edition: edition, uses: uses, workflows: workflows, experiments: experiments,
      policies: policies, diagnostics: diagnostics)
  }

  private mutating func reportOpenStrings() {
    for token in tokens where token.kind == .openString {
      report(
        "E0001", "this text has no closing quote", at: token.span, "the quote is never closed on this line",
        help: "add a closing `\"`")
    }
  }

  private mutating func parseEdition() -> SyntaxTree.Edition? {
    guard at("assay") else {
      let fix = Fix("add the language edition", [TextEdit(Span(bom, bom), "assay 1\n")])
      report(
        "E0005", "the document does not say its language edition", at: Span(token.start, token.end),
        "`assay 1` must come first", help: "put the line `assay 1` at the top", fix: fix)
      return nil
    }
    tokens[index].role = .declaration
    let word = advance()
    guard at(.integer) else {
      report(
        "E0005", "the document does not say its language edition", at: word.span, "a number is missing here",
        help: "write `assay 1`", fix: Fix("add the language edition", [TextEdit(Span(word.end, word.end), " 1")]))
      return SyntaxTree.Edition(number: nil, span: word.span)
    }
    let number = advance()
    let value = Int(text(number.span))
    if value != Self.edition {
      report(
        "E0006", "this engine does not know language edition \(text(number.span))", at: number.span,
        "only edition 1 is known", help: "write `assay 1`, or use a newer engine")
    }
    return SyntaxTree.Edition(number: value, span: word.span.joined(number.span))
  }

  private var bom: Int { file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

  private mutating func parseUse() -> UseSyntax? {
    let start = declare()
    let target: UseSyntax.Target
    if at(.string) || at(.openString) {
      let token = advance()
      target = .path(decode(token), token.span)
    } else if let path = parsePath("a plugin name or a path in quotes") {
      target = .plugin(path)
    } else {
      return nil
    }
    var alias: Name?
    if at("as") {
      advance()
      alias = expectName("a short name")
    }
    return UseSyntax(target: target, alias: alias, span: since(start))
  }
}

// MARK: Tokens

extension Parser {
  var token: Token { tokens[index] }
  func peek(_ distance: Int) -> Token { tokens[min(index + distance, tokens.count - 1)] }
  func at(_ kind: Token.Kind) -> Bool { tokens[index].kind == kind }
  func at(_ word: StaticString) -> Bool { isWord(tokens[index], word) }

  func isWord(_ token: Token, _ word: StaticString) -> Bool {
    guard token.kind == .name, token.end - token.start == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { buffer in
      for offset in 0..<buffer.count where file.bytes[token.start + offset] != buffer[offset] { return false }
      return true
    }
  }

  func text(_ span: Span) -> String {
    file.bytes.withUnsafeBufferPointer { bytes in
      String(decoding: UnsafeBufferPointer(rebasing: bytes[span.start..<span.end]), as: UTF8.self)
    }
  }
  func name(_ token: Token) -> Name { Name(text: text(token.span), span: token.span) }

  /// The current token; the end of the file is never left.
  @discardableResult mutating func advance() -> Token {
    let token = tokens[index]
    if token.kind != .end { index += 1 }
    return token
  }

  /// Consumes the keyword of a declaration and gives its offset.
  mutating func declare() -> Int {
    tokens[index].role = .declaration
    return advance().start
  }

  /// From `start` to the end of the last token read.
  func since(_ start: Int) -> Span { Span(start, max(start, index > 0 ? tokens[index - 1].end : 0)) }

  mutating func expect(_ kind: Token.Kind, _ what: String) -> Token? {
    if at(kind) { return advance() }
    fail("expected \(what), found \(found)", "expected \(what) here")
    return nil
  }

  mutating func expectName(_ what: String) -> Name? {
    if at(.name) { return name(advance()) }
    fail("expected \(what), found \(found)", "expected \(what) here")
    return nil
  }

  mutating func parsePath(_ what: String) -> NamePath? {
    guard let first = expectName(what) else { return nil }
    guard at(.dot) else { return NamePath(names: [first]) }
    advance()
    // Nearly all paths have two names: one piece of memory.
    guard let second = expectName("a name after the dot") else { return NamePath(names: [first]) }
    var names = [first, second]
    while at(.dot) {
      advance()
      guard let next = expectName("a name after the dot") else { break }
      names.append(next)
    }
    return NamePath(names: names)
  }

  mutating func openBlock() -> Token? {
    guard let open = expect(.leftBrace, "`{`") else { return nil }
    tokens[index - 1].role = .block
    return open
  }

  mutating func closeBrace(_ open: Token) {
    if at(.rightBrace) {
      advance()
    } else {
      fail("expected `}`, found \(found)", "the block is not closed before this", also: [(open.span, "opened here")])
    }
  }

  /// The meaning of a string token; its bad escapes are reported.
  mutating func decode(_ token: Token) -> String {
    let (result, bad) = StringLiteral.decode(file.bytes[token.start..<token.end])
    for span in bad {
      report(
        "E0004", "`\(text(span))` is not an escape", at: span, "means nothing",
        help: "escapes are \\n \\t \\r \\0 \\\" \\\\ and \\u{1F600}; write `\\\\` for a backslash",
        fix: Fix("write a plain backslash", [TextEdit(Span(span.start, span.start), "\\")]))
    }
    return result
  }

  /// The lines of `##` that stand directly before the current token.
  func docComment() -> String {
    var lines: [String] = []
    var end = token.start
    let floor = index > 0 ? tokens[index - 1].end : 0
    guard hasComment(floor..<end) else { return "" }
    // Backwards line by line: the keyword's own line holds only white space before it.
    while true {
      var start = end
      while start > floor, file.bytes[start - 1] != 0x0A { start -= 1 }
      let line = file.bytes[start..<end].drop { $0 == 0x20 || $0 == 0x09 }
      // A comment on the line of the previous declaration belongs to that one.
      if start == floor, floor > 0, file.bytes[start - 1] != 0x0A, end != token.start { break }
      if end != token.start {
        guard line.starts(with: [0x23, 0x23]) else { break }
        let content = line.dropFirst(2)
        let body = String(decoding: content.first == 0x20 ? content.dropFirst() : content, as: UTF8.self)
        lines.append(body.last == "\r" || body.last == "\r\n" ? String(body.dropLast()) : body)
      } else if !line.isEmpty {
        break
      }
      guard start > floor else { break }
      end = start - 1
    }
    return lines.isEmpty ? "" : lines.reversed().joined(separator: "\n")
  }
}

extension Parser {
  /// Between two tokens a `#` can only begin a comment.
  private func hasComment(_ gap: Range<Int>) -> Bool {
    file.bytes.withUnsafeBufferPointer { bytes in gap.contains { bytes[$0] == UInt8(ascii: "#") } }
  }
}

// MARK: Mistakes

extension Parser {
  /// The current token, as said in a message.
  var found: String {
    switch token.kind {
    case .end: "the end of the file"
    case .unknown: "the character `\(text(token.span).prefix(8))`"
    case .openString: "a text without closing quote"
    default: token.end - token.start > 40 ? "`\(text(token.span).prefix(40))…`" : "`\(text(token.span))`"
    }
  }

  mutating func fail(_ message: String, _ label: String, help: String? = nil, also: [(Span, String)] = []) {
    guard !isLost else { return }
    isLost = true
    // An open string was reported already, and swallowed what should follow it.
    guard !at(.openString), index == 0 || tokens[index - 1].kind != .openString else { return }
    report("E0002", message, at: token.span, label, also: also, help: help)
  }

  mutating func report(
    _ code: String, _ message: String, at span: Span, _ label: String, also: [(Span, String)] = [],
    help: String? = nil, fix: Fix? = nil
  ) {
    guard diagnostics.count < Self.maximumDiagnostics else { return }
    diagnostics.append(
      Diagnostic(
        code, .error, message, at: .init(file, span, label), also: also.map { .init(file, $0.0, $0.1) }, help: help,
        fix: fix))
  }

  /// At a line that can only begin a new declaration of the file.
  var startsDeclaration: Bool {
    guard token.startsLine, token.kind == .name else { return false }
    if at("workflow") || at("experiment") || at("policy") { return peek(1).kind == .name && peek(2).kind == .leftBrace }
    return at("use") && (peek(1).kind == .name || peek(1).kind == .string)
  }

  /// At a line that begins a member of a workflow or of a `vary`.
  var startsMember: Bool {
    guard token.startsLine, token.kind == .name, peek(1).kind == .name else { return false }
    return at("step") || at("out") || at("in") || at("variant") || at("default")
  }

  mutating func skipToDeclaration(atLeastPast start: Int) {
    if index == start { advance() }
    while !at(.end), !startsDeclaration { advance() }
    isLost = false
  }

  /// After a mistake in a member: goes to the next one, or to the brace that closes the block.
  mutating func skipToMember() {
    var level = 0
    while !at(.end), !startsMember, !startsDeclaration {
      if at(.leftBrace) { level += 1 }
      if at(.rightBrace) {
        if level == 0 { break }
        level -= 1
      }
      advance()
    }
    isLost = false
  }

  /// After a mistake in a list: goes to its next comma or its end. False: the list seems never to end.
  mutating func skipInList(until close: Token.Kind) -> Bool {
    var level = 0
    while !at(.end), !startsMember, !startsDeclaration {
      switch token.kind {
      case .comma where level == 0, close where level == 0:
        isLost = false
        return true
      case .leftParenthesis, .leftBracket, .leftBrace: level += 1
      case .rightParenthesis, .rightBracket, .rightBrace:
        if level == 0 { return false }
        level -= 1
      default: break
      }
      advance()
    }
    return false
  }
}
