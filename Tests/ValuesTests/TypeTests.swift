import Testing
import Values

@Suite struct TypeGrammar {
  @Test(arguments: [
    "any", "null", "bool", "int", "int(2..20)", "int(..20)", "int(-5..)", "float(0..1)", "float(0.01..0.3)",
    "float(1e-07..1e+20)", "string", "bytes", "dir", "list<int>", "list<list<float>?>", "{a: int, b: string?}", "{}",
    "enum(\"a\", \"b c\")", "tensor", "tensor<f32>", "tensor<f32>[n, 3, ?]", "tensor[2]", "tensor<i64>[]", "table",
    "table{a: i64, b: string?, c: date, d: list<u8>}", "table{\"mean radius\": f64}", "file", "file<csv>",
    "file<application/x-thing>", "sklearn.model", "a.b.c?",
  ])
  func canonicalTextIsKept(_ text: String) throws {
    #expect(try ValueType.parse(text).description == text)
  }

  @Test(arguments: [
    ("i64", "int"), ("f64?", "float?"), ("str", "string"), ("u8", "int(0..255)"), ("file(text/csv)", "file<csv>"),
    ("file( text/x )", "file<text/x>"), ("enum(a|b)", "enum(\"a\", \"b\")"), ("list< i64 >", "list<int>"),
    ("int(..)", "int"), ("{ a : int , }", "{a: int}"), ("table{a:i64,b:str?}", "table{a: i64, b: string?}"),
    ("float( 0.5 .. 1e3 )", "float(0.5..1000)"),
  ])
  func aliasesAreRead(_ text: String, _ canonical: String) throws {
    #expect(try ValueType.parse(text).description == canonical)
  }

  @Test(arguments: [
    ("", "expected a type", 0), ("itn", "unknown type `itn`", 0), ("list<int", "expected `>`", 8),
    ("list<itn>", "unknown type `itn`", 5), ("int(5..2)", "the range is empty", 4),
    ("int(1..2.5)", "is not a number", 7),
    ("tensor<f31>", "unknown element type `f31`", 7), ("{a: int, a: int}", "`a` is declared twice", 9),
    ("enum()", "expected a name", 5), ("enum(a, a)", "stands twice", 8), ("int int", "expected the end", 4),
    ("int??", "`?` may stand only once", 4), ("a.", "expected a name after `.`", 2), ("list<日>", "found `日`", 5),
    ("{\"a: int}", "not closed", 1), ("int(99999999999999999999..)", "is not a number", 4),
    (String(repeating: "list<", count: 40) + "int", "at most 32 levels", 160),
  ])
  func mistakesAreNamed(_ text: String, _ message: String, _ offset: Int) {
    #expect {
      try ValueType.parse(text)
    } throws: { error in
      guard let error = error as? TypeSyntaxError else { return false }
      return error.message.contains(message) && error.offset == offset && offset + error.length <= text.utf8.count
    }
  }

  @Test func randomTypesRoundTrip() throws {
    var random = SeededGenerator(1)
    for _ in 0..<3000 {
      let type = random.type()
      #expect(try ValueType.parse(type.description) == type, "\(type)")
      #expect(type.accepts(type), "\(type)")
    }
  }

  @Test func mutatedTextNeverTraps() {
    var random = SeededGenerator(2)
    for _ in 0..<20_000 {
      var bytes = Array(random.type().description.utf8)
      for _ in 0..<1 + random.below(3) where !bytes.isEmpty {
        let at = random.below(bytes.count)
        if random.below(2) == 0 { bytes.remove(at: at) } else { bytes[at] = UInt8(random.below(128)) }
      }
      if let type = try? ValueType.parse(String(decoding: bytes, as: UTF8.self)) {
        #expect((try? ValueType.parse(type.description)) == type)
      }
    }
  }
}

@Suite struct TypeRules {
  @Test(arguments: [
    ("float", "int"), ("float(0..9)", "int(1..5)"), ("int", "int(2..20)"), ("int(2..20)", "int"),
    ("int(0..9)", "int(2..)"),
    ("any", "table"), ("int", "any"), ("int?", "int"), ("float?", "int?"), ("int?", "null"), ("string", "enum(a)"),
    ("enum(a, b)", "enum(b)"), ("enum(a)", "string"), ("list<float>", "list<int>"), ("list<int?>", "list<int>"),
    ("{a: float, b: int?}", "{a: int}"), ("{a: int, b: int}", "{b: int, a: int}"), ("tensor", "tensor<f32>[3]"),
    ("tensor<f32>[n, 3]", "tensor<f32>[7, 3]"), ("tensor<f32>[n, n]", "tensor[3, 3]"), ("tensor[3]", "tensor[n]"),
    ("table", "table{a: i64}"), ("table{a: int}", "table{b: string, a: i32}"), ("table{a: i64}", "table"),
    ("table{a: float?}", "table{a: f32}"), ("table{a: i64}", "table{a: int}"), ("file", "file<csv>"),
    ("file<csv>", "file"), ("a.b", "a.b"),
  ])
  func fits(_ to: String, _ from: String) throws {
    #expect(try ValueType.parse(to).accepts(ValueType.parse(from)))
  }

  @Test(arguments: [
    ("int", "float"), ("int(0..9)", "int(2..20)"), ("int(0..9)", "int(20..)"), ("int", "int?"), ("string", "int"),
    ("enum(a)", "enum(a, b)"), ("list<int>", "list<float>"), ("list<int>", "int"), ("{a: int}", "{a: int, b: int}"),
    ("{a: int, b: int}", "{a: int}"), ("tensor<f32>", "tensor<f64>"), ("tensor[3]", "tensor[4]"),
    ("tensor[n, n]", "tensor[3, 4]"), ("tensor[3]", "tensor[3, 3]"), ("table{a: int}", "table{b: i64}"),
    ("table{a: float}", "table{a: i64}"), ("table{a: i64}", "table{a: i32}"), ("table{a: int}", "table{a: int?}"),
    ("file<csv>", "file<json>"), ("file", "dir"), ("a.b", "a.c"), ("bytes", "string"), ("float(0..1)", "int(2..3)"),
  ])
  func doesNotFit(_ to: String, _ from: String) throws {
    #expect(try !ValueType.parse(to).accepts(ValueType.parse(from)))
  }

  static let tensor = Value.tensor(
    Tensor(element: .f64, shape: [2, 3], data: Payload([UInt8](repeating: 0, count: 48))))

  @Test(arguments: [
    ("int(2..20)", Value.int(31), "expected int in 2..20, got 31"),
    ("int(2..)", .int(1), "expected int of at least 2, got 1"),
    ("float(0..1)", .float(.nan), "expected float in 0..1, got nan"), ("int", .string("x"), "expected int, got string"),
    ("float", .int(1), "expected float, got int"),
    ("enum(a, b)", .string("c"), "expected one of \"a\", \"b\", got \"c\""),
    ("list<int>", .list([.int(1), .null]), "item 1: expected int, got null"),
    ("{a: int}", .record([]), "field `a` is missing"),
    ("{a: int?}", .record([.init("b", .null)]), "there is no field `b`"),
    ("tensor<f32>[n]", tensor, "expected tensor<f32>[n], got tensor<f64>[2, 3]"),
    ("tensor[n, n]", tensor, "expected tensor[n, n], got tensor<f64>[2, 3]"),
    (
      "file<csv>", .file(.init(path: "/x", size: 0, mediaType: "image/png")),
      "expected file<csv>, got a file of type image/png"
    ),
  ])
  func conformanceIsExplained(_ type: String, _ value: Value, _ problem: String) throws {
    #expect(try ValueType.parse(type).check(value) == problem)
  }

  @Test func conformingValuesPass() throws {
    #expect(try ValueType.parse("tensor<f64>[n, 3]").check(Self.tensor) == nil)
    #expect(
      try ValueType.parse("file<csv>").check(.file(.init(path: "/x", size: 0, mediaType: "text/csv; a=b"))) == nil)
    #expect(try ValueType.parse("a.model").check(.bytes(Payload([]))) == nil)
    var random = SeededGenerator(3)
    for _ in 0..<2000 {
      let value = random.value()
      #expect(value.type.check(value.type.coerced(value)) == nil, "\(value) \(value.type)")
      #expect(ValueType.any.check(value) == nil)
      #expect(value.type.lifted.check(.null) == nil)
    }
  }

  @Test func namedDimensionsHoldAcrossPorts() throws {
    var dimensions: [String: Int] = [:]
    #expect(try ValueType.parse("tensor[n, m]").check(Self.tensor, dimensions: &dimensions) == nil)
    #expect(try ValueType.parse("tensor[m, n]").check(Self.tensor, dimensions: &dimensions) != nil)
  }

  @Test func coercionWidensAndOrders() throws {
    let type = try ValueType.parse("{a: list<float>, b: int?, c: float?}")
    let given = Value.record([.init("c", .int(2)), .init("a", .list([.int(1), .float(0.5)]))])
    let expected = Value.record([
      .init("a", .list([.float(1), .float(0.5)])), .init("b", .null), .init("c", .float(2)),
    ])
    #expect(type.coerced(given) == expected)
    #expect(type.check(type.coerced(given)) == nil)
    #expect(type.coerced(.record([.init("z", .int(1))])) == .record([.init("z", .int(1))]))
  }

  @Test func liftingAndJoining() throws {
    #expect(ValueType.int(nil).lifted.lifted.lowered == .int(nil))
    #expect(ValueType.list(.bool).lifted.listElement == .bool)
    #expect(ValueType.int(nil).joined(.float(nil)) == .float(nil))
    #expect(ValueType.null.joined(.string) == .optional(.string))
    #expect(ValueType.string.joined(.bool) == .any)
    #expect(Value.list([.int(1), .null, .float(2)]).type == .list(.optional(.float(nil))))
  }
}
