import Testing
import Values

@Suite struct WireCodec {
  @Test func randomValuesRoundTrip() throws {
    var random = SeededGenerator(4)
    for _ in 0..<3000 {
      let value = random.value()
      var encoder = WireEncoder()
      try encoder.put(value)
      try encoder.put("end")
      var decoder = WireDecoder(encoder.bytes)
      #expect(try decoder.value().isIdentical(to: value))
      #expect(try decoder.string() == "end")
      try decoder.finish()
    }
  }

  @Test func primitivesAndAbsence() throws {
    var encoder = WireEncoder()
    encoder.put(UInt16(0xABCD))
    encoder.put(Int64.min)
    encoder.put(-0.0)
    encoder.putAbsent()
    try encoder.put(Value.bool(true))
    encoder.patch(0x0403_0201, at: 2)
    #expect(Array(encoder.bytes.prefix(6)) == [0xCD, 0xAB, 1, 2, 3, 4])
    var decoder = WireDecoder(encoder.bytes)
    #expect(try decoder.read(UInt16.self) == 0xABCD)
    #expect(try decoder.read(UInt64.self) == 0x8000_0000_0403_0201)
    #expect(try decoder.double().sign == .minus)
    #expect(try decoder.output() == nil)
    #expect(try decoder.output() == .bool(true))
  }

  @Test func theExactBytesOfTheDocument() throws {
    var encoder = WireEncoder()
    try encoder.put(.record([.init("a", .list([.int(1), .string("é")]))]))
    let expected: [UInt8] =
      [7, 1, 0, 0, 0, 1, 0, 0, 0, 0x61, 6, 2, 0, 0, 0]
      + [2, 1, 0, 0, 0, 0, 0, 0, 0] + [4, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0xC3, 0xA9]
    #expect(encoder.bytes == expected)
  }

  static func tensor(_ region: TestRegion, _ offset: Int, _ count: Int) -> Value {
    .tensor(Tensor(element: .u8, shape: [count], data: Payload(region, offset: offset, count: count)))
  }

  @Test func largeContentsTravelAsDescriptors() throws {
    let region = TestRegion([UInt8](repeating: 7, count: 300_000), descriptor: 5)
    let heap = [UInt8](repeating: 9, count: 70_000)
    var placed: [TestRegion] = []
    var encoder = WireEncoder { payload in
      let home = TestRegion(payload.copied, descriptor: 6)
      placed.append(home)
      return home
    }
    let value = Value.list([
      Self.tensor(region, 100, 100_000), Self.tensor(region, 200_000, 100_000), Self.tensor(region, 0, 10),
      .bytes(Payload(heap)), .string(String(repeating: "é", count: 40_000)),
    ])
    try encoder.put(value)
    #expect(encoder.regions.count == 3 && placed.count == 2 && encoder.regions.first === region)
    #expect(encoder.bytes.count < 400)
    var decoder = WireDecoder(encoder.bytes, regions: encoder.regions)
    let back = try decoder.value()
    #expect(back == value)
    guard case .tensor(let first)? = back.asList?.first, case .region(let home, 100, 100_000) = first.data.storage
    else {
      Issue.record("a slice of the region was expected")
      return
    }
    #expect(home === region)
  }

  @Test func beyondTheDescriptorsContentsGoInline() throws {
    var encoder = WireEncoder { TestRegion($0.copied, descriptor: 3) }
    let value = Value.list((0..<252).map { .bytes(Payload([UInt8](repeating: UInt8($0), count: 65_537))) })
    try encoder.put(value)
    #expect(encoder.regions.count == 250)
    var decoder = WireDecoder(encoder.bytes, regions: encoder.regions)
    #expect(try decoder.value() == value)
  }

  @Test func depthIsLimitedOnBothSides() throws {
    func nested(_ depth: Int) -> Value { (0..<depth).reduce(Value.null) { value, _ in .list([value]) } }
    var encoder = WireEncoder()
    try encoder.put(nested(64))
    var decoder = WireDecoder(encoder.bytes)
    #expect(try decoder.value() == nested(64))
    #expect(throws: WireError.self) { try encoder.put(nested(65)) }
    var hostile = WireDecoder((0..<100_000).flatMap { _ -> [UInt8] in [6, 1, 0, 0, 0] })
    #expect(throws: WireError.self) { try hostile.value() }
  }

  @Test(arguments: [
    ([] as [UInt8], "ends early"), ([12], "unknown kind of value 12"), ([1, 2], "neither 0 nor 1"),
    ([2, 0], "ends early"),
    ([4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xFF], "not UTF-8"),
    ([5, 0, 255, 255, 255, 255, 255, 255, 255, 255], "beyond all bounds"),
    ([5, 0, 255, 255, 255, 255, 255, 255, 255, 127], "ends early"),
    ([6, 255, 255, 255, 255], "more than the message holds"),
    ([5, 1, 0, 0, 0, 0], "no descriptor 0"), ([5, 2], "a reference to an artifact"),
    ([255], "unknown kind of value 255"),
    ([7, 2, 0, 0, 0, 1, 0, 0, 0, 97, 0, 1, 0, 0, 0, 97, 0], "stands twice"),
    (
      [8, 0, 8, 1, 0, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      "a dimension of -1"
    ),
    ([8, 0, 8, 1, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9], "with 1 bytes"),
    ([8, 0, 8, 2, 0], "unknown tensor element"),
  ])
  func brokenBytesAreRefused(_ bytes: [UInt8], _ message: String) {
    #expect {
      var decoder = WireDecoder(bytes)
      _ = try decoder.value()
    } throws: { ($0 as? WireError)?.message.contains(message) ?? false }
  }

  @Test func slicesStayInsideTheirDescriptor() throws {
    let region = TestRegion([1, 2, 3, 4])
    for (offset, count, isFine) in [
      (0, 4, true), (4, 0, true), (2, 3, false), (5, 0, false), (Int.max, Int.max, false),
    ] {
      var encoder = WireEncoder()
      encoder.put(UInt8(1))
      encoder.put(UInt32(0))
      encoder.put(UInt64(offset))
      encoder.put(UInt64(count))
      var decoder = WireDecoder(encoder.bytes, regions: [region])
      #expect((try? decoder.blob()) != nil ? isFine : !isFine)
    }
  }

  @Test func overflowingShapesAreRefused() {
    #expect(Tensor.byteCount(.f64, [Int.max, 2]) == nil)
    #expect(Tensor.byteCount(.f64, [0, Int.max, 4]) == nil)
    #expect(Tensor.byteCount(.f64, [0, 4]) == 0)
    #expect(Tensor.byteCount(.c128, []) == 16)
  }

  /// Whatever the decoder lets through can be described, checked, written and turned to JSON.
  @Test func mutationsNeverTrap() throws {
    var random = SeededGenerator(5)
    let region = TestRegion(random.bytes(100))
    var accepted = 0
    for round in 0..<4000 {
      var encoder = WireEncoder()
      try encoder.put(round % 2 == 0 ? random.value() : .table(random.table()))
      for _ in 0..<25 {
        var bytes = encoder.bytes
        for _ in 0..<1 + random.below(3) {
          let at = random.below(bytes.count)
          switch random.below(4) {
          case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
          case 1: bytes[at] = [0, 1, 127, 128, 255][random.below(5)]
          case 2: bytes.insert(UInt8(random.below(12)), at: at)
          default: if bytes.count > 1 { bytes.remove(at: at) }
          }
        }
        var decoder = WireDecoder(bytes, regions: [region])
        guard let value = try? decoder.value() else { continue }
        accepted += 1
        _ = value.description
        _ = value.type.check(value)
        if case .table(let table) = value {
          _ = table.validateDeep()
          if table.rowCount < 1000 { _ = value.json() }
        }
        var again = WireEncoder()
        try again.put(value)
        var second = WireDecoder(again.bytes)
        #expect(try second.value().isIdentical(to: value))
      }
    }
    #expect(accepted > 1000)
  }
}

@Suite struct StoredForm {
  static let digest = Digest(bytes: [UInt8](repeating: 3, count: 32)) ?? Hasher256.digest([])

  @Test func artifactsAndFilesAreReferences() throws {
    let region = TestRegion([UInt8](repeating: 1, count: 5000), artifact: Self.digest)
    let other = try #require(Digest(bytes: [UInt8](repeating: 4, count: 32)))
    let value = Value.list([
      WireCodec.tensor(region, 10, 2000), WireCodec.tensor(region, 0, 5000), WireCodec.tensor(region, 0, 100),
      .file(.init(path: "/store/x", size: 9, mediaType: "text/csv", digest: other)),
      .directory(.init(path: "/unknown", size: 9)),
    ])
    let (bytes, artifacts) = try WireEncoder.store(value)
    #expect(artifacts == [Self.digest, other])
    #expect(bytes.count < 600)
    let back = try WireDecoder.load(bytes, artifact: { $0 == Self.digest ? region : nil }, path: { _ in "/found" })
    #expect(back == value)
    guard case .file(let file)? = back.asList?[3], case .directory(let directory)? = back.asList?[4] else {
      Issue.record("files were expected")
      return
    }
    #expect(file.path == "/found" && directory.path == "/unknown")
  }

  @Test func largeHeapContentsArePlaced() throws {
    let big = Payload([UInt8](repeating: 2, count: 100_000))
    let (bytes, artifacts) = try WireEncoder.store(.bytes(big)) { TestRegion($0.copied, artifact: Self.digest) }
    #expect(artifacts == [Self.digest] && bytes.count < 100)
    let inline = try WireEncoder.store(.bytes(big))
    #expect(inline.artifacts.isEmpty && inline.bytes.count > 100_000)
    #expect(throws: WireError.self) { try WireDecoder.load(bytes, artifact: { _ in nil }) }
    let short = TestRegion([1])
    #expect(throws: WireError.self) { try WireDecoder.load(bytes, artifact: { _ in short }) }
    #expect(throws: WireError.self) { try WireDecoder.load(inline.bytes + [0], artifact: { _ in nil }) }
  }
}
