import Diagnostics
import Syntax
import Testing
import Workflows

/// Whatever the text: the checker ends, never traps, and every place it names is in the file.
@Suite struct GarbageTests {
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  /// As many mistakes as steps: each costs its own time only.
  @Test func manyMistakesEnd() {
    var text = "assay 1\nuse std.table as t\nuse std.learn as ml\nworkflow w {\n"
    for index in 0..<5_000 {
      text += "  step a\(index) = t.dedup(table: dta, tabel: a\(index).tabl, k: ml.x) foreach x\(index) in 5\n"
      text += "  step b\(index) = t.dedpu(table: x\(index / 2)) @phse { timeout x }\n"
      text += "  step c\(index) = tt.dedup()\n"
    }
    let checked = check(text + "}\n")
    #expect(checked.program == nil)
    #expect(checked.diagnostics.count > 20_000)
    #expect(checked.diagnostics.contains { $0.code == "E0301" })
  }

  private static let names = ["simple", "prepare", "crossval", "experiment", "odd-layout"]

  @Test(arguments: 0..<60)
  func mutatedDocumentsAreChecked(_ seed: Int) throws {
    var random = Generator(state: UInt64(seed + 1) &* 0x9E37_79B9_7F4A_7C15)
    let name = Self.names[seed % Self.names.count]
    let original = try Corpus.text("assay/\(name).assay")
    let bytes = Array(original.utf8)
    let tokens = Lexer.tokens(of: bytes)
    for _ in 0..<12 {
      var mutated = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        // Token-wise: a neighbour's token in the place of this one gives texts that parse and mean nonsense.
        guard let from = tokens.randomElement(using: &random), let to = tokens.randomElement(using: &random),
          to.end <= mutated.count
        else { continue }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: mutated.replaceSubrange(to.start..<to.end, with: bytes[from.start..<from.end])
        case 1: mutated.removeSubrange(to.start..<to.end)
        default: mutated.insert(contentsOf: bytes[from.start..<from.end] + [0x20], at: to.start)
        }
      }
      let text = String(decoding: mutated, as: UTF8.self)
      let checked = check(text, path: "fuzz.assay")
      #expect((checked.program == nil) == checked.hasErrors)
      for diagnostic in checked.diagnostics {
        for label in [diagnostic.primary] + diagnostic.secondary {
          #expect(label.span.start >= 0 && label.span.start <= label.span.end)
          #expect(label.span.end <= label.file.bytes.count)
        }
        #expect(Explanations.explanation(for: diagnostic.code) != nil, "\(diagnostic.code)")
      }
      _ = TextRenderer().render(checked.diagnostics)
      _ = checked.fixed(checked.trees[0].file)
    }
  }
}
