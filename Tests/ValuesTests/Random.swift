import Values

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  mutating func text() -> String {
    let alphabet: [Character] = ["a", "Z", "_", "7", " ", "\"", "\\", "\n", "é", "日", "😀", "\u{1}", "/"]
    return String((0..<below(9)).map { _ in alphabet[below(alphabet.count)] })
  }

  mutating func word() -> String {
    let letters = Array("abcdefgh_")
    return String((0..<1 + below(5)).map { _ in letters[below(letters.count)] })
  }

  mutating func names(_ count: Int) -> [String] {
    var names: [String] = []
    while names.count < count {
      let name = below(5) == 0 ? "x" + text() : word()
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  mutating func double() -> Double {
    switch below(8) {
    case 0: 0
    case 1: -0.0
    case 2: .infinity
    case 3: .nan
    case 4: Double(below(1000))
    case 5: 1e300 * Double(below(100))
    default: Double(bitPattern: next())
    }
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

  // MARK: types

  mutating func type(depth: Int = 0) -> ValueType {
    if depth < 4, below(5) == 0 { return .optional(plainType(depth: depth)) }
    return plainType(depth: depth)
  }

  private mutating func plainType(depth: Int) -> ValueType {
    switch below(depth < 4 ? 17 : 11) {
    case 0: return .bool
    case 1: return .int(nil)
    case 2:
      let low = Int64(below(100)) - 50
      return .int(.init(below(3) == 0 ? nil : low, low + Int64(below(50))))
    case 3: return .float(nil)
    case 4:
      let low = Double(below(1000)) / 7 - 50
      return .float(.init(low, below(3) == 0 ? nil : low + 1e-7 * Double(below(100))))
    case 5: return .string
    case 6: return .bytes
    case 7: return .enumeration(names(1 + below(4)))
    case 8: return .file([nil, "csv", "json", "application/x-thing"][below(4)])
    case 9: return .directory
    case 10: return .opaque("sklearn.\(word())")
    case 11, 12: return .list(type(depth: depth + 1))
    case 13, 14:
      let names = names(below(4))
      return .record(names.map { .init($0, type(depth: depth + 1)) })
    case 15:
      let element = below(3) == 0 ? nil : ElementType.allCases[below(ElementType.allCases.count)]
      return .tensor(element, below(3) == 0 ? nil : (0..<below(4)).map { _ in dimension() })
    default:
      if below(3) == 0 { return .table(nil) }
      let names = names(below(4))
      return .table(names.map { .init($0, columnType(depth: depth + 1)) })
    }
  }

  private mutating func columnType(depth: Int) -> ValueType {
    let words = ValueType.columnWords.sorted()
    let type = below(2) == 0 ? .opaque(words[below(words.count)]) : plainType(depth: depth)
    return below(3) == 0 ? .optional(type) : type
  }

  private mutating func dimension() -> ValueType.Dimension {
    switch below(3) {
    case 0: .fixed(below(100))
    case 1: .named(word())
    default: .unknown
    }
  }

  // MARK: values

  mutating func value(depth: Int = 0) -> Value {
    switch below(depth < 4 ? 12 : 7) {
    case 0: return .null
    case 1: return .bool(below(2) == 0)
    case 2: return .int(Int64(bitPattern: next()))
    case 3: return .float(double())
    case 4: return .string(text())
    case 5: return .bytes(Payload(bytes(below(40))))
    case 6:
      let digest = below(2) == 0 ? nil : Digest(bytes: bytes(32))
      let file = FileReference(path: "/tmp/" + word(), size: Int64(below(1000)), mediaType: "text/csv", digest: digest)
      return below(2) == 0 ? .file(file) : .directory(file)
    case 7, 8: return .list((0..<below(5)).map { _ in value(depth: depth + 1) })
    case 9:
      let names = names(below(5))
      return .record(names.map { .init($0, value(depth: depth + 1)) })
    case 10:
      let element = ElementType.allCases[below(ElementType.allCases.count)]
      let shape = (0..<below(4)).map { _ in below(4) }
      return .tensor(
        Tensor(element: element, shape: shape, data: Payload(bytes(element.byteCount * shape.reduce(1, *)))))
    default: return .table(table())
    }
  }

  mutating func table() -> Table {
    let rows = below(20)
    let names = names(1 + below(4))
    let columns = names.map { name in
      switch below(4) {
      case 0: column(name, "l", rows) { $0.bytes($1 * 8) }
      case 1: column(name, "g", rows) { $0.bytes($1 * 8) }
      case 2: column(name, "b", rows) { $0.bytes(($1 + 7) / 8) }
      default: textColumn(name, rows)
      }
    }
    let batch = ArrowArray(length: rows, nullCount: 0, buffers: [nil], children: columns.map(\.1))
    return Table(schema: ArrowField(format: "+s", name: "", flags: 0, children: columns.map(\.0)), batches: [batch])
  }

  private mutating func validity(_ rows: Int) -> (nulls: Int, bitmap: Payload?) {
    guard below(2) == 0 else { return (0, nil) }
    let bitmap = bytes((rows + 7) / 8)
    let nulls = (0..<rows).count { bitmap[$0 / 8] >> UInt8($0 % 8) & 1 == 0 }
    return (nulls, Payload(bitmap))
  }

  private mutating func column(
    _ name: String, _ format: String, _ rows: Int, _ contents: (inout SeededGenerator, Int) -> [UInt8]
  ) -> (ArrowField, ArrowArray) {
    let (nulls, bitmap) = validity(rows)
    let values = Payload(contents(&self, rows))
    return (
      ArrowField(format: format, name: name), ArrowArray(length: rows, nullCount: nulls, buffers: [bitmap, values])
    )
  }

  private mutating func textColumn(_ name: String, _ rows: Int) -> (ArrowField, ArrowArray) {
    var offsets: [Int32] = [0]
    var contents: [UInt8] = []
    for _ in 0..<rows {
      contents += Array(text().utf8)
      offsets.append(Int32(contents.count))
    }
    let (nulls, bitmap) = validity(rows)
    let raw = offsets.withUnsafeBytes { Array($0) }
    return (
      ArrowField(format: "u", name: name),
      ArrowArray(length: rows, nullCount: nulls, buffers: [bitmap, Payload(raw), Payload(contents)])
    )
  }
}

/// Memory that pretends to be a mapped file.
final class TestRegion: Region {
  let bytes: [UInt8]
  let descriptor: Int32?
  let artifact: Digest?

  init(_ bytes: [UInt8], descriptor: Int32? = nil, artifact: Digest? = nil) {
    self.bytes = bytes
    self.descriptor = descriptor
    self.artifact = artifact
  }

  var count: Int { bytes.count }
  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try bytes.withUnsafeBytes(body)
  }
}

extension Value {
  /// Like `==`, but NaN equals itself and -0 is not 0: the wire keeps every bit.
  func isIdentical(to other: Value) -> Bool {
    switch (self, other) {
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern
    case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.isIdentical(to: $1) }
    case (.record(let a), .record(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.name == $1.name && $0.value.isIdentical(to: $1.value) }
    default: self == other
    }
  }
}
