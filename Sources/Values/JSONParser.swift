extension JSON {
  /// Reads one document (RFC 8259), surrounded by nothing but white space.
  ///
  /// Refused with their place: duplicate keys, lone surrogates, nesting deeper than 128, invalid UTF-8, and numbers that
  /// would lose their meaning: whole numbers beyond 64 bits (written without fraction or exponent) and floats that are
  /// infinite in 64 bits. A number with fraction or exponent is always a float.
  package static func parse(_ text: String) throws(JSONSyntaxError) -> JSON { try parse(Array(text.utf8)) }

  package static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSON {
    let result = bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(JSONParser.Problem) -> JSON in
        var parser = JSONParser(bytes: buffer)
        return try parser.document()
      }
    }
    switch result {
    case .success(let json): return json
    case .failure(let problem): throw JSONSyntaxError(problem.message, at: problem.offset, in: bytes)
    }
  }
}

extension JSONSyntaxError {
  fileprivate init(_ message: String, at offset: Int, in bytes: [UInt8]) {
    let before = bytes.prefix(offset)
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let line = before.reduce(into: 1) { count, byte in if byte == 0x0A { count += 1 } }
    self.init(message: message, offset: offset, line: line, column: offset - lineStart + 1)
  }
}

private struct JSONParser {
  struct Problem: Error {
    var message: String
    var offset: Int
  }

  let bytes: UnsafeBufferPointer<UInt8>
  var at = 0
  var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func document() throws(Problem) -> JSON {
    let value = try self.value()
    skipSpace()
    guard at == bytes.count else { throw Problem(message: "unexpected text after the document", offset: at) }
    return value
  }

  /// The byte at the position, 0 at the end.
  private var current: UInt8 { at < bytes.count ? bytes[at] : 0 }

  @inline(__always)
  private mutating func skipSpace() {
    while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 { at += 1 }
  }

  private mutating func value() throws(Problem) -> JSON {
    skipSpace()
    switch current {
    case UInt8(ascii: "{"):
      try enter()
      defer { depth -= 1 }
      return try object()
    case UInt8(ascii: "["):
      try enter()
      defer { depth -= 1 }
      return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), 0x30...0x39: return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw unexpected("a value")
    }
  }

  /// Behind an opening bracket.
  private mutating func enter() throws(Problem) {
    guard depth < 128 else { throw Problem(message: "nested deeper than 128 levels", offset: at) }
    depth += 1
    at += 1
  }

  private mutating func word(_ text: StaticString, _ json: JSON) throws(Problem) -> JSON {
    let count = text.utf8CodeUnitCount
    guard at + count <= bytes.count, (0..<count).allSatisfy({ bytes[at + $0] == text.utf8Start[$0] }) else {
      throw unexpected("a value")
    }
    at += count
    return json
  }

  private mutating func array() throws(Problem) -> JSON {
    var items: [JSON] = []
    skipSpace()
    if current == UInt8(ascii: "]") {
      at += 1
      return .array(items)
    }
    while true {
      items.append(try value())
      skipSpace()
      if current == UInt8(ascii: ",") {
        at += 1
        continue
      }
      guard current == UInt8(ascii: "]") else { throw unexpected("`,` or `]`") }
      at += 1
      return .array(items)
    }
  }

  private mutating func object() throws(Problem) -> JSON {
    var members: [JSON.Member] = []
    var names: Set<String> = []
    skipSpace()
    if current == UInt8(ascii: "}") {
      at += 1
      return .object(members)
    }
    while true {
      skipSpace()
      let start = at
      guard current == UInt8(ascii: "\"") else { throw unexpected("a name in quotes") }
      let name = try string()
      try note(name, at: start, members, &names)
      skipSpace()
      guard current == UInt8(ascii: ":") else { throw unexpected("`:`") }
      at += 1
      members.append(.init(name, try value()))
      skipSpace()
      if current == UInt8(ascii: ",") {
        at += 1
        continue
      }
      guard current == UInt8(ascii: "}") else { throw unexpected("`,` or `}`") }
      at += 1
      return .object(members)
    }
  }

  /// Refuses a name that was there before; small objects need no set.
  private func note(
    _ name: String, at start: Int, _ members: [JSON.Member], _ names: inout Set<String>
  ) throws(Problem) {
    let isNew: Bool
    if members.count < 8 {
      isNew = !members.contains { $0.name == name }
    } else {
      if names.isEmpty { names = Set(members.map(\.name)) }
      isNew = names.insert(name).inserted
    }
    guard isNew else { throw Problem(message: "the name \"\(name)\" stands twice in this object", offset: start) }
  }

  private mutating func string() throws(Problem) -> String {
    let start = at
    at += 1
    let first = at
    while at < bytes.count, bytes[at] != 0x22, bytes[at] != 0x5C, bytes[at] >= 0x20 { at += 1 }
    if current == 0x22, at < bytes.count {
      defer { at += 1 }
      return try text(UnsafeBufferPointer(rebasing: bytes[first..<at]), from: start)
    }
    var content = Array(bytes[first..<at])
    while at < bytes.count {
      switch bytes[at] {
      case 0x22:
        at += 1
        return try content.withUnsafeBufferPointer { buffer throws(Problem) in try text(buffer, from: start) }
      case 0x5C: try escape(into: &content)
      case 0..<0x20: throw Problem(message: "a control character in a string must be escaped", offset: at)
      default:
        content.append(bytes[at])
        at += 1
      }
    }
    throw Problem(message: "this string is not closed", offset: start)
  }

  private func text(_ content: UnsafeBufferPointer<UInt8>, from start: Int) throws(Problem) -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw Problem(message: "this string is not valid UTF-8", offset: start)
    }
    return text
  }

  private mutating func escape(into content: inout [UInt8]) throws(Problem) {
    let start = at
    at += 2
    switch start + 1 < bytes.count ? bytes[start + 1] : 0 {
    case UInt8(ascii: "\""): content.append(0x22)
    case UInt8(ascii: "\\"): content.append(0x5C)
    case UInt8(ascii: "/"): content.append(0x2F)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"): content.append(contentsOf: Array(String(try unicode(start)).utf8))
    default: throw Problem(message: "unknown escape", offset: start)
    }
  }

  private mutating func unicode(_ start: Int) throws(Problem) -> Unicode.Scalar {
    var code = try hexadecimal(start)
    if (0xD800..<0xDC00).contains(code), at + 1 < bytes.count, bytes[at] == 0x5C, bytes[at + 1] == UInt8(ascii: "u") {
      at += 2
      let low = try hexadecimal(start)
      guard (0xDC00..<0xE000).contains(low) else {
        throw Problem(message: "half of a surrogate pair", offset: start)
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw Problem(message: "half of a surrogate pair", offset: start) }
    return scalar
  }

  private mutating func hexadecimal(_ start: Int) throws(Problem) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      switch current {
      case 0x30...0x39: code = code << 4 | UInt32(current - 0x30)
      case 0x61...0x66: code = code << 4 | UInt32(current - 0x57)
      case 0x41...0x46: code = code << 4 | UInt32(current - 0x37)
      default: throw Problem(message: "expected four hexadecimal digits after \\u", offset: start)
      }
      at += 1
    }
    return code
  }

  private mutating func digits() throws(Problem) {
    guard (0x30...0x39).contains(current) else { throw unexpected("a digit") }
    while (0x30...0x39).contains(current) { at += 1 }
  }

  private mutating func number() throws(Problem) -> JSON {
    let start = at
    if current == UInt8(ascii: "-") { at += 1 }
    if current == UInt8(ascii: "0") {
      at += 1
      if (0x30...0x39).contains(current) {
        throw Problem(message: "a number must not begin with 0", offset: start)
      }
    } else {
      try digits()
    }
    var isFloat = false
    if current == UInt8(ascii: ".") {
      isFloat = true
      at += 1
      try digits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isFloat = true
      at += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { at += 1 }
      try digits()
    }
    return isFloat ? .float(try float(start)) : .int(try int(start))
  }

  private func int(_ start: Int) throws(Problem) -> Int64 {
    let negative = bytes[start] == UInt8(ascii: "-")
    var value: Int64 = 0
    for index in (negative ? start + 1 : start)..<at {
      let digit = Int64(bytes[index] - 0x30)
      let (product, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) =
        negative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      guard !first, !second else {
        throw Problem(message: "this whole number does not fit into 64 bits", offset: start)
      }
      value = sum
    }
    return value
  }

  private func float(_ start: Int) throws(Problem) -> Double {
    if let exact = shortFloat(start) { return exact }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw Problem(message: "this number does not fit into a 64-bit float", offset: start)
    }
    return value
  }

  /// Up to 15 digits with a small fraction: both parts are exact doubles, so one division rounds correctly.
  private func shortFloat(_ start: Int) -> Double? {
    guard at - start <= 17 else { return nil }
    var mantissa: UInt64 = 0
    var fraction = 0
    var inFraction = false
    for index in start..<at {
      switch bytes[index] {
      case 0x30...0x39:
        mantissa = mantissa * 10 + UInt64(bytes[index] - 0x30)
        if inFraction { fraction += 1 }
      case UInt8(ascii: "."): inFraction = true
      case UInt8(ascii: "-"): continue
      default: return nil
      }
    }
    guard mantissa < 1 << 53 else { return nil }
    let value = Double(mantissa) / Self.powers[fraction]
    return bytes[start] == UInt8(ascii: "-") ? -value : value
  }

  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  ]

  private func unexpected(_ wanted: String) -> Problem {
    guard at < bytes.count else { return Problem(message: "expected \(wanted), but the text ends", offset: at) }
    var end = at + 1
    while end < bytes.count, end < at + 4, bytes[end] & 0xC0 == 0x80 { end += 1 }
    let found = String(decoding: bytes[at..<end], as: UTF8.self)
    return Problem(message: "expected \(wanted), found `\(found)`", offset: at)
  }
}
