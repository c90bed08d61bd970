import Diagnostics
import Editing
import Testing

/// A caret can stand anywhere: also inside of tokens of several bytes, and of what is no token.
@Suite struct OddPlacesTests {
  @Test(arguments: [
    "assay 1\nuse a ?? \u{FFFD}\u{FFFD}\u{FFFD} b .. c == d\n", "use ??",
    "workflow w { step s = t.f(a: 1 ?? 2, b: [1..2]) }",
    "in é?? out", "use \"open", "use x as == y",
  ])
  func completionsAtEveryByte(_ text: String) {
    let analysis = Marked(text).analysis()
    let surroundings = Surroundings(plugins: { ["std.table"] }, files: { _ in [] })
    for offset in 0...text.utf8.count {
      for item in analysis.completions(at: offset, surroundings, snippets: true) {
        #expect(item.replaced.start <= item.replaced.end && item.replaced.end <= text.utf8.count)
      }
      _ = analysis.callHelp(at: offset)
      _ = analysis.hover(at: offset)
    }
  }
}
