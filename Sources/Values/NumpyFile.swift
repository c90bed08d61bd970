/// Why bytes are not a file of the wanted format, or a value cannot be written in it. One sentence for a person.
package struct FileFormatError: Error, Hashable, Sendable, CustomStringConvertible {
  package var message: String
  package init(_ message: String) { self.message = message }
  package var description: String { message }
}

/// Tensors as NumPy `.npy` files: version 1.0, little-endian, C order, contents at a multiple of 64 bytes, so that a
/// mapped file is a tensor without a copy.
///
/// NumPy has no bf16: it is written as `V2` (two opaque bytes), and `V2` is read as bf16.
package enum NumpyFile {
  private static let types: [(descr: String, element: ElementType)] = [
    ("|b1", .bool), ("|i1", .i8), ("|u1", .u8), ("<i2", .i16), ("<i4", .i32), ("<i8", .i64), ("<u2", .u16),
    ("<u4", .u32), ("<u8", .u64), ("<f2", .f16), ("<f4", .f32), ("<f8", .f64), ("<c8", .c64), ("<c16", .c128),
    ("|V2", .bf16),
  ]

  /// What stands before `tensor.data` in the file.
  package static func header(of tensor: Tensor) -> [UInt8] {
    let descr = types.first { $0.element == tensor.element }?.descr ?? ""
    let shape = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.shape.count == 1 ? "," : "")
    var text = Array("{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(shape)), }".utf8)
    let padding = 63 - (10 + text.count) % 64
    text.append(contentsOf: repeatElement(0x20, count: padding))
    text.append(0x0A)
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    return magic + [UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
  }

  /// The tensor in a file of any version; its contents are a slice of `file`. Refused: object and structured types,
  /// big-endian numbers, Fortran order of more than one dimension, contents of the wrong size.
  package static func read(_ file: Payload) throws(FileFormatError) -> Tensor {
    let start = file.part(0, 12).copied
    guard start.count >= 10, start.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(start[6]) else {
      throw FileFormatError("not a .npy file")
    }
    let isShort = start[6] == 1
    var length = Int(start[8]) | Int(start[9]) << 8
    if !isShort {
      guard start.count == 12 else { throw FileFormatError("the .npy header ends early") }
      length |= Int(start[10]) << 16 | Int(start[11]) << 24
    }
    let body = (isShort ? 10 : 12) + length
    guard body <= file.count, length <= 65_536 else { throw FileFormatError("the .npy header ends early") }
    var parser = HeaderParser(bytes: file.part(body - length, body).copied)
    let header = try parser.header()
    guard let element = types.first(where: { $0.descr == header.descr })?.element else {
      throw FileFormatError("the .npy element type `\(header.descr)` is not supported")
    }
    if header.isFortran, header.shape.filter({ $0 > 1 }).count > 1 {
      throw FileFormatError("the .npy file is in Fortran order: save it with numpy.ascontiguousarray")
    }
    guard header.shape.count <= Tensor.maximumRank, let size = Tensor.byteCount(element, header.shape),
      file.count - body == size
    else { throw FileFormatError("the .npy file has \(file.count - body) bytes for shape \(header.shape)") }
    return Tensor(element: element, shape: header.shape, data: file.part(body, file.count))
  }

  /// Reads the Python dictionary of a header: the three keys in any order.
  private struct HeaderParser {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func header() throws(FileFormatError) -> (descr: String, isFortran: Bool, shape: [Int]) {
      var descr: String?
      var isFortran: Bool?
      var shape: [Int]?
      guard take("{") else { throw broken }
      while !take("}") {
        let key = try quoted()
        guard take(":") else { throw broken }
        switch key {
        case "descr":
          if peek() == UInt8(ascii: "[") { throw FileFormatError("structured .npy types are not supported") }
          descr = try quoted()
        case "fortran_order":
          let word = letters()
          guard word == "True" || word == "False" else { throw broken }
          isFortran = word == "True"
        case "shape": shape = try tuple()
        default: throw broken
        }
        if !take(","), peek() != UInt8(ascii: "}") { throw broken }
      }
      guard let descr, let isFortran, let shape else { throw broken }
      return (descr, isFortran, shape)
    }

    private var broken: FileFormatError { FileFormatError("the .npy header cannot be read (byte \(at))") }

    private mutating func peek() -> UInt8 {
      while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A { at += 1 }
      return at < bytes.count ? bytes[at] : 0
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard peek() == UInt8(ascii: character) else { return false }
      at += 1
      return true
    }

    private mutating func quoted() throws(FileFormatError) -> String {
      let quote = peek()
      guard quote == 0x27 || quote == 0x22, let end = bytes[(at + 1)...].firstIndex(of: quote) else { throw broken }
      defer { at = end + 1 }
      return String(decoding: bytes[at + 1..<end], as: UTF8.self)
    }

    private mutating func letters() -> String {
      _ = peek()
      let start = at
      while at < bytes.count, (0x41...0x7A).contains(bytes[at]) { at += 1 }
      return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private mutating func tuple() throws(FileFormatError) -> [Int] {
      guard take("(") else { throw broken }
      var shape: [Int] = []
      while !take(")") {
        _ = peek()
        let start = at
        while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
        guard let length = Int(String(decoding: bytes[start..<at], as: UTF8.self)) else { throw broken }
        shape.append(length)
        if bytes.indices.contains(at), bytes[at] == UInt8(ascii: "L") { at += 1 }
        if !take(","), peek() != UInt8(ascii: ")") { throw broken }
      }
      return shape
    }
  }
}
