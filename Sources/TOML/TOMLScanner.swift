/// The bytes of a document and a position in them.
struct TOMLScanner {
  let bytes: [UInt8]
  var at = 0
  private var line: Int
  private var lineStart = 0

  init(_ bytes: [UInt8], firstLine: Int) {
    self.bytes = bytes
    line = firstLine
  }

  /// The byte at the position, 0 at the end (a 0 in the text is nowhere allowed either).
  var current: UInt8 { peek(0) }
  var isAtEnd: Bool { at >= bytes.count }
  func peek(_ distance: Int) -> UInt8 { at + distance < bytes.count ? bytes[at + distance] : 0 }

  mutating func take(_ byte: UInt8) -> Bool {
    guard !isAtEnd, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  mutating func skipSpaces() { while current == .space || current == .tab { at += 1 } }

  var isAtLineBreak: Bool { current == .newline || current == .carriageReturn && peek(1) == .newline }

  /// Takes `\n` or `\r\n`.
  mutating func takeLineBreak() -> Bool {
    guard isAtLineBreak else { return false }
    at += current == .carriageReturn ? 2 : 1
    line += 1
    lineStart = at
    return true
  }

  mutating func skipComment() throws(TOMLError) {
    guard current == .hash else { return }
    while !isAtEnd && !isAtLineBreak {
      guard current >= .space && current != .delete || current == .tab else { throw control("a comment") }
      at += 1
    }
  }

  /// White space, line breaks and comments.
  mutating func skipBlank() throws(TOMLError) {
    repeat {
      skipSpaces()
      try skipComment()
    } while takeLineBreak()
  }

  /// The position, as an empty place.
  var here: TOMLPlace { place(from: at) }

  /// From an offset in the current line to the position.
  func place(from start: Int) -> TOMLPlace {
    let column = bytes[min(lineStart, start)..<start].reduce(into: 1) { count, byte in
      if byte & 0xC0 != 0x80 { count += 1 }
    }
    return TOMLPlace(start: start, end: at, line: line, column: column)
  }

  func unexpected(_ wanted: String, help: String? = nil) -> TOMLError {
    var place = here
    place.end = min(bytes.count, at + 1)
    let found =
      isAtEnd
      ? "the end of the text" : isAtLineBreak ? "the end of the line" : Self.name(bytes[at...].prefix(4))
    return TOMLError(message: "expected \(wanted), found \(found)", help: help, place: place)
  }

  func control(_ place: String) -> TOMLError {
    TOMLError(
      message: "a control character (\(Self.name(bytes[at...].prefix(1)))) in \(place)",
      help: "write it as \\uXXXX in a \"text\"", place: here)
  }

  private static func name(_ bytes: ArraySlice<UInt8>) -> String {
    guard let first = bytes.first else { return "nothing" }
    guard first >= .space, first != .delete else {
      return "U+00" + (first < 16 ? "0" : "") + String(first, radix: 16).uppercased()
    }
    return "`\(String(decoding: bytes, as: UTF8.self).first.map(String.init) ?? "?")`"
  }
}

extension UInt8 {
  static let tab = UInt8(ascii: "\t")
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let hash = UInt8(ascii: "#")
  static let quote = UInt8(ascii: "\"")
  static let apostrophe = UInt8(ascii: "'")
  static let backslash = UInt8(ascii: "\\")
  static let delete: UInt8 = 0x7F

  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  var isBareKey: Bool {
    isDigit || (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z") || self == UInt8(ascii: "-")
      || self == UInt8(ascii: "_")
  }
}
