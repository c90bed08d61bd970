extension ArrowArray {
  /// Why these buffers cannot be read as `field`, judged without a walk over the rows; nil when they can.
  ///
  /// Holds afterwards: counts of buffers and children match the format; each buffer is long enough for `offset + length`
  /// rows; the last offset of a text, binary or list column lies inside its contents. `field` itself was checked.
  package func problem(as field: ArrowField) -> String? {
    guard let layout = ArrowLayout(format: field.format) else { return "the format `\(field.format)` is not supported" }
    func wrong(_ what: String) -> String { "column `\(field.name)`: \(what)" }
    guard length >= 0, offset >= 0, nullCount >= -1, nullCount <= length else {
      return wrong("length \(length), offset \(offset), \(nullCount) nulls")
    }
    let (rows, overflow) = length.addingReportingOverflow(offset)
    guard !overflow else { return wrong("length \(length) at offset \(offset)") }
    guard buffers.count == layout.bufferCount else {
      return wrong("\(buffers.count) buffers where `\(field.format)` has \(layout.bufferCount)")
    }
    guard children.count == field.children.count, dictionary.count == field.dictionary.count else {
      return wrong("\(children.count) children where the schema has \(field.children.count)")
    }
    if layout != .null {
      if let validity = buffers[0] {
        guard validity.count >= rows / 8 + (rows % 8 == 0 ? 0 : 1) else {
          return wrong("its validity bitmap is too short")
        }
      } else if nullCount > 0 {
        return wrong("\(nullCount) nulls without a validity bitmap")
      }
    }
    if let problem = contentsProblem(layout, rows) { return wrong(problem) }
    for (child, field) in zip(children, field.children) { if let problem = child.problem(as: field) { return problem } }
    for (values, field) in zip(dictionary, field.dictionary) {
      if let problem = values.problem(as: field) { return problem }
    }
    return nil
  }

  private func contentsProblem(_ layout: ArrowLayout, _ rows: Int) -> String? {
    switch layout {
    case .null: return nil
    case .fixed(let bits):
      let (total, overflow) = rows.multipliedReportingOverflow(by: bits)
      guard !overflow, byteCount(1) >= total / 8 + (total % 8 == 0 ? 0 : 1) else { return "its values are too short" }
    case .variable(let width, _):
      guard let end = lastOffset(width, rows) else { return "its offsets are too short or not in order" }
      guard end <= byteCount(2) else { return "its offsets point outside its contents" }
    case .list(let width):
      guard let end = lastOffset(width, rows) else { return "its offsets are too short or not in order" }
      guard end <= children[0].length else { return "its offsets point outside its items" }
    case .fixedList(let size):
      let (total, overflow) = rows.multipliedReportingOverflow(by: size)
      guard !overflow, children[0].length >= total else { return "it has too few items" }
    case .structure:
      guard children.allSatisfy({ $0.length >= rows }) else { return "a child is shorter than the struct" }
    }
    return nil
  }

  private func byteCount(_ buffer: Int) -> Int { buffers[buffer]?.count ?? 0 }

  /// The end of the last row's contents; nil when the offsets are too short or their ends out of order.
  private func lastOffset(_ width: Int, _ rows: Int) -> Int? {
    if rows == 0, byteCount(1) < width { return 0 }
    guard rows < Int.max / 16, let buffer = buffers[1], buffer.count >= (rows + 1) * width else { return nil }
    return buffer.withUnsafeBytes { bytes in
      let first = bytes.offset(width, 0)
      let start = bytes.offset(width, offset)
      let end = bytes.offset(width, rows)
      return first >= 0 && start >= first && end >= start ? end : nil
    }
  }

  /// The number of nulls among the array's rows: as declared, or counted where it was left open (-1).
  package var countedNulls: Int {
    if nullCount >= 0 { return nullCount }
    guard let validity = buffers.first ?? nil else { return 0 }
    return validity.withUnsafeBytes { bytes in
      var nulls = 0
      for row in offset..<min(offset + length, bytes.count * 8) where bytes[row / 8] >> UInt8(row % 8) & 1 == 0 {
        nulls += 1
      }
      return nulls
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Entry `index` of a buffer of offsets of `width` bytes (4 or 8).
  func offset(_ width: Int, _ index: Int) -> Int {
    width == 4
      ? Int(Int32(littleEndian: loadUnaligned(fromByteOffset: index * 4, as: Int32.self)))
      : Int(Int64(littleEndian: loadUnaligned(fromByteOffset: index * 8, as: Int64.self)))
  }
}

extension Table {
  /// Checks what the structural checks of `WireDecoder` leave open, before anything follows an offset or an index:
  /// offsets never fall, text is UTF-8, dictionary indices lie in the dictionary, null counts are true. O(bytes).
  /// Nil when all is well.
  package func validateDeep() -> String? {
    if let problem = schema.tableProblem { return problem }
    for batch in batches {
      if let problem = batch.problem(as: schema) ?? batch.deepProblem(as: schema) { return problem }
    }
    return nil
  }
}

extension ArrowArray {
  fileprivate func deepProblem(as field: ArrowField) -> String? {
    guard let layout = ArrowLayout(format: field.format) else { return "the format `\(field.format)` is not supported" }
    var problem: String?
    switch layout {
    case .variable(let width, let isText):
      problem = offsetsProblem(width)
      if problem == nil, isText, !isValidText(width) { problem = "text that is not UTF-8" }
    case .list(let width): problem = offsetsProblem(width)
    case .fixed where !dictionary.isEmpty: problem = indexProblem(field.format)
    default: break
    }
    if problem == nil, nullCount >= 0, layout != .null {
      var counted = self
      counted.nullCount = -1
      if counted.countedNulls != nullCount { problem = "\(counted.countedNulls) nulls where \(nullCount) are declared" }
    }
    if let problem { return "column `\(field.name)`: \(problem)" }
    for (child, field) in zip(children, field.children) {
      if let problem = child.deepProblem(as: field) { return problem }
    }
    for (values, field) in zip(dictionary, field.dictionary) { if let p = values.deepProblem(as: field) { return p } }
    return nil
  }

  private func offsetsProblem(_ width: Int) -> String? {
    guard length > 0, let buffer = buffers[1] else { return nil }
    return buffer.withUnsafeBytes { bytes in
      var last = bytes.offset(width, 0)
      for index in 1...(offset + length) {
        let next = bytes.offset(width, index)
        if next < last { return "its offsets fall at row \(index - 1 - offset)" }
        last = next
      }
      return nil
    }
  }

  /// All text is UTF-8 when the whole is and every row begins at a character.
  private func isValidText(_ width: Int) -> Bool {
    guard length > 0, let offsets = buffers[1], let contents = buffers[2] else { return true }
    return offsets.withUnsafeBytes { offsets in
      contents.withUnsafeBytes { bytes in
        let start = offsets.offset(width, offset)
        let end = offsets.offset(width, offset + length)
        guard String(validating: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self) != nil else {
          return false
        }
        return (offset...offset + length).allSatisfy { row in
          let at = offsets.offset(width, row)
          return at >= end || bytes[at] & 0xC0 != 0x80
        }
      }
    }
  }

  private func indexProblem(_ format: String) -> String? {
    let size = dictionary[0].length
    for row in 0..<length where isValid(row) {
      guard let index = integer(row, format), index >= 0, index < size else {
        return "row \(row) points outside its dictionary of \(size) entries"
      }
    }
    return nil
  }
}

extension ArrowArray {
  /// Whether row `row` (counted from the array's offset) has a value.
  package func isValid(_ row: Int) -> Bool {
    guard let validity = buffers.first ?? nil else { return !buffers.isEmpty }
    let bit = offset + row
    return validity.withUnsafeBytes { $0[bit / 8] >> UInt8(bit % 8) & 1 == 1 }
  }

  /// The integer in row `row` of a column whose format is one of `cCsSiIlL`; nil when it does not fit or is no integer.
  package func integer(_ row: Int, _ format: String) -> Int? {
    guard buffers.count == 2, let values = buffers[1] else { return nil }
    let at = offset + row
    return values.withUnsafeBytes { bytes in
      func load<T: FixedWidthInteger>(_: T.Type) -> Int? {
        Int(exactly: T(littleEndian: bytes.loadUnaligned(fromByteOffset: at * MemoryLayout<T>.size, as: T.self)))
      }
      switch format {
      case "c": return load(Int8.self)
      case "C": return load(UInt8.self)
      case "s": return load(Int16.self)
      case "S": return load(UInt16.self)
      case "i": return load(Int32.self)
      case "I": return load(UInt32.self)
      case "l": return load(Int64.self)
      case "L": return load(UInt64.self)
      default: return nil
      }
    }
  }
}
