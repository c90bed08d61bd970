import Testing
import Values

@Suite struct ContentDigests {
  @Test func sha256ofNothing() {
    #expect(Payload([]).digest.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  /// The identity is forever: a change here makes every stored result unreachable.
  @Test func theIdentityOfKnownValues() {
    #expect(Value.null.contentDigest() == Hasher256.digest(Array("assay.value/1\n".utf8) + [0]))
    let int: [UInt8] = [2, 1, 0, 0, 0, 0, 0, 0, 0]
    #expect(Value.int(1).contentDigest() == Hasher256.digest(Array("assay.value/1\n".utf8) + int))
    let text: [UInt8] = [4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x61]
    #expect(Value.string("a").contentDigest() == Hasher256.digest(Array("assay.value/1\n".utf8) + text))
  }

  static func tensor(_ element: ElementType, _ shape: [Int], _ bytes: [UInt8]) -> Value {
    .tensor(Tensor(element: element, shape: shape, data: Payload(bytes)))
  }

  @Test func differentValuesDiffer() {
    let zeros = [UInt8](repeating: 0, count: 8)
    let values: [Value] = [
      .null, .bool(false), .bool(true), .int(0), .int(1), .float(1), .float(0.0), .float(-0.0), .float(.nan),
      .string(""),
      .string("a"), .bytes(Payload([0x61])), .list([]), .list([.list([])]), .list([.null]), .list([.int(1), .int(2)]),
      .list([.int(2), .int(1)]), .record([]), .record([.init("a", .null), .init("b", .null)]),
      .record([.init("b", .null), .init("a", .null)]), Self.tensor(.u8, [8], zeros), Self.tensor(.i8, [8], zeros),
      Self.tensor(.u8, [2, 4], zeros), Self.tensor(.f64, [1], zeros), Self.tensor(.f64, [], zeros),
      .list([.string("ab"), .string("")]), .list([.string("a"), .string("b")]),
      .bytes(Payload([UInt8](repeating: 0, count: 65_536))), .bytes(Payload([UInt8](repeating: 0, count: 65_537))),
    ]
    #expect(Set(values.compactMap { $0.contentDigest() }).count == values.count)
  }

  @Test func placeMakesNoDifference() {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let region = TestRegion([1, 2, 3] + bytes + [4])
    let slice = Payload(region, offset: 3, count: bytes.count)
    #expect(Value.bytes(slice).contentDigest() == Value.bytes(Payload(bytes)).contentDigest())
  }

  @Test func filesGoByDigest() {
    let digest = Digest(bytes: [UInt8](repeating: 3, count: 32))
    let a = Value.file(.init(path: "/a", size: 1, digest: digest))
    #expect(a.contentDigest() == Value.file(.init(path: "/b", size: 1, digest: digest)).contentDigest())
    #expect(a.contentDigest() != Value.directory(.init(path: "/a", size: 1, digest: digest)).contentDigest())
    #expect(
      a.contentDigest() != Value.file(.init(path: "/a", size: 1, mediaType: "text/csv", digest: digest)).contentDigest()
    )
    #expect(Value.list([.record([.init("f", .file(.init(path: "/a", size: 1)))])]).contentDigest() == nil)
  }

  @Test func randomValuesKeepTheirDigestOnTheWire() throws {
    var random = SeededGenerator(8)
    for _ in 0..<500 {
      let value = random.value()
      var encoder = WireEncoder()
      try encoder.put(value)
      var decoder = WireDecoder(encoder.bytes)
      #expect(try decoder.value().contentDigest() == value.contentDigest())
    }
  }

  // MARK: tables

  static func table(_ field: ArrowField, _ array: ArrowArray) -> Value {
    let batch = ArrowArray(length: array.length, nullCount: 0, buffers: [nil], children: [array])
    return .table(Table(schema: ArrowField(format: "+s", name: "", flags: 0, children: [field]), batches: [batch]))
  }

  static func ints(_ numbers: [Int32]) -> Payload { Payload(numbers.withUnsafeBytes { Array($0) }) }

  @Test func offsetsAndSpareBytesMakeNoDifference() {
    let field = ArrowField(format: "i", name: "a")
    let plain = ArrowArray(length: 2, nullCount: 0, buffers: [nil, Self.ints([7, 8])])
    let sliced = ArrowArray(
      length: 2, nullCount: 0, offset: 1, buffers: [Payload([0b1111_0110]), Self.ints([9, 7, 8, 9])])
    #expect(Self.table(field, plain).contentDigest() == Self.table(field, sliced).contentDigest())
    let other = ArrowArray(length: 2, nullCount: 0, buffers: [nil, Self.ints([7, 9])])
    #expect(Self.table(field, plain).contentDigest() != Self.table(field, other).contentDigest())
    let renamed = ArrowField(format: "i", name: "b")
    #expect(Self.table(field, plain).contentDigest() != Self.table(renamed, plain).contentDigest())
  }

  @Test func valuesUnderNullsMakeNoDifference() {
    let field = ArrowField(format: "i", name: "a")
    let a = ArrowArray(length: 2, nullCount: 1, buffers: [Payload([0b01]), Self.ints([7, 8])])
    let b = ArrowArray(length: 2, nullCount: -1, buffers: [Payload([0b1111_1101]), Self.ints([7, 99])])
    #expect(Self.table(field, a).contentDigest() == Self.table(field, b).contentDigest())
    let c = ArrowArray(length: 2, nullCount: 1, buffers: [Payload([0b10]), Self.ints([7, 8])])
    #expect(Self.table(field, a).contentDigest() != Self.table(field, c).contentDigest())
  }

  @Test func slicedTextBitsAndLists() {
    let text = ArrowField(format: "u", name: "a")
    let plain = ArrowArray(
      length: 2, nullCount: 0, buffers: [nil, Self.ints([0, 1, 3]), Payload(Array("abc".utf8))])
    let sliced = ArrowArray(
      length: 2, nullCount: 0, offset: 1, buffers: [nil, Self.ints([0, 2, 3, 5, 6]), Payload(Array("xxabcx".utf8))])
    #expect(Self.table(text, plain).contentDigest() == Self.table(text, sliced).contentDigest())

    let bits = ArrowField(format: "b", name: "a")
    let low = ArrowArray(length: 10, nullCount: 0, buffers: [nil, Payload([0b1010_1010, 0b01])])
    let high = ArrowArray(length: 10, nullCount: 0, offset: 3, buffers: [nil, Payload([0b0101_0111, 0b1110_1101])])
    #expect(Self.table(bits, low).contentDigest() == Self.table(bits, high).contentDigest())

    let list = ArrowField(format: "+l", name: "a", children: [text])
    let whole = ArrowArray(length: 1, nullCount: 0, buffers: [nil, Self.ints([0, 2])], children: [plain])
    let part = ArrowArray(
      length: 1, nullCount: 0, offset: 1, buffers: [nil, Self.ints([0, 0, 2])], children: [sliced])
    #expect(Self.table(list, whole).contentDigest() == Self.table(list, part).contentDigest())
  }

  /// Digest of whatever the decoder lets through: no offset may lead it out of a buffer.
  @Test func hostileTablesNeverTrap() throws {
    var random = SeededGenerator(9)
    var accepted = 0
    for _ in 0..<1500 {
      let inner = random.table()
      let rows = inner.rowCount
      let child = ArrowArray(length: rows, nullCount: 0, buffers: [nil], children: inner.batches[0].children)
      let array = ArrowArray(length: 1, nullCount: 0, buffers: [nil, Self.ints([0, Int32(rows)])], children: [child])
      let field = ArrowField(format: "+l", name: "a", children: [inner.schema])
      var encoder = WireEncoder()
      try encoder.put(Self.table(field, array))
      for _ in 0..<15 {
        var bytes = encoder.bytes
        for _ in 0..<1 + random.below(3) { bytes[random.below(bytes.count)] = [0, 1, 2, 8, 127, 255][random.below(6)] }
        var decoder = WireDecoder(bytes)
        guard let value = try? decoder.value(), case .table(let table) = value, table.rowCount < 1000 else { continue }
        accepted += 1
        _ = value.contentDigest()
        _ = table.rows
      }
    }
    #expect(accepted > 500)
  }
}
