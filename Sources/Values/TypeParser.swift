/// What is wrong with a type text, and where in its UTF-8 bytes.
package struct TypeSyntaxError: Error, Hashable, Sendable {
  package var message: String
  package var offset: Int
  package var length: Int

  package init(_ message: String, offset: Int, length: Int) {
    self.message = message
    self.offset = offset
    self.length = length
  }
}

extension ValueType {
  /// Reads one type, surrounded by nothing but white space.
  ///
  /// ```
  /// type    = base [ "?" ]
  /// base    = "bool" | "string" | "bytes" | "dir" | "any" | "null" | ( "int" | "float" ) [ "(" [n] ".." [n] ")" ]
  ///         | "list" "<" type ">" | "{" [ name ":" type { "," name ":" type } ] "}"
  ///         | "enum" "(" word { "," word } ")" | "tensor" [ "<" element ">" ] [ "[" [ dim { "," dim } ] "]" ]
  ///         | "table" [ "{" name ":" column, … "}" ] | "file" [ "<" format ">" ] | name "." name { "." name }
  /// column  = type, where the words i8 … u64, f16, f32, f64, date and timestamp name an exact storage type
  /// name    = identifier or string literal;   dim = number | identifier | "?"
  /// ```
  /// Also read, and never printed: `i64` `f64` `str` (and the other widths) for `int` `float` `string` outside tables,
  /// `file(text/csv)`, `enum(a|b)`. Known media types become their format word (`text/csv` is `csv`).
  package static func parse(_ text: String) throws(TypeSyntaxError) -> ValueType {
    var parser = TypeParser(bytes: Array(text.utf8))
    return try parser.whole()
  }

  /// Columns may name these besides the types of the grammar; they are `.opaque(word)` and mean exactly that storage.
  package static let columnWords: Set<String> = [
    "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64", "date", "timestamp",
  ]

  /// Types nest no deeper than this.
  package static let maximumDepth = 32
}

private struct TypeParser {
  let bytes: [UInt8]
  var at = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func whole() throws(TypeSyntaxError) -> ValueType {
    let type = try self.type(inColumn: false)
    skipSpace()
    guard at == bytes.count else { throw unexpected("the end of the type") }
    return type
  }

  private mutating func type(inColumn: Bool) throws(TypeSyntaxError) -> ValueType {
    depth += 1
    defer { depth -= 1 }
    guard depth <= ValueType.maximumDepth else {
      throw TypeSyntaxError("types nest at most \(ValueType.maximumDepth) levels deep", offset: at, length: 1)
    }
    let base = try self.base(inColumn: inColumn)
    guard take("?") else { return base }
    if take("?") { throw TypeSyntaxError("`?` may stand only once", offset: at - 1, length: 1) }
    return .optional(base)
  }

  private mutating func base(inColumn: Bool) throws(TypeSyntaxError) -> ValueType {
    if take("{") { return .record(try fields(inColumn: inColumn).map { .init($0.name, $0.type) }) }
    skipSpace()
    let start = at
    guard let word = identifier() else { throw unexpected("a type") }
    if peek(".") { return try opaque(startingWith: word) }
    switch word {
    case "any": return .any
    case "null": return .null
    case "bool": return .bool
    case "int": return .int(try bounds { Int64($0) })
    case "float": return .float(try bounds { Double($0).flatMap { $0.isFinite ? $0 : nil } })
    case "string", "str": return .string
    case "bytes": return .bytes
    case "dir": return .directory
    case "list": return .list(try element(inColumn: inColumn))
    case "enum": return try enumeration()
    case "tensor": return try tensor()
    case "table": return .table(take("{") ? try fields(inColumn: true).map { .init($0.name, $0.type) } : nil)
    case "file": return .file(try format())
    default:
      if ValueType.columnWords.contains(word), let type = Self.widthWord(word, inColumn: inColumn) { return type }
      throw TypeSyntaxError("unknown type `\(word)`", offset: start, length: at - start)
    }
  }

  private static func widthWord(_ word: String, inColumn: Bool) -> ValueType? {
    if inColumn { return .opaque(word) }
    switch word {
    case "i64": return .int(nil)
    case "i32": return .int(.init(Int64(Int32.min), Int64(Int32.max)))
    case "i16": return .int(.init(Int64(Int16.min), Int64(Int16.max)))
    case "i8": return .int(.init(Int64(Int8.min), Int64(Int8.max)))
    case "u64": return .int(.init(0, nil))
    case "u32": return .int(.init(0, Int64(UInt32.max)))
    case "u16": return .int(.init(0, Int64(UInt16.max)))
    case "u8": return .int(.init(0, Int64(UInt8.max)))
    case "f64", "f32", "f16": return .float(nil)
    default: return nil
    }
  }

  private mutating func element(inColumn: Bool) throws(TypeSyntaxError) -> ValueType {
    try expect("<")
    let type = try self.type(inColumn: inColumn)
    try expect(">")
    return type
  }

  private mutating func opaque(startingWith first: String) throws(TypeSyntaxError) -> ValueType {
    var name = first
    while at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      guard let part = identifier() else { throw unexpected("a name after `.`") }
      name += "." + part
    }
    return .opaque(name)
  }

  /// After the opening brace.
  private mutating func fields(
    inColumn: Bool
  ) throws(TypeSyntaxError) -> [(name: String, type: ValueType)] {
    var fields: [(name: String, type: ValueType)] = []
    var names: Set<String> = []
    while !take("}") {
      if !fields.isEmpty {
        try expect(",")
        if take("}") { break }
      }
      skipSpace()
      let start = at
      let name = try self.name()
      guard names.insert(name).inserted else {
        throw TypeSyntaxError("`\(name)` is declared twice", offset: start, length: at - start)
      }
      try expect(":")
      fields.append((name, try type(inColumn: inColumn)))
    }
    return fields
  }

  private mutating func enumeration() throws(TypeSyntaxError) -> ValueType {
    try expect("(")
    var words: [String] = []
    repeat {
      skipSpace()
      let start = at
      let word = try name()
      guard !words.contains(word) else {
        throw TypeSyntaxError("`\(word)` stands twice in the enum", offset: start, length: at - start)
      }
      words.append(word)
    } while take(",") || take("|")
    try expect(")")
    return .enumeration(words)
  }

  private mutating func tensor() throws(TypeSyntaxError) -> ValueType {
    var element: ElementType?
    if take("<") {
      skipSpace()
      let start = at
      guard let word = identifier() else { throw unexpected("an element type such as `f32`") }
      guard let known = ElementType(rawValue: word) else {
        throw TypeSyntaxError("unknown element type `\(word)`", offset: start, length: at - start)
      }
      element = known
      try expect(">")
    }
    guard take("[") else { return .tensor(element, nil) }
    var shape: [ValueType.Dimension] = []
    while !take("]") {
      if !shape.isEmpty { try expect(",") }
      shape.append(try dimension())
    }
    return .tensor(element, shape)
  }

  private mutating func dimension() throws(TypeSyntaxError) -> ValueType.Dimension {
    if take("?") { return .unknown }
    if let name = identifier() { return .named(name) }
    let start = at
    while at < bytes.count, Self.isDigit(bytes[at]) { at += 1 }
    guard at > start else { throw unexpected("a dimension: a number, a name or `?`") }
    guard let length = Int(String(decoding: bytes[start..<at], as: UTF8.self)) else {
      throw TypeSyntaxError("this dimension is too large", offset: start, length: at - start)
    }
    return .fixed(length)
  }

  private mutating func format() throws(TypeSyntaxError) -> String? {
    let close: Character
    if take("<") { close = ">" } else if take("(") { close = ")" } else { return nil }
    skipSpace()
    let start = at
    while at < bytes.count, Self.isMediaByte(bytes[at]) { at += 1 }
    guard at > start else { throw unexpected("a format such as `csv`") }
    let word = String(decoding: bytes[start..<at], as: UTF8.self)
    try expect(close)
    return FileFormat.word(for: word)
  }

  private mutating func bounds<T: Hashable & Sendable & Comparable>(
    _ read: (String) -> T?
  ) throws(TypeSyntaxError) -> ValueType.Bounds<T>? {
    guard take("(") else { return nil }
    skipSpace()
    let start = at
    let lower = try number(read)
    skipSpace()
    guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "."), bytes[at + 1] == UInt8(ascii: ".") else {
      throw unexpected("`..`")
    }
    at += 2
    let upper = try number(read)
    if let lower, let upper, lower > upper {
      throw TypeSyntaxError(
        "the range is empty: its lower end is above its upper end", offset: start, length: at - start)
    }
    try expect(")")
    return lower == nil && upper == nil ? nil : .init(lower, upper)
  }

  private mutating func number<T>(_ read: (String) -> T?) throws(TypeSyntaxError) -> T? {
    skipSpace()
    let start = at
    if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
    while at < bytes.count {
      let byte = bytes[at]
      let next = at + 1 < bytes.count ? bytes[at + 1] : 0
      let isSign = (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")) && Self.isExponent(bytes[at - 1])
      let isPoint = byte == UInt8(ascii: ".") && next != UInt8(ascii: ".")
      guard Self.isDigit(byte) || isPoint || isSign || (at > start && Self.isExponent(byte)) else { break }
      at += 1
    }
    guard at > start else { return nil }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    guard let number = read(text) else {
      throw TypeSyntaxError("`\(text)` is not a number of this type", offset: start, length: at - start)
    }
    return number
  }

  /// An identifier or a string literal.
  private mutating func name() throws(TypeSyntaxError) -> String {
    if let word = identifier() { return word }
    guard peek("\"") else { throw unexpected("a name") }
    let start = at
    at += 1
    var content: [UInt8] = []
    while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
      if bytes[at] == UInt8(ascii: "\\") { content.append(try escape()) } else { content.append(bytes[at]) }
      at += 1
    }
    guard at < bytes.count else {
      throw TypeSyntaxError("this string is not closed", offset: start, length: at - start)
    }
    at += 1
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func escape() throws(TypeSyntaxError) -> UInt8 {
    at += 1
    switch at < bytes.count ? bytes[at] : 0 {
    case UInt8(ascii: "\""): return UInt8(ascii: "\"")
    case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "r"): return 0x0D
    default: throw TypeSyntaxError("unknown escape", offset: at - 1, length: 2)
    }
  }

  private mutating func identifier() -> String? {
    skipSpace()
    guard at < bytes.count, Self.isLetter(bytes[at]) else { return nil }
    let start = at
    while at < bytes.count, Self.isLetter(bytes[at]) || Self.isDigit(bytes[at]) { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func skipSpace() {
    while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
  }

  private mutating func peek(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    return at < bytes.count && bytes[at] == UInt8(ascii: character)
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek(character) else { return false }
    at += 1
    return true
  }

  private mutating func expect(_ character: Character) throws(TypeSyntaxError) {
    skipSpace()
    guard at < bytes.count, bytes[at] == character.asciiValue else { throw unexpected("`\(character)`") }
    at += 1
  }

  private func unexpected(_ wanted: String) -> TypeSyntaxError {
    guard at < bytes.count else { return TypeSyntaxError("expected \(wanted)", offset: bytes.count, length: 0) }
    var end = at + 1
    while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    let found = String(decoding: bytes[at..<end], as: UTF8.self)
    return TypeSyntaxError("expected \(wanted), found `\(found)`", offset: at, length: end - at)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
  }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isExponent(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") }
  private static func isMediaByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || "/.+-*".utf8.contains(byte)
  }
}
