import Calls
import Glibc
import Tasks
import Testing
import Values

/// Values of every kind through a C task and back.
@Suite struct ValueTests {
  static let table: Table = {
    let columns = [ArrowField(format: "l", name: "id"), ArrowField(format: "u", name: "name")]
    let ids = ArrowArray(
      length: 3, nullCount: 0,
      buffers: [nil, Payload([1, 2, 3].withUnsafeBytes { Array($0) })])
    let names = ArrowArray(
      length: 3, nullCount: 1,
      buffers: [
        Payload([0b101]), Payload([Int32(0), 2, 2, 5].withUnsafeBytes { Array($0) }), Payload(Array("abcde".utf8)),
      ])
    return Table(
      schema: ArrowField(format: "+s", name: "", children: columns),
      batches: [ArrowArray(length: 3, nullCount: 0, buffers: [nil], children: [ids, names])])
  }()

  static let examples: [(String, Value)] = [
    ("bool", .bool(true)), ("int", .int(.min)), ("float", .float(-0.0)), ("string", .string("zwölf \0 🂡")),
    ("string", .string("")), ("bytes", .bytes(Payload([0, 255, 1]))), ("bytes", .bytes(Payload([]))),
    ("list", .list([.int(1), .int(2)])), ("list", .list([])),
    ("record", .record([.init("a", .int(1)), .init("b", .string("x"))])),
    ("tensor", .tensor(Tensor([1, 2, 3, 4, 5, 6], [2, 3]))), ("tensor", .tensor(Tensor([], [0, 3]))),
    ("tensor", .tensor(Tensor([7], []))), ("table", .table(table)),
    (
      "file",
      .file(FileReference(path: "/etc/hostname", size: 3, mediaType: "text/plain", digest: Hasher256.digest([1])))
    ),
    ("dir", .directory(FileReference(path: "/etc", size: 0))), ("int", .null),
    ("bytes", .bytes(Payload([UInt8](repeating: 9, count: 100_000)))),
    ("string", .string(String(repeating: "ä", count: 50_000))),
  ]

  @Test(arguments: examples.indices) func comesBackAsItWas(index: Int) throws {
    let (kind, value) = Self.examples[index]
    #expect(try Host("good").outputs("good.echo_\(kind)", [value]) == [value])
  }

  @Test func largeInputsArePassedOnByTheirDescriptor() throws {
    let host = try Host("good")
    let big = try [Double](repeating: 0.5, count: 100_000).withUnsafeBytes { try SharedMemory.copy($0) }
    let sent = try Received(dup(big.descriptor ?? -1))
    let tensor = Value.tensor(Tensor(element: .f64, shape: [100_000], data: Payload(big, offset: 0, count: big.count)))
    guard case .tensor(let back)?? = try host.outputs("good.echo_tensor", [tensor]).first else {
      Issue.record("no tensor")
      return
    }
    #expect(try #require(back.data.received).inode == sent.inode)
  }

  @Test func hostBuffersTravelSealedAndUncopied() throws {
    let host = try Host("good")
    let input = Value.tensor(Tensor([Double](repeating: 2, count: 50_000), [50_000]))
    guard case .tensor(let scaled)?? = try host.outputs("good.scale", [input, .float(3)]).first else {
      Issue.record("no tensor")
      return
    }
    let memory = try #require(scaled.data.received)
    #expect(memory.name.contains("assay-buffer") && memory.isSealed)
    #expect(scaled.doubles == [Double](repeating: 6, count: 50_000))
  }

  @Test(arguments: ["shared_bytes", "own_bytes"], [0, 65_536, 65_537, 1_000_000])
  func contentsLeaveTheMessageAboveTheLimit(task: String, count: Int) throws {
    guard case .bytes(let bytes)?? = try Host("good").outputs("good.\(task)", [.int(Int64(count))]).first else {
      Issue.record("no bytes")
      return
    }
    #expect(bytes.copied == (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    #expect((bytes.received != nil) == (count > Wire.inlineLimit))
    #expect(bytes.received?.isSealed ?? true)
  }

  @Test func twoOutputsOutOfOneBuffer() throws {
    let outputs = try Host("good").outputs("good.halves", [.int(100_000)])
    #expect(
      outputs == [
        .bytes(Payload([UInt8](repeating: 97, count: 100_000))),
        .bytes(Payload([UInt8](repeating: 98, count: 100_000))),
      ])
  }

  @Test func stridedTensorsAreMadeContiguous() throws {
    let matrix = Value.tensor(Tensor([1, 2, 3, 4, 5, 6], [2, 3]))
    #expect(try Host("good").outputs("good.transpose", [matrix]) == [.tensor(Tensor([1, 4, 2, 5, 3, 6], [3, 2]))])
  }

  @Test func nestedValuesAndTheirRelease() throws {
    let host = try Host("good")
    #expect(
      try host.outputs("good.nested") == [
        .record([.init("number", .float(0.5)), .init("words", .list([.string("one"), .string("zwölf")]))])
      ])
    for _ in 0..<3 { #expect(try host.outputs("good.releases")[2] == .int(2)) }
  }

  @Test func intsWidenToDeclaredFloats() throws {
    #expect(try Host("good").outputs("good.echo_float", [.int(3)]) == [.float(3)])
  }

  @Test func nestingHasALimit() throws {
    let host = try Host("good")
    #expect(try host.outputs("good.deep", [.int(64)]).count == 1)
    #expect(try host.failure("good.deep", [.int(65)]).message.contains("64 deep"))
  }

  @Test(arguments: [0, 1, 999, 1000, 2500]) func tablesAreMadeAndRead(rows: Int) throws {
    let host = try Host("good")
    guard case .table(let table)?? = try host.outputs("good.make_table", [.int(Int64(rows))]).first else {
      Issue.record("no table")
      return
    }
    #expect(table.rowCount == rows && table.batches.count == (rows + 999) / 1000)
    #expect(table.validateDeep() == nil)
    #expect(try host.outputs("good.rows", [.table(table)]) == [.int(Int64(rows)), .int(3)])
  }
}
