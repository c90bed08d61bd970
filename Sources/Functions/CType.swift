/// A C type, as far as functions can be bound: scalars, structs, one pointer to either, pointers to functions.
package struct CType: Sendable, Hashable {
  package indirect enum Base: Sendable, Hashable {
    case scalar(Scalar)
    case void
    /// Index in the manifest.
    case structure(Int)
    /// A pointer to a function; nil parameters: never looked at.
    case function(result: CType, parameters: [CType])
  }

  package var base: Base
  package var isPointer: Bool
  /// What the pointer points to may not be written.
  package var isConst: Bool
  /// As the manifest writes it: what C is to compare.
  package var text: String

  package var scalar: Scalar? { if case .scalar(let scalar) = base { scalar } else { nil } }
}

/// The scalars of the LP64 C of Linux. `character` is plain `char`: text rather than a number.
package enum Scalar: String, Sendable, Hashable, CaseIterable {
  case i8, u8, i16, u16, i32, u32, i64, u64, f32, f64
  case bool = "b8"
  case character = "c8"
  /// Fortran's default `logical`: four bytes.
  case logical = "b32"

  package var size: Int {
    switch self {
    case .i8, .u8, .bool, .character: 1
    case .i16, .u16: 2
    case .i32, .u32, .f32, .logical: 4
    case .i64, .u64, .f64: 8
    }
  }

  package var isInteger: Bool {
    switch self {
    case .f32, .f64, .bool, .character, .logical: false
    default: true
    }
  }

  package var isFloat: Bool { self == .f32 || self == .f64 }

  /// The element type of a tensor, or nil.
  var element: String? {
    switch self {
    case .bool: "bool"
    case .character: "u8"
    case .logical: nil
    default: rawValue
    }
  }

  /// The type of a port that holds one.
  var port: String {
    switch self {
    case .f32, .f64: "float"
    case .bool, .logical: "bool"
    case .character: "string"
    default: "int"
    }
  }
}

/// Why a text is no C type that can be bound.
struct CTypeError: Error {
  var message: String
  var help: String?
}

/// Reads C types.
struct CTypeParser {
  /// Names that the manifest gives to scalars: `uLong`.
  var aliases: [String: CType] = [:]
  var structures: [String: Int] = [:]

  private static let names: [String: Scalar] = [
    "char": .character, "signed char": .i8, "unsigned char": .u8, "short": .i16, "unsigned short": .u16, "int": .i32,
    "signed": .i32, "unsigned": .u32, "unsigned int": .u32, "long": .i64, "unsigned long": .u64, "long long": .i64,
    "unsigned long long": .u64, "float": .f32, "double": .f64, "bool": .bool, "_Bool": .bool, "size_t": .u64,
    "ssize_t": .i64, "ptrdiff_t": .i64, "intptr_t": .i64, "uintptr_t": .u64, "off_t": .i64, "logical": .logical,
    "int8_t": .i8, "uint8_t": .u8, "int16_t": .i16, "uint16_t": .u16, "int32_t": .i32, "uint32_t": .u32,
    "int64_t": .i64, "uint64_t": .u64, "int8": .i8, "uint8": .u8, "int16": .i16, "uint16": .u16, "int32": .i32,
    "uint32": .u32, "int64": .i64, "uint64": .u64,
  ]

  func parse(_ text: String) throws(CTypeError) -> CType {
    guard text.utf8.count <= 400 else { throw CTypeError(message: "this C type is longer than 400 bytes") }
    if let open = text.firstRange(of: "(*") { return try function(text, open) }
    var words: [String] = []
    var stars = 0
    var isConst = false
    for token in Self.tokens(text) {
      switch token {
      case "*": stars += 1
      case "const": if stars == 0 { isConst = true }
      case "volatile", "restrict", "__restrict", "struct", "enum":
        if token == "volatile" { throw CTypeError(message: "`volatile` cannot be bound") }
      case "int"
      where ["short", "long", "long long", "unsigned short", "unsigned long", "unsigned long long"].contains(
        words.joined(separator: " ")):
        continue
      case "signed" where words.isEmpty: words = ["signed"]
      default:
        guard stars == 0, token.first?.isLetter == true || token.first == "_" else {
          throw CTypeError(
            message: "`\(text)` is no C type that can be bound",
            help: "scalars, structs, pointers to them, and pointers to functions `int (*)(double)` can")
        }
        words.append(token)
      }
    }
    guard stars <= 1 else {
      throw CTypeError(
        message: "`\(text)` is a pointer to a pointer, which cannot be bound",
        help: "pass `value = \"null\"` if the function allows it, or write a small C plugin (docs/plugins-c.md)")
    }
    var type = try named(words, text)
    if type.isPointer && stars == 1 {
      throw CTypeError(message: "`\(text)` is a pointer to a pointer, which cannot be bound")
    }
    type.isPointer = type.isPointer || stars == 1
    type.isConst = isConst
    type.text = text
    return type
  }

  private func named(_ words: [String], _ text: String) throws(CTypeError) -> CType {
    var name = words.joined(separator: " ")
    if words.first == "signed", words.count > 1, words[1] != "char" { name = words.dropFirst().joined(separator: " ") }
    if let alias = aliases[name] { return alias }
    if let index = structures[name] {
      return CType(base: .structure(index), isPointer: false, isConst: false, text: text)
    }
    if name == "void" { return CType(base: .void, isPointer: false, isConst: false, text: text) }
    if let scalar = Self.names[name] {
      return CType(base: .scalar(scalar), isPointer: false, isConst: false, text: text)
    }
    if ["long double", "__int128", "complex", "_Complex", "double complex", "double _Complex", "float complex"]
      .contains(name)
    {
      throw CTypeError(
        message: "`\(name)` cannot be bound", help: "a `double complex` by value is passed like a struct of two doubles"
      )
    }
    if name == "union" || words.first == "union" {
      throw CTypeError(message: "unions cannot be bound", help: "write a small C plugin (docs/plugins-c.md)")
    }
    throw CTypeError(
      message: "unknown C type `\(name.isEmpty ? text : name)`",
      help:
        "declare a struct with [struct.NAME], another name of a scalar in [types]: `\(name.isEmpty ? "name" : name) = \"unsigned long\"`"
    )
  }

  private func function(_ text: String, _ open: Range<String.Index>) throws(CTypeError) -> CType {
    let result = try parse(String(text[..<open.lowerBound]))
    var rest = text[open.upperBound...]
    rest = rest.drop { $0 == " " || $0 == "_" || $0.isLetter || $0.isNumber }
    guard rest.first == ")", let start = rest.firstIndex(of: "("), rest.last == ")", !result.isPointer else {
      throw CTypeError(message: "`\(text)` is no pointer to a function", help: "write `int (*)(double, double)`")
    }
    let inside = rest[rest.index(after: start)..<rest.index(before: rest.endIndex)]
    guard !inside.contains("(") else {
      throw CTypeError(message: "functions that take functions cannot be called back")
    }
    var parameters: [CType] = []
    for part in inside.split(separator: ",", omittingEmptySubsequences: false) {
      let word = part.filter { $0 != " " }
      if inside.filter({ $0 != " " }) == "void" || (word.isEmpty && parameters.isEmpty) { break }
      parameters.append(try parse(String(part)))
    }
    return CType(base: .function(result: result, parameters: parameters), isPointer: false, isConst: false, text: text)
  }

  private static func tokens(_ text: String) -> [String] {
    var tokens: [String] = []
    var word = ""
    for character in text {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
      } else {
        if !word.isEmpty { tokens.append(word) }
        word = ""
        if character != " " && character != "\t" { tokens.append(String(character)) }
      }
    }
    if !word.isEmpty { tokens.append(word) }
    return tokens
  }
}
