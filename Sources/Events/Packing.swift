/// Numbers in groups of seven bits, the lowest first; bytes behind their count.
package enum Packing {
  package static func put(_ number: Int, _ bytes: inout [UInt8]) {
    var rest = UInt(bitPattern: number)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Eight numbers that stand in a row.
  package static func put(
    _ numbers: (Int, Int, Int, Int, Int, Int, Int, Int), _ bytes: inout [UInt8]
  ) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 80) { packed in
      var count = 0
      withUnsafeBytes(of: numbers) { numbers in
        for number in numbers.bindMemory(to: UInt.self) {
          var rest = number
          while rest >= 0x80 {
            packed[count] = UInt8(truncatingIfNeeded: rest) | 0x80
            count += 1
            rest >>= 7
          }
          packed[count] = UInt8(truncatingIfNeeded: rest)
          count += 1
        }
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: packed[..<count]))
    }
  }

  package static func put(_ text: String, _ bytes: inout [UInt8]) {
    if text.isEmpty { return bytes.append(0) }
    put(text.utf8, &bytes)
  }

  static func put(_ part: some Collection<UInt8>, _ bytes: inout [UInt8]) {
    put(part.count, &bytes)
    bytes.append(contentsOf: part)
  }
}

package struct Unpacking {
  private let content: [UInt8]
  private var position = 0
  /// Something was read that is not there.
  package private(set) var isBad = false

  package init(_ content: [UInt8]) { self.content = content }

  /// Also after damage: a loop over the content ends.
  package var isAtEnd: Bool { position >= content.count }

  package mutating func byte() -> UInt8 {
    guard position < content.count else {
      isBad = true
      return 0
    }
    defer { position += 1 }
    return content[position]
  }

  package mutating func number() -> Int {
    var number: UInt = 0
    for shift in stride(from: 0, to: 63, by: 7) {
      let next = byte()
      number |= UInt(next & 0x7F) << shift
      if next < 0x80 { return Int(bitPattern: number) }
    }
    isBad = true
    return 0
  }

  package mutating func bytes() -> ArraySlice<UInt8> { bytes(number()) }

  package mutating func bytes(_ count: Int) -> ArraySlice<UInt8> {
    guard count >= 0, count <= content.count - position else {
      isBad = true
      position = content.count
      return []
    }
    defer { position += count }
    return content[position..<position + count]
  }

  package mutating func text() -> String { String(decoding: bytes(), as: UTF8.self) }
}
