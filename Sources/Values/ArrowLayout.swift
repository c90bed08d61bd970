/// How the buffers of an Arrow array are laid out, by its format string (Arrow C data interface).
package enum ArrowLayout: Hashable, Sendable {
  /// No buffers at all; every row is null.
  case null
  /// Validity, and so many bits a row.
  case fixed(bits: Int)
  /// Validity, offsets of so many bytes, contents.
  case variable(offsetBytes: Int, isText: Bool)
  /// Validity, offsets; one child. Maps are lists of structs.
  case list(offsetBytes: Int)
  /// Validity; one child with so many rows for each.
  case fixedList(Int)
  /// Validity; any number of children.
  case structure

  /// Nil for formats that are not supported: views, unions, run-end encoding, or no format at all.
  package init?(format: String) {
    if let width = Self.plain[format] {
      self = .fixed(bits: width)
      return
    }
    switch format {
    case "n": self = .null
    case "u": self = .variable(offsetBytes: 4, isText: true)
    case "U": self = .variable(offsetBytes: 8, isText: true)
    case "z": self = .variable(offsetBytes: 4, isText: false)
    case "Z": self = .variable(offsetBytes: 8, isText: false)
    case "+l", "+m": self = .list(offsetBytes: 4)
    case "+L": self = .list(offsetBytes: 8)
    case "+s": self = .structure
    default:
      guard let layout = Self.parameterised(format) else { return nil }
      self = layout
    }
  }

  private static let plain: [String: Int] = [
    "b": 1, "c": 8, "C": 8, "s": 16, "S": 16, "i": 32, "I": 32, "l": 64, "L": 64, "e": 16, "f": 32, "g": 64,
    "tdD": 32, "tdm": 64, "tts": 32, "ttm": 32, "ttu": 64, "ttn": 64, "tDs": 64, "tDm": 64, "tDu": 64, "tDn": 64,
    "tiM": 32, "tiD": 64, "tin": 128,
  ]

  private static func parameterised(_ format: String) -> ArrowLayout? {
    if ["tss:", "tsm:", "tsu:", "tsn:"].contains(where: format.hasPrefix) { return .fixed(bits: 64) }
    if format.hasPrefix("w:") { return size(format.dropFirst(2)).map { .fixed(bits: $0 * 8) } }
    if format.hasPrefix("+w:") { return size(format.dropFirst(3)).map { .fixedList($0) } }
    guard format.hasPrefix("d:") else { return nil }
    let numbers = format.dropFirst(2).split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard (2...3).contains(numbers.count), let precision = numbers[0], numbers[1] != nil else { return nil }
    let bits = numbers.count == 3 ? numbers[2] ?? 0 : 128
    guard [32, 64, 128, 256].contains(bits), (1...76).contains(precision) else { return nil }
    return .fixed(bits: bits)
  }

  private static func size(_ text: Substring) -> Int? {
    guard let size = Int(text), size >= 0, size <= Int(Int32.max) else { return nil }
    return size
  }

  package var bufferCount: Int {
    switch self {
    case .null: 0
    case .fixed, .list: 2
    case .variable: 3
    case .fixedList, .structure: 1
    }
  }
}

extension ArrowField {
  package var isNullable: Bool { flags & 2 != 0 }

  /// The column's type in the type grammar: exact words for fixed widths, dotted `arrow.…` names for what it lacks.
  package var columnType: ValueType {
    let type = dictionary.first.map { $0.columnType.lowered } ?? plainType
    return isNullable ? type.lifted : type
  }

  private static let words: [String: String] = [
    "c": "i8", "C": "u8", "s": "i16", "S": "u16", "i": "i32", "I": "u32", "l": "i64", "L": "u64", "e": "f16",
    "f": "f32", "g": "f64", "tdD": "date", "tdm": "date", "n": "arrow.null", "+m": "arrow.map",
  ]

  private var plainType: ValueType {
    if let word = Self.words[format] { return .opaque(word) }
    switch format {
    case "b": return .bool
    case "u", "U": return .string
    case "z", "Z": return .bytes
    case "+s": return .record(children.map { .init($0.name, $0.columnType) })
    default: break
    }
    if format.hasPrefix("w:") { return .bytes }
    if format.hasPrefix("+"), let child = children.first { return .list(child.columnType) }
    if format.hasPrefix("ts") { return .opaque("timestamp") }
    if format.hasPrefix("tt") { return .opaque("arrow.time") }
    if format.hasPrefix("tD") { return .opaque("arrow.duration") }
    if format.hasPrefix("ti") { return .opaque("arrow.interval") }
    if format.hasPrefix("d:") { return .opaque("arrow.decimal") }
    return .opaque("arrow.unknown")
  }

  /// Why this is not the schema of a table that the engine can handle; nil when it is.
  package var tableProblem: String? {
    guard format == "+s", dictionary.isEmpty else { return "a table's schema must be a struct, not `\(format)`" }
    return problem
  }

  /// Why the field is not one that the engine can handle; nil when it is.
  private var problem: String? {
    guard let layout = ArrowLayout(format: format) else {
      return "column `\(name)`: the Arrow format `\(format)` is not supported"
    }
    switch layout {
    case .list, .fixedList:
      guard children.count == 1 else { return "column `\(name)`: a list needs one child, not \(children.count)" }
      if format == "+m", children[0].format != "+s" || children[0].children.count != 2 {
        return "column `\(name)`: a map needs a struct of keys and values"
      }
    case .structure: break
    default: if !children.isEmpty { return "column `\(name)`: `\(format)` has no children" }
    }
    if let dictionary = dictionary.first {
      guard "cCsSiIlL".contains(format), format.count == 1 else {
        return "column `\(name)`: dictionary indices must be integers, not `\(format)`"
      }
      if let problem = dictionary.problem { return problem }
    }
    for child in children { if let problem = child.problem { return problem } }
    return nil
  }
}
