import Comparisons
import Testing
import Values

/// Values of all kinds, from a seed.
struct Source {
  var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }

  mutating func value(depth: Int = 3) -> Value {
    switch next(depth > 0 ? 11 : 6) {
    case 0: .null
    case 1: .bool(next(2) == 0)
    case 2: .int(Int64(next(5)))
    case 3: .float([0, -0.0, 1.5, .nan, .infinity, 1e-300][next(6)])
    case 4: .string(["", "a", "b\nc", "b\nd", "é"][next(5)])
    case 5: .bytes(Payload((0..<next(4)).map { UInt8($0) }))
    case 6: .list((0..<next(4)).map { _ in value(depth: depth - 1) })
    case 7: .record((0..<next(3)).map { .init("f\($0)", value(depth: depth - 1)) })
    case 8: tensor()
    case 9: table()
    default: .file(FileReference(path: "/nowhere", size: 3, digest: Hasher256.digest([UInt8(next(3))])))
    }
  }

  mutating func tensor() -> Value {
    let count = next(4)
    let numbers = (0..<count).map { _ in Float(next(3)) }
    return .tensor(Tensor(element: .f32, shape: [count], data: Payload(numbers.withUnsafeBytes { Array($0) })))
  }

  mutating func table() -> Value {
    let rows = (0..<next(4)).map { _ in
      JSON.object([.init("a", .int(Int64(next(2)))), .init("b", next(3) == 0 ? .null : .float(Double(next(3)) / 2))])
    }
    let columns = [ValueType.Column("a", .int(nil)), ValueType.Column("b", .optional(.float(nil)))]
    return (try? Table(rows: rows, columns: columns)).map(Value.table) ?? .null
  }
}

@Test func valuesDifferExactlyWhenTheirDigestsDo() throws {
  var unequal = 0
  for seed in 1...4000 {
    var source = Source(UInt64(seed))
    let a = source.value()
    let b = source.value()
    for (x, y) in [(a, a), (a, b)] {
      let comparison = ValueComparison(x, y)
      #expect(comparison.isSame == (x.contentDigest() == y.contentDigest()), "\(x) and \(y)")
      #expect(comparison.isSame == comparison.differences.isEmpty)
      #expect(comparison.differences.count == min(comparison.count, ValueComparison.kept))
      let reverse = ValueComparison(y, x)
      #expect(reverse.count == comparison.count && reverse.deviation == comparison.deviation)
      #expect(reverse.differences.map(\.before) == comparison.differences.map(\.after))
    }
    if a.contentDigest() != b.contentDigest() { unequal += 1 }
  }
  #expect(unequal > 1000)
}

@Test func toleranceIsAboutFloatsOnly() {
  let before = Value.record([.init("auc", .float(0.91)), .init("loss", .list([.float(1000), .float(2)]))])
  let after = Value.record([.init("auc", .float(0.9100001)), .init("loss", .list([.float(1000.5), .float(2)]))])
  let comparison = ValueComparison(before, after)
  #expect(comparison.differences.map(\.place) == ["auc", "loss[0]"])
  #expect(comparison.isWithin(1e-3) && !comparison.isWithin(1e-4))
  #expect(!ValueComparison(.int(1), .int(2)).isWithin(10))
  #expect(!ValueComparison(.float(1), .float(.nan)).isWithin(1e300))
  #expect(!ValueComparison(.list([.float(1)]), .list([])).isWithin(10))
  #expect(ValueComparison(.float(0), .float(-0.0)).isWithin(0) && !ValueComparison(.float(0), .float(-0.0)).isSame)
  #expect(ValueComparison.deviation(-.greatestFiniteMagnitude, .greatestFiniteMagnitude) == 2)
}

@Test(arguments: [
  (Value.string("a\nb\nc"), Value.string("a\nB\nc"), "line 2: b, B"),
  (.string("abc"), .string("abd"), ": \"abc\", \"abd\""),
  (.list([.int(1), .int(2)]), .list([.int(1), .int(3)]), "[1]: 2, 3"),
  (.bytes(Payload([1, 2])), .bytes(Payload([1, 3])), "byte 1: 2 bytes, 2 bytes"),
  (.int(1), .float(1), ": 1, 1.0"),
])
func thePlaceIsNamed(before: Value, after: Value, expected: String) throws {
  let first = try #require(ValueComparison(before, after).first)
  #expect("\(first.place): \(first.before), \(first.after)" == expected)
}

@Test func theElementOfATensorAndTheCellOfATableAreNamed() throws {
  func tensor(_ numbers: [Double]) -> Value {
    .tensor(Tensor(element: .f64, shape: [2, 3], data: Payload(numbers.withUnsafeBytes { Array($0) })))
  }
  let first = try #require(ValueComparison(tensor([0, 1, 2, 3, 4, 5]), tensor([0, 1, 2, 3, 8, 5])).first)
  #expect(first == .init(place: "[1, 1]", before: "4.0", after: "8.0", deviation: 0.5))
  func table(_ x: Double) throws -> Value {
    .table(try Table(rows: [.object([.init("a", 1), .init("b", .float(x))])], columns: nil))
  }
  #expect(try ValueComparison(table(0.25), table(0.75)).first?.place == "row 0, column b")
}

@Test func aFileIsReadWhereThatHelps() {
  let a = FileReference(path: "a", size: 5, digest: Hasher256.digest([1]))
  let b = FileReference(path: "b", size: 5, digest: Hasher256.digest([2]))
  let texts = ["a": "one\ntwo", "b": "one\nzwei"]
  let comparison = ValueComparison(.file(a), .file(b)) { texts[$0.path].map { Array($0.utf8) } }
  #expect(comparison.first == .init(place: "line 2", before: "two", after: "zwei"))
  #expect(ValueComparison(.file(a), .file(b)).count == 1)
}
