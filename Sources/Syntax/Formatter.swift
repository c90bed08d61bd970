package import Diagnostics

/// The canonical layout: two spaces for each level, one declaration a line, at most one empty line in a row.
///
/// Only gaps between tokens change; tokens and the words of comments never do. The inside of an experiment stays as it
/// is. A document with mistakes of form is left alone: its tokens may not mean what they seem to.
package struct Formatter {
  /// The edits that bring a document into canonical layout; none when it is there already. O(tokens).
  package static func format(_ tree: SyntaxTree) -> [TextEdit] {
    let unsafe: Set<String> = ["E0001", "E0002", "E0003"]
    guard tree.file.isText, !tree.diagnostics.contains(where: { unsafe.contains($0.code) }) else { return [] }
    var formatter = Formatter(tree)
    return formatter.run()
  }

  private struct Bracket {
    var isBlock: Bool
    /// Its content stands on lines of its own.
    var isMultiline: Bool
    /// Of the line, or for a block of the statement, that opened it.
    var indent: Int
  }

  private let bytes: [UInt8]
  private let tokens: [Token]
  private let lineBreak: String
  /// By token: whether a bracket's content holds a line break or a declaration.
  private var multiline: [Int: Bool] = [:]
  private var brackets: [Bracket] = []
  private var lineIndent = 0
  private var statementIndent = 0

  private init(_ tree: SyntaxTree) {
    bytes = tree.file.bytes
    tokens = tree.tokens
    let first = bytes.firstIndex(of: 0x0A) ?? 0
    lineBreak = first > 0 && bytes[first - 1] == 0x0D ? "\r\n" : "\n"
    findMultilineBrackets()
  }

  private mutating func findMultilineBrackets() {
    var open: [(index: Int, isMultiline: Bool)] = []
    for (index, token) in tokens.enumerated() {
      if token.startsLine || token.role == .declaration { if !open.isEmpty { open[open.count - 1].isMultiline = true } }
      if Self.opens(token) {
        open.append((index, false))
      } else if Self.closes(token), let last = open.popLast() {
        multiline[last.index] = last.isMultiline
        // A bracket that spans lines makes the one around it do so.
        if last.isMultiline, !open.isEmpty { open[open.count - 1].isMultiline = true }
      }
    }
  }

  private static func opens(_ token: Token) -> Bool {
    switch token.kind {
    case .leftBrace, .leftParenthesis, .leftBracket: token.role != .opaque
    default: false
    }
  }

  private static func closes(_ token: Token) -> Bool {
    switch token.kind {
    case .rightBrace, .rightParenthesis, .rightBracket: token.role != .opaque
    default: false
    }
  }

  private mutating func run() -> [TextEdit] {
    var edits: [TextEdit] = []
    var previous: Token?
    for (index, token) in tokens.enumerated() {
      let start = previous?.end ?? 0
      let closed = Self.closes(token) ? brackets.popLast() : nil
      let isKept = token.role == .opaque || previous?.role == .opaque
      if !isKept {
        let text = gap(from: previous, to: token, closing: closed)
        if !bytes[start..<token.start].elementsEqual(text.utf8) {
          edits.append(TextEdit(Span(start, token.start), text))
        }
      }
      if Self.opens(token) {
        let isBlock = token.role == .block
        brackets.append(
          Bracket(
            isBlock: isBlock, isMultiline: multiline[index] ?? false, indent: isBlock ? statementIndent : lineIndent))
      }
      previous = token
    }
    return edits
  }

  // MARK: One gap

  private mutating func gap(from previous: Token?, to token: Token, closing: Bracket?) -> String {
    let start = previous?.end ?? 0
    let comments = comments(in: start..<token.start)
    let isFirst = previous == nil
    var text = isFirst && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? "\u{FEFF}" : ""
    let startsLine = !isFirst && (startsLine(token, closing) || !comments.isEmpty)
    guard startsLine || isFirst else {
      guard let previous else { return text }
      let space = Self.space(previous, token, closing)
      return space.isEmpty && previous.end < token.start && merges(previous, token) ? " " : space
    }
    let indent = indent(of: token, closing)
    let inner = closing.map { $0.indent + 2 } ?? indent
    var isOpening = isFirst || (previous.map(Self.opens) ?? false)
    var isOnFreshLine = isFirst
    for comment in comments {
      if !comment.ownLine, !isFirst {
        text += "  " + comment.text
      } else {
        if !isOnFreshLine { text += lineBreak }
        if comment.blankBefore, !isOpening { text += lineBreak }
        text += Self.spaces(inner) + comment.text
      }
      isOpening = false
      isOnFreshLine = false
    }
    if token.kind == .end { return isFirst && comments.isEmpty ? text : text + lineBreak }
    if !isOnFreshLine { text += lineBreak }
    if blankBeforeToken(start..<token.start), !isOpening, closing == nil { text += lineBreak }
    lineIndent = indent
    if token.role == .declaration || token.role == .option { statementIndent = indent }
    return text + Self.spaces(indent)
  }

  private func startsLine(_ token: Token, _ closing: Bracket?) -> Bool {
    if token.startsLine || token.role == .declaration || token.kind == .end { return true }
    if let closing { return closing.isBlock && closing.isMultiline }
    return token.role == .option && (brackets.last?.isMultiline ?? false)
  }

  private func indent(of token: Token, _ closing: Bracket?) -> Int {
    if let closing { return closing.indent }
    if token.kind == .end { return 0 }
    guard let bracket = brackets.last else { return token.role == .declaration ? 0 : statementIndent + 2 }
    if !bracket.isBlock || token.role == .declaration || token.role == .option { return bracket.indent + 2 }
    return statementIndent + 2
  }

  private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

  /// What stands between two tokens of one line.
  private static func space(_ previous: Token, _ token: Token, _ closing: Bracket?) -> String {
    let isInType = (previous.role == .type) && (token.role == .type || token.role == .typeEnd)
    switch token.kind {
    case .comma, .rightParenthesis, .rightBracket, .dot, .dotDot, .colon, .question: return ""
    case .rightBrace: return closing?.isBlock == true && previous.kind != .leftBrace ? " " : ""
    case .leftParenthesis where token.role == .callParenthesis: return ""
    case .coalesce where isInType: return ""
    case .less, .greater, .leftParenthesis, .leftBracket, .leftBrace:
      // `list<`, `int(`, `tensor<f32>[`, `table{`; a space only behind `:` and `,`.
      if isInType { return previous.kind == .colon || previous.kind == .comma ? " " : "" }
    case .equal where previous.kind == .greater && previous.end == token.start && !isType(previous): return ""
    default: break
    }
    switch previous.kind {
    case .leftParenthesis, .leftBracket, .dot, .dotDot, .at: return ""
    case .leftBrace: return previous.role == .block ? " " : ""
    case .less where isInType: return ""
    case .minus where previous.role == .prefix || isInType: return ""
    default: return " "
    }
  }

  /// Without a gap the two would be read as something else: `? ?` as `??`.
  private func merges(_ previous: Token, _ token: Token) -> Bool {
    let joined = Lexer.tokens(of: Array(bytes[previous.start..<previous.end] + bytes[token.start..<token.end]))
    return joined.count != 3 || joined[0].kind != previous.kind || joined[1].kind != token.kind
      || joined[0].end != previous.end - previous.start
  }

  private static func isType(_ token: Token) -> Bool { token.role == .type || token.role == .typeEnd }

  // MARK: Comments

  private struct Comment {
    var text: String
    /// Nothing but white space stands before it in its line.
    var ownLine: Bool
    var blankBefore: Bool
  }

  private func comments(in range: Range<Int>) -> [Comment] {
    var result: [Comment] = []
    var breaks = 0
    var position = range.lowerBound
    while position < range.upperBound {
      switch bytes[position] {
      case 0x0A:
        breaks += 1
        position += 1
      case UInt8(ascii: "#"):
        var end = position
        while end < range.upperBound, bytes[end] != 0x0A { end += 1 }
        var last = end
        while last > position, [0x20, 0x09, 0x0D].contains(bytes[last - 1]) { last -= 1 }
        let isOwn = breaks > 0 || range.lowerBound == 0
        result.append(
          Comment(
            text: String(decoding: bytes[position..<last], as: UTF8.self), ownLine: isOwn, blankBefore: breaks > 1))
        breaks = 0
        position = end
      default: position += 1
      }
    }
    return result
  }

  /// An empty line stands directly before the token (comments between do not count).
  private func blankBeforeToken(_ range: Range<Int>) -> Bool {
    var breaks = 0
    for position in range.reversed() {
      if bytes[position] == 0x0A { breaks += 1 } else if ![0x20, 0x09, 0x0D].contains(bytes[position]) { break }
    }
    return breaks > 1
  }
}
