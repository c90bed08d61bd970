import Diagnostics
import Testing

@Test func notesAreLinesOfTheirOwn() {
  let file = SourceFile(path: "a.assay", text: "use \"./x.so\"\n")
  var diagnostic = Diagnostic("E0702", "cannot use `./x.so`", at: .init(file, Span(4, 12), "does not load"))
  diagnostic.notes = ["first\u{1B}", "second"]
  let text = TextRenderer().render(diagnostic)
  #expect(text.contains("  = note: first") && text.contains("  = note: second\n") && !text.contains("\u{1B}"))
  #expect(JSONRenderer.render([diagnostic]).contains(#""notes":["first\u001b","second"]"#))
}
