/// The little of FlatBuffers that Arrow's metadata needs: tables, strings and vectors.
struct FlatTable {
  enum Field {
    case u8(UInt8)
    case i16(Int16)
    case i32(Int32)
    case i64(Int64)
    case string(String)
    case table(FlatTable)
    case tables([FlatTable])
    /// Structs of 64-bit words.
    case words([Int64], count: Int)

    var size: Int {
      switch self {
      case .u8: 1
      case .i16: 2
      case .i64: 8
      default: 4
      }
    }
  }

  /// By slot; nil: the schema's default.
  var slots: [Field?]

  init(_ slots: Field?...) { self.slots = slots }

  static func flag(_ flag: Bool) -> Field { .u8(flag ? 1 : 0) }

  /// A buffer with this table as root, to be placed at a multiple of 8.
  var encoded: [UInt8] {
    var builder = FlatBuilder()
    builder.build(self)
    return builder.out
  }
}

/// Writes front to back: each offset is patched once its target is written behind it.
private struct FlatBuilder {
  var out: [UInt8] = []

  mutating func build(_ root: FlatTable) {
    append(UInt32(0))
    patch(0, target: write(root))
    align(8)
  }

  private mutating func write(_ table: FlatTable) -> Int {
    var places: [Int] = []
    var size = 4
    for slot in table.slots {
      guard let slot else {
        places.append(0)
        continue
      }
      size = (size + slot.size - 1) / slot.size * slot.size
      places.append(size)
      size += slot.size
    }
    align(2)
    let directory = out.count
    append(UInt16(4 + 2 * places.count))
    append(UInt16(size))
    for place in places { append(UInt16(place)) }
    align(8)
    let start = out.count
    append(UInt32(start - directory))
    out.append(contentsOf: repeatElement(0, count: size - 4))
    for (slot, place) in zip(table.slots, places) { if let slot { fill(slot, at: start + place) } }
    return start
  }

  private mutating func fill(_ field: FlatTable.Field, at place: Int) {
    switch field {
    case .u8(let number): out[place] = number
    case .i16(let number): store(number, at: place)
    case .i32(let number): store(number, at: place)
    case .i64(let number): store(number, at: place)
    case .string(let text):
      align(4)
      patch(place, target: out.count)
      append(UInt32(text.utf8.count))
      out.append(contentsOf: text.utf8)
      out.append(0)
    case .table(let table): patch(place, target: write(table))
    case .tables(let tables):
      align(4)
      let vector = out.count
      patch(place, target: vector)
      append(UInt32(tables.count))
      out.append(contentsOf: repeatElement(0, count: 4 * tables.count))
      for (index, table) in tables.enumerated() { patch(vector + 4 + 4 * index, target: write(table)) }
    case .words(let words, let count):
      align(8)
      append(UInt32(0))
      patch(place, target: out.count)
      append(UInt32(count))
      for word in words { append(word) }
    }
  }

  private mutating func align(_ size: Int) { while out.count % size != 0 { out.append(0) } }

  private mutating func append<T: FixedWidthInteger>(_ number: T) {
    withUnsafeBytes(of: number.littleEndian) { out.append(contentsOf: $0) }
  }

  private mutating func store<T: FixedWidthInteger>(_ number: T, at place: Int) {
    withUnsafeBytes(of: number.littleEndian) { bytes in
      for (index, byte) in bytes.enumerated() { out[place + index] = byte }
    }
  }

  private mutating func patch(_ place: Int, target: Int) { store(UInt32(target - place), at: place) }
}

/// A table in a buffer that nobody vouches for: every access is checked.
struct FlatView {
  let bytes: [UInt8]
  let at: Int

  init(root bytes: [UInt8]) throws(FileFormatError) {
    self = try FlatView(bytes, at: 0).target(of: 0)
  }

  private init(_ bytes: [UInt8], at: Int) {
    self.bytes = bytes
    self.at = at
  }

  private static var broken: FileFormatError { FileFormatError("the Arrow metadata is damaged") }

  func load<T: FixedWidthInteger>(_ type: T.Type, at place: Int) throws(FileFormatError) -> T {
    guard place >= 0, place <= bytes.count - MemoryLayout<T>.size else { throw Self.broken }
    return T(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: T.self) })
  }

  private func target(of place: Int) throws(FileFormatError) -> FlatView {
    FlatView(bytes, at: place + Int(try load(UInt32.self, at: place)))
  }

  private func place(_ slot: Int) throws(FileFormatError) -> Int? {
    let directory = at - Int(try load(Int32.self, at: at))
    guard Int(try load(UInt16.self, at: directory)) >= 6 + 2 * slot else { return nil }
    let offset = Int(try load(UInt16.self, at: directory + 4 + 2 * slot))
    return offset == 0 ? nil : at + offset
  }

  func number<T: FixedWidthInteger>(_ slot: Int, default value: T) throws(FileFormatError) -> T {
    guard let place = try place(slot) else { return value }
    return try load(T.self, at: place)
  }

  func flag(_ slot: Int) throws(FileFormatError) -> Bool { try number(slot, default: UInt8(0)) != 0 }

  func table(_ slot: Int) throws(FileFormatError) -> FlatView? {
    guard let place = try place(slot) else { return nil }
    return try target(of: place)
  }

  func string(_ slot: Int) throws(FileFormatError) -> String {
    guard let start = try table(slot)?.at else { return "" }
    let count = Int(try load(UInt32.self, at: start))
    guard count <= bytes.count - start - 4 else { throw Self.broken }
    guard let text = String(validating: bytes[start + 4..<start + 4 + count], as: UTF8.self) else { throw Self.broken }
    return text
  }

  func tables(_ slot: Int) throws(FileFormatError) -> [FlatView] {
    let (start, count) = try vector(slot, size: 4)
    var views: [FlatView] = []
    for index in 0..<count { views.append(try target(of: start + 4 * index)) }
    return views
  }

  /// Structs of `width` 64-bit words.
  func words(_ slot: Int, width: Int) throws(FileFormatError) -> [[Int64]] {
    let (start, count) = try vector(slot, size: 8 * width)
    var rows: [[Int64]] = []
    for index in 0..<count {
      var row: [Int64] = []
      for word in 0..<width { row.append(try load(Int64.self, at: start + 8 * (index * width + word))) }
      rows.append(row)
    }
    return rows
  }

  private func vector(_ slot: Int, size: Int) throws(FileFormatError) -> (start: Int, count: Int) {
    guard let start = try table(slot)?.at else { return (0, 0) }
    let count = Int(try load(UInt32.self, at: start))
    guard count <= (bytes.count - start - 4) / size else { throw Self.broken }
    return (start + 4, count)
  }
}
