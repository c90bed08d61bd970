extension TOMLScanner {
  /// A string of any of the four kinds.
  mutating func string() throws(TOMLError) -> String {
    let quote = current
    guard peek(1) == quote, peek(2) == quote else { return try line(quote) }
    return try multiline(quote)
  }

  /// A string in one line: of a key as well.
  mutating func line(_ quote: UInt8) throws(TOMLError) -> String {
    let start = here
    at += 1
    var text: [UInt8] = []
    while !take(quote) {
      guard !isAtEnd, !isAtLineBreak else { throw open(start, quote) }
      try character(quote, &text)
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func multiline(_ quote: UInt8) throws(TOMLError) -> String {
    let start = here
    at += 3
    _ = takeLineBreak()
    var text: [UInt8] = []
    while true {
      if isAtEnd { throw open(start, quote) }
      if takeLineBreak() {
        text.append(.newline)
      } else if current == quote, peek(1) == quote, peek(2) == quote {
        // Up to two quotation marks may stand directly before the three that end the text.
        at += 3
        for _ in 0..<2 where take(quote) { text.append(quote) }
        return String(decoding: text, as: UTF8.self)
      } else if quote == .quote, current == .backslash, try foldedLines() {
        continue
      } else {
        try character(quote, &text)
      }
    }
  }

  /// A backslash at the end of a line swallows all white space up to the next character.
  private mutating func foldedLines() throws(TOMLError) -> Bool {
    let start = at
    at += 1
    skipSpaces()
    guard takeLineBreak() else {
      at = start
      return false
    }
    repeat { skipSpaces() } while takeLineBreak()
    return true
  }

  private mutating func character(_ quote: UInt8, _ text: inout [UInt8]) throws(TOMLError) {
    if current == .backslash, quote == .quote {
      text.append(contentsOf: String(try escape()).utf8)
    } else {
      guard current >= .space && current != .delete || current == .tab else { throw control("a text") }
      text.append(current)
      at += 1
    }
  }

  private mutating func escape() throws(TOMLError) -> Unicode.Scalar {
    let start = at
    at += 1
    let letter = current
    at += isAtEnd ? 0 : 1
    switch letter {
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "r"): return "\r"
    case .quote: return "\""
    case .backslash: return "\\"
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let digits = letter == UInt8(ascii: "u") ? 4 : 8
      var number: UInt32 = 0
      for _ in 0..<digits {
        guard let digit = Character(Unicode.Scalar(current)).hexDigitValue else {
          throw unexpected("\(digits) hexadecimal digits behind \\\(Unicode.Scalar(letter))")
        }
        number = number << 4 | UInt32(digit)
        at += 1
      }
      guard let scalar = Unicode.Scalar(number) else {
        throw TOMLError(message: "not a Unicode character", place: place(from: start))
      }
      return scalar
    default:
      at = start + 1
      throw unexpected(
        "an escape (b t n f r \" \\ uXXXX UXXXXXXXX)",
        help: "for a backslash write \\\\, or use 'single' quotation marks")
    }
  }

  private func open(_ start: TOMLPlace, _ quote: UInt8) -> TOMLError {
    TOMLError(
      message: "expected the closing \(Unicode.Scalar(quote)) of this text",
      help: "a text over several lines has three quotation marks at both ends", place: start)
  }
}
