import Diagnostics
import Testing

/// The span of the `n`-th occurrence (from 0) of `text`.
private func span(_ text: String, in file: SourceFile, _ n: Int = 0) -> Span {
  let wanted = Array(text.utf8)
  var found = 0
  for start in 0...max(0, file.bytes.count - wanted.count) where file.bytes[start...].starts(with: wanted) {
    if found == n { return Span(start, start + wanted.count) }
    found += 1
  }
  Issue.record("`\(text)` is not in the source")
  return .none
}

@Suite struct TextForm {
  static let churn = SourceFile(
    path: "churn.assay",
    text: """
      assay 1
      use std.table as t

      workflow churn {
        in data: file<csv>

        step raw   = t.read_csv(path: data)
        step split = t.split(table: raw.tabel, test: 0.2)
        step fit   = train(table: split.train)
      }

      """)

  @Test func theBarOfTheSpecification() {
    let file = Self.churn
    let diagnostic = Diagnostic(
      "E0101", "step `raw` has no output `tabel`", at: .init(file, span("tabel", in: file), "no such output"),
      also: [.init(file, span("raw", in: file), "`raw` gives `table`: table")], help: "did you mean `raw.table`?",
      fix: Fix("write `table`", [TextEdit(span("tabel", in: file), "table")]))
    #expect(
      TextRenderer().render(diagnostic) == """
        error[E0101]: step `raw` has no output `tabel`
         --> churn.assay:8:35
          |
        7 |   step raw   = t.read_csv(path: data)
          |        --- `raw` gives `table`: table
        8 |   step split = t.split(table: raw.tabel, test: 0.2)
          |                                   ^^^^^ no such output
          = help: did you mean `raw.table`?  (assay fix)
          = more: assay explain E0101

        """)
  }

  @Test func severalLabelsOnOneLineAndGaps() {
    let file = Self.churn
    let diagnostic = Diagnostic(
      "W0201", .warning, "twice", at: .init(file, span("split", in: file), "first"),
      also: [
        .init(file, span("raw.tabel", in: file), "second"), .init(file, span("test", in: file), "third"),
        .init(file, span("use", in: file), "far away"), .init(file, span("in data", in: file), "near"),
      ])
    #expect(
      TextRenderer().render(diagnostic) == """
        warning[W0201]: twice
         --> churn.assay:8:8
          |
        2 | use std.table as t
          | --- far away
        ...
        5 |   in data: file<csv>
          |   ------- near
        ...
        8 |   step split = t.split(table: raw.tabel, test: 0.2)
          |        ^^^^^                  ---------  ---- third
          |        |                      second
          |        first
          = more: assay explain W0201

        """)
  }

  @Test func spansOverLinesAndOtherFiles() {
    let file = SourceFile(path: "a.assay", text: "step a {\n  b\n  c\n  d\n}\n")
    let other = SourceFile(path: "lib/b.assay", text: String(repeating: "\n", count: 11) + "task x\n")
    let diagnostic = Diagnostic(
      "E0001", "too long", at: .init(file, Span(5, 22), "here"), also: [.init(other, Span(16, 17), "declared here")])
    #expect(
      TextRenderer().render(diagnostic) == """
        error[E0001]: too long
          --> a.assay:1:6
           |
         1 | step a {
           |      ^^^
        ...
         5 | }
           | ^ here
          ::: lib/b.assay:12:6
           |
        12 | task x
           |      - declared here
           = more: assay explain E0001

        """)
  }

  @Test func aGapOfOneLineIsShown() {
    let file = SourceFile(path: "a", text: "one\ntwo\nthree")
    let text = TextRenderer().render(
      Diagnostic("", "x", at: .init(file, Span(0, 3), ""), also: [.init(file, Span(8, 13), "y")]))
    #expect(text == "error: x\n --> a:1:1\n  |\n1 | one\n  | ^^^\n2 | two\n3 | three\n  | ----- y\n")
  }

  @Test func tabsWideAndHostileCharacters() {
    let file = SourceFile(path: "x", text: "\ta\t日本 e\u{301}\u{1B}[31m bad\n")
    let text = TextRenderer().render(
      Diagnostic("E1", "esc\u{1B}ape\nline", at: .init(file, span("bad", in: file), "x")))
    #expect(
      text == """
        error[E1]: esc\u{FFFD}ape line
         --> x:1:15
          |
        1 |     a   日本 e\u{301}\u{FFFD}[31m bad
          |                     ^^^ x
          = more: assay explain E1

        """)
  }

  @Test func emptySpansEndsAndMissingText() {
    let file = SourceFile(path: "x", text: "ab\r\ncd")
    #expect(
      TextRenderer().render(Diagnostic("", "m", at: .init(file, Span(6, 6), "end"))).hasSuffix("2 | cd\n  |   ^ end\n"))
    #expect(
      TextRenderer().render(Diagnostic("", "m", at: .init(file, Span(2, 3), "break"))).hasSuffix(
        "1 | ab\n  |   ^ break\n"))
    #expect(TextRenderer().render(Diagnostic("", "m", at: .init(file, Span(-5, 900), "all"))).contains("all"))
    let empty = SourceFile(path: "gone.assay", text: "")
    #expect(
      TextRenderer().render(Diagnostic("", "cannot read", at: .init(empty, .none, "")))
        == "error: cannot read\n --> gone.assay\n")
  }

  @Test func longLinesAreCutAroundTheLabel() throws {
    let file = SourceFile(
      path: "x", text: String(repeating: "a", count: 5000) + "BAD" + String(repeating: "b", count: 5000))
    let lines = TextRenderer().render(Diagnostic("", "m", at: .init(file, Span(5000, 5003), "here"))).split(
      separator: "\n")
    #expect(lines.allSatisfy { $0.count < 180 })
    let source = try #require(lines.first { $0.hasPrefix("1 |") })
    let marks = try #require(lines.first { $0.contains("^^^ here") })
    #expect(source.dropFirst(marks.prefix { $0 != "^" }.count).hasPrefix("BADbbb"))
  }

  @Test func errorsComeFirstAndTheRestIsCounted() {
    let file = SourceFile(path: "x", text: "abc")
    func one(_ severity: Severity, _ text: String) -> Diagnostic {
      Diagnostic("", severity, text, at: .init(file, Span(0, 1), ""))
    }
    let text = TextRenderer(limit: 2).render([one(.warning, "w"), one(.note, "n"), one(.error, "e")])
    #expect(text.hasPrefix("error: e\n") && text.contains("\n\nwarning: w\n") && text.hasSuffix("\n\n… 1 more\n"))
    #expect(TextRenderer().render([Diagnostic]()) == "")
  }

  @Test func colourOnlyAddsEscapes() {
    let file = Self.churn
    let diagnostic = Diagnostic(
      "E0101", "m", at: .init(file, span("tabel", in: file), "p"), also: [.init(file, span("raw", in: file), "s")])
    let colored = TextRenderer(color: true).render(diagnostic)
    #expect(colored.contains("\u{1B}[1;31merror[E0101]\u{1B}[0m"))
    var plain = ""
    var inEscape = false
    for character in colored {
      if character == "\u{1B}" { inEscape = true }
      if !inEscape { plain.append(character) }
      if inEscape, character == "m" { inEscape = false }
    }
    #expect(plain == TextRenderer().render(diagnostic))
  }

  @Test func randomLabelsNeverTrap() {
    var state: UInt64 = 1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<2000 {
      let pieces = ["a", "\n", "\t", "日", "\r\n", " ", "e\u{301}", "\u{1B}", String(repeating: "x", count: 100)]
      let file = SourceFile(path: "f", text: (0..<random(30)).map { _ in pieces[random(pieces.count)] }.joined())
      func label() -> Diagnostic.Label {
        let start = random(file.bytes.count + 3) - 1
        return .init(file, Span(start, start + random(20) - 1), random(2) == 0 ? "" : "text")
      }
      let diagnostic = Diagnostic("E1", "m", at: label(), also: (0..<random(4)).map { _ in label() })
      #expect(TextRenderer().render(diagnostic).hasPrefix("error[E1]: m\n"))
      #expect(JSONRenderer.render([diagnostic]).hasPrefix("{"))
    }
  }
}

@Suite struct MachineForm {
  @Test func everythingIsThere() {
    let file = SourceFile(path: "a\"b", text: "é\nxy")
    let diagnostic = Diagnostic(
      "E1", "say \u{1}", at: .init(file, Span(3, 4), "here"), also: [.init(file, Span(0, 2), "there")], help: "h",
      fix: Fix("t", [TextEdit(Span(3, 5), "z\n")]))
    let expected =
      #"{"diagnostics":[{"code":"E1","severity":"error","message":"say \u0001","file":"a\"b","#
      + #""range":{"start":{"offset":3,"line":2,"column":1},"end":{"offset":4,"line":2,"column":2}},"label":"here","#
      + #""related":[{"file":"a\"b","range":{"start":{"offset":0,"line":1,"column":1},"end":{"offset":2,"line":1,"column":2}},"label":"there"}],"#
      + #""help":"h","fix":{"title":"t","edits":[{"range":{"start":{"offset":3,"line":2,"column":1},"end":{"offset":5,"line":2,"column":3}},"text":"z\n"}]}}],"more":0}"#
    #expect(JSONRenderer.render([diagnostic]) == expected)
    #expect(JSONRenderer.render([diagnostic, diagnostic], limit: 1).hasSuffix(#""more":1}"#))
    #expect(JSONRenderer.render([]) == #"{"diagnostics":[],"more":0}"#)
  }
}

@Suite struct Suggestions {
  @Test(arguments: [
    ("tabel", ["model", "table"], "table"), ("tset", ["test"], "test"), ("x", ["y"], "y"), ("raw", ["metrics"], nil),
    ("", ["a", "b"], "a"), ("fold", ["folds", "gold"], "folds"), ("learning_rat", ["learning_rate"], "learning_rate"),
    ("abc", [], nil), ("日本", ["日木語"], nil),
  ])
  func nearestName(_ name: String, _ candidates: [String], _ expected: String?) {
    #expect(nearest(name, candidates) == expected)
  }

  /// What is given up early is given up rightly: against the table as the books have it.
  @Test func nearestIsTheNearest() {
    var state: UInt64 = 7
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    func word() -> String { String((0..<random(9)).map { _ in ["a", "b", "é", "_"][random(4)] }.joined()) }
    for _ in 0..<300 {
      let name = word()
      let candidates = (0..<12).map { _ in word() }
      var best: (distance: Int, candidate: String)?
      for candidate in candidates {
        let distance = editDistance(Array(name), Array(candidate))
        let isNear = distance <= max(1, candidate.count / 3)
        if isNear, distance < best?.distance ?? .max { best = (distance, candidate) }
      }
      #expect(nearest(name, candidates) == best?.candidate, "\(name) among \(candidates)")
    }
  }

  private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var rows = (0...a.count).map { i in (0...b.count).map { j in i == 0 ? j : j == 0 ? i : 0 } }
    for i in a.indices {
      for j in b.indices {
        var cost = min(rows[i][j + 1] + 1, rows[i + 1][j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
        rows[i + 1][j + 1] = cost
      }
    }
    return rows[a.count][b.count]
  }
}

@Suite struct Edits {
  @Test func appliedAtOnce() throws {
    let edits = [
      TextEdit(Span(4, 5), "X"), TextEdit(Span(0, 1), ""), TextEdit(Span(2, 2), "1"), TextEdit(Span(2, 2), "2"),
      TextEdit(Span(5, 6), "Y"), TextEdit(Span(4, 5), "X"),
    ]
    #expect(try apply(edits, to: "abcdef") == "b12cdXY")
    #expect(try apply([TextEdit](), to: "é") == "é")
    #expect(try apply([TextEdit(Span(2, 2), "!")], to: "é") == "é!")
  }

  @Test(arguments: [
    ([TextEdit(Span(0, 2), "x"), TextEdit(Span(1, 3), "y")], EditConflict.Reason.overlap),
    ([TextEdit(Span(0, 2), "x"), TextEdit(Span(1, 1), "y")], .overlap),
    ([TextEdit(Span(0, 2), "x"), TextEdit(Span(0, 2), "y")], .overlap), ([TextEdit(Span(0, 9), "")], .place),
    ([TextEdit(Span(-1, 0), "")], .place), ([TextEdit(Span(2, 1), "")], .place), ([TextEdit(Span(4, 4), "")], .place),
  ])
  func conflictsAreFound(_ edits: [TextEdit], _ reason: EditConflict.Reason) {
    #expect { try apply(edits, to: "abcé") } throws: { ($0 as? EditConflict)?.reason == reason }
  }

  @Test func fixesApplyWholeOrNotAtAll() {
    let first = Fix("1", [TextEdit(Span(0, 1), "A")])
    let clash = Fix("2", [TextEdit(Span(2, 3), "C"), TextEdit(Span(0, 1), "Z")])
    let third = Fix("3", [TextEdit(Span(1, 2), "B")])
    let (text, applied) = apply([first, clash, third], to: "abc")
    #expect(text == "ABc" && applied.map(\.title) == ["1", "3"])
  }
}
