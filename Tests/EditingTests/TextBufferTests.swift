import Editing
import Testing

private let pieces = ["a", "é", "漢", "🙂", "\n", "\r\n", "\r", "", "x y\nz", "}\u{2028}\u{0B}"]

/// Lines as the protocol defines them, without any cleverness.
private func lines(_ text: String) -> [[Unicode.Scalar]] {
  var result: [[Unicode.Scalar]] = [[]]
  var last: Unicode.Scalar?
  for scalar in text.unicodeScalars {
    if scalar == "\n" {
      if last != "\r" { result.append([]) }
    } else if scalar == "\r" {
      result.append([])
    } else {
      result[result.count - 1].append(scalar)
    }
    last = scalar
  }
  return result
}

private func units(_ scalar: Unicode.Scalar, _ encoding: PositionEncoding) -> Int {
  switch encoding {
  case .utf8: String(scalar).utf8.count
  case .utf16: String(scalar).utf16.count
  case .utf32: 1
  }
}

@Test(arguments: PositionEncoding.allCases)
func aTextThatIsEditedIsTheTextThatResults(encoding: PositionEncoding) {
  var random = Generator(UInt64(encoding.rawValue.utf8.count) * 31 + UInt64(encoding.rawValue.utf8.last ?? 0))
  var buffer = TextBuffer("assay 1\n")
  var text = "assay 1\n"
  for _ in 0..<3000 {
    let positions = (0..<2).map { _ in
      TextPosition(Int.random(in: 0...12, using: &random), Int.random(in: 0...9, using: &random))
    }
    let new = (0..<Int.random(in: 0...3, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
      .joined()
    let offsets = positions.map { offset($0, in: text, encoding) }.sorted()
    var bytes = Array(text.utf8)
    bytes.replaceSubrange(offsets[0]..<offsets[1], with: Array(new.utf8))
    text = String(decoding: bytes, as: UTF8.self)
    buffer.replace(TextRange(positions[0], positions[1]), with: new, encoding)
    #expect(buffer.bytes == bytes)
    #expect(buffer.lineStarts == TextBuffer(text).lineStarts)
    #expect(buffer.lineStarts.count == lines(text).count)
    if bytes.count > 400 {
      text = ""
      buffer = TextBuffer("")
    }
  }
}

/// The definition: behind the line's end is its end; inside a character is before it.
private func offset(_ position: TextPosition, in text: String, _ encoding: PositionEncoding) -> Int {
  let lines = lines(text)
  guard position.line < lines.count else { return text.utf8.count }
  var bytes = TextBuffer(text).lineStarts[position.line]
  var count = 0
  for scalar in lines[position.line] {
    count += units(scalar, encoding)
    if count > position.character { break }
    bytes += String(scalar).utf8.count
  }
  return bytes
}

@Test(arguments: PositionEncoding.allCases)
func offsetsAndPositionsAreInverse(encoding: PositionEncoding) {
  let buffer = TextBuffer("aé漢🙂b\r\n\r🙂\nend")
  for (offset, byte) in buffer.bytes.enumerated() where byte & 0xC0 != 0x80 {
    // Between `\r` and `\n` there is no position.
    if byte == 0x0A, buffer.bytes[offset - 1] == 0x0D { continue }
    #expect(buffer.offset(buffer.position(offset, encoding), encoding) == offset)
  }
  #expect(buffer.position(10, .utf16) == TextPosition(0, 5))
  #expect(buffer.position(10, .utf8) == TextPosition(0, 10))
  #expect(buffer.position(10, .utf32) == TextPosition(0, 4))
}

@Test func positionsThatDoNotExistAreTheNearest() {
  let buffer = TextBuffer("ab\n🙂")
  #expect(buffer.offset(TextPosition(0, 99), .utf16) == 2)
  #expect(buffer.offset(TextPosition(99, 0), .utf16) == 7)
  #expect(buffer.offset(TextPosition(-1, -5), .utf16) == 0)
  #expect(buffer.offset(TextPosition(1, 1), .utf16) == 3)
  #expect(buffer.offset(TextPosition(Int.max, Int.max), .utf16) == 7)
}
