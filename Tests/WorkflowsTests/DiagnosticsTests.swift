import Diagnostics
import Foundation
import Syntax
import Testing
import Workflows

/// `Tests/Corpus/diagnostics/*.assay` and what is said about them, word for word. `ASSAY_RECORD=1` writes the
/// expectations anew; read the difference before committing it.
@Suite struct DiagnosticsTests {
  @Test(arguments: Corpus.names("diagnostics"))
  func messagesAreAsExpected(_ name: String) throws {
    let checked = check(try Corpus.text("diagnostics/\(name)"), path: name)
    let text = TextRenderer(limit: 100).render(checked.diagnostics)
    let expected = Corpus.root.appendingPathComponent("diagnostics/" + name.dropLast(6) + ".expected")
    if ProcessInfo.processInfo.environment["ASSAY_RECORD"] == "1" {
      try text.write(to: expected, atomically: true, encoding: .utf8)
    }
    #expect(text == (try? String(contentsOf: expected, encoding: .utf8)))
    #expect(!checked.diagnostics.isEmpty)
    #expect(checked.diagnostics.allSatisfy { Explanations.explanation(for: $0.code) != nil })
  }

  /// Fixes remove what they are for, and make nothing worse.
  @Test(arguments: Corpus.names("diagnostics"))
  func fixesHelp(_ name: String) throws {
    var checked = check(try Corpus.text("diagnostics/\(name)"), path: name)
    for _ in 0..<10 {
      let before = checked.diagnostics.count
      let (text, applied) = checked.fixed(checked.trees[0].file)
      guard !applied.isEmpty else { break }
      checked = check(text, path: name)
      // What a misspelt name hid may come to light.
      #expect(checked.diagnostics.count <= before, "\(text)")
    }
    #expect(checked.fixes(in: checked.trees[0].file).isEmpty)
  }

  @Test func corpusIsThere() { #expect(Corpus.names("diagnostics").count >= 8) }
}
