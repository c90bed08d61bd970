/// Tables as Arrow IPC files (`ARROW1`): what other tools read, and what the store keeps.
package enum ArrowFile {
  static let magic = Array("ARROW1".utf8)
  /// Contents begin at multiples of this in the file, for mapping and vector instructions.
  static let alignment = 64

  /// The file as chunks in order: small metadata on the heap, and the table's own payloads, which are not copied where
  /// they hold exactly the rows (sliced heap contents and shifted bitmaps are).
  ///
  /// Checks structure only: a table from outside should have passed `Table.validateDeep()`. Refused: rows of the table
  /// itself that are null, and dictionaries that differ between batches.
  package static func chunks(of table: Table) throws(FileFormatError) -> [Payload] {
    if let problem = table.schema.tableProblem { throw FileFormatError(problem) }
    var writer = ArrowFileWriter(schema: table.schema)
    try writer.write(table.batches)
    return writer.chunks
  }

  /// The table in a file; its buffers are slices of `file`. Everything that `WireDecoder` promises of a table holds.
  /// Refused: compressed buffers, big-endian files, delta dictionaries, unions, views.
  package static func read(_ file: Payload) throws(FileFormatError) -> Table {
    try ArrowFileReader(file: file).table()
  }
}

/// One message with its body, before it has a place in the file.
struct ArrowBody {
  private(set) var nodes: [Int64] = []
  private(set) var buffers: [Int64] = []
  private(set) var contents: [Payload] = []
  private(set) var size = 0

  func recordBatch(_ length: Int) -> FlatTable {
    FlatTable(.i64(Int64(length)), .words(nodes, count: nodes.count / 2), .words(buffers, count: buffers.count / 2))
  }

  mutating func node(_ length: Int, nulls: Int) { nodes += [Int64(length), Int64(nulls)] }

  mutating func buffer(_ payload: Payload?) {
    let count = payload?.count ?? 0
    buffers += [Int64(size), Int64(count)]
    guard let payload, count > 0 else { return }
    contents.append(payload)
    let padding = (ArrowFile.alignment - count % ArrowFile.alignment) % ArrowFile.alignment
    if padding > 0 { contents.append(Payload([UInt8](repeating: 0, count: padding))) }
    size += count + padding
  }

  /// Rows `start ..< start + length` of the buffers, offsets moved to begin at 0.
  mutating func put(_ array: ArrowArray, _ field: ArrowField, _ start: Int, _ length: Int) throws(FileFormatError) {
    guard let layout = ArrowLayout(format: field.format), array.buffers.count == layout.bufferCount else {
      throw FileFormatError("column `\(field.name)`: the format `\(field.format)` is not supported")
    }
    guard layout != .null else { return node(length, nulls: length) }
    let validity = array.validity(start, length)
    node(length, nulls: validity.map { bits in length - bits.reduce(0) { $0 + $1.nonzeroBitCount } } ?? 0)
    buffer(validity.map { Payload($0) })
    switch layout {
    case .null: break
    case .fixed(1):
      let isAligned = start % 8 == 0
      let bits = isAligned ? part(array, 1, start / 8, (start + length + 7) / 8) : nil
      buffer(bits ?? array.buffers[1].map { Payload($0.bits(start, length)) })
    case .fixed(let bits): buffer(part(array, 1, start * (bits / 8), (start + length) * (bits / 8)))
    case .variable(let width, _):
      let (low, high) = putOffsets(array, width, start, length)
      buffer(part(array, 2, low, high))
    case .list(let width):
      let (low, high) = putOffsets(array, width, start, length)
      try putChild(array, field, low, high - low)
    case .fixedList(let size): try putChild(array, field, start * size, length * size)
    case .structure:
      for (child, field) in zip(array.children, field.children) {
        try put(child, field, child.offset + start, length)
      }
    }
  }

  private func part(_ array: ArrowArray, _ index: Int, _ low: Int, _ high: Int) -> Payload? {
    array.buffers[index]?.part(low, high)
  }

  private mutating func putChild(
    _ array: ArrowArray, _ field: ArrowField, _ start: Int, _ length: Int
  ) throws(FileFormatError) {
    guard let child = array.children.first, let field = field.children.first else { return }
    guard start >= 0, length >= 0, start <= child.length, length <= child.length - start else {
      throw FileFormatError("column `\(field.name)`: offsets point outside its items")
    }
    try put(child, field, child.offset + start, length)
  }

  private mutating func putOffsets(_ array: ArrowArray, _ width: Int, _ start: Int, _ length: Int) -> (Int, Int) {
    guard let offsets = array.buffers[1], offsets.count >= (start + length + 1) * width else {
      buffer(Payload([UInt8](repeating: 0, count: width)))
      return (0, 0)
    }
    let (low, high) = offsets.withUnsafeBytes { ($0.offset(width, start), $0.offset(width, start + length)) }
    buffer(low == 0 ? offsets.part(start * width, (start + length + 1) * width) : offsets.moved(width, start, length))
    return (low, high)
  }
}

extension Payload {
  /// Offsets of `width` bytes from entry `start` on, as if the first were 0. O(length), a copy.
  func moved(_ width: Int, _ start: Int, _ length: Int) -> Payload {
    var moved: [UInt8] = []
    moved.reserveCapacity((length + 1) * width)
    withUnsafeBytes { bytes in
      let low = Int64(bytes.offset(width, start))
      for row in start...start + length {
        let relative = Int64(bytes.offset(width, row)) &- low
        Swift.withUnsafeBytes(of: relative.littleEndian) { moved.append(contentsOf: $0.prefix(width)) }
      }
    }
    return Payload(moved)
  }
}
