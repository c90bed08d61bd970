extension Value {
  /// The identity of the content, wherever it lies: part of the task key. Nil when a file in it was never hashed.
  ///
  /// SHA-256 over `assay.value/1\n` and a canonical encoding that uses the kinds of docs/wire.md with these rules:
  /// - contents are `u8 0 | u64 count | bytes` up to 64 KiB, else `u8 1 | u64 count | SHA-256 of the bytes`, so that a
  ///   store may remember digests of large contents;
  /// - floats go by bit pattern (0.0 and -0.0 differ, NaNs by payload), `int 1` is not `float 1.0`, the order of record
  ///   fields counts;
  /// - files and directories are media type and digest, without path and size;
  /// - tables are schema (metadata included) and batches as logical rows: array offsets, spare bytes, bits beyond the last
  ///   row, values under nulls and a validity bitmap that is all ones make no difference; the cut into batches does.
  ///
  /// O(bytes).
  package func contentDigest() -> Digest? {
    var encoder = CanonicalEncoder()
    return encoder.put(self) ? encoder.digest() : nil
  }
}

extension Payload {
  /// SHA-256 of the bytes. O(count).
  package var digest: Digest {
    var hasher = Hasher256()
    withUnsafeBytes { hasher.update($0) }
    return hasher.digest()
  }
}

struct CanonicalEncoder {
  private var hasher = Self.begun

  private static let begun: Hasher256 = {
    var hasher = Hasher256()
    hasher.update("assay.value/1\n")
    return hasher
  }()

  func digest() -> Digest { hasher.digest() }

  mutating func put(byte: UInt8) { Swift.withUnsafeBytes(of: byte) { hasher.update($0) } }
  mutating func put(_ number: Int) { put(bits: UInt64(bitPattern: Int64(number))) }
  mutating func put(bits: UInt64) { Swift.withUnsafeBytes(of: bits.littleEndian) { hasher.update($0) } }

  /// A byte and a number behind it, at once: what most values begin with.
  private mutating func put(_ byte: UInt8, _ bits: UInt64) {
    let words = ((UInt64(byte) << 56).littleEndian, bits.littleEndian)
    Swift.withUnsafeBytes(of: words) { hasher.update(UnsafeRawBufferPointer(rebasing: $0[7...])) }
  }

  /// False when a file has no digest.
  mutating func put(_ value: Value) -> Bool {
    switch value {
    case .null: put(byte: 0)
    case .bool(let flag):
      put(byte: 1)
      put(byte: flag ? 1 : 0)
    case .int(let number): put(2, UInt64(bitPattern: number))
    case .float(let number): put(3, number.bitPattern)
    case .string(let text):
      put(byte: 4)
      content(text)
    case .bytes(let payload):
      put(byte: 5)
      content(payload)
    case .list(let items):
      put(6, UInt64(items.count))
      for item in items { guard put(item) else { return false } }
    case .record(let fields):
      put(7, UInt64(fields.count))
      for field in fields {
        content(field.name)
        guard put(field.value) else { return false }
      }
    case .tensor(let tensor):
      put(byte: 8)
      content(tensor.element.rawValue)
      put(tensor.shape.count)
      for length in tensor.shape { put(length) }
      content(tensor.data)
    case .table(let table):
      put(byte: 9)
      put(table.schema)
      put(table.batches.count)
      for batch in table.batches { put(batch, table.schema, batch.offset, batch.length) }
    case .file(let file): return put(file, kind: 10)
    case .directory(let file): return put(file, kind: 11)
    }
    return true
  }

  private mutating func put(_ file: FileReference, kind: UInt8) -> Bool {
    guard let digest = file.digest else { return false }
    put(byte: kind)
    content(file.mediaType)
    hasher.update(digest)
    return true
  }

  private mutating func put(_ field: ArrowField) {
    content(field.format)
    content(field.name)
    field.metadata.withUnsafeBytes { content($0) }
    put(Int(field.flags))
    put(field.children.count)
    for child in field.children { put(child) }
    put(field.dictionary.count)
    for dictionary in field.dictionary { put(dictionary) }
  }

  mutating func content(_ text: String) {
    var text = text
    text.withUTF8 { content(UnsafeRawBufferPointer($0)) }
  }

  mutating func content(_ payload: Payload) {
    guard payload.count > Wire.inlineLimit else { return payload.withUnsafeBytes { content($0) } }
    put(1, UInt64(payload.count))
    hasher.update(payload.digest)
  }

  mutating func content(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > Wire.inlineLimit else {
      put(0, UInt64(bytes.count))
      return hasher.update(bytes)
    }
    put(1, UInt64(bytes.count))
    var inner = Hasher256()
    inner.update(bytes)
    hasher.update(inner.digest())
  }
}
