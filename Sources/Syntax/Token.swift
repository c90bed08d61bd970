package import Diagnostics

/// The smallest piece of a document with a meaning.
///
/// What stands between two tokens is *trivia*: white space and comments. Trivia is not stored; it is the gap between
/// the end of the previous token and the start of this one, so every byte belongs to exactly one token or one gap.
package struct Token: Sendable, Hashable {
  package enum Kind: UInt8, Sendable {
    /// The end of the file: empty, and owner of the trivia behind the last real token.
    case end
    /// A name or keyword; keywords are words in a position, never reserved.
    case name
    /// `42`, `1_000`.
    case integer
    /// `0.5`, `1e-3`.
    case float
    /// A number with a unit: `5m`, `2GiB`.
    case quantity
    case string
    /// A string whose closing quote is missing: it ends with its line.
    case openString
    /// Bytes that mean nothing here.
    case unknown
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
    case comma, colon, equal, dot, dotDot, at, question, coalesce
    /// `>=` is the two tokens `>` `=` without a gap: types such as `list<int>=` would be misread otherwise.
    case less, greater, equalEqual, notEqual, lessOrEqual
    case plus, minus, star, slash
  }

  /// What the parser took the token for, where that decides about spacing.
  package enum Role: UInt8, Sendable {
    case plain
    /// Starts a declaration: `use`, `workflow`, `experiment`, `in`, `out`, `step`, `variant`, `default`.
    case declaration
    /// Starts a step option.
    case option
    /// Inside a type.
    case type
    /// The last token of a type.
    case typeEnd
    /// `-` or `not` before one operand.
    case prefix
    /// `(` directly behind what is called.
    case callParenthesis
    /// A brace that opens a block: of a workflow, an experiment, a step.
    case block
    /// Inside an experiment's braces, which are kept as they are.
    case opaque
  }

  package var kind: Kind
  package var role: Role = .plain
  /// A line break stands before it.
  package var startsLine: Bool
  private var lower: UInt32
  private var upper: UInt32

  init(_ kind: Kind, _ start: Int, _ end: Int, startsLine: Bool) {
    self.kind = kind
    self.startsLine = startsLine
    lower = UInt32(truncatingIfNeeded: start)
    upper = UInt32(truncatingIfNeeded: end)
  }

  /// Byte offsets in the file.
  package var start: Int { Int(lower) }
  package var end: Int { Int(upper) }
  package var span: Span { Span(start, end) }
}
