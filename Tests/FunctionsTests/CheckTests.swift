import Diagnostics
import Foundation
import Testing
import Workflows
import Workspace

/// Declarations against real headers and real debug information.
@Suite struct CheckTests {
  /// Each line is a function with one mistake, and what is to be said about it.
  private static let mistakes = [
    (
      "symbol = \"echo_i8\"\nparams = [{ name = \"x\", c = \"int\" }]\nreturns = { c = \"int8_t\" }",
      "parameter 1 of `echo_i8`, `x`, is declared `int`"
    ),
    (
      "symbol = \"echo_u32\"\nparams = [{ name = \"x\", c = \"uint32_t\" }]\nreturns = { c = \"int\" }",
      "the result of `echo_u32` is declared `int`"
    ),
    (
      "symbol = \"echo_f64\"\nparams = [{ name = \"x\", c = \"float\" }]\nreturns = { c = \"double\" }", "says `double`"
    ),
    ("symbol = \"echo_size\"\nparams = [{ name = \"x\", c = \"double\" }]", "says `unsigned long`"),
    ("symbol = \"text_length\"\nparams = [{ name = \"x\", c = \"long\" }]", "declared `long`"),
    (
      "symbol = \"sum\"\nparams = [{ name = \"x\", c = \"const float*\", len = \"n\" }, { name = \"n\", c = \"size_t\" }]",
      "says `const double *`"
    ),
    (
      "symbol = \"scale\"\nparams = [{ name = \"x\", c = \"const double*\", len = \"n\" }, { name = \"n\", c = \"int\" }, { name = \"by\", c = \"double\" }]",
      "says `double *`"
    ),
    ("symbol = \"scale\"\nparams = [{ name = \"n\", c = \"int\" }]", "with 1 parameter"),
    (
      "symbol = \"mirrored\"\nparams = [{ name = \"p\", c = \"double\" }]\nreturns = { c = \"point\" }",
      "says `struct point`"
    ),
    (
      "symbol = \"boxed\"\nparams = [{ name = \"p\", c = \"point\" }, { name = \"tag\", c = \"char\" }]",
      "the result of `boxed`"
    ),
  ]

  private static let correct = """
    [[function]]
    symbol = "sum"
    params = [{ name = "x", c = "double*", len = "n" }, { name = "n", c = "unsigned long long" }]
    returns = { c = "double" }
    [[function]]
    symbol = "shift"
    params = [{ name = "p", c = "point*", dir = "inout" }, { name = "by", c = "double" }]
    [[function]]
    symbol = "each"
    params = [
      { name = "n", c = "int" }, { name = "say", c = "int (*)(void *, const char *)", callback = "log" },
      { name = "data", c = "void*", value = "null" },
    ]
    [[function]]
    symbol = "format"
    variadic = 3
    params = [
      { name = "out", c = "char*", dir = "out", len = 64 }, { name = "room", c = "size_t", len_of = "out" },
      { name = "pattern", c = "const char*" }, { name = "i", c = "int" },
    ]
    returns = { name = "length", c = "int" }
    """

  private func manifest(_ functions: [String], header: Bool) -> String {
    """
    [library.call]
    so = "{fixtures}/libcall.so"
    \(header ? "header = \"call.h\"\ninclude = \"{fixtures}\"" : "")
    [struct.point]
    fields = [["x", "double"], ["y", "double"], ["k", "int"]]

    """ + functions.joined(separator: "\n")
  }

  @Test(arguments: [true, false])
  func wrongDeclarationsAreFound(header: Bool) throws {
    let functions = Self.mistakes.enumerated().map { "[[function]]\nid = \"f\($0)\"\n\($1.0)" }
    let check = try Bench(manifest(functions, header: header)).check()
    #expect(check.functions.count == Self.mistakes.count)
    for (function, mistake) in zip(check.functions, Self.mistakes) {
      #expect(function.isWrong, "\(function.symbol)")
      let code = header ? "E0909" : "E0910"
      #expect(
        check.diagnostics.contains { $0.code == code && $0.message.contains(mistake.1) },
        "\(mistake.1) in \(check.diagnostics.map(\.message))")
    }
    // They point at the type.
    let first = try #require(check.diagnostics.first { $0.message.contains("`echo_i8`") })
    #expect(first.primary.file.text(first.primary.span) == "\"int\"")
  }

  @Test(arguments: [true, false])
  func rightDeclarationsAreLeftAlone(header: Bool) throws {
    let check = try Bench(manifest([Self.correct], header: header)).check()
    #expect(check.diagnostics.isEmpty, "\(check.diagnostics.map(\.message))")
    #expect(check.functions.allSatisfy { header ? $0.header == .agrees : $0.debug == .agrees }, "\(check.functions)")
  }

  @Test func aStructLaidOutOtherwiseIsFound() throws {
    let text = manifest([Self.correct], header: true).replacing("[\"k\", \"int\"]", with: "[\"k\", \"long\"]")
    let check = try Bench(text).check()
    #expect(check.diagnostics.contains { $0.code == "E0909" && $0.message.contains("field `k` of `struct point`") })
  }

  @Test func fortranIsComparedByReference() throws {
    let bench = try Bench(
      """
      [library.fort]
      so = "{fixtures}/libfort.so"
      convention = "fortran"
      [[function]]
      id = "scale_all"
      params = [
        { name = "n", c = "long", len_of = "x" }, { name = "x", c = "double*", dir = "inout", len = "n" },
        { name = "f", c = "double", by = "value" }, { name = "total", c = "double", dir = "out" },
      ]
      """)
    let said = try bench.check().diagnostics.map(\.message)
    #expect(
      said.count == 2 && said[0].contains("`n`, is declared `long *`") && said[1].contains("`f`, is declared `double`"),
      "\(said)")
  }

  @Test func whatCannotBeComparedIsAWarning() throws {
    let text = manifest(["[[function]]\nsymbol = \"stop\""], header: true).replacing("call.h", with: "string.h")
    let bench = try Bench(text)
    try Fixtures.run(["strip", "-g", "-o", bench.path + "/bare.so", try Fixtures.folder.get() + "/libcall.so"])
    try bench.write(text.replacing("{fixtures}/libcall.so", with: "./bare.so").replacing("{fixtures}", with: "."))
    let check = try bench.check()
    #expect(check.diagnostics.map(\.code) == ["W0901"])
    #expect(check.diagnostics.first?.help == "none of string.h declares it")
    try bench.write(text.replacing("{fixtures}/libcall.so", with: "./bare.so").replacing("string.h", with: "nowhere.h"))
    let missing = try bench.check().diagnostics
    #expect(missing.allSatisfy { $0.code == "W0901" } && missing.contains { $0.message.contains("nowhere.h") })
  }

  @Test func everyCodeIsExplained() {
    for code in ["E0908", "E0909", "E0910", "W0901"] { #expect(Explanations.explanation(for: code) != nil) }
  }
}
