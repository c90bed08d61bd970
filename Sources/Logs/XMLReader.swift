/// Reads XML 1.0 in UTF-8, token by token, strictly. There are no document types and so no entities but the five of XML itself:
/// nothing in a file can make another one be read, or itself grow.
struct XMLReader {
  enum Token: Equatable {
    case start(name: String, attributes: [Attribute])
    case end(name: String)
    /// Other than white space.
    case text
  }

  struct Attribute: Equatable {
    var name: String
    var value: String
    /// Where its value begins.
    var offset: Int
  }

  private let bytes: [UInt8]
  private var at = 0
  private var open: [String] = []
  /// The name of an element that ended where it began.
  private var closing: String?
  private var hasRoot = false
  /// Where the token that was read last begins.
  private(set) var start = 0

  static let deepest = 128

  init(_ bytes: [UInt8]) throws(LogProblem) {
    self.bytes = bytes
    if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
      throw LogProblem(.unreadable, "the file is in UTF-16, not in UTF-8", at: 0)
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    if looksAt("<?xml"), let space = byte(at + 5), XML.isSpace(space) { try declaration() }
  }

  /// Nil at the end of a document that is whole.
  mutating func next() throws(LogProblem) -> Token? {
    if let name = closing {
      closing = nil
      return .end(name: name)
    }
    while at < bytes.count {
      start = at
      guard bytes[at] == UInt8(ascii: "<") else {
        if let token = try text() { return token }
        continue
      }
      if looksAt("<!--") {
        try skip(to: "-->", from: 4, "comment")
      } else if looksAt("<![CDATA[") {
        guard !open.isEmpty else { throw problem("text outside of the root element") }
        try skip(to: "]]>", from: 9, "CDATA section")
        return .text
      } else if looksAt("<?") {
        try skip(to: "?>", from: 2, "processing instruction")
      } else if looksAt("<!") {
        throw LogProblem(
          .unreadable, "a document type, which logs do not need: entities could read other files", at: at)
      } else if looksAt("</") {
        return try endTag()
      } else {
        return try startTag()
      }
    }
    start = bytes.count
    if let name = open.last { throw LogProblem(.unreadable, "the file ends inside of `<\(name)>`", at: at) }
    guard hasRoot else { throw LogProblem(.unreadable, "there is no element", at: at) }
    return nil
  }

  // MARK: Tags

  private mutating func startTag() throws(LogProblem) -> Token {
    at += 1
    let name = try self.name()
    guard !hasRoot || !open.isEmpty else { throw problem("a second root element `<\(name)>`") }
    guard open.count < Self.deepest else { throw problem("nested deeper than \(Self.deepest) levels") }
    hasRoot = true
    var attributes: [Attribute] = []
    while true {
      let hadSpace = skipSpace()
      if takes("/>") {
        closing = name
        break
      }
      if takes(">") {
        open.append(name)
        break
      }
      guard hadSpace else { throw LogProblem(.unreadable, "expected `>` or a space in `<\(name)>`", at: at) }
      let attribute = try self.attribute(of: name)
      guard !attributes.contains(where: { $0.name == attribute.name }) else {
        throw LogProblem(.unreadable, "`\(attribute.name)` stands twice in `<\(name)>`", at: attribute.offset)
      }
      attributes.append(attribute)
    }
    return .start(name: name, attributes: attributes)
  }

  private mutating func attribute(of element: String) throws(LogProblem) -> Attribute {
    let name = try self.name()
    skipSpace()
    guard takes("=") else { throw LogProblem(.unreadable, "expected `=` behind `\(name)`", at: at) }
    skipSpace()
    guard let quote = byte(at), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      throw LogProblem(.unreadable, "the value of `\(name)` has no quotation marks", at: at)
    }
    at += 1
    let offset = at
    var value: [UInt8] = []
    while let next = byte(at), next != quote {
      switch next {
      case UInt8(ascii: "&"): try reference(into: &value)
      case UInt8(ascii: "<"): throw LogProblem(.unreadable, "`<` in a value is written `&lt;`", at: at)
      case 0x09, 0x0A, 0x0D:
        value.append(0x20)
        at += 1
      case 0..<0x20: throw LogProblem(.unreadable, "a control character", at: at)
      default:
        value.append(next)
        at += 1
      }
    }
    guard at < bytes.count else { throw LogProblem(.unreadable, "the value of `\(name)` is not closed", at: offset) }
    at += 1
    return Attribute(name: name, value: try Self.text(value, offset), offset: offset)
  }

  private mutating func endTag() throws(LogProblem) -> Token {
    at += 2
    let name = try self.name()
    skipSpace()
    guard takes(">") else { throw LogProblem(.unreadable, "expected `>` behind `</\(name)`", at: at) }
    guard let last = open.popLast() else { throw problem("`</\(name)>` ends nothing") }
    guard last == name else { throw problem("`</\(name)>` where `<\(last)>` is to end") }
    return .end(name: name)
  }

  private mutating func name() throws(LogProblem) -> String {
    let first = at
    while let next = byte(at), XML.isName(next) { at += 1 }
    guard at > first, let head = byte(first), !(0x2D...0x39).contains(head) else {
      throw LogProblem(.unreadable, "expected a name", at: first)
    }
    return try Self.text(Array(bytes[first..<at]), first)
  }

  // MARK: Text

  private mutating func text() throws(LogProblem) -> Token? {
    var isBlank = true
    while let next = byte(at), next != UInt8(ascii: "<") {
      if next == UInt8(ascii: "&") {
        var ignored: [UInt8] = []
        try reference(into: &ignored)
        isBlank = false
        continue
      }
      if !XML.isSpace(next) { isBlank = false }
      at += 1
    }
    if isBlank { return nil }
    guard !open.isEmpty else { throw problem("text outside of the root element") }
    return .text
  }

  /// `&lt;`, `&#10;`, `&#xA;`: nothing else.
  private mutating func reference(into value: inout [UInt8]) throws(LogProblem) {
    let first = at
    while let next = byte(at), next != UInt8(ascii: ";"), at - first < 12 { at += 1 }
    guard byte(at) == UInt8(ascii: ";") else {
      throw LogProblem(.unreadable, "`&` in a value is written `&amp;`", at: first)
    }
    let name = String(decoding: bytes[first + 1..<at], as: UTF8.self)
    at += 1
    if let known = XML.entities[name] { return value.append(known) }
    var digits = name.dropFirst()
    let isHexadecimal = digits.first == "x"
    if isHexadecimal { digits = digits.dropFirst() }
    guard name.first == "#", digits.allSatisfy(\.isHexDigit),
      let number = UInt32(digits, radix: isHexadecimal ? 16 : 10),
      let scalar = Unicode.Scalar(number), XML.isCharacter(scalar)
    else {
      throw LogProblem(.unreadable, "`&\(name);` is no character; entities are not expanded", at: first)
    }
    value.append(contentsOf: String(scalar).utf8)
  }

  private static func text(_ bytes: [UInt8], _ offset: Int) throws(LogProblem) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw LogProblem(.unreadable, "this is not valid UTF-8", at: offset)
    }
    return text
  }

  /// Only for the encoding, which has to be what is read.
  private mutating func declaration() throws(LogProblem) {
    let first = at
    try skip(to: "?>", from: 5, "XML declaration")
    let words = String(decoding: bytes[first..<at], as: UTF8.self).lowercased()
    guard let encoding = words.firstRange(of: "encoding") else { return }
    let rest = words[encoding.upperBound...]
    let name = rest.drop { $0 == " " || $0 == "=" || $0 == "\"" || $0 == "'" }.prefix { $0 != "\"" && $0 != "'" }
    guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(String(name)) else {
      throw LogProblem(.unreadable, "the file says that it is in \(name): only UTF-8 is read", at: first)
    }
  }

  // MARK: Bytes

  private func byte(_ place: Int) -> UInt8? { place < bytes.count ? bytes[place] : nil }

  private func looksAt(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard at + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { bytes[at + $0] == text.utf8Start[$0] }
  }

  private mutating func takes(_ text: StaticString) -> Bool {
    guard looksAt(text) else { return false }
    at += text.utf8CodeUnitCount
    return true
  }

  @discardableResult
  private mutating func skipSpace() -> Bool {
    let first = at
    while let next = byte(at), XML.isSpace(next) { at += 1 }
    return at > first
  }

  private mutating func skip(to end: StaticString, from length: Int, _ what: String) throws(LogProblem) {
    let first = at
    at += length
    while at < bytes.count {
      if takes(end) { return }
      at += 1
    }
    throw LogProblem(.unreadable, "this \(what) is not closed", at: first)
  }

  private func problem(_ message: String) -> LogProblem { LogProblem(.unreadable, message, at: start) }
}

/// What XML 1.0 calls what.
enum XML {
  static let entities: [String: UInt8] = [
    "lt": UInt8(ascii: "<"), "gt": UInt8(ascii: ">"), "amp": UInt8(ascii: "&"), "quot": UInt8(ascii: "\""),
    "apos": UInt8(ascii: "'"),
  ]

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

  /// Letters, digits, `_ : - .` and all beyond ASCII.
  static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2E, 0x80...: true
    default: false
    }
  }

  static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...: true
    default: false
    }
  }
}
