/// Splits any bytes into tokens. O(bytes); never fails: what it does not know becomes a token of kind `unknown`.
package struct Lexer {
  /// Longer texts are not split at all (one `end` token that owns everything).
  package static let maximumBytes = 1 << 30

  private let bytes: [UInt8]
  private var position = 0
  private var tokens: [Token] = []
  private var startsLine = true

  /// Whether a text is one name.
  package static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.first?.isNameStart == true && bytes.allSatisfy(\.isNamePart)
  }

  /// Always ends with one `end` token.
  package static func tokens(of bytes: [UInt8]) -> [Token] {
    guard bytes.count <= maximumBytes else { return [Token(.end, bytes.count, bytes.count, startsLine: true)] }
    var lexer = Lexer(bytes)
    lexer.run()
    return lexer.tokens
  }

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    tokens.reserveCapacity(bytes.count / 4 + 1)
  }

  private func byte(at offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  private mutating func run() {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    while true {
      skipTrivia()
      guard position < bytes.count else { break }
      let start = position
      let kind = scan()
      tokens.append(Token(kind, start, position, startsLine: startsLine))
      startsLine = false
    }
    tokens.append(Token(.end, bytes.count, bytes.count, startsLine: startsLine))
  }

  private mutating func skipTrivia() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\n"):
        startsLine = true
        position += 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
      case UInt8(ascii: "#"): while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      default: return
      }
    }
  }

  /// Consumes one token, at least one byte.
  private mutating func scan() -> Token.Kind {
    let first = bytes[position]
    if first.isNameStart {
      while position < bytes.count, bytes[position].isNamePart { position += 1 }
      return .name
    }
    if first.isDigit { return scanNumber() }
    if first == UInt8(ascii: "\"") { return scanString() }
    if first >= 0x80 {
      while position < bytes.count, bytes[position] >= 0x80 { position += 1 }
      return .unknown
    }
    return scanPunctuation(first)
  }

  private mutating func scanNumber() -> Token.Kind {
    skipDigits()
    var isFloat = false
    if byte(at: position) == UInt8(ascii: "."), byte(at: position + 1).isDigit {
      isFloat = true
      position += 1
      skipDigits()
    }
    if byte(at: position) | 0x20 == UInt8(ascii: "e") {
      let sign = byte(at: position + 1)
      let digits = position + (sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? 2 : 1)
      if byte(at: digits).isDigit {
        isFloat = true
        position = digits
        skipDigits()
      }
    }
    guard byte(at: position).isNamePart else { return isFloat ? .float : .integer }
    while position < bytes.count, bytes[position].isNamePart { position += 1 }
    return .quantity
  }

  private mutating func skipDigits() {
    while position < bytes.count, bytes[position].isDigit || bytes[position] == UInt8(ascii: "_") { position += 1 }
  }

  private mutating func scanString() -> Token.Kind {
    position += 1
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return .string
      case UInt8(ascii: "\n"): return .openString
      case UInt8(ascii: "\\") where position + 1 < bytes.count && bytes[position + 1] != UInt8(ascii: "\n"):
        position += 2
      default: position += 1
      }
    }
    return .openString
  }

  private mutating func scanPunctuation(_ first: UInt8) -> Token.Kind {
    let second = byte(at: position + 1)
    position += 2
    switch (first, second) {
    case (UInt8(ascii: "."), UInt8(ascii: ".")): return .dotDot
    case (UInt8(ascii: "?"), UInt8(ascii: "?")): return .coalesce
    case (UInt8(ascii: "="), UInt8(ascii: "=")): return .equalEqual
    case (UInt8(ascii: "!"), UInt8(ascii: "=")): return .notEqual
    case (UInt8(ascii: "<"), UInt8(ascii: "=")): return .lessOrEqual
    default: position -= 1
    }
    switch first {
    case UInt8(ascii: "("): return .leftParenthesis
    case UInt8(ascii: ")"): return .rightParenthesis
    case UInt8(ascii: "["): return .leftBracket
    case UInt8(ascii: "]"): return .rightBracket
    case UInt8(ascii: "{"): return .leftBrace
    case UInt8(ascii: "}"): return .rightBrace
    case UInt8(ascii: ","): return .comma
    case UInt8(ascii: ":"): return .colon
    case UInt8(ascii: "="): return .equal
    case UInt8(ascii: "."): return .dot
    case UInt8(ascii: "@"): return .at
    case UInt8(ascii: "?"): return .question
    case UInt8(ascii: "<"): return .less
    case UInt8(ascii: ">"): return .greater
    case UInt8(ascii: "+"): return .plus
    case UInt8(ascii: "-"): return .minus
    case UInt8(ascii: "*"): return .star
    case UInt8(ascii: "/"): return .slash
    default: return .unknown
    }
  }
}

extension UInt8 {
  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  var isNameStart: Bool {
    let lower = self | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") || self == UInt8(ascii: "_")
  }
  var isNamePart: Bool { isNameStart || isDigit }
}
