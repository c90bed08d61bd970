import Foundation
import Tasks
import Testing
import Values
import Workspace

/// Calls of real functions in real workers.
@Suite struct CallTests {
  private static let widths = [
    ("i8", "int8_t", "-128", "127", "128"), ("u8", "uint8_t", "0", "255", "-1"),
    ("i16", "int16_t", "-32768", "32767", "32768"), ("u16", "uint16_t", "0", "65535", "65536"),
    ("i32", "int32", "-2147483648", "2147483647", "2147483648"), ("u32", "unsigned", "0", "4294967295", "-1"),
    ("i64", "long long", "-9223372036854775808", "9223372036854775807", nil),
    ("u64", "unsigned long", "0", "9223372036854775807", "-1"), ("size", "size_t", "0", "9223372036854775807", "-5"),
  ]

  @Test func integersOfEveryWidthGoThroughAndAreCheckedBefore() throws {
    var manifest = "[library.call]\nso = \"{fixtures}/libcall.so\"\n"
    for (name, type, _, _, _) in Self.widths {
      manifest +=
        "[[function]]\nsymbol = \"echo_\(name)\"\nparams = [{ name = \"x\", c = \"\(type)\" }]\nreturns = { c = \"\(type)\" }\n"
    }
    let bench = try Bench(manifest + "[[function]]\nsymbol = \"huge\"\nreturns = { c = \"unsigned long long\" }")
    for (name, _, low, high, outside) in Self.widths {
      for text in [low, high] {
        let number = try JSON.parse(text)
        #expect(try bench.call("echo_\(name)", ["x": number])["result"] == number, "\(name) \(text)")
      }
      guard let outside else { continue }
      let failure = try bench.failure("echo_\(name)", ["x": try JSON.parse(outside)])
      #expect(failure.kind == .input && failure.port == "x" && failure.message.contains("\(outside) does not fit `x`"))
    }
    #expect(try bench.failure("huge").message == "`result` is a number beyond 64 bits with a sign")
  }

  @Test func theOtherScalars() throws {
    let bench = try Bench(
      """
      [library.call]
      so = "{fixtures}/libcall.so"
      [[function]]
      symbol = "echo_f32"
      params = [{ name = "x", c = "float" }]
      returns = { c = "float" }
      [[function]]
      symbol = "echo_f64"
      params = [{ name = "x", c = "double" }]
      returns = { c = "double" }
      [[function]]
      symbol = "echo_bool"
      params = [{ name = "x", c = "bool" }]
      returns = { c = "bool" }
      [[function]]
      symbol = "echo_char"
      params = [{ name = "x", c = "char" }]
      returns = { c = "char" }
      """)
    #expect(try bench.call("echo_f32", ["x": 0.5])["result"] == 0.5)
    #expect(try bench.call("echo_f64", ["x": 1e300])["result"] == 1e300)
    #expect(try bench.call("echo_bool", ["x": true])["result"] == true)
    #expect(try bench.call("echo_char", ["x": "z"])["result"] == "z")
    #expect(try bench.failure("echo_char", ["x": "zz"]).message == "`x` is one character, not 2 bytes")
  }

  @Test func texts() throws {
    let bench = try Bench(
      """
      [library.call]
      so = "{fixtures}/libcall.so"
      [[function]]
      symbol = "text_length"
      params = [{ name = "text", c = "const char*", optional = true }]
      returns = { c = "size_t" }
      [[function]]
      symbol = "greet"
      params = [
        { name = "name", c = "const char*" }, { name = "out", c = "char*", dir = "out", len = "room" },
        { name = "room", c = "size_t", default = 64 },
      ]
      [[function]]
      symbol = "motto"
      returns = { name = "words", c = "const char*" }
      [[function]]
      symbol = "shouted"
      params = [{ name = "text", c = "const char*" }]
      returns = { c = "char*", free = "release" }
      [[function]]
      symbol = "released"
      returns = { c = "long" }
      [[function]]
      symbol = "nothing"
      returns = { c = "const char*" }
      [[function]]
      symbol = "format"
      variadic = 3
      params = [
        { name = "out", c = "char*", dir = "out", len = 64 }, { name = "room", c = "size_t", len_of = "out" },
        { name = "pattern", c = "const char*", value = "%d-%.1f-%s" },
        { name = "i", c = "int" }, { name = "x", c = "double" }, { name = "s", c = "const char*" },
      ]
      """)
    #expect(try bench.call("text_length", ["text": "zwölf"])["result"] == 6)
    #expect(try bench.call("text_length")["result"] == 999)
    #expect(try bench.call("greet", ["name": "Ada"])["out"] == "hello Ada")
    #expect(try bench.call("greet", ["name": "Ada", "room": 6])["out"] == "hello")
    #expect(try bench.failure("greet", ["name": "A\u{0}da"]).message.contains("NUL"))
    #expect(try bench.call("motto")["words"] == "measure twice")
    #expect(try bench.call("shouted", ["text": "ada"])["result"] == "ADA")
    #expect(try bench.call("released")["result"] == 1)
    #expect(try bench.failure("nothing").message == "`nothing` returned a null pointer")
    #expect(try bench.call("format", ["i": 7, "x": 2.5, "s": "x"])["out"] == "7-2.5-x")
  }

  @Test func arrays() throws {
    let bench = try Bench(
      """
      [library.call]
      so = "{fixtures}/libcall.so"
      [[function]]
      symbol = "sum"
      params = [{ name = "x", c = "const double*", len = "n" }, { name = "n", c = "size_t", len_of = "x" }]
      returns = { c = "double" }
      [[function]]
      id = "sum_list"
      symbol = "sum"
      params = [{ name = "x", c = "const double*", port = "list<float>" }, { name = "n", c = "size_t" }]
      requires = "n <= len(x)"
      returns = { c = "double" }
      [[function]]
      symbol = "scale"
      params = [
        { name = "x", c = "double*", dir = "inout", len = "n" }, { name = "n", c = "int" }, { name = "by", c = "double" },
      ]
      [[function]]
      symbol = "twice"
      params = [
        { name = "x", c = "const int*", port = "list<int>" }, { name = "n", c = "int", len_of = "x" },
        { name = "out", c = "long long*", dir = "out", len = "2 * len(x)" },
      ]
      [[function]]
      symbol = "evens"
      params = [
        { name = "x", c = "const int*", len = "n" }, { name = "n", c = "int", len_of = "x" },
        { name = "out", c = "int*", dir = "out", len = "n", used = "count", port = "list<int>" },
        { name = "count", c = "int*", dir = "inout", value = "n", port = false },
      ]
      [[function]]
      symbol = "bits"
      params = [
        { name = "x", c = "const bool*", port = "tensor<bool>[n]" }, { name = "n", c = "size_t", len_of = "x" },
        { name = "out", c = "unsigned char*", dir = "out" },
      ]
      [[function]]
      symbol = "at"
      params = [
        { name = "a", c = "const double*", port = "tensor<f64>[rows, columns]", order = "column" },
        { name = "rows", c = "int", len_of = "a.0" }, { name = "columns", c = "int", len_of = "a.1" },
        { name = "i", c = "int" }, { name = "j", c = "int" },
      ]
      requires = ["i < rows", "j < columns"]
      returns = { c = "double" }
      [[function]]
      symbol = "outer"
      params = [
        { name = "x", c = "const float*", len = "m" }, { name = "m", c = "int", len_of = "x" },
        { name = "y", c = "const float*", len = "n" }, { name = "n", c = "int", len_of = "y" },
        { name = "out", c = "float*", dir = "out", shape = ["m", "n"] },
      ]
      [[function]]
      symbol = "ramp"
      params = [{ name = "n", c = "int" }]
      returns = { c = "double*", len = "n", free = "free" }
      """)
    #expect(try bench.call("sum", ["x": [1.5, 2.5, 3]])["result"] == 7.0)
    #expect(try bench.call("sum", ["x": []])["result"] == 0.0)
    #expect(try bench.call("sum_list", ["x": [1, 2, 3], "n": 2])["result"] == 3.0)
    #expect(try bench.failure("sum_list", ["x": [1], "n": 2]).message == "`sum` requires n <= len(x)")
    #expect(try bench.call("scale", ["x": [1, 2], "n": 2, "by": 10])["x"] == [10.0, 20.0])
    let length = try bench.failure("scale", ["x": [1, 2], "n": 3, "by": 10])
    #expect(length.kind == .input && length.port == "x" && length.message == "`x` has 2 elements, the call says 3")
    #expect(try bench.call("twice", ["x": [1, -2]])["out"] == [1, 1, -2, -2])
    #expect(try bench.call("evens", ["x": [1, 2, 3, 4, 6]])["out"] == [2, 4, 6])
    #expect(try bench.call("bits", ["x": [true, false, true]])["out"] == 5)
    #expect(try bench.call("at", ["a": [[1, 2, 3], [4, 5, 6]], "i": 0, "j": 2])["result"] == 3.0)
    #expect(try bench.call("at", ["a": [[1, 2, 3], [4, 5, 6]], "i": 1, "j": 0])["result"] == 4.0)
    #expect(try bench.call("outer", ["x": [1, 2], "y": [3, 4, 5]])["out"] == [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]])
    #expect(try bench.call("ramp", ["n": 3])["result"] == [0.0, 1.0, 2.0])
    #expect(try bench.failure("ramp", ["n": -1]).message == "`ramp` returned a null pointer")
    // A hundred thousand numbers travel in shared memory.
    let many = JSON.array((0..<100_000).map { .float(Double($0)) })
    #expect(try bench.call("sum", ["x": many])["result"] == 4_999_950_000.0)
  }

  @Test func structures() throws {
    let bench = try Bench(
      """
      [library.call]
      so = "{fixtures}/libcall.so"
      [struct.point]
      fields = [["x", "double"], ["y", "double"], ["k", "int"]]
      [struct.box]
      fields = [["tag", "char"], ["low", "point"], ["weight", "float"]]
      [[function]]
      symbol = "mirrored"
      params = [{ name = "p", c = "point" }]
      returns = { c = "struct point" }
      [[function]]
      symbol = "shift"
      params = [{ name = "p", c = "point*", dir = "inout" }, { name = "by", c = "double" }]
      [[function]]
      symbol = "boxed"
      params = [{ name = "p", c = "point" }, { name = "tag", c = "char" }]
      returns = { c = "box" }
      [[function]]
      symbol = "area"
      params = [{ name = "b", c = "const box*" }]
      returns = { c = "double" }
      """)
    let point: JSON = ["x": 2.0, "y": 3.0, "k": 7]
    #expect(try bench.call("mirrored", ["p": point])["result"] == ["x": 3.0, "y": 2.0, "k": -7])
    #expect(try bench.call("shift", ["p": point, "by": 1])["p"] == ["x": 3.0, "y": 4.0, "k": 8])
    let box = try bench.call("boxed", ["p": point, "tag": "b"])["result"]
    #expect(box == ["tag": "b", "low": ["x": 2.0, "y": 3.0, "k": 7], "weight": 0.5])
    #expect(try bench.call("area", ["b": try #require(box)])["result"] == 3.0)
    let failure = try bench.failure("mirrored", ["p": ["x": 1, "y": 1, "k": 4_000_000_000]])
    #expect(failure.message == "4000000000 does not fit field `k`, which is int32 in C")
  }

  @Test func callbacks() throws {
    let bench = try Bench(
      """
      [library.call]
      so = "{fixtures}/libcall.so"
      [library.c]
      so = "libc.so.6"
      [[function]]
      symbol = "integrate"
      library = "call"
      params = [
        { name = "f", c = "double (*)(double, void *)", callback = "formula", args = ["x"] },
        { name = "a", c = "double" }, { name = "b", c = "double" }, { name = "n", c = "int", value = 1000 },
        { name = "data", c = "void*", value = "null" },
      ]
      returns = { name = "area", c = "double" }
      [[function]]
      symbol = "each"
      library = "call"
      params = [
        { name = "n", c = "int" }, { name = "say", c = "int (*)(void *, const char *)", callback = "log" },
        { name = "data", c = "void*", value = "null" },
      ]
      [[function]]
      symbol = "qsort"
      library = "c"
      params = [
        { name = "values", c = "void*", dir = "inout", port = "tensor<i32>[n]" },
        { name = "count", c = "size_t", len_of = "values" }, { name = "width", c = "size_t", value = 4 },
        { name = "order", c = "int (*)(const void *, const void *)", callback = "descending", of = "int" },
      ]
      """)
    guard
      case .float(let area)? = try bench.call("integrate", ["f": "3*x^2 + sin(pi * x) * 0", "a": 0, "b": 2])["area"]
    else { throw Failure(.failed, "no area") }
    #expect(abs(area - 8) < 1e-4)
    let wrong = try bench.failure("integrate", ["f": "3*y", "a": 0, "b": 2])
    #expect(
      wrong.kind == .input
        && wrong.message == "`f` is no formula: expected a name that is known at character 3 of `3*y`")
    let log = Log()
    _ = try bench.outcome("each", ["n": 2], log).result.get()
    #expect(log.lines == ["line 0", "line 1"])
    #expect(try bench.call("qsort", ["values": [3, -1, 2]])["values"] == [3, 2, -1])
  }

  @Test func fortran() throws {
    let bench = try Bench(
      """
      [library.fort]
      so = "{fixtures}/libfort.so"
      convention = "fortran"
      [[function]]
      id = "scale_all"
      params = [
        { name = "n", c = "int", len_of = "x" }, { name = "x", c = "double*", dir = "inout", len = "n" },
        { name = "f", c = "double" }, { name = "total", c = "double", dir = "out" },
      ]
      [[function]]
      id = "greet"
      params = [{ name = "name", c = "const char*" }, { name = "out", c = "char*", dir = "out", len = 12 }]
      [[function]]
      id = "row_sums"
      params = [
        { name = "m", c = "int", len_of = "a.0" }, { name = "n", c = "int", len_of = "a.1" },
        { name = "a", c = "const float*", port = "tensor<f32>[m, n]", order = "column" },
        { name = "sums", c = "float*", dir = "out", len = "m" },
      ]
      [[function]]
      id = "hypotenuse"
      params = [{ name = "a", c = "double" }, { name = "b", c = "double" }]
      returns = { c = "double" }
      [[function]]
      id = "is_even"
      params = [{ name = "n", c = "int" }]
      returns = { c = "logical" }
      """)
    let scaled = try bench.call("scale_all", ["x": [1, 2, 3], "f": 2])
    #expect(scaled["x"] == [2.0, 4.0, 6.0] && scaled["total"] == 12.0)
    #expect(try bench.call("greet", ["name": "bob"])["out"] == "hello bob")
    #expect(try bench.call("greet", ["name": "methuselah"])["out"] == "hello methus")
    #expect(try bench.call("row_sums", ["a": [[1, 2, 3], [4, 5, 6]]])["sums"] == [6.0, 15.0])
    #expect(try bench.call("hypotenuse", ["a": 3, "b": 4])["result"] == 5.0)
    #expect(try bench.call("is_even", ["n": 4])["result"] == true)
    #expect(try bench.check().functions.allSatisfy { $0.debug == .agrees })
  }

  @Test func linearAlgebraOfTheSystem() throws {
    let bench = try Bench.example("linear")
    let product = try bench.call("multiply", ["a": [[1, 2, 3], [4, 5, 6]], "b": [[1, 0], [0, 1], [1, 1]]])
    #expect(product["c"] == [[4.0, 5.0], [10.0, 11.0]])
    let solved = try bench.call("solve", ["a": [[2, 0], [0, 4]], "b": [[2], [4]]])
    #expect(solved["b"] == [[1.0], [1.0]])
    #expect(
      try bench.failure("solve", ["a": [[1, 1], [1, 1]], "b": [[1], [1]]]).message
        == "`dgesv_` set `info` to 2: the matrix is singular")
    #expect(try bench.call("ddot", ["x": [1, 2, 3], "y": [4, 5, 6]])["product"] == 32.0)
  }

  @Test func compressionOfTheSystem() throws {
    let bench = try Bench.example("zlib")
    let text = Data("assay assay assay assay".utf8).base64EncodedString()
    #expect(
      try bench.call("crc32", ["data": .string(Data("123456789".utf8).base64EncodedString())])["crc"] == 0xCBF4_3926)
    let packed = try #require(try bench.call("compress2", ["source": .string(text)])["packed"])
    let unpacked = try bench.call("uncompress", ["source": packed, "size": 100])
    #expect(unpacked["data"] == .string(text) && unpacked["size"] == 23)
    let small = try bench.failure("uncompress", ["source": packed, "size": 10])
    #expect(small.kind == .input && small.message == "`uncompress` returned -5: `size` is too small")
    let broken = try bench.failure("uncompress", ["source": .string(text), "size": 10])
    #expect(broken.kind == .failed && broken.message == "`uncompress` returned -3: data error" && broken.number == -3)
  }

  /// A failed call is explained by errno where the manifest says so, and only there.
  @Test(arguments: [true, false]) func errnoExplainsAFailure(isReported: Bool) throws {
    let bench = try Bench(
      """
      [library.c]
      so = "libc.so.6"
      [[function]]
      symbol = "chdir"
      params = [{ name = "path", c = "const char*" }]
      returns = { c = "int", ok = "== 0" }
      \(isReported ? "errno = \"report\"" : "")
      """)
    let failure = try bench.failure("chdir", ["path": "/nowhere/at/all"])
    #expect(failure.message.contains("No such file") == isReported, "\(failure)")
    #expect((failure.number == ENOENT) == isReported, "\(failure)")
  }

  @Test func mathematicsOfTheSystem() throws {
    let bench = try Bench.example("math")
    #expect(try bench.call("pow", ["x": 2, "y": 10])["power"] == 1024.0)
    let overflow = try bench.failure("pow", ["x": 10, "y": 1000])
    #expect(
      overflow.code == "errno" && overflow.number == ERANGE && overflow.message == "pow: Numerical result out of range")
    #expect(try bench.call("div", ["numerator": 17, "denominator": 5])["parts"] == ["quot": 3, "rem": 2])
    #expect(try bench.failure("div", ["numerator": 1, "denominator": 0]).message == "`div` requires denominator != 0")
    let split = try bench.call("frexp", ["x": 40])
    #expect(split["mantissa"] == 0.625 && split["exponent"] == 6)
    #expect(try bench.call("qsort", ["values": [3, 1, 2]])["values"] == [1.0, 2.0, 3.0])
    #expect(try bench.check().functions.allSatisfy { $0.header == .agrees })
  }
}
