/// Why a message cannot be written or is not one. `offset` counts bytes of the body.
package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
  package var message: String
  package var offset: Int

  package init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }

  package var description: String { "\(message) (byte \(offset))" }
}

/// Limits that both sides of the wire know (docs/wire.md).
package enum Wire {
  /// Contents of more bytes than this leave the body.
  package static let inlineLimit = 65_536
  /// Deepest nesting of values, fields and arrays.
  package static let maximumDepth = 64
  /// Most blob descriptors of one packet.
  package static let maximumDescriptors = 250
  /// In the stored form, parts of artifacts longer than this are referred to.
  package static let referenceLimit = 1_024
}

/// Writes the body of a packet, or the stored form of values: the encoding of docs/wire.md.
///
/// Single-threaded. Cost: a few nanoseconds a scalar; contents over 64 KiB that lie in a region are never copied.
///
/// The stored form differs in two places: parts of artifacts are blobs `u8 2 | 32 bytes digest | u64 offset | u64 count`,
/// and files whose digest is known have an empty path. It can be read by any process that can open the artifacts.
package struct WireEncoder {
  /// Gives contents of more than 64 KiB a home that can be referred to (shared memory, an artifact), or nil: inline.
  package typealias Placement = (Payload) -> (any Region)?

  package private(set) var bytes: [UInt8] = []
  /// The regions that blobs refer to, in the order of their descriptor numbers. Each has a descriptor.
  package private(set) var regions: [any Region] = []
  /// Stored form: the artifacts that the bytes refer to, each once.
  package private(set) var artifacts: [Digest] = []

  private let isStored: Bool
  private let place: Placement
  private var numbers: [ObjectIdentifier: Int] = [:]
  private var known: Set<Digest> = []

  /// For a packet. Contents beyond `Wire.maximumDescriptors` regions go inline.
  package init(place: @escaping Placement = { _ in nil }) {
    self.init(isStored: false, place)
  }

  private init(isStored: Bool, _ place: @escaping Placement) {
    self.isStored = isStored
    self.place = place
  }

  /// For the stored form: `place` puts contents into the artifact store.
  package static func storing(place: @escaping Placement = { _ in nil }) -> WireEncoder {
    WireEncoder(isStored: true, place)
  }

  /// The stored form of one value and the artifacts that it refers to.
  package static func store(
    _ value: Value, place: @escaping Placement = { _ in nil }
  ) throws(WireError) -> (bytes: [UInt8], artifacts: [Digest]) {
    var encoder = WireEncoder.storing(place: place)
    try encoder.put(value)
    return (encoder.bytes, encoder.artifacts)
  }

  package mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

  // One for each type: a generic one would be called unspecialised from other modules, at twenty times the cost.
  package mutating func put(_ number: UInt8) { bytes.append(number) }
  package mutating func put(_ number: UInt16) { append(little: UInt64(number), 2) }
  package mutating func put(_ number: UInt32) { append(little: UInt64(number), 4) }
  package mutating func put(_ number: Int32) { append(little: UInt64(UInt32(bitPattern: number)), 4) }
  package mutating func put(_ number: UInt64) { append(little: number, 8) }
  package mutating func put(_ number: Int64) { append(little: UInt64(bitPattern: number), 8) }

  private mutating func append(little number: UInt64, _ count: Int) {
    withUnsafeBytes(of: number.littleEndian) { append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  /// Several at once, where many stand in a row.
  package mutating func put(_ a: UInt64, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ e: UInt32) {
    withUnsafeBytes(of: (a.littleEndian, b.littleEndian, c.littleEndian, d.littleEndian, e.littleEndian)) { append($0) }
  }
  package mutating func put(_ words: (UInt64, UInt64, UInt64, UInt64), _ a: Int64, _ b: Int64) {
    withUnsafeBytes(
      of: (
        words.0.littleEndian, words.1.littleEndian, words.2.littleEndian, words.3.littleEndian, a.littleEndian,
        b.littleEndian
      )
    ) { append($0) }
  }

  package mutating func put(_ number: Double) { put(number.bitPattern) }

  /// `u32` byte count and UTF-8.
  package mutating func put(_ text: String) throws(WireError) {
    var text = text
    let fits = text.withUTF8 { utf8 -> Bool in
      guard let count = UInt32(exactly: utf8.count) else { return false }
      put(count)
      append(UnsafeRawBufferPointer(utf8))
      return true
    }
    if !fits { throw tooLong("a string") }
  }

  /// Bytes with a `u32` count, such as Arrow's metadata.
  package mutating func put(counted content: [UInt8]) throws(WireError) {
    guard let count = UInt32(exactly: content.count) else { throw tooLong("a byte string") }
    put(count)
    bytes.append(contentsOf: content)
  }

  /// Bytes as they are.
  package mutating func append(_ content: UnsafeRawBufferPointer) { bytes.append(contentsOf: content) }

  private mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Overwrites four bytes that were put before: a count that is known only now.
  package mutating func patch(_ number: UInt32, at offset: Int) {
    precondition(offset >= 0 && offset + 4 <= bytes.count)
    for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: number >> UInt32(8 * index)) }
  }

  /// An output that was not set.
  package mutating func putAbsent() { bytes.append(255) }

  package mutating func put(_ value: Value) throws(WireError) { try put(value, depth: 0) }

  package mutating func put(blob payload: Payload) {
    let count = payload.count
    if case .region(let region, let offset, _) = payload.storage, refer(to: region, offset, count) { return }
    if count > Wire.inlineLimit, let region = place(payload), region.count >= count, refer(to: region, 0, count) {
      return
    }
    bytes.append(0)
    put(UInt64(count))
    payload.withUnsafeBytes { append($0) }
  }

  /// Writes a reference if there may be one.
  private mutating func refer(to region: any Region, _ offset: Int, _ count: Int) -> Bool {
    if isStored {
      guard count > Wire.referenceLimit, let digest = region.artifact,
        let place = UInt64(exactly: region.artifactOffset + offset)
      else { return false }
      if known.insert(digest).inserted { artifacts.append(digest) }
      bytes.append(2)
      bytes.append(contentsOf: digest.bytes)
      put(place)
    } else {
      guard count > Wire.inlineLimit, region.descriptor != nil, let number = number(of: region) else { return false }
      bytes.append(1)
      put(UInt32(number))
      put(UInt64(offset))
    }
    put(UInt64(count))
    return true
  }

  private mutating func number(of region: any Region) -> Int? {
    let identity = ObjectIdentifier(region)
    if let number = numbers[identity] { return number }
    guard regions.count < Wire.maximumDescriptors else { return nil }
    numbers[identity] = regions.count
    regions.append(region)
    return regions.count - 1
  }

  private func tooLong(_ what: String) -> WireError { WireError("\(what) is too long for a message", at: bytes.count) }
}

extension WireEncoder {
  private mutating func put(_ value: Value, depth: Int) throws(WireError) {
    guard depth <= Wire.maximumDepth else { throw tooDeep }
    switch value {
    case .null: bytes.append(0)
    case .bool(let flag):
      bytes.append(1)
      bytes.append(flag ? 1 : 0)
    case .int(let number):
      bytes.append(2)
      put(number)
    case .float(let number):
      bytes.append(3)
      put(number)
    case .string(let text): putText(text)
    case .bytes(let payload):
      bytes.append(5)
      put(blob: payload)
    case .list(let items):
      bytes.append(6)
      put(try count(items))
      for item in items { try put(item, depth: depth + 1) }
    case .record(let fields):
      bytes.append(7)
      put(try count(fields))
      for field in fields {
        try put(field.name)
        try put(field.value, depth: depth + 1)
      }
    case .tensor(let tensor): try put(tensor)
    case .table(let table):
      bytes.append(9)
      try put(table.schema, depth: depth + 1)
      put(try count(table.batches))
      for batch in table.batches { try put(batch, depth: depth + 1) }
    case .file(let file): try put(file, kind: 10)
    case .directory(let file): try put(file, kind: 11)
    }
  }

  private mutating func putText(_ text: String) {
    bytes.append(4)
    let count = text.utf8.count
    guard count <= Wire.inlineLimit else { return put(blob: Payload(Array(text.utf8))) }
    bytes.append(0)
    put(UInt64(count))
    append(text)
  }

  private mutating func put(_ tensor: Tensor) throws(WireError) {
    let (code, bits) = tensor.element.dlpack
    bytes.append(8)
    bytes.append(code)
    bytes.append(bits)
    put(UInt16(1))
    put(try count(tensor.shape))
    for length in tensor.shape { put(Int64(length)) }
    put(blob: tensor.data)
  }

  private mutating func put(_ field: ArrowField, depth: Int) throws(WireError) {
    guard depth <= Wire.maximumDepth else { throw tooDeep }
    try put(field.format)
    try put(field.name)
    try put(counted: field.metadata)
    put(field.flags)
    put(try count(field.children))
    for child in field.children { try put(child, depth: depth + 1) }
    bytes.append(field.dictionary.isEmpty ? 0 : 1)
    if let dictionary = field.dictionary.first { try put(dictionary, depth: depth + 1) }
  }

  private mutating func put(_ array: ArrowArray, depth: Int) throws(WireError) {
    guard depth <= Wire.maximumDepth else { throw tooDeep }
    for number in [array.length, array.nullCount, array.offset] { put(Int64(number)) }
    put(try count(array.buffers))
    for buffer in array.buffers {
      bytes.append(buffer == nil ? 0 : 1)
      if let buffer { put(blob: buffer) }
    }
    put(try count(array.children))
    for child in array.children { try put(child, depth: depth + 1) }
    bytes.append(array.dictionary.isEmpty ? 0 : 1)
    if let dictionary = array.dictionary.first { try put(dictionary, depth: depth + 1) }
  }

  private mutating func put(_ file: FileReference, kind: UInt8) throws(WireError) {
    bytes.append(kind)
    try put(isStored && file.digest != nil ? "" : file.path)
    put(UInt64(bitPattern: max(0, file.size)))
    try put(file.mediaType)
    try put(file.digest.map { "sha256:" + $0.hex } ?? "")
    if isStored, let digest = file.digest, known.insert(digest).inserted { artifacts.append(digest) }
  }

  private func count(_ items: some Collection) throws(WireError) -> UInt32 {
    guard let count = UInt32(exactly: items.count) else { throw tooLong("a list") }
    return count
  }

  private var tooDeep: WireError {
    WireError("values nest deeper than \(Wire.maximumDepth) levels", at: bytes.count)
  }
}

extension Value {
  /// The stored form of null, a truth or a number, without an array of its own; false for anything else.
  package func withStoredScalar(_ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
    func tell(_ kind: UInt8, _ bits: UInt64) {
      let words = ((UInt64(kind) << 56).littleEndian, bits.littleEndian)
      withUnsafeBytes(of: words) { body(UnsafeRawBufferPointer(rebasing: $0[7...])) }
    }
    switch self {
    case .null: withUnsafeBytes(of: UInt8(0)) { body($0) }
    case .bool(let flag): withUnsafeBytes(of: (UInt8(1), UInt8(flag ? 1 : 0))) { body($0) }
    case .int(let number): tell(2, UInt64(bitPattern: number))
    case .float(let number): tell(3, number.bitPattern)
    default: return false
    }
    return true
  }
}
