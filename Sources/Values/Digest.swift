internal import CDigest

/// A SHA-256 digest: the identity of bytes, code, environments and task calls.
package struct Digest: Hashable, Sendable, Comparable {
  package var words: (UInt64, UInt64, UInt64, UInt64)

  package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// Exactly 32 bytes, or nil.
  package init?(bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 32 else { return nil }
    func word(_ offset: Int) -> UInt64 {
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    words = (word(0), word(8), word(16), word(24))
  }

  // Generic code is not specialised for other modules, and a report reads a digest for each argument of each call.
  package init?(bytes: [UInt8]) { self.init(bytes: bytes[...]) }
  package init?(bytes: Slice<UnsafeRawBufferPointer>) { self.init(bytes: UnsafeRawBufferPointer(rebasing: bytes)) }
  package init?(bytes: ArraySlice<UInt8>) {
    guard let digest = bytes.withUnsafeBytes({ Digest(bytes: $0) }) else { return nil }
    self = digest
  }

  /// 64 hexadecimal digits, optionally behind `sha256:`, or nil.
  package init?(hex: some StringProtocol) {
    var digits = Array(hex.utf8)
    if digits.starts(with: Array("sha256:".utf8)) { digits.removeFirst(7) }
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = Self.nibble(digits[index]), let low = Self.nibble(digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    self.init(bytes: bytes)
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x57
    case 0x41...0x46: digit - 0x37
    default: nil
    }
  }

  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    withBytes { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Its 32 bytes, without an array of their own.
  package func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    let big = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    withUnsafeBytes(of: big) { body($0) }
  }

  package func append(to bytes: inout [UInt8]) { withBytes { bytes.append(contentsOf: $0) } }

  package var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The first twelve digits: enough for a person.
  package var short: String { String(hex.prefix(12)) }

  package static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }
  package static func < (a: Digest, b: Digest) -> Bool { a.words < b.words }
  package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// An incremental SHA-256.
package struct Hasher256: Sendable {
  private var state = cdigest_sha256()

  package init() { cdigest_sha256_init(&state) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    cdigest_sha256_update(&state, bytes.baseAddress, bytes.count)
  }

  package mutating func update(_ digest: Digest) { digest.withBytes { update($0) } }

  package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The digest of everything given so far; the hasher may go on.
  package func digest() -> Digest {
    var copy = state
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &words) { out in
      cdigest_sha256_final(&copy, out.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
    return Digest(words: (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian))
  }

  package static func digest(_ bytes: [UInt8]) -> Digest {
    var hasher = Hasher256()
    hasher.update(bytes)
    return hasher.digest()
  }
}
