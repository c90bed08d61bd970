/// How a client counts the characters of a line.
package enum PositionEncoding: String, Sendable, CaseIterable {
  case utf8 = "utf-8"
  case utf16 = "utf-16"
  case utf32 = "utf-32"

  /// Units of the character whose first UTF-8 byte is `lead`.
  fileprivate func units(_ lead: UInt8) -> Int {
    switch self {
    case .utf8: lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    case .utf16: lead < 0xF0 ? 1 : 2
    case .utf32: 1
    }
  }
}

/// A place in a text as clients count: line and unit within it, both from 0.
package struct TextPosition: Hashable, Sendable {
  package var line: Int
  package var character: Int

  package init(_ line: Int, _ character: Int) {
    self.line = line
    self.character = character
  }
}

package struct TextRange: Hashable, Sendable {
  package var start: TextPosition
  package var end: TextPosition

  package init(_ start: TextPosition, _ end: TextPosition) {
    self.start = start
    self.end = end
  }
}

/// A text that is being edited, with its lines. Lines end at `\n`, `\r\n` or `\r`, as the Language Server Protocol has it.
package struct TextBuffer: Sendable, Equatable {
  /// Always valid UTF-8.
  package private(set) var bytes: [UInt8]
  /// Byte offset at which each line starts; the first is 0.
  package private(set) var lineStarts: [Int]

  package init(_ text: String) {
    bytes = Array(text.utf8)
    lineStarts = [0]
    lineStarts += Self.starts(in: bytes, 0..<bytes.count)
  }

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Starts of the lines whose breaks end in the range; a `\r` before its `\n` is no end.
  private static func starts(in bytes: [UInt8], _ range: Range<Int>) -> [Int] {
    var result: [Int] = []
    bytes.withUnsafeBufferPointer { bytes in
      for offset in range {
        let byte = bytes[offset]
        guard byte == 0x0A || byte == 0x0D else { continue }
        if byte == 0x0D, offset + 1 < bytes.count, bytes[offset + 1] == 0x0A { continue }
        result.append(offset + 1)
      }
    }
    return result
  }

  /// The offset of a position; behind the end of its line is at the end of the line, inside a character before it.
  package func offset(_ position: TextPosition, _ encoding: PositionEncoding) -> Int {
    guard position.line >= 0 else { return 0 }
    guard position.line < lineStarts.count else { return bytes.count }
    var offset = lineStarts[position.line]
    let end = lineEnd(position.line)
    var units = 0
    while offset < end {
      let lead = bytes[offset]
      units += encoding.units(lead)
      if units > position.character { break }
      offset += PositionEncoding.utf8.units(lead)
    }
    return min(offset, end)
  }

  /// The position of an offset. O(log lines + line length).
  package func position(_ offset: Int, _ encoding: PositionEncoding) -> TextPosition {
    let offset = max(0, min(offset, bytes.count))
    let line = line(of: offset)
    let end = min(offset, lineEnd(line))
    let start = lineStarts[line]
    if encoding == .utf8 { return TextPosition(line, end - start) }
    var units = 0
    for byte in bytes[start..<end] where byte & 0xC0 != 0x80 { units += encoding.units(byte) }
    return TextPosition(line, units)
  }

  /// The line of an offset, from 0.
  package func line(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// The end of a line before its break.
  package func lineEnd(_ line: Int) -> Int {
    guard line + 1 < lineStarts.count else { return bytes.count }
    var end = lineStarts[line + 1]
    let start = lineStarts[line]
    if end > start, bytes[end - 1] == 0x0A { end -= 1 }
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return end
  }

  /// Replaces a range; a reversed one is turned round. O(text behind it), lines elsewhere are not looked at again.
  package mutating func replace(_ range: TextRange, with text: String, _ encoding: PositionEncoding) {
    let a = offset(range.start, encoding)
    let b = offset(range.end, encoding)
    replace(min(a, b)..<max(a, b), with: Array(text.utf8))
  }

  private mutating func replace(_ range: Range<Int>, with new: [UInt8]) {
    // A `\r` before or a `\n` behind the change may join it: one byte more on either side is looked at again.
    let first = max(0, range.lowerBound - 1)
    let shift = new.count - range.count
    let kept = lineStarts.partitioningIndex { $0 > first }
    let oldEnd = min(bytes.count, range.upperBound + 1)
    let rest = lineStarts.partitioningIndex { $0 > oldEnd }
    bytes.replaceSubrange(range, with: new)
    let found = Self.starts(in: bytes, first..<max(first, min(bytes.count, oldEnd + shift)))
    let tail = lineStarts[rest...].map { $0 + shift }
    lineStarts.replaceSubrange(kept..., with: found + tail)
  }
}

extension Array {
  /// The first index whose element satisfies a condition that holds from there on.
  fileprivate func partitioningIndex(_ condition: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
