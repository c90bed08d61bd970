extension Table {
  /// The rows as objects, in column order. Dates as `2024-01-31`, other times as numbers in the column's unit, decimals
  /// as text, binary as base64. Safe for tables that were not validated deeply: what cannot be read is null.
  package var rows: [JSON] {
    batches.flatMap { batch in
      (0..<batch.length).map { row in
        .object(
          zip(schema.children, batch.children).map { field, column in
            .init(field.name, column.cell(batch.offset + row, field, depth: 0))
          })
      }
    }
  }

  /// Builds a table of one batch from row objects; a missing member is null.
  ///
  /// Without `columns`, names and order are those of the first appearance and types are inferred: bool, i64, f64 (some
  /// numbers have a fraction), otherwise string.
  package init(rows: [JSON], columns: [ValueType.Column]?) throws(JSONMismatch) {
    var names: [String] = columns?.map(\.name) ?? []
    var cells: [String: [JSON]] = [:]
    for name in names { cells[name] = Array(repeating: .null, count: rows.count) }
    for (index, row) in rows.enumerated() {
      guard let members = row.asObject else {
        throw JSONMismatch(path: "[\(index)]", "expected an object for each row, got \(row.kindName)")
      }
      for member in members {
        if cells[member.name] == nil {
          names.append(member.name)
          cells[member.name] = Array(repeating: .null, count: rows.count)
        }
        cells[member.name]?[index] = member.value
      }
    }
    var fields: [ArrowField] = []
    var arrays: [ArrowArray] = []
    for name in names {
      let column = cells[name] ?? []
      let type = columns?.first { $0.name == name }?.type ?? Self.inferred(column)
      let (field, array) = try Self.column(name, type, column)
      fields.append(field)
      arrays.append(array)
    }
    let batch = ArrowArray(length: rows.count, nullCount: 0, buffers: [nil], children: arrays)
    self.init(schema: ArrowField(format: "+s", name: "", flags: 0, children: fields), batches: [batch])
  }

  private static func inferred(_ cells: [JSON]) -> ValueType {
    let present = cells.filter { $0 != .null }
    if present.isEmpty { return .optional(.string) }
    if present.allSatisfy({ $0.asBool != nil }) { return .optional(.bool) }
    if present.allSatisfy({ $0.asInt != nil }) { return .optional(.int(nil)) }
    if present.allSatisfy({ $0.number != nil }) { return .optional(.float(nil)) }
    return .optional(.string)
  }

  private static func column(
    _ name: String, _ type: ValueType, _ cells: [JSON]
  ) throws(JSONMismatch) -> (ArrowField, ArrowArray) {
    let flags: Int64 = type.isOptional ? 2 : 0
    var validity = [UInt8](repeating: 0, count: (cells.count + 7) / 8)
    var nulls = 0
    for (row, cell) in cells.enumerated() {
      if cell == .null { nulls += 1 } else { validity[row / 8] |= 1 << UInt8(row % 8) }
    }
    if nulls > 0, !type.isOptional, let row = cells.firstIndex(of: .null) {
      throw JSONMismatch(path: "[\(row)].\(name)", "expected \(type), got null")
    }
    let bitmap: Payload? = nulls == 0 ? nil : Payload(validity)
    func array(_ buffers: [Payload?]) -> ArrowArray {
      ArrowArray(length: cells.count, nullCount: nulls, buffers: [bitmap] + buffers)
    }
    switch type.lowered {
    case .bool:
      var bits = [UInt8](repeating: 0, count: (cells.count + 7) / 8)
      for (row, cell) in cells.enumerated() where cell != .null {
        guard let flag = cell.asBool else { throw mismatch(row, name, type, cell) }
        if flag { bits[row / 8] |= 1 << UInt8(row % 8) }
      }
      return (ArrowField(format: "b", name: name, flags: flags), array([Payload(bits)]))
    case .string, .enumeration:
      var offsets: [Int64] = [0]
      var text: [UInt8] = []
      for (row, cell) in cells.enumerated() {
        if cell != .null {
          guard let word = cell.asString else { throw mismatch(row, name, type, cell) }
          text.append(contentsOf: word.utf8)
        }
        offsets.append(Int64(text.count))
      }
      let bytes = offsets.withUnsafeBytes { Array($0) }
      return (ArrowField(format: "U", name: name, flags: flags), array([Payload(bytes), Payload(text)]))
    default:
      guard let (format, element) = numeric(type.lowered) else {
        throw JSONMismatch(path: "[0].\(name)", "columns of type \(type) cannot be read from JSON")
      }
      var values: [UInt8] = []
      for (row, cell) in cells.enumerated() {
        if cell == .null {
          values.append(contentsOf: repeatElement(0, count: element.byteCount))
        } else if !element.append(cell, to: &values) {
          throw mismatch(row, name, type, cell)
        }
      }
      return (ArrowField(format: format, name: name, flags: flags), array([Payload(values)]))
    }
  }

  private static func mismatch(_ row: Int, _ name: String, _ type: ValueType, _ cell: JSON) -> JSONMismatch {
    JSONMismatch(path: "[\(row)].\(name)", "expected \(type), got \(cell.compact)")
  }

  private static func numeric(_ type: ValueType) -> (format: String, element: ElementType)? {
    switch type {
    case .int: return ("l", .i64)
    case .float: return ("g", .f64)
    case .opaque(let word):
      let formats = [
        "i8": "c", "u8": "C", "i16": "s", "u16": "S", "i32": "i", "u32": "I", "i64": "l", "u64": "L", "f16": "e",
        "f32": "f", "f64": "g",
      ]
      guard let format = formats[word], let element = ElementType(rawValue: word) else { return nil }
      return (format, element)
    default: return nil
    }
  }
}

extension ArrowArray {
  /// The cell in row `row` (from the array's offset) as JSON.
  fileprivate func cell(_ row: Int, _ field: ArrowField, depth: Int) -> JSON {
    guard row >= 0, row < length, depth <= Wire.maximumDepth, isValid(row) else { return .null }
    if let values = dictionary.first, let type = field.dictionary.first {
      guard let index = integer(row, field.format) else { return .null }
      return values.cell(index, type, depth: depth + 1)
    }
    switch ArrowLayout(format: field.format) {
    case .fixed: return fixedCell(offset + row, field.format)
    case .variable(let width, let isText):
      guard let (start, end) = range(row, width), let contents = buffers[2], end <= contents.count else {
        return isText ? .string("") : .null
      }
      return contents.withUnsafeBytes { bytes in
        let part = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        return .string(isText ? String(decoding: part, as: UTF8.self) : Base64.encode(part))
      }
    case .list(let width):
      guard let (start, end) = range(row, width), end <= children[0].length else { return .null }
      return .array((start..<end).map { children[0].cell($0, field.children[0], depth: depth + 1) })
    case .fixedList(let size):
      let start = (offset + row) * size
      return .array((start..<start + size).map { children[0].cell($0, field.children[0], depth: depth + 1) })
    case .structure:
      return .object(
        zip(field.children, children).map { .init($0.name, $1.cell(offset + row, $0, depth: depth + 1)) })
    case .null, nil: return .null
    }
  }

  /// The contents of a row of text or of a list.
  private func range(_ row: Int, _ width: Int) -> (start: Int, end: Int)? {
    guard let offsets = buffers[1], offsets.count >= (offset + row + 2) * width else { return nil }
    return offsets.withUnsafeBytes { bytes in
      let start = bytes.offset(width, offset + row)
      let end = bytes.offset(width, offset + row + 1)
      return 0 <= start && start <= end ? (start, end) : nil
    }
  }

  private func fixedCell(_ at: Int, _ format: String) -> JSON {
    guard let buffer = buffers[1], case .fixed(let bits)? = ArrowLayout(format: format) else { return .null }
    return buffer.withUnsafeBytes { bytes in
      if bits == 1 { return .bool(bytes[at / 8] >> UInt8(at % 8) & 1 == 1) }
      let words: [String: ElementType] = [
        "c": .i8, "C": .u8, "s": .i16, "S": .u16, "i": .i32, "I": .u32, "l": .i64, "L": .u64, "e": .f16, "f": .f32,
        "g": .f64,
      ]
      let isText = format.hasPrefix("w:") || format.hasPrefix("d:") || format == "tin"
      if let element = words[format] ?? (isText ? nil : bits == 32 ? .i32 : .i64) {
        let number = Tensor(element: element, shape: [], data: Payload([])).json(at, bytes)
        if format == "tdD", let days = number.asInt { return .string(CivilDate.text(daysSince1970: days)) }
        return number
      }
      let part = UnsafeRawBufferPointer(rebasing: bytes[at * bits / 8..<(at + 1) * bits / 8])
      guard format.hasPrefix("d:"), let scale = Int(format.split(separator: ",")[1]), bits == 128 else {
        return .string(Base64.encode(part))
      }
      return .string(Decimal128.text(part.loadUnaligned(as: Int128.self), scale: scale))
    }
  }
}

/// The proleptic Gregorian calendar.
package enum CivilDate {
  /// `2024-01-31`.
  package static func text(daysSince1970 days: Int64) -> String {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let digits = String(abs(year))
    let padding = String(repeating: "0", count: max(0, 4 - digits.count))
    return "\(year < 0 ? "-" : "")\(padding)\(digits)-\(two(month))-\(two(day))"
  }
}

enum Decimal128 {
  /// `-12.340` of -12340 with scale 3; a negative scale appends zeros.
  static func text(_ value: Int128, scale: Int) -> String {
    let digits = String(value.magnitude)
    let sign = value < 0 ? "-" : ""
    guard scale > 0, scale <= 76 else {
      return sign + digits + String(repeating: "0", count: min(76, max(0, -scale)))
    }
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
  }
}
