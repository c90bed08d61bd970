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
  /// `payloadDigest` is asked for whole slices over 64 KiB that lie in memory as they are. O(bytes).
  package func contentDigest(_ payloadDigest: (Payload) -> Digest = { $0.digest }) -> Digest? {
    withoutActuallyEscaping(payloadDigest) { payloadDigest in
      var encoder = CanonicalEncoder(payloadDigest: payloadDigest)
      encoder.put("assay.value/1\n")
      return encoder.put(self) ? encoder.digest() : nil
    }
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
  let payloadDigest: (Payload) -> Digest
  private var hasher = Hasher256()
  private var buffer: [UInt8] = []

  init(payloadDigest: @escaping (Payload) -> Digest) {
    self.payloadDigest = payloadDigest
    buffer.reserveCapacity(256)
  }

  mutating func digest() -> Digest {
    flush()
    return hasher.digest()
  }

  private mutating func flush() {
    hasher.update(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  mutating func put(_ text: String) { buffer.append(contentsOf: text.utf8) }
  mutating func put(byte: UInt8) { buffer.append(byte) }
  mutating func put(_ number: Int) { put(bits: UInt64(bitPattern: Int64(number))) }
  mutating func put(bits: UInt64) { Swift.withUnsafeBytes(of: bits.littleEndian) { buffer.append(contentsOf: $0) } }

  /// False when a file has no digest.
  mutating func put(_ value: Value) -> Bool {
    switch value {
    case .null: put(byte: 0)
    case .bool(let flag):
      put(byte: 1)
      put(byte: flag ? 1 : 0)
    case .int(let number):
      put(byte: 2)
      put(bits: UInt64(bitPattern: number))
    case .float(let number):
      put(byte: 3)
      put(bits: number.bitPattern)
    case .string(let text):
      put(byte: 4)
      content(text)
    case .bytes(let payload):
      put(byte: 5)
      content(payload)
    case .list(let items):
      put(byte: 6)
      put(items.count)
      for item in items { guard put(item) else { return false } }
    case .record(let fields):
      put(byte: 7)
      put(fields.count)
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
    buffer.append(contentsOf: digest.bytes)
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
    put(byte: 1)
    put(payload.count)
    buffer.append(contentsOf: payloadDigest(payload).bytes)
  }

  mutating func content(_ bytes: UnsafeRawBufferPointer) {
    put(byte: bytes.count > Wire.inlineLimit ? 1 : 0)
    put(bytes.count)
    guard bytes.count > Wire.inlineLimit else {
      buffer.append(contentsOf: bytes)
      if buffer.count > Wire.inlineLimit { flush() }
      return
    }
    var inner = Hasher256()
    inner.update(bytes)
    buffer.append(contentsOf: inner.digest().bytes)
  }
}
