/// A JSON document: objects keep their order, whole numbers stay exact.
package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int64)
  case float(Double)
  case string(String)
  case array([JSON])
  case object([Member])

  package struct Member: Sendable, Equatable {
    package var name: String
    package var value: JSON
    package init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// The member of an object, or nil. O(members).
  package subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  package var asString: String? { if case .string(let text) = self { text } else { nil } }
  package var asBool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  package var asInt: Int64? { if case .int(let number) = self { number } else { nil } }
  package var asDouble: Double? {
    switch self {
    case .float(let number): number
    case .int(let number): Double(number)
    default: nil
    }
  }
  package var asArray: [JSON]? { if case .array(let items) = self { items } else { nil } }
  package var asObject: [Member]? { if case .object(let members) = self { members } else { nil } }

  /// What a message calls it.
  package var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .int: "a whole number"
    case .float: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .int(value) }
  package init(floatLiteral value: Double) { self = .float(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0, $1) }) }
  package init(nilLiteral: ()) { self = .null }
}

/// Why a text is not JSON, and where.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  package var message: String
  /// UTF-8 byte offset.
  package var offset: Int
  /// 1-based; the column counts bytes.
  package var line: Int
  package var column: Int

  package var description: String { "line \(line), column \(column): \(message)" }
}
