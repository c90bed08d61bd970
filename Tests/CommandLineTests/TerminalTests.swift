import Testing
import Values

@testable import assay

@Test(arguments: [
  (["NO_COLOR": "1"], true, ColorChoice.auto, false), (["NO_COLOR": ""], true, .auto, true),
  (["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], true, .auto, false), (["CLICOLOR_FORCE": "1"], false, .auto, true),
  (["CLICOLOR_FORCE": "0"], false, .auto, false), (["TERM": "dumb"], true, .auto, false), ([:], true, .auto, true),
  ([:], false, .auto, false), (["NO_COLOR": "1"], false, .always, true), ([:], true, .never, false),
])
func colour(variables: [String: String], isTerminal: Bool, choice: ColorChoice, expected: Bool) {
  let terminal = Terminal(
    outputIsTerminal: isTerminal, errorIsTerminal: isTerminal, color: choice, variable: { variables[$0] })
  #expect(terminal.outputColor == expected)
}

@Test(arguments: [
  (["LANG": "de_DE.UTF-8"], true), (["LANG": "C"], false), ([:], false), (["LC_ALL": "C", "LANG": "C.utf8"], false),
])
func symbolsNeedALocaleThatHasThem(variables: [String: String], expected: Bool) {
  let terminal = Terminal(outputIsTerminal: true, errorIsTerminal: true, variable: { variables[$0] })
  #expect(terminal.unicode == expected)
}

@Test(arguments: [
  (["TERM": "xterm"], true, ProgressChoice.live), (["TERM": "dumb"], true, .plain),
  (["TERM": "xterm", "CI": "true"], true, .plain), ([:], false, .plain),
])
func progressFollowsTheTerminal(variables: [String: String], isTerminal: Bool, expected: ProgressChoice) {
  let terminal = Terminal(outputIsTerminal: false, errorIsTerminal: isTerminal, variable: { variables[$0] })
  #expect(ProgressChoice.auto.resolved(terminal) == expected)
  #expect(ProgressChoice.none.resolved(terminal) == .none)
}

@Test func tablesAlignCutTheMiddleAndDropTheUnimportant() {
  var table = TextTable([
    .init(title: "RUN", isNumber: true), .init(title: "NAME", isElastic: true), .init(title: "NOTE", rank: 1),
  ])
  table.add([.init("7"), .init("alphabet-soup-with-letters"), .init("n")])
  table.add([.init("12"), .init("b\u{1B}[1m"), .init("")])
  #expect(
    table.text(paint: Paint(false), available: nil) == """
      RUN  NAME                        NOTE
        7  alphabet-soup-with-letters  n
       12  b�[1m

      """)
  #expect(
    table.text(paint: Paint(false), available: 20) == """
      RUN  NAME
        7  alphabe…letters
       12  b�[1m

      """)
}

@Test(arguments: [
  ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abc…fg"), ("abcdefg", 2, "a…"), ("abcdefg", 1, "…"), ("表表表表", 5, "表…表"),
])
func middle(text: String, columns: Int, expected: String) {
  #expect(Text.middle(text, columns) == expected)
  #expect(Text.width(expected) <= columns)
}

@Test(arguments: [
  (0, "0µs"), (999_999, "999µs"), (12_000_000, "12ms"), (1_250_000_000, "1.2s"), (59_900_000_000, "59s"),
  (184_000_000_000, "3m 04s"), (7_500_000_000_000, "2h 05m"), (270_000_000_000_000, "3d 03h"), (-5, "0µs"),
])
func durations(nanoseconds: Int64, expected: String) {
  #expect(Times.duration(nanoseconds: nanoseconds) == expected)
}

@Test func diffsShowChangesWithTheirSurroundings() {
  let old = (1...12).map { "line \($0)\n" }.joined()
  let new = old.replacing("line 2\n", with: "line two\n").replacing("line 11\n", with: "")
  #expect(
    LineDiff.unified(old, new, path: "a.assay") == """
      --- a.assay
      +++ a.assay
      @@ -1,5 +1,5 @@
       line 1
      -line 2
      +line two
       line 3
       line 4
       line 5
      @@ -8,5 +8,4 @@
       line 8
       line 9
       line 10
      -line 11
       line 12

      """)
  #expect(LineDiff.unified(old, old, path: "a") == "")
}

@Test(arguments: [
  ("churn.assay", "churn.assay"), ("a b.assay", "'a b.assay'"), ("it's", "'it'\\''s'"), ("", "''"),
  ("$(rm)", "'$(rm)'"),
])
func commandsToCopyAreQuoted(word: String, expected: String) { #expect(RunSummaryText.quoted(word) == expected) }

@Test func anInterruptSaysWhatItWaitsFor() {
  #expect(
    RunWatch.firstWords(2, ["fit[0]", "fit[1]"])
      == "stopping: nothing new begins; waiting for 2 tasks to end: fit[0], fit[1] (press Ctrl-C again to kill)")
  #expect(RunWatch.firstWords(15, []) == "stopping: nothing new begins (send the signal again to kill)")
}
