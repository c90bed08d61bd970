/// A whole number computed from the parameters of a call: `2*n + 1`, `len(x)`, `dim(a, 0)`, `min(m, n)`, `lda >= m`.
indirect enum Expression: Hashable, Sendable {
  enum Operator: String, Sendable {
    case add = "+", subtract = "-", multiply = "*", divide = "/", remainder = "%", min, max
    case equal = "==", unequal = "!=", less = "<", atMost = "<=", greater = ">", atLeast = ">="
  }

  case number(Int64)
  /// An integer parameter, or a named dimension.
  case name(String)
  case length(String)
  case dimension(String, Int)
  case binary(Operator, Expression, Expression)

  /// The only name, if it is one.
  var asName: String? { if case .name(let name) = self { name } else { nil } }
}

/// Why a text is no expression, and where in it.
struct ExpressionError: Error {
  var message: String
  /// UTF-8 byte offset.
  var offset: Int
}

extension Expression {
  static func parse(_ text: String) throws(ExpressionError) -> Expression {
    var parser = ExpressionParser(bytes: Array(text.utf8))
    return try parser.whole()
  }
}

private struct ExpressionParser {
  let bytes: [UInt8]
  var at = 0
  var depth = 0

  mutating func whole() throws(ExpressionError) -> Expression {
    let expression = try comparison()
    guard at == bytes.count else { throw unexpected("an operator") }
    return expression
  }

  private func unexpected(_ wanted: String) -> ExpressionError {
    let found = at < bytes.count ? "`\(String(decoding: bytes[at...].prefix(8), as: UTF8.self))`" : "its end"
    return ExpressionError(message: "expected \(wanted), found \(found)", offset: at)
  }

  private mutating func skip() { while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 } }

  private mutating func take(_ text: String) -> Bool {
    skip()
    let wanted = Array(text.utf8)
    guard bytes[at...].starts(with: wanted) else { return false }
    at += wanted.count
    return true
  }

  private mutating func comparison() throws(ExpressionError) -> Expression {
    let left = try sum()
    for symbol in ["==", "!=", "<=", ">=", "<", ">"] where take(symbol) {
      guard let operation = Expression.Operator(rawValue: symbol) else { continue }
      let right = try sum()
      skip()
      return .binary(operation, left, right)
    }
    skip()
    return left
  }

  private mutating func sum() throws(ExpressionError) -> Expression {
    var left = try product()
    while true {
      if take("+") {
        left = .binary(.add, left, try product())
      } else if take("-") {
        left = .binary(.subtract, left, try product())
      } else {
        return left
      }
    }
  }

  private mutating func product() throws(ExpressionError) -> Expression {
    var left = try atom()
    while true {
      if take("*") {
        left = .binary(.multiply, left, try atom())
      } else if take("/") {
        left = .binary(.divide, left, try atom())
      } else if take("%") {
        left = .binary(.remainder, left, try atom())
      } else {
        return left
      }
    }
  }

  private mutating func atom() throws(ExpressionError) -> Expression {
    guard depth < 40, bytes.count <= 1000 else {
      throw ExpressionError(message: "this is too long or too deep", offset: at)
    }
    depth += 1
    defer { depth -= 1 }
    if take("(") {
      let inner = try comparison()
      guard take(")") else { throw unexpected("`)`") }
      return inner
    }
    if take("-") { return .binary(.subtract, .number(0), try atom()) }
    skip()
    if at < bytes.count, bytes[at].isDecimalDigit { return .number(try number()) }
    let name = word()
    guard !name.isEmpty else { throw unexpected("a number, a name or `(`") }
    if take(".") {
      skip()
      guard at < bytes.count, bytes[at].isDecimalDigit else { throw unexpected("the number of a dimension, from 0") }
      return .dimension(name, try dimension())
    }
    return take("(") ? try call(name) : .name(name)
  }

  private mutating func call(_ name: String) throws(ExpressionError) -> Expression {
    switch name {
    case "len", "dim":
      skip()
      let array = word()
      guard !array.isEmpty else { throw unexpected("the name of an array") }
      if name == "len" {
        guard take(")") else { throw unexpected("`)`") }
        return .length(array)
      }
      guard take(",") else { throw unexpected("`,` and the number of a dimension") }
      skip()
      let index = try dimension()
      guard take(")") else { throw unexpected("`)`") }
      return .dimension(array, index)
    case "min", "max":
      let left = try comparison()
      guard take(",") else { throw unexpected("`,`") }
      let right = try comparison()
      guard take(")") else { throw unexpected("`)`") }
      return .binary(name == "min" ? .min : .max, left, right)
    default:
      throw ExpressionError(message: "there is no function `\(name)`: len, dim, min and max are", offset: at)
    }
  }

  private mutating func dimension() throws(ExpressionError) -> Int {
    let number = try number()
    guard number < 8 else {
      throw ExpressionError(message: "arrays have at most 8 dimensions, counted from 0", offset: at)
    }
    return Int(number)
  }

  private mutating func number() throws(ExpressionError) -> Int64 {
    let start = at
    while at < bytes.count, bytes[at].isDecimalDigit { at += 1 }
    guard let number = Int64(String(decoding: bytes[start..<at], as: UTF8.self)) else {
      throw ExpressionError(message: "expected a whole number of at most 64 bits", offset: start)
    }
    return number
  }

  private mutating func word() -> String {
    let start = at
    while at < bytes.count, bytes[at].isNameByte, at > start || !bytes[at].isDecimalDigit { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }
}

extension UInt8 {
  var isDecimalDigit: Bool { self >= 0x30 && self <= 0x39 }
  var isNameByte: Bool { isDecimalDigit || (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A || self == 0x5F }
}
