internal import CAssayLayouts

/// What kind of values a column holds, by the names of the type grammar.
public enum ColumnKind: String, Sendable {
  /// true or false
  case bool
  /// Whole numbers of any width
  case int
  /// Floating-point numbers
  case float
  /// Text
  case string
}

/// A Swift type that columns hold: `Bool`, `Int`, `Double`, `String`.
public protocol ColumnValue: Sendable {
  /// What kind it is.
  static var arrowKind: ColumnKind { get }
  /// Arrow's format string for new columns.
  static var arrowFormat: String { get }
}

extension Bool: ColumnValue {
  /// bool
  public static var arrowKind: ColumnKind { .bool }
  /// Arrow's `b`.
  public static var arrowFormat: String { "b" }
}
extension Int: ColumnValue {
  /// int
  public static var arrowKind: ColumnKind { .int }
  /// Arrow's `l`: 64 bits.
  public static var arrowFormat: String { "l" }
}
extension Double: ColumnValue {
  /// float
  public static var arrowKind: ColumnKind { .float }
  /// Arrow's `g`: 64 bits.
  public static var arrowFormat: String { "g" }
}
extension String: ColumnValue {
  /// string
  public static var arrowKind: ColumnKind { .string }
  /// Arrow's `U`: 64-bit offsets.
  public static var arrowFormat: String { "U" }
}

extension ArrowType {
  var kind: ColumnKind? {
    switch format {
    case "b": .bool
    case "c", "C", "s", "S", "i", "I", "l", "L": .int
    case "f", "g": .float
    case "u", "U": .string
    default: nil
    }
  }
}

extension ColumnValue {
  /// How to read row by row, or nil when the column holds something else. Rows are not checked for nulls.
  static func reader(_ type: ArrowType, _ piece: ArrowPiece) -> ((Int) -> Self?)? {
    if let valueType = type.dictionary.first, let values = piece.dictionary {
      guard let index = intReader(type.format, piece), let value = reader(valueType, values) else { return nil }
      return { row in
        let entry = index(row)
        guard entry >= 0, entry < values.length, values.isValid(entry) else { return nil }
        return value(entry)
      }
    }
    if Self.self == Bool.self, type.kind == .bool, piece.buffers.count > 1, let bits = piece.buffers[1] {
      return { piece.bit(bits, piece.offset + $0) as? Self }
    }
    if Self.self == Int.self, let read = intReader(type.format, piece) { return { read($0) as? Self } }
    if Self.self == Double.self {
      if let read = doubleReader(type.format, piece) { return { read($0) as? Self } }
      if let read = intReader(type.format, piece) { return { Double(read($0)) as? Self } }
    }
    if Self.self == String.self, let read = stringReader(type.format, piece) { return { read($0) as? Self } }
    // Nothing to read in an empty or all-null column.
    if piece.length == 0 || type.format == "n" { return { _ in nil } }
    return nil
  }
}

private func numbers<T: BitwiseCopyable>(_: T.Type, _ piece: ArrowPiece) -> UnsafePointer<T>? {
  guard piece.buffers.count > 1, let data = piece.buffers[1] else { return nil }
  return data.assumingMemoryBound(to: T.self) + piece.offset
}

private func intReader(_ format: String, _ piece: ArrowPiece) -> ((Int) -> Int)? {
  func read<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> ((Int) -> Int)? {
    numbers(type, piece).map { values in { Int(truncatingIfNeeded: values[$0]) } }
  }
  return switch format {
  case "c": read(Int8.self)
  case "C": read(UInt8.self)
  case "s": read(Int16.self)
  case "S": read(UInt16.self)
  case "i": read(Int32.self)
  case "I": read(UInt32.self)
  case "l": read(Int64.self)
  case "L": read(UInt64.self)
  default: nil
  }
}

private func doubleReader(_ format: String, _ piece: ArrowPiece) -> ((Int) -> Double)? {
  switch format {
  case "f": numbers(Float.self, piece).map { values in { Double(values[$0]) } }
  case "g": numbers(Double.self, piece).map { values in { values[$0] } }
  default: nil
  }
}

private func stringReader(_ format: String, _ piece: ArrowPiece) -> ((Int) -> String)? {
  func read<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> ((Int) -> String)? {
    guard let offsets = numbers(type, piece), piece.buffers.count > 2 else { return nil }
    let text = piece.buffers[2]
    return { row in
      let start = Int(offsets[row]), end = Int(offsets[row + 1])
      guard let text, start >= 0, end > start else { return "" }
      return String(decoding: UnsafeRawBufferPointer(start: text + start, count: end - start), as: UTF8.self)
    }
  }
  return switch format {
  case "u": read(Int32.self)
  case "U": read(Int64.self)
  default: nil
  }
}

/// The memory of a column that was made here.
private final class OwnedColumn {
  let validity: Block
  let data: Block
  let text: Block?
  init(validity: Block, data: Block, text: Block?) {
    self.validity = validity
    self.data = data
    self.text = text
  }
}

/// Values in Arrow's memory layout.
func makePiece<Value: ColumnValue>(_ values: [Value?]) -> ArrowPiece {
  let count = values.count
  let validity = Block(count: (count + 7) / 8)
  var nulls = 0
  fillBits(validity, values.map { $0 != nil })
  for value in values where value == nil { nulls += 1 }
  let data: Block
  var text: Block?
  switch values {
  case let values as [Bool?]:
    data = Block(count: (count + 7) / 8)
    fillBits(data, values.map { $0 == true })
  case let values as [Int?]:
    data = numbers(values.map { Int64($0 ?? 0) })
  case let values as [Double?]:
    data = numbers(values.map { $0 ?? 0 })
  case let values as [String?]:
    var bytes: [UInt8] = []
    var offsets: [Int64] = [0]
    for value in values {
      bytes.append(contentsOf: (value ?? "").utf8)
      offsets.append(Int64(bytes.count))
    }
    data = numbers(offsets)
    text = bytes.withUnsafeBytes { Block($0) }
  default: preconditionFailure("columns hold Bool, Int, Double or String")
  }
  let owner = OwnedColumn(validity: validity, data: data, text: text)
  var buffers: [UnsafeRawPointer?] = [
    nulls == 0 ? nil : UnsafeRawPointer(validity.bytes.baseAddress), UnsafeRawPointer(data.bytes.baseAddress),
  ]
  if let text { buffers.append(UnsafeRawPointer(text.bytes.baseAddress)) }
  return ArrowPiece(length: count, nullCount: nulls, buffers: buffers, owner: owner)
}

private func fillBits(_ block: Block, _ values: [Bool]) {
  for index in block.bytes.indices { block.bytes[index] = 0 }
  for (index, value) in values.enumerated() where value { block.bytes[index >> 3] |= 1 << UInt8(index & 7) }
}

private func numbers<T: BitwiseCopyable>(_ values: [T]) -> Block { values.withUnsafeBytes { Block($0) } }
