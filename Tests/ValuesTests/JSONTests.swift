import Testing
import Values

@Suite struct JSONText {
  @Test(arguments: [
    "null", "true", "[]", "{}", "[1,-2,0]", "{\"a\":[1.5,\"x\"],\"b\":{}}", "\"\\\"\\\\\\n\\u0001é😀/\"", "1e-07",
    "-9223372036854775808", "[-0.0,1.0,1e+16,5e-324,0.1]",
  ])
  func canonicalTextIsKept(_ text: String) throws {
    #expect(try JSON.parse(text).compact == text)
  }

  @Test func pretty() throws {
    let text = "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}"
    #expect(try JSON.parse(text).pretty == text)
  }

  @Test(arguments: [
    ("\"\\ud83d\\ude00\"", JSON.string("😀")), (" [ 1 , 2.0 ] ", .array([.int(1), .float(2)])), ("1E2", .float(100)),
    ("-0", .int(0)),
    ("123456789012345678.5", .float(123456789012345678.5)), ("0.1234567890123456789", .float(0.1234567890123456789)),
  ])
  func forms(_ text: String, _ json: JSON) throws { #expect(try JSON.parse(text) == json) }

  @Test(arguments: [
    ("", "the text ends", 1, 1), ("[1,]", "expected a value, found `]`", 1, 4),
    ("{\"a\":1\n,\"a\":2}", "stands twice", 2, 2),
    ("[1 2]", "expected `,` or `]`", 1, 4), ("\"\\ud800\"", "surrogate", 1, 2), ("\"\\udc00x\"", "surrogate", 1, 2),
    ("\"\\ud800\\u0041\"", "surrogate", 1, 2), ("9223372036854775808", "64 bits", 1, 1),
    ("1e999", "64-bit float", 1, 1),
    ("01", "begin with 0", 1, 1), ("1.", "expected a digit", 1, 3), ("tru", "expected a value", 1, 1),
    ("nul", "expected a value", 1, 1),
    ("\"a\nb\"", "must be escaped", 1, 3), ("\"a", "not closed", 1, 1), ("\"\\x\"", "unknown escape", 1, 2),
    ("\"\\u12\"", "hexadecimal", 1, 2), ("{1:2}", "a name in quotes", 1, 2), ("1 x", "after the document", 1, 3),
    ("\"\\", "unknown escape", 1, 2),
    (String(repeating: "[", count: 200), "128 levels", 1, 129),
  ])
  func mistakesAreNamed(_ text: String, _ message: String, _ line: Int, _ column: Int) {
    #expect {
      try JSON.parse(text)
    } throws: { error in
      guard let error = error as? JSONSyntaxError else { return false }
      return error.message.contains(message) && error.line == line && error.column == column
    }
  }

  @Test func invalidUTF8IsRefused() {
    #expect(throws: JSONSyntaxError.self) { try JSON.parse([0x22, 0xFF, 0x22]) }
    #expect(throws: JSONSyntaxError.self) { try JSON.parse([0x22, 0xC3, 0x5C, 0x6E, 0x22]) }
  }

  static func random(_ random: inout SeededGenerator, depth: Int = 0) -> JSON {
    switch random.below(depth < 4 ? 8 : 5) {
    case 0: return .null
    case 1: return .bool(true)
    case 2: return .int(Int64(bitPattern: random.next()))
    case 3:
      let number = random.double()
      return .float(number.isFinite ? number : 0.1)
    case 4: return .string(random.text())
    case 5: return .array((0..<random.below(5)).map { _ in Self.random(&random, depth: depth + 1) })
    default:
      let names = random.names(random.below(12))
      return .object(names.map { .init($0, Self.random(&random, depth: depth + 1)) })
    }
  }

  @Test func randomDocumentsRoundTrip() throws {
    var random = SeededGenerator(6)
    for _ in 0..<2000 {
      let json = Self.random(&random)
      #expect(try JSON.parse(json.compact) == json)
      #expect(try JSON.parse(json.pretty) == json)
    }
  }

  @Test func mutationsNeverTrap() throws {
    var random = SeededGenerator(7)
    for _ in 0..<4000 {
      let text = Self.random(&random).bytes()
      for _ in 0..<25 {
        var bytes = text
        for _ in 0..<1 + random.below(3) where !bytes.isEmpty {
          let at = random.below(bytes.count)
          switch random.below(3) {
          case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
          case 1: bytes[at] = Array("{}[]\",:\\u0e-.".utf8)[random.below(13)]
          default: bytes.remove(at: at)
          }
        }
        if let json = try? JSON.parse(bytes) { #expect(try JSON.parse(json.bytes()) == json) }
      }
    }
  }
}

@Suite struct ValuesAsJSON {
  @Test(arguments: [
    ("int(2..20)", "5"), ("float", "0.5"), ("float", "\"nan\""), ("string?", "null"), ("bytes", "\"AAEC/w==\""),
    ("list<int>", "[1,2]"), ("{a: int, b: string}", "{\"a\":1,\"b\":\"x\"}"),
    ("tensor<f32>[n, 2]", "[[1.0,2.0],[3.0,\"inf\"]]"),
    ("tensor<c64>[2]", "[[1.0,2.0],[3.0,4.0]]"), ("tensor<bool>", "[true,false]"), ("tensor<f16>[]", "1.5"),
    ("tensor<bf16>", "[1.0,-2.5]"), ("tensor<u8>", "[0,255]"), ("file<csv>", "\"/data/x.csv\""),
    ("any", "[1,{\"a\":null}]"),
    (
      "table{a: i32, b: string?, c: f64, d: bool?}",
      "[{\"a\":1,\"b\":null,\"c\":0.5,\"d\":true},{\"a\":-2,\"b\":\"é\",\"c\":1.0,\"d\":null}]"
    ),
    ("table", "[{\"x\":1,\"y\":null},{\"x\":2,\"y\":\"z\"}]"),
  ])
  func roundTrip(_ type: String, _ text: String) throws {
    let type = try ValueType.parse(type)
    let value = try Value(json: JSON.parse(text), type: type)
    #expect(type.check(value) == nil)
    #expect(value.json().compact == text)
    if case .table(let table) = value { #expect(table.validateDeep() == nil) }
  }

  @Test func missingOptionalFieldsAreNull() throws {
    let value = try Value(json: ["a": 1], type: ValueType.parse("{a: float, b: int?}"))
    #expect(value == .record([.init("a", .float(1)), .init("b", .null)]))
  }

  @Test(arguments: [
    ("{a: list<int>}", "{\"a\":[1,\"x\"]}", "`a[1]`: expected int, got a string"),
    ("{a: {b: int(0..9)}}", "{\"a\":{\"b\":12}}", "`a.b`: expected int in 0..9, got 12"),
    ("{a: int}", "{\"a\":1,\"c\":2}", "there is no field `c`"), ("{a: int}", "{}", "field `a` is missing"),
    ("int", "1.0", "expected int, got a number"), ("bytes", "\"###\"", "expected bytes"),
    ("tensor<f32>", "[[1],[2,3]]", "must all have the same length"), ("tensor<u8>", "[256]", "256 is not an element"),
    ("tensor[3]", "[1]", "expected tensor[3], got tensor<i64>[1]"), ("tensor", "[[[1],2]]", "the same length"),
    ("table{a: i32}", "[{\"a\":1},{}]", "`[1].a`: expected i32, got null"),
    ("table", "[1]", "`[0]`: expected an object"),
    ("list<table{a: bool}>", "[[{\"a\":3}]]", "`[0][0].a`: expected bool, got 3"),
  ])
  func mismatchesNameTheirPlace(_ type: String, _ text: String, _ message: String) throws {
    let type = try ValueType.parse(type)
    let json = try JSON.parse(text)
    #expect { try Value(json: json, type: type) } throws: { "\($0)".contains(message) }
  }

  @Test func bigContentsAreSummarised() throws {
    let tensor = Value.tensor(Tensor(element: .u8, shape: [200], data: Payload([UInt8](repeating: 0, count: 200))))
    #expect(tensor.json(limit: 100).compact == "{\"summary\":\"tensor<u8>[200]\"}")
    #expect(Value.list([.int(1)]).json(limit: 100).compact == "[1]")
  }
}

@Suite struct Descriptions {
  @Test func shortAndOneLine() {
    #expect("\(Value.string("a\n\"b\""))" == "\"a\\n\\\"b\\\"\"")
    #expect("\(Value.list((0..<1000).map { .int($0) }))".utf8.count < 120)
    #expect("\(Value.list((0..<1000).map { .int($0) }))".hasSuffix(" more]"))
    #expect("\(Value.string(String(repeating: "x", count: 500)))".utf8.count < 100)
    #expect("\(Value.bytes(Payload([1, 2])))" == "2 bytes")
    #expect("\(Value.file(.init(path: "/a", size: 1_500_000)))" == "file /a (1.4 MiB)")
    #expect("\(Value.record([.init("a", .null), .init("b", .float(1))]))" == "{a: null, b: 1.0}")
  }

  @Test(arguments: [
    ("5m", 300.0, "5m"), ("250ms", 0.25, "250ms"), ("48h", 172_800, "2d"), ("1.5s", 1.5, "1500ms"), ("0s", 0, "0s"),
    ("90s", 90, "90s"),
  ])
  func durations(_ text: String, _ seconds: Double, _ printed: String) throws {
    let duration = try #require(DurationLiteral.parse(text))
    #expect(duration == .seconds(seconds))
    #expect(DurationLiteral.text(duration) == printed)
    #expect(DurationLiteral.parse(printed) == duration)
  }

  @Test(arguments: [
    ("2GiB", Int64(1) << 31, "2GiB"), ("512MB", 512_000_000, "512MB"), ("100B", 100, "100B"), ("1.5KiB", 1536, "1536B"),
    ("0B", 0, "0B"),
  ])
  func sizes(_ text: String, _ bytes: Int64, _ printed: String) {
    #expect(ByteSize.parse(text) == bytes)
    #expect(ByteSize.literal(bytes) == printed)
  }

  @Test(arguments: ["", "5", "m", "5 m", "-5m", "1..5s", "5x", ".5s", "5.s", "99999999999999d", "1e5s"])
  func brokenLiterals(_ text: String) {
    #expect(DurationLiteral.parse(text) == nil)
    #expect(ByteSize.parse(text) == nil)
  }
}
