/// Arrow arrays as logical rows. Ranges are clamped to their buffers, so that arrays that were never validated deeply
/// cannot lead a walk astray.
extension CanonicalEncoder {
  /// Rows `start ..< start + length` of the buffers (the array's own offset is part of `start`).
  mutating func put(_ array: ArrowArray, _ field: ArrowField, _ start: Int, _ length: Int) {
    put(length)
    guard let layout = ArrowLayout(format: field.format), array.buffers.count == layout.bufferCount else { return }
    let validity = layout == .null ? nil : array.validity(start, length)
    put(byte: validity == nil ? 0 : 1)
    if let validity { validity.withUnsafeBytes { content($0) } }
    switch layout {
    case .null: break
    case .fixed(let bits): putFixed(array, bits, start, length, validity)
    case .variable(let width, _):
      let (low, high) = putOffsets(array, width, start, length)
      slice(array.buffers[2], low, high)
    case .list(let width):
      let (low, high) = putOffsets(array, width, start, length)
      putChild(array, field, low, high - low)
    case .fixedList(let size): putChild(array, field, start * size, length * size)
    case .structure:
      for (child, field) in zip(array.children, field.children) { put(child, field, child.offset + start, length) }
    }
    for (values, field) in zip(array.dictionary, field.dictionary) { put(values, field, values.offset, values.length) }
  }

  /// Rows of the only child, clamped to it.
  private mutating func putChild(_ array: ArrowArray, _ field: ArrowField, _ start: Int, _ length: Int) {
    guard let child = array.children.first, let field = field.children.first else { return }
    let low = max(0, min(start, child.length))
    put(child, field, child.offset + low, max(0, min(length, child.length - low)))
  }

  private mutating func putFixed(
    _ array: ArrowArray, _ bits: Int, _ start: Int, _ length: Int, _ validity: [UInt8]?
  ) {
    guard let buffer = array.buffers[1] else { return slice(nil, 0, 0) }
    if bits == 1 {
      var values = buffer.bits(start, length)
      if let validity { for index in values.indices { values[index] &= validity[index] } }
      return values.withUnsafeBytes { content($0) }
    }
    let width = bits / 8
    guard let validity else { return slice(buffer, start * width, (start + length) * width) }
    var values = buffer.part(start * width, (start + length) * width).copied
    for row in 0..<length where validity[row / 8] >> UInt8(row % 8) & 1 == 0 {
      for index in row * width..<min(values.count, (row + 1) * width) { values[index] = 0 }
    }
    values.withUnsafeBytes { content($0) }
  }

  /// Writes the offsets as if the first were 0 and returns the range that they really cover.
  private mutating func putOffsets(
    _ array: ArrowArray, _ width: Int, _ start: Int, _ length: Int
  ) -> (low: Int, high: Int) {
    guard let buffer = array.buffers[1], buffer.count >= (start + length + 1) * width else {
      slice(nil, 0, 0)
      return (0, 0)
    }
    let (low, high) = buffer.withUnsafeBytes { ($0.offset(width, start), $0.offset(width, start + length)) }
    if low == 0 {
      slice(buffer, start * width, (start + length + 1) * width)
    } else {
      content(buffer.moved(width, start, length))
    }
    return (max(0, low), max(0, low, high))
  }

  private mutating func slice(_ payload: Payload?, _ low: Int, _ high: Int) {
    content(payload?.part(low, high) ?? Payload([]))
  }
}

extension Payload {
  /// Bytes `low ..< high`, clamped. A copy only of heap contents that are not wanted whole.
  func part(_ low: Int, _ high: Int) -> Payload {
    let low = max(0, min(low, count))
    let high = max(low, min(high, count))
    if low == 0, high == count { return self }
    switch storage {
    case .bytes(let bytes): return Payload(Array(bytes[low..<high]))
    case .region(let region, let offset, _): return Payload(region, offset: offset + low, count: high - low)
    }
  }

  /// Bits `start ..< start + length` moved to the front, spare bits 0; missing ones are 0.
  func bits(_ start: Int, _ length: Int) -> [UInt8] {
    withUnsafeBytes { bytes in
      var result = [UInt8](repeating: 0, count: (length + 7) / 8)
      let shift = UInt8(start % 8)
      for index in result.indices {
        let at = start / 8 + index
        let low = at < bytes.count ? bytes[at] >> shift : 0
        let high = shift > 0 && at + 1 < bytes.count ? bytes[at + 1] << (8 - shift) : 0
        result[index] = low | high
      }
      if length % 8 != 0 { result[result.count - 1] &= 1 << UInt8(length % 8) - 1 }
      return result
    }
  }
}

extension ArrowArray {
  /// The validity bits of rows in the buffers, moved to the front; nil when all rows have a value.
  func validity(_ start: Int, _ length: Int) -> [UInt8]? {
    guard let bitmap = buffers.first ?? nil else { return nil }
    let bits = bitmap.bits(start, length)
    let isFull = bits.indices.allSatisfy { bits[$0] == (($0 + 1) * 8 <= length ? 0xFF : 1 << UInt8(length % 8) - 1) }
    return isFull ? nil : bits
  }
}
