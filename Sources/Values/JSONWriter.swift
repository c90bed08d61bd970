extension JSON {
  /// One line without spaces.
  package var compact: String { String(decoding: bytes(pretty: false), as: UTF8.self) }

  /// Two spaces of indentation, `\n` between lines and none at the end.
  package var pretty: String { String(decoding: bytes(pretty: true), as: UTF8.self) }

  /// The text in UTF-8. Non-finite floats, which JSON lacks, become the strings `"nan"`, `"inf"` and `"-inf"`.
  package func bytes(pretty: Bool = false) -> [UInt8] {
    var writer = JSONWriter(pretty: pretty)
    writer.write(self)
    return writer.out
  }

  /// A member of an object that is written piece by piece.
  package enum Part {
    case member(String, JSON)
    /// An array whose items are made one by one.
    case list(String, count: Int, (Int) -> JSON)
  }

  /// The same text as that of an object of these members, pretty, without a long list in memory as a whole.
  package static func write(_ parts: [Part], to sink: (UnsafeRawBufferPointer) -> Void) {
    var writer = JSONWriter(pretty: true)
    writer.brackets("{", "}", parts.count) { writer, index in
      switch parts[index] {
      case .member(let name, let value): writer.member(name) { $0.write(value) }
      case .list(let name, let count, let item):
        writer.member(name) { writer in
          writer.brackets("[", "]", count) { writer, index in
            writer.write(item(index))
            guard writer.out.count > 1 << 16 else { return }
            writer.out.withUnsafeBytes(sink)
            writer.out.removeAll(keepingCapacity: true)
          }
        }
      }
    }
    writer.out.withUnsafeBytes(sink)
  }
}

private struct JSONWriter {
  let pretty: Bool
  var out: [UInt8] = []
  private var indentation = 0

  init(pretty: Bool) { self.pretty = pretty }

  mutating func write(_ json: JSON) {
    switch json {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let flag): out.append(contentsOf: (flag ? "true" : "false").utf8)
    case .int(let number): out.append(contentsOf: String(number).utf8)
    case .float(let number): write(number)
    case .string(let text): write(text)
    case .array(let items):
      brackets("[", "]", items.count) { writer, index in writer.write(items[index]) }
    case .object(let members):
      brackets("{", "}", members.count) { writer, index in
        writer.member(members[index].name) { $0.write(members[index].value) }
      }
    }
  }

  mutating func member(_ name: String, _ value: (inout JSONWriter) -> Void) {
    write(name)
    out.append(UInt8(ascii: ":"))
    if pretty { out.append(0x20) }
    value(&self)
  }

  mutating func brackets(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ count: Int, _ item: (inout JSONWriter, Int) -> Void
  ) {
    out.append(UInt8(ascii: open))
    indentation += 1
    for index in 0..<count {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      newLine()
      item(&self, index)
    }
    indentation -= 1
    if count > 0 { newLine() }
    out.append(UInt8(ascii: close))
  }

  private mutating func newLine() {
    guard pretty else { return }
    out.append(0x0A)
    for _ in 0..<indentation { out.append(contentsOf: "  ".utf8) }
  }

  private mutating func write(_ number: Double) {
    if number.isNaN { return write("nan") }
    if number.isInfinite { return write(number < 0 ? "-inf" : "inf") }
    out.append(contentsOf: number.description.utf8)
  }

  private mutating func write(_ text: String) {
    out.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { bytes in
      var run = 0
      for (index, byte) in bytes.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F {
        out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<index]))
        escape(byte)
        run = index + 1
      }
      out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run...]))
    }
    out.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case 0x22: out.append(contentsOf: "\\\"".utf8)
    case 0x5C: out.append(contentsOf: "\\\\".utf8)
    case 0x0A: out.append(contentsOf: "\\n".utf8)
    case 0x0D: out.append(contentsOf: "\\r".utf8)
    case 0x09: out.append(contentsOf: "\\t".utf8)
    default:
      let digits = Array("0123456789abcdef".utf8)
      out.append(contentsOf: "\\u00".utf8)
      out.append(digits[Int(byte >> 4)])
      out.append(digits[Int(byte & 15)])
    }
  }
}
