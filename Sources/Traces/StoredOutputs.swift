internal import Database
internal import Values

/// The outputs of a node as they lie in the trace: the stored form of each, nil for one that was not set.
package typealias StoredOutputs = [[UInt8]?]

/// The bytes of a task's `components`: for each `u8 count`, the name's bytes and the digest's 32.
enum ComponentsCodec {
  static func encode(_ components: [(name: String, digest: Digest)]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(components.count * 48)
    for component in components {
      var name = component.name
      name.withUTF8 { utf8 in
        let utf8 = utf8.prefix(255)
        bytes.append(UInt8(utf8.count))
        bytes.append(contentsOf: utf8)
      }
      component.digest.withBytes { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  static func decode(_ bytes: [UInt8]) -> [(name: String, digest: Digest)] {
    var components: [(name: String, digest: Digest)] = []
    var position = 0
    while position < bytes.count {
      let start = position + 1
      let end = start + Int(bytes[position])
      guard end + 32 <= bytes.count, let digest = Digest(bytes: bytes[end..<end + 32]) else { break }
      components.append((String(decoding: bytes[start..<end], as: UTF8.self), digest))
      position = end + 32
    }
    return components
  }
}

/// The bytes of a row's `arguments`: digests of 32 bytes.
enum ArgumentsCodec {
  static func decode(_ bytes: UnsafeRawBufferPointer) -> [Digest] {
    stride(from: 0, to: bytes.count / 32 * 32, by: 32).compactMap { Digest(bytes: bytes[$0..<$0 + 32]) }
  }
}

extension Digest {
  /// The first 8 bytes: the key of `results`.
  var prefix: Int64 { Int64(bitPattern: words.0) }

  /// Whether these are its 32 bytes.
  func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count == 32 else { return false }
    func word(_ index: Int) -> UInt64 {
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
    }
    return (word(0), word(1), word(2), word(3)) == words
  }
}

extension Value {
  /// Calls `body` with the digest of each artifact that the value refers to (some more than once).
  func forEachArtifact(_ body: (Digest) -> Void) {
    switch self {
    case .null, .bool, .int, .float: break
    // A large string is stored under the digest of its bytes.
    case .string(let text): if text.utf8.count > Wire.inlineLimit { body(Hasher256.digest(Array(text.utf8))) }
    case .bytes(let payload): payload.artifact.map(body)
    case .list(let items): for item in items { item.forEachArtifact(body) }
    case .record(let fields): for field in fields { field.value.forEachArtifact(body) }
    case .tensor(let tensor): tensor.data.artifact.map(body)
    case .table(let table): for batch in table.batches { batch.forEachArtifact(body) }
    case .file(let file), .directory(let file): file.digest.map(body)
    }
  }
}

extension ArrowArray {
  fileprivate func forEachArtifact(_ body: (Digest) -> Void) {
    for case .some(let buffer) in buffers { buffer.artifact.map(body) }
    for child in children + dictionary { child.forEachArtifact(body) }
  }
}

extension Payload {
  fileprivate var artifact: Digest? {
    if case .region(let region, _, _) = storage { region.artifact } else { nil }
  }
}

extension Statement {
  /// A column that holds a digest; of a damaged one the digest of nothing.
  func digest(_ column: Int) -> Digest { withBytes(column) { Digest(bytes: $0) } ?? Hasher256.digest([]) }
}
