/// Splits a stream of bytes into messages: `Content-Length: N`, an empty line, N bytes. Pure; bytes come in any pieces.
package struct Framing {
  package enum Output: Equatable, Sendable {
    case message([UInt8])
    /// A header that says no length; it was skipped.
    case broken(String)
    /// What comes is no protocol: nothing after it can be understood.
    case lost(String)
  }

  /// Longer messages, or headers, are refused.
  static let maximumLength = 256 << 20
  static let maximumHeader = 8 << 10

  private var bytes: [UInt8] = []
  private var start = 0
  /// Of the message whose header was read.
  private var length: Int?
  private var isLost = false

  package init() {}

  package mutating func push(_ new: some Sequence<UInt8>) { bytes.append(contentsOf: new) }

  /// The next message that is complete, or nil: more bytes are needed. Amortised O(bytes).
  package mutating func next() -> Output? {
    guard !isLost else { return nil }
    if length == nil {
      guard let header = header() else {
        guard bytes.count - start > Self.maximumHeader else { return nil }
        isLost = true
        return .lost("a header of more than \(Self.maximumHeader) bytes: this is no Language Server Protocol")
      }
      let found = Self.length(in: header)
      guard let found else { return .broken("a header without a valid `Content-Length`") }
      guard found <= Self.maximumLength else {
        isLost = true
        return .lost("a message of \(found) bytes is too long")
      }
      length = found
    }
    guard let length, bytes.count - start >= length else { return nil }
    let message = Array(bytes[start..<start + length])
    self.length = nil
    consume(length)
    return .message(message)
  }

  /// The bytes up to an empty line, which is consumed.
  private mutating func header() -> [UInt8]? {
    let end = min(bytes.count, start + Self.maximumHeader)
    var index = start
    while index + 3 < end {
      if bytes[index] == 0x0D, bytes[index + 1] == 0x0A, bytes[index + 2] == 0x0D, bytes[index + 3] == 0x0A {
        let header = Array(bytes[start..<index])
        consume(index + 4 - start)
        return header
      }
      index += 1
    }
    return nil
  }

  private mutating func consume(_ count: Int) {
    start += count
    guard start == bytes.count || start > 1 << 20 else { return }
    bytes.removeFirst(start)
    start = 0
  }

  private static func length(in header: [UInt8]) -> Int? {
    let lines = String(decoding: header, as: UTF8.self).split(whereSeparator: \.isNewline)
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
      let digits = parts[1].drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
      guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
      return Int(digits)
    }
    return nil
  }
}
