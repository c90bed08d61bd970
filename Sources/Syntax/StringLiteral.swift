package import Diagnostics

/// Text between quotes: `\n \t \r \0 \" \\ \u{1F600}`.
package enum StringLiteral {
  /// The meaning of a string token (its quotes included), and the places of escapes that mean nothing.
  package static func decode(_ bytes: ArraySlice<UInt8>) -> (text: String, bad: [Span]) {
    var content = bytes.dropFirst()
    if content.count > 0, content.last == UInt8(ascii: "\""), endsUnescaped(content) { content = content.dropLast() }
    guard content.contains(UInt8(ascii: "\\")) else { return (String(decoding: content, as: UTF8.self), []) }
    var result: [UInt8] = []
    var bad: [Span] = []
    var position = content.startIndex
    while position < content.endIndex {
      guard content[position] == UInt8(ascii: "\\"), position + 1 < content.endIndex else {
        result.append(content[position])
        position += 1
        continue
      }
      let start = position
      position += 2
      switch content[start + 1] {
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "0"): result.append(0)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result.append(content[start + 1])
      case UInt8(ascii: "u"):
        if let (scalar, end) = scalar(content, from: position) {
          result.append(contentsOf: Array(String(Character(scalar)).utf8))
          position = end
        } else {
          bad.append(Span(start, position))
        }
      default:
        // A wide character is named as a whole.
        while position < content.endIndex, content[position] & 0xC0 == 0x80 { position += 1 }
        bad.append(Span(start, position))
      }
    }
    return (String(decoding: result, as: UTF8.self), bad)
  }

  /// A literal that means `text`.
  package static func encode(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0": result += "\\0"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func endsUnescaped(_ content: ArraySlice<UInt8>) -> Bool {
    var slashes = 0
    for byte in content.dropLast().reversed() {
      guard byte == UInt8(ascii: "\\") else { break }
      slashes += 1
    }
    return slashes % 2 == 0
  }

  /// `{hex}` at `start`.
  private static func scalar(_ content: ArraySlice<UInt8>, from start: Int) -> (Unicode.Scalar, end: Int)? {
    guard start < content.endIndex, content[start] == UInt8(ascii: "{") else { return nil }
    var value: UInt32 = 0
    var position = start + 1
    while position < content.endIndex, position <= start + 6, let digit = hexDigit(content[position]) {
      value = value << 4 | UInt32(digit)
      position += 1
    }
    guard position > start + 1, position < content.endIndex, content[position] == UInt8(ascii: "}"),
      let scalar = Unicode.Scalar(value)
    else { return nil }
    return (scalar, position + 1)
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x57
    case 0x41...0x46: byte - 0x37
    default: nil
    }
  }
}
