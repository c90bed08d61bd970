import CDigest
import Testing

/// SHA-256 of `bytes`, taken in pieces of `step`.
private func sha256(_ bytes: [UInt8], step: Int = .max, portable: Bool = false) -> [UInt8] {
  var digest = cdigest_sha256()
  cdigest_sha256_init(&digest)
  if portable { digest.portable = 1 }
  var start = 0
  while start < bytes.count {
    let count = min(step, bytes.count - start)
    bytes.withUnsafeBytes { cdigest_sha256_update(&digest, $0.baseAddress.map { $0 + start }, count) }
    start += count
  }
  var out = [UInt8](repeating: 0, count: 32)
  cdigest_sha256_final(&digest, &out)
  return out
}

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

@Suite struct DigestTests {
  /// Examples of FIPS 180-4 (NIST's SHA256.pdf) and the long one of a million `a`.
  @Test(
    arguments: [
      ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ], [false, true])
  func knownAnswers(_ example: (text: String, times: Int, digest: String), portable: Bool) {
    let bytes = Array(String(repeating: example.text, count: example.times).utf8)
    #expect(hex(sha256(bytes, portable: portable)) == example.digest)
  }

  @Test func bothWaysAgreeAtEveryLengthAndSplit() {
    var state: UInt64 = 42
    let bytes = (0..<400).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
    for length in 0...bytes.count {
      let part = Array(bytes.prefix(length))
      let expected = sha256(part, portable: true)
      #expect(sha256(part) == expected)
      #expect(sha256(part, step: 1 + length % 70) == expected)
    }
  }
}
