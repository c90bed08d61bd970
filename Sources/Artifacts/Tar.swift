internal import Glibc

/// The few parts of the POSIX tar format (ustar) that an archive of artifacts needs: regular files, one after another.
enum Tar {
  static let block = 512

  /// The header block of a regular file.
  static func header(_ name: String, size: Int64) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: Tar.block)
    func put(_ text: String, at offset: Int) {
      block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    func octal(_ number: Int64, at offset: Int, digits: Int) {
      let text = String(number, radix: 8)
      put(String(repeating: "0", count: max(0, digits - text.count)) + text, at: offset)
    }
    put(String(name.prefix(100)), at: 0)
    octal(0o444, at: 100, digits: 7)
    octal(0, at: 108, digits: 7)
    octal(0, at: 116, digits: 7)
    if size < 1 << 33 {
      octal(size, at: 124, digits: 11)
    } else {
      // GNU's binary form, which all programs of today read.
      block[124] = 0x80
      for byte in 0..<8 { block[135 - byte] = UInt8(truncatingIfNeeded: size >> (byte * 8)) }
    }
    octal(0, at: 136, digits: 11)
    block[156] = UInt8(ascii: "0")
    put("ustar\u{0}00", at: 257)
    let sum = checksum(block)
    octal(Int64(sum), at: 148, digits: 6)
    block[154] = 0
    block[155] = 0x20
    return block
  }

  static func padding(_ size: Int64) -> Int { (block - Int(size % Int64(block))) % block }

  /// Name and size of a regular file; nil for a block of zeros (the end). Throws for everything else.
  static func entry(_ block: [UInt8], path: String) throws(StoreError) -> (name: String, size: Int64)? {
    if block.allSatisfy({ $0 == 0 }) { return nil }
    func refused(_ why: String) -> StoreError {
      StoreError(.malformed, "not an archive of artifacts (\(why))", path: path)
    }
    guard block.count == Tar.block, block[257..<262].elementsEqual("ustar".utf8) else { throw refused("no tar file") }
    guard let sum = number(block[148..<156]), sum == Int64(checksum(block)) else { throw refused("a damaged header") }
    guard let name = text(block[0..<100]), text(block[345..<500]) == "" else {
      throw refused("a name that is too long")
    }
    guard [0, UInt8(ascii: "0")].contains(block[156]) else { throw refused("`\(name)` is no regular file") }
    guard let size = number(block[124..<136]), size >= 0, size < 1 << 50 else { throw refused("the size of `\(name)`") }
    return (name, size)
  }

  private static func checksum(_ block: [UInt8]) -> Int {
    block.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(block[$1])) }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
    if let first = bytes.first, first & 0x80 != 0 {
      guard first == 0x80, bytes.dropFirst().dropLast(7).allSatisfy({ $0 == 0 }) else { return nil }
      return bytes.suffix(7).reduce(Int64(0)) { $0 << 8 | Int64($1) }
    }
    let digits = bytes.filter { $0 != 0 && $0 != 0x20 }
    guard digits.count <= 12 else { return nil }
    return digits.isEmpty ? 0 : Int64(String(decoding: digits, as: UTF8.self), radix: 8)
  }
}
