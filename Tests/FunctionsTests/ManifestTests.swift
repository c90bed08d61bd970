import Diagnostics
import Foundation
import Functions
import Testing
import Workflows

func read(_ text: String) -> (manifest: FunctionManifest?, diagnostics: [Diagnostic]) {
  FunctionManifest.read(SourceFile(path: "test.functions.toml", text: text), directory: "/nowhere")
}

/// `[library.l]`, and one function with these lines.
func function(_ lines: String) -> String { "[library.l]\nso = \"libl.so\"\n[[function]]\n" + lines }

@Suite struct ManifestTests {
  /// The codes of `plugin check` need compilers and libraries: CheckTests.
  @Test(arguments: Explanations.all.filter { ("E0901"..."E0907").contains($0.code) })
  func explanationsAreWhatTheySay(_ explanation: Explanation) {
    let wrong = read(explanation.wrong)
    #expect(wrong.manifest == nil)
    #expect(wrong.diagnostics.map(\.code).contains(explanation.code), "\(wrong.diagnostics.map(\.message))")
    let right = read(explanation.right)
    #expect(right.manifest != nil, "\(right.diagnostics.map(\.message))")
  }

  /// One mistake each, with its place in the line of `params` or `returns` and a piece of what is said.
  @Test(arguments: [
    ("symbol = \"f\"\nparam = []", "E0902", 5, 1, "did you mean `params`?"),
    ("symbol = 1", "E0902", 4, 10, "must be a string, not an integer"),
    ("doc = \"x\"", "E0902", 3, 3, "needs `symbol` or `id`"),
    ("symbol = \"f\"\nlibrary = \"m\"", "E0904", 5, 11, "there is no [library.m]"),
    ("symbol = \"f\"\nparams = [{ name = \"x\" }]", "E0902", 5, 11, "needs `c`"),
    ("symbol = \"f\"\nparams = [{ name = \"X\", c = \"int\" }]", "E0902", 5, 20, "no name for a port"),
    ("symbol = \"f\"\nparams = [{ name = \"x\", c = \"imt\" }]", "E0903", 5, 29, "unknown C type `imt`"),
    ("symbol = \"f\"\nparams = [{ name = \"x\", c = \"char**\" }]", "E0903", 5, 29, "pointer to a pointer"),
    ("symbol = \"f\"\nparams = [{ name = \"x\", c = \"double*\" }]", "E0905", 5, 29, "how long is `x`?"),
    (
      "symbol = \"f\"\nparams = [{ name = \"x\", c = \"double*\", dir = \"out\", port = \"tensor<f64>[?]\" }]", "E0905",
      5, 20, "how large"
    ),
    ("symbol = \"f\"\nparams = [{ name = \"x\", c = \"int\", dir = \"out\" }]", "E0905", 5, 42, "by value"),
    (
      "symbol = \"f\"\nparams = [{ name = \"x\", c = \"const double*\", dir = \"out\", len = 3 }]", "E0905", 5, 52,
      "const"
    ),
    (
      "symbol = \"f\"\nparams = [{ name = \"n\", c = \"int\", value = \"2 ** 3\" }]", "E0906", 5, 48,
      "expected a number"
    ),
    (
      "symbol = \"f\"\nparams = [{ name = \"n\", c = \"int\", value = \"m\" }]", "E0904", 5, 20,
      "no parameter or dimension `m`"
    ),
    (
      "symbol = \"f\"\nparams = [{ name = \"n\", c = \"int\", value = \"n + 1\" }]", "E0906", 5, 20, "depends on itself"
    ),
    ("symbol = \"f\"\nparams = [{ name = \"x\", c = \"double\", default = \"one\" }]", "E0902", 5, 49, "no `float`"),
    (
      "symbol = \"f\"\nparams = [{ name = \"x\", c = \"double\", port = \"string\" }]", "E0903", 5, 46,
      "this port is `float`"
    ),
    (
      "symbol = \"f\"\nparams = [{ name = \"x\", c = \"float*\", port = \"tensor<f64>[n]\" }]", "E0903", 5, 46,
      "cannot be a"
    ),
    (
      "symbol = \"f\"\nparams = [{ name = \"x\", c = \"int\" }, { name = \"x\", c = \"int\" }]", "E0907", 5, 47,
      "two parameters"
    ),
    (
      "symbol = \"f\"\nparams = [{ name = \"f\", c = \"int (*)(double)\" }]", "E0902", 5, 29,
      "what does the callback do?"
    ),
    (
      "symbol = \"f\"\nparams = [{ name = \"f\", c = \"int (*)(double)\", callback = \"formula\" }]", "E0903", 5, 29,
      "does not fit"
    ),
    ("symbol = \"f\"\nreturns = { c = \"int\", ok = \"fine\" }", "E0906", 5, 29, "`ok` is `fine`"),
    ("symbol = \"f\"\nreturns = { c = \"int\", message = \"no\" }", "E0902", 5, 34, "belongs to `ok`"),
    ("symbol = \"f\"\nreturns = { c = \"double*\" }", "E0905", 5, 17, "point to"),
    ("symbol = \"f\"\nreturns = { c = \"union u\" }", "E0903", 5, 17, "unions"),
    ("symbol = \"f\"\nrequires = \"n > 0\"", "E0904", 5, 12, "no parameter or dimension `n`"),
    ("symbol = \"f\"\nvariadic = 3", "E0902", 5, 12, "before `...`"),
    ("symbol = \"f\"\npure = true", "E0902", 4, 10, "does nothing"),
    ("symbol = \"f\"\nid = \"no id\"", "E0902", 5, 6, "no name for a task"),
  ])
  func mistakesHaveTheirPlace(lines: String, code: String, line: Int, column: Int, piece: String) throws {
    let (manifest, diagnostics) = read(function(lines))
    #expect(manifest == nil)
    let first = try #require(diagnostics.first)
    #expect(first.code == code)
    #expect(first.primary.file.position(at: first.primary.span.start) == (line, column))
    let said = "\(first.message) \(first.primary.text) \(first.help ?? "")"
    #expect(said.contains(piece), "\(said)")
  }

  @Test func placesAreNoPartOfTheIdentity() throws {
    let text = function("symbol = \"f\"\nparams = [{ name = \"x\", c = \"int\" }]\nreturns = { c = \"int\" }")
    let first = try #require(read(text).manifest).program
    let moved = try #require(read("# a comment\n\n" + text).manifest).program
    let changed = try #require(read(text.replacing("\"f\"", with: "\"g\"")).manifest).program
    #expect(first != moved)
    #expect(FunctionManifest.identity(ofProgram: first) == FunctionManifest.identity(ofProgram: moved))
    #expect(FunctionManifest.identity(ofProgram: first) != FunctionManifest.identity(ofProgram: changed))
  }

  /// Whatever a person writes: a manifest, or an error with a place in the file.
  @Test(arguments: [UInt64(1), 2, 3, 4])
  func mutatedManifestsNeverCrash(seed: UInt64) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Examples/functions")
    var corpus = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".toml") }
      .sorted()
      .map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
    corpus += Explanations.all.filter { $0.code.hasPrefix("E09") }.flatMap { [$0.wrong, $0.right] }
    try #require(corpus.count > 10)
    var random = Mutations(state: seed, corpus: corpus)
    var accepted = 0
    for _ in 0..<1500 {
      let (manifest, diagnostics) = read(random.next())
      if let manifest {
        accepted += 1
        #expect(!manifest.program.isEmpty)
      } else {
        #expect(diagnostics.contains { $0.severity == .error })
      }
      for diagnostic in diagnostics {
        let (span, size) = (diagnostic.primary.span, diagnostic.primary.file.bytes.count)
        #expect(span.start >= 0 && span.start <= span.end && span.end <= size)
        #expect(Explanations.explanation(for: diagnostic.code) != nil)
      }
    }
    #expect(accepted > 20 && accepted < 1400)
  }
}

/// xorshift64*: the same mutations each time. Words are exchanged, as well as characters.
private struct Mutations {
  var state: UInt64
  let corpus: [String]

  private mutating func below(_ limit: Int) -> Int {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % max(1, limit)
  }

  private static let words = [
    "out", "inout", "char*", "void*", "double", "const", "len", "dim(a, 0)", "len(x)", "-1", "9223372036854775807", "n",
    "null",
    "tensor<f64>[n]", "bytes", "list<int>", "struct", "(*)(", "fortran", "true", "1e9", "\\u0000", "[", "]", "{", "}",
    "=", "\"", ",",
  ]

  mutating func next() -> String {
    var tokens = corpus[below(corpus.count)].split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    for _ in 0...below(3) {
      let at = below(tokens.count)
      switch below(5) {
      case 0: tokens[at] = Self.words[below(Self.words.count)]
      case 1: tokens.remove(at: at)
      case 2: tokens.swapAt(at, below(tokens.count))
      case 3: tokens.insert(Self.words[below(Self.words.count)], at: at)
      default:
        var characters = Array(tokens[at])
        if !characters.isEmpty {
          characters[below(characters.count)] = Character(Unicode.Scalar(UInt8(32 + below(95))))
        }
        tokens[at] = String(characters)
      }
      if tokens.isEmpty { tokens = [""] }
    }
    return tokens.joined(separator: " ")
  }
}
