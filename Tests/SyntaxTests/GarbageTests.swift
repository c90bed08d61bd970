import Diagnostics
import Syntax
import Testing

/// Whatever the text: the parser ends, never traps, and loses no byte.
@Suite struct GarbageTests {
  @Test(arguments: 0..<40)
  func randomBytesPrintBack(_ seed: Int) {
    var random = Generator(UInt64(seed))
    let bytes = (0..<Int.random(in: 0..<2000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    #expect(printed(Lexer.tokens(of: bytes), of: bytes) == bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(printed(parse(text).tokens, of: Array(text.utf8)) == Array(text.utf8))
  }

  @Test(arguments: Corpus.names)
  func mutatedDocumentsParseAndPrintBack(_ name: String) throws {
    let original = Array(try Corpus.text(name).utf8)
    var random = Generator(name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    for _ in 0..<150 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...6, using: &random) { mutate(&bytes, &random) }
      let text = String(decoding: bytes, as: UTF8.self)
      let tree = parse(text)
      #expect(printed(tree.tokens, of: Array(text.utf8)) == Array(text.utf8))
      #expect(tree.diagnostics.allSatisfy { 0 <= $0.primary.span.start && $0.primary.span.end <= text.utf8.count })
      expectSpansInside(tree)
    }
  }

  @Test(arguments: Corpus.names)
  func everyPrefixParses(_ name: String) throws {
    let bytes = Array(try Corpus.text(name).utf8)
    for end in stride(from: 0, to: bytes.count, by: 7) {
      let text = String(decoding: bytes[..<end], as: UTF8.self)
      #expect(printed(parse(text).tokens, of: Array(text.utf8)) == Array(text.utf8))
    }
  }

  private static let pieces = [
    "{", "}", "(", ")", "[", "]", "<", ">", "\"", "#", "\n", ",", ":", "=", "..", "??", "@", "step ", "in ", "vary(",
    "workflow x {", "foreach ", "when ", "\\", "\u{0}", "é", "5m", "1e", "use ",
  ]

  private func mutate(_ bytes: inout [UInt8], _ random: inout Generator) {
    let at = Int.random(in: 0...bytes.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes.insert(contentsOf: Array((Self.pieces.randomElement(using: &random) ?? "{").utf8), at: at)
    case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...30, using: &random)))
    case 2:
      let from = Int.random(in: 0...bytes.count, using: &random)
      bytes.insert(contentsOf: Array(bytes[from..<min(bytes.count, from + 60)]), at: at)
    default: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &random) }
    }
  }

  private func expectSpansInside(_ tree: SyntaxTree) {
    let count = tree.file.bytes.count
    for workflow in tree.workflows {
      #expect(workflow.span.end <= count && workflow.span.start <= workflow.span.end)
      for step in workflow.steps {
        #expect(step.span.start >= workflow.span.start && step.span.end <= workflow.span.end)
        #expect(step.name.span.start >= step.span.start && step.name.span.end <= step.span.end)
      }
    }
  }
}
