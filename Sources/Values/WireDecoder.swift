/// Reads the body of a packet, or the stored form of values: the encoding of docs/wire.md.
///
/// Trusts nothing: whatever the bytes are, reading gives a value that is sound (slices inside their regions, tensors of
/// the right size, Arrow buffers long enough for their lengths) or throws `WireError`. What only a walk over all rows can
/// tell (offsets that rise, UTF-8 of columns) is left to `Table.validateDeep()`.
package struct WireDecoder {
  /// The bytes of an artifact, or nil when it is not there.
  package typealias FindArtifact = (Digest) -> (any Region)?
  /// The path at which a stored file or directory can be read, or nil when it is not there.
  package typealias FindPath = (Digest) -> String?

  private let bytes: [UInt8]
  package private(set) var offset = 0
  private let regions: [any Region]
  private let artifact: FindArtifact?
  private let path: FindPath?

  /// For a packet whose blob descriptors were mapped as `regions`.
  package init(_ bytes: [UInt8], regions: [any Region] = []) {
    self.bytes = bytes
    self.regions = regions
    artifact = nil
    path = nil
  }

  /// For the stored form. A file that `path` does not find keeps an empty path.
  package init(stored bytes: [UInt8], artifact: @escaping FindArtifact, path: @escaping FindPath = { _ in nil }) {
    self.bytes = bytes
    regions = []
    self.artifact = artifact
    self.path = path
  }

  /// One value in the stored form, and nothing after it.
  package static func load(
    _ bytes: [UInt8], artifact: @escaping FindArtifact, path: @escaping FindPath = { _ in nil }
  ) throws(WireError) -> Value {
    var decoder = WireDecoder(stored: bytes, artifact: artifact, path: path)
    let value = try decoder.value()
    try decoder.finish()
    return value
  }

  package var remaining: Int { bytes.count - offset }

  /// Throws unless everything was read.
  package func finish() throws(WireError) {
    guard remaining == 0 else { throw error("\(remaining) bytes too many") }
  }

  // One for each type: a generic one would be called unspecialised from other modules, at twenty times the cost.
  package mutating func read(_: UInt8.Type = UInt8.self) throws(WireError) -> UInt8 { try little(UInt8.self) }
  package mutating func read(_: UInt16.Type = UInt16.self) throws(WireError) -> UInt16 { try little(UInt16.self) }
  package mutating func read(_: UInt32.Type = UInt32.self) throws(WireError) -> UInt32 { try little(UInt32.self) }
  package mutating func read(_: Int32.Type = Int32.self) throws(WireError) -> Int32 { try little(Int32.self) }
  package mutating func read(_: UInt64.Type = UInt64.self) throws(WireError) -> UInt64 { try little(UInt64.self) }
  package mutating func read(_: Int64.Type = Int64.self) throws(WireError) -> Int64 { try little(Int64.self) }

  @inline(__always)
  private mutating func little<T: FixedWidthInteger>(_: T.Type) throws(WireError) -> T {
    let count = MemoryLayout<T>.size
    guard remaining >= count else { throw error("the message ends early") }
    defer { offset += count }
    return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
  }

  package mutating func double() throws(WireError) -> Double { Double(bitPattern: try read()) }

  /// `u32` byte count and UTF-8.
  package mutating func string() throws(WireError) -> String { try text(Int(try read(UInt32.self))) }

  /// Bytes with a `u32` count.
  package mutating func counted() throws(WireError) -> [UInt8] { Array(try slice(Int(try read(UInt32.self)))) }

  /// A `u32` count of things that take at least `size` bytes each.
  package mutating func count(ofSize size: Int) throws(WireError) -> Int {
    let count = Int(try read(UInt32.self))
    guard count <= remaining / max(1, size) else { throw error("a count of \(count) is more than the message holds") }
    return count
  }

  package mutating func blob() throws(WireError) -> Payload {
    switch try read(UInt8.self) {
    case 0: return Payload(Array(try slice(try length())))
    case 1:
      let number = Int(try read(UInt32.self))
      guard number < regions.count else { throw error("there is no descriptor \(number)") }
      return try part(of: regions[number])
    case 2:
      guard let artifact else { throw error("a reference to an artifact in a message") }
      guard let digest = Digest(bytes: try slice(32)) else { throw error("a broken digest") }
      guard let region = artifact(digest) else { throw error("artifact \(digest.short) is not in the store") }
      return try part(of: region)
    case let kind: throw error("unknown kind of blob \(kind)")
    }
  }

  /// A value; `nil` is an output that was not set.
  package mutating func output() throws(WireError) -> Value? {
    if offset < bytes.count, bytes[offset] == 255 {
      offset += 1
      return nil
    }
    return try value()
  }

  package mutating func value() throws(WireError) -> Value { try value(depth: 0) }
}

extension WireDecoder {
  private func error(_ message: String) -> WireError { WireError(message, at: offset) }

  private mutating func length() throws(WireError) -> Int {
    guard let length = Int(exactly: try read(UInt64.self)) else { throw error("a length beyond all bounds") }
    return length
  }

  private mutating func slice(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw error("the message ends early") }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  private mutating func text(_ count: Int) throws(WireError) -> String {
    let start = offset
    let content = try slice(count)
    let text = content.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) }
    guard let text else { throw WireError("text that is not UTF-8", at: start) }
    return text
  }

  private mutating func part(of region: any Region) throws(WireError) -> Payload {
    let start = try length()
    let count = try length()
    guard start <= region.count, count <= region.count - start else {
      throw error("a slice outside its descriptor: \(count) bytes at \(start) of \(region.count)")
    }
    return Payload(region, offset: start, count: count)
  }

  private mutating func value(depth: Int) throws(WireError) -> Value {
    guard depth <= Wire.maximumDepth else { throw error("values nest deeper than \(Wire.maximumDepth) levels") }
    switch try read(UInt8.self) {
    case 0: return .null
    case 1:
      let flag = try read(UInt8.self)
      guard flag <= 1 else { throw error("a bool that is neither 0 nor 1") }
      return .bool(flag == 1)
    case 2: return .int(try read())
    case 3: return .float(try double())
    case 4: return .string(try valueText())
    case 5: return .bytes(try blob())
    case 6:
      let count = try count(ofSize: 1)
      var items: [Value] = []
      items.reserveCapacity(count)
      for _ in 0..<count { items.append(try value(depth: depth + 1)) }
      return .list(items)
    case 7: return .record(try fields(depth: depth))
    case 8: return .tensor(try tensor())
    case 9: return .table(try table(depth: depth))
    case 10: return .file(try file())
    case 11: return .directory(try file())
    case let kind: throw error("unknown kind of value \(kind)")
    }
  }

  private mutating func valueText() throws(WireError) -> String {
    if offset < bytes.count, bytes[offset] == 0 {
      offset += 1
      return try text(try length())
    }
    let start = offset
    let payload = try blob()
    let text = payload.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    guard let text else { throw WireError("text that is not UTF-8", at: start) }
    return text
  }

  private mutating func fields(depth: Int) throws(WireError) -> [Value.Field] {
    let count = try count(ofSize: 5)
    var fields: [Value.Field] = []
    fields.reserveCapacity(count)
    var names: Set<String> = []
    for _ in 0..<count {
      let name = try string()
      let isNew = count <= 8 ? !fields.contains { $0.name == name } : names.insert(name).inserted
      guard isNew else { throw error("field `\(name)` stands twice in a record") }
      fields.append(.init(name, try value(depth: depth + 1)))
    }
    return fields
  }

  private mutating func tensor() throws(WireError) -> Tensor {
    let code = try read(UInt8.self)
    let bits = try read(UInt8.self)
    let lanes = try read(UInt16.self)
    guard lanes == 1, let element = ElementType(dlpackCode: code, bits: bits) else {
      throw error("unknown tensor element: DLPack code \(code), \(bits) bits, \(lanes) lanes")
    }
    let rank = try count(ofSize: 8)
    guard rank <= Tensor.maximumRank else { throw error("a tensor of \(rank) dimensions") }
    var shape: [Int] = []
    for _ in 0..<rank {
      let length = try read(Int64.self)
      guard length >= 0 else { throw error("a dimension of \(length)") }
      shape.append(Int(length))
    }
    let data = try blob()
    guard let size = Tensor.byteCount(element, shape), size == data.count else {
      throw error("tensor<\(element.rawValue)>\(shape) with \(data.count) bytes")
    }
    return Tensor(element: element, shape: shape, data: data)
  }

  private mutating func file() throws(WireError) -> FileReference {
    var path = try string()
    guard let size = Int64(exactly: try read(UInt64.self)) else { throw error("a file size beyond all bounds") }
    let mediaType = try string()
    let text = try string()
    var digest: Digest?
    if !text.isEmpty {
      guard text.utf8.count == 71, text.hasPrefix("sha256:"), let parsed = Digest(hex: text) else {
        throw error("a broken digest")
      }
      digest = parsed
    }
    if path.isEmpty, let digest, let found = self.path?(digest) { path = found }
    return FileReference(path: path, size: size, mediaType: mediaType, digest: digest)
  }

  private mutating func table(depth: Int) throws(WireError) -> Table {
    let schema = try field(depth: depth + 1)
    if let problem = schema.tableProblem { throw error(problem) }
    let count = try count(ofSize: 33)
    var batches: [ArrowArray] = []
    for _ in 0..<count {
      let batch = try array(depth: depth + 1)
      if let problem = batch.problem(as: schema) { throw error(problem) }
      batches.append(batch)
    }
    return Table(schema: schema, batches: batches)
  }

  private mutating func field(depth: Int) throws(WireError) -> ArrowField {
    guard depth <= Wire.maximumDepth else { throw error("columns nest deeper than \(Wire.maximumDepth) levels") }
    let format = try string()
    let name = try string()
    let metadata = try counted()
    let flags = try read(Int64.self)
    var children: [ArrowField] = []
    for _ in 0..<(try count(ofSize: 25)) { children.append(try field(depth: depth + 1)) }
    let dictionary = try flag() ? [try field(depth: depth + 1)] : []
    return ArrowField(
      format: format, name: name, metadata: metadata, flags: flags, children: children, dictionary: dictionary)
  }

  private mutating func array(depth: Int) throws(WireError) -> ArrowArray {
    guard depth <= Wire.maximumDepth else { throw error("columns nest deeper than \(Wire.maximumDepth) levels") }
    let length = Int(try read(Int64.self))
    let nullCount = Int(try read(Int64.self))
    let start = Int(try read(Int64.self))
    var buffers: [Payload?] = []
    for _ in 0..<(try count(ofSize: 1)) { buffers.append(try flag() ? try blob() : nil) }
    var children: [ArrowArray] = []
    for _ in 0..<(try count(ofSize: 33)) { children.append(try array(depth: depth + 1)) }
    let dictionary = try flag() ? [try array(depth: depth + 1)] : []
    return ArrowArray(
      length: length, nullCount: nullCount, offset: start, buffers: buffers, children: children, dictionary: dictionary)
  }

  private mutating func flag() throws(WireError) -> Bool {
    let flag = try read(UInt8.self)
    guard flag <= 1 else { throw error("a flag that is neither 0 nor 1") }
    return flag == 1
  }
}

extension Tensor {
  /// What numpy allows.
  package static let maximumRank = 64

  /// The size of the contents, or nil when a dimension is negative or the size does not fit. A dimension of 0 does not
  /// excuse others that are beyond all bounds.
  package static func byteCount(_ element: ElementType, _ shape: [Int]) -> Int? {
    var size = element.byteCount
    for length in shape where length != 0 {
      let (product, overflow) = size.multipliedReportingOverflow(by: length)
      guard length > 0, !overflow else { return nil }
      size = product
    }
    return shape.contains(0) ? 0 : size
  }
}
