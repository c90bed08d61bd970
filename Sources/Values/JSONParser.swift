extension JSON {
  /// Reads one document (RFC 8259), surrounded by nothing but white space.
  ///
  /// Refused with their place: duplicate keys, lone surrogates, nesting deeper than 128, invalid UTF-8, and numbers that
  /// would lose their meaning: whole numbers beyond 64 bits (written without fraction or exponent) and floats that are
  /// infinite in 64 bits. A number with fraction or exponent is always a float.
  package static func parse(_ text: String) throws(JSONSyntaxError) -> JSON { try parse(Array(text.utf8)) }

  package static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSON {
    do throws(JSONProblem) {
      return try bytes.withUnsafeBufferPointer { buffer throws(JSONProblem) in
        var cursor = JSONCursor(buffer)
        let json = try cursor.value()
        try cursor.end()
        return json
      }
    } catch {
      throw JSONSyntaxError(error.message, at: error.offset, in: bytes)
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

/// Something wrong at a byte offset of a JSON text.
package struct JSONProblem: Error {
  package var message: String
  package var offset: Int

  package init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }
}

/// Walks over a JSON text from its beginning to its end without keeping what it has seen; `JSON.parse` says what it refuses.
///
/// ```
/// var cursor = JSONCursor(bytes)
/// var isFirst = true
/// try cursor.enterArray()
/// while try cursor.nextItem(&isFirst) { print(try cursor.value()) }
/// try cursor.end()
/// ```
/// The bytes must outlive it.
package struct JSONCursor {
  package enum Kind { case null, bool, number, string, array, object }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0
  private var depth = 0

  package init(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int = 0) {
    self.bytes = bytes
    at = offset
  }

  /// Behind what was read last.
  package var offset: Int { at }

  /// What begins at `offset`, once white space was passed over.
  package mutating func peek() throws(JSONProblem) -> Kind {
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), 0x30...0x39: return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: throw unexpected("a value")
    }
  }

  package mutating func value() throws(JSONProblem) -> JSON {
    switch try peek() {
    case .object:
      var members: [JSON.Member] = []
      var names: Set<String> = []
      var isFirst = true
      try enter()
      while let (name, start) = try nextName(&isFirst) {
        try Self.note(name, at: start, members, &names)
        members.append(.init(name, try value()))
      }
      return .object(members)
    case .array:
      var items: [JSON] = []
      var isFirst = true
      try enter()
      while try nextItem(&isFirst) { items.append(try value()) }
      return .array(items)
    case .string: return .string(try string())
    case .number: return try number()
    case .bool: return current == UInt8(ascii: "t") ? try word("true", .bool(true)) : try word("false", .bool(false))
    case .null: return try word("null", .null)
    }
  }

  /// Behind the opening bracket of the array or object that begins here.
  package mutating func enter() throws(JSONProblem) {
    guard depth < 128 else { throw JSONProblem("nested deeper than 128 levels", at: at) }
    depth += 1
    at += 1
  }

  /// To the next item of an array; false: behind its end.
  package mutating func nextItem(_ isFirst: inout Bool) throws(JSONProblem) -> Bool {
    try next(&isFirst, UInt8(ascii: "]"), "`,` or `]`")
  }

  /// To the next value of an object; its name and where that begins, or nil: behind the end of the object.
  package mutating func nextName(_ isFirst: inout Bool) throws(JSONProblem) -> (text: String, start: Int)? {
    guard try next(&isFirst, UInt8(ascii: "}"), "`,` or `}`") else { return nil }
    skipSpace()
    let start = at
    guard current == UInt8(ascii: "\"") else { throw unexpected("a name in quotes") }
    let name = try string()
    skipSpace()
    guard current == UInt8(ascii: ":") else { throw unexpected("`:`") }
    at += 1
    return (name, start)
  }

  private mutating func next(
    _ isFirst: inout Bool, _ close: UInt8, _ wanted: StaticString
  ) throws(JSONProblem) -> Bool {
    skipSpace()
    if current == close {
      at += 1
      depth -= 1
      return false
    }
    if isFirst {
      isFirst = false
    } else {
      guard current == UInt8(ascii: ",") else { throw unexpected("\(wanted)") }
      at += 1
    }
    return true
  }

  /// Nothing may follow but white space.
  package mutating func end() throws(JSONProblem) {
    skipSpace()
    guard at == bytes.count else { throw JSONProblem("unexpected text after the document", at: at) }
  }

  /// The byte at the position, 0 at the end.
  private var current: UInt8 { at < bytes.count ? bytes[at] : 0 }

  @inline(__always)
  private mutating func skipSpace() {
    while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 { at += 1 }
  }

  private mutating func word(_ text: StaticString, _ json: JSON) throws(JSONProblem) -> JSON {
    let count = text.utf8CodeUnitCount
    guard at + count <= bytes.count, (0..<count).allSatisfy({ bytes[at + $0] == text.utf8Start[$0] }) else {
      throw unexpected("a value")
    }
    at += count
    return json
  }

  /// Refuses a name that was there before; small objects need no set.
  private static func note(
    _ name: String, at start: Int, _ members: [JSON.Member], _ names: inout Set<String>
  ) throws(JSONProblem) {
    let isNew: Bool
    if members.count < 8 {
      isNew = !members.contains { $0.name == name }
    } else {
      if names.isEmpty { names = Set(members.map(\.name)) }
      isNew = names.insert(name).inserted
    }
    guard isNew else { throw JSONProblem("the name \"\(name)\" stands twice in this object", at: start) }
  }

  /// The string that begins here.
  package mutating func string() throws(JSONProblem) -> String {
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
        return try content.withUnsafeBufferPointer { buffer throws(JSONProblem) in try text(buffer, from: start) }
      case 0x5C: try escape(into: &content)
      case 0..<0x20: throw JSONProblem("a control character in a string must be escaped", at: at)
      default:
        content.append(bytes[at])
        at += 1
      }
    }
    throw JSONProblem("this string is not closed", at: start)
  }

  private func text(_ content: UnsafeBufferPointer<UInt8>, from start: Int) throws(JSONProblem) -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw JSONProblem("this string is not valid UTF-8", at: start)
    }
    return text
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONProblem) {
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
    default: throw JSONProblem("unknown escape", at: start)
    }
  }

  private mutating func unicode(_ start: Int) throws(JSONProblem) -> Unicode.Scalar {
    var code = try hexadecimal(start)
    if (0xD800..<0xDC00).contains(code), at + 1 < bytes.count, bytes[at] == 0x5C, bytes[at + 1] == UInt8(ascii: "u") {
      at += 2
      let low = try hexadecimal(start)
      guard (0xDC00..<0xE000).contains(low) else {
        throw JSONProblem("half of a surrogate pair", at: start)
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw JSONProblem("half of a surrogate pair", at: start) }
    return scalar
  }

  private mutating func hexadecimal(_ start: Int) throws(JSONProblem) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      switch current {
      case 0x30...0x39: code = code << 4 | UInt32(current - 0x30)
      case 0x61...0x66: code = code << 4 | UInt32(current - 0x57)
      case 0x41...0x46: code = code << 4 | UInt32(current - 0x37)
      default: throw JSONProblem("expected four hexadecimal digits after \\u", at: start)
      }
      at += 1
    }
    return code
  }

  private mutating func digits() throws(JSONProblem) {
    guard (0x30...0x39).contains(current) else { throw unexpected("a digit") }
    while (0x30...0x39).contains(current) { at += 1 }
  }

  private mutating func number() throws(JSONProblem) -> JSON {
    let start = at
    if current == UInt8(ascii: "-") { at += 1 }
    if current == UInt8(ascii: "0") {
      at += 1
      if (0x30...0x39).contains(current) {
        throw JSONProblem("a number must not begin with 0", at: start)
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

  private func int(_ start: Int) throws(JSONProblem) -> Int64 {
    let negative = bytes[start] == UInt8(ascii: "-")
    var value: Int64 = 0
    for index in (negative ? start + 1 : start)..<at {
      let digit = Int64(bytes[index] - 0x30)
      let (product, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) =
        negative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      guard !first, !second else {
        throw JSONProblem("this whole number does not fit into 64 bits", at: start)
      }
      value = sum
    }
    return value
  }

  private func float(_ start: Int) throws(JSONProblem) -> Double {
    if let exact = shortFloat(start) { return exact }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw JSONProblem("this number does not fit into a 64-bit float", at: start)
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

  private func unexpected(_ wanted: String) -> JSONProblem {
    guard at < bytes.count else { return JSONProblem("expected \(wanted), but the text ends", at: at) }
    var end = at + 1
    while end < bytes.count, end < at + 4, bytes[end] & 0xC0 == 0x80 { end += 1 }
    let found = String(decoding: bytes[at..<end], as: UTF8.self)
    return JSONProblem("expected \(wanted), found `\(found)`", at: at)
  }
}
