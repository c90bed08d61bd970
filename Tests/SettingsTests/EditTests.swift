import Diagnostics
import Testing

@testable import Settings

@Test(arguments: [
  // Where it stands already, only the value changes.
  ("[run]\nparallel = 2 # two\nseed = 1\n", "[run]\nparallel = 4 # two\nseed = 1\n"),
  ("run = { seed = 1, parallel = 2 }\n", "run = { seed = 1, parallel = 4 }\n"),
  ("run.parallel = 2", "run.parallel = 4"),
  // In its section, behind what is there.
  (
    "# mine\n[run] # here\nseed = 1 # one\n\n[python]\n",
    "# mine\n[run] # here\nseed = 1 # one\nparallel = 4\n\n[python]\n"
  ),
  ("[run]\n# parallel = 2\n", "[run]\nparallel = 4\n# parallel = 2\n"),
  ("[run]", "[run]\nparallel = 4\n"),
  // Without its section.
  ("", "[run]\nparallel = 4\n"),
  ("color = \"never\"", "color = \"never\"\n\n[run]\nparallel = 4\n"),
  ("# only talk\n", "# only talk\n\n[run]\nparallel = 4\n"),
  // Where a section of its own would be a second one.
  ("run.seed = 1\n[python]\n", "run.seed = 1\nrun.parallel = 4\n[python]\n"),
])
func settingKeepsTheRest(text: String, expected: String) {
  #expect(SettingsEdit.set(.parallel, to: .integer(4), in: text) == expected)
}

@Test(arguments: [
  ("", "color = \"never\"\n"), ("[run]\nseed = 1\n", "color = \"never\"\n[run]\nseed = 1\n"),
  ("# about\n\n# runs\n[run]\n", "# about\n\ncolor = \"never\"\n# runs\n[run]\n"),
  ("store = \"s\"\n\n[run]\n", "store = \"s\"\ncolor = \"never\"\n\n[run]\n"),
  ("color = 'always'\r\n", "color = \"never\"\r\n"),
])
func topLevelSettingsGoBeforeTheSections(text: String, expected: String) {
  #expect(SettingsEdit.set(.color, to: .text("never"), in: text) == expected)
}

@Test(arguments: ["run = 4", "run = { seed = 1 }", "[run", "[[run]]\n"])
func whereThereIsNoPlaceNothingIsChanged(text: String) {
  #expect(SettingsEdit.set(.parallel, to: .integer(4), in: text) == nil)
}

@Test(arguments: [
  ("[run]\nparallel = 4 # four\nseed = 1\n", "[run]\nseed = 1\n"),
  ("run.parallel = 4", ""), ("# a\nrun.parallel = 4\n# b\n", "# a\n# b\n"),
])
func removingTakesTheLine(text: String, expected: String) {
  #expect(SettingsEdit.remove(.parallel, from: text) == expected)
}

@Test func whatSharesItsLineIsNotRemoved() {
  let text = "run = { seed = 1, parallel = 2 }\n"
  #expect(SettingsEdit.has(.parallel, text))
  #expect(SettingsEdit.remove(.parallel, from: text) == nil)
}

@Test(arguments: ["a\"b\\c", "line\nbreak", "tab\tbell\u{7}", "ünï ☃"])
func everyTextComesBack(text: String) throws {
  let file = try #require(SettingsEdit.set(.pager, to: .text(text), in: ""))
  var settings = Settings()
  #expect(settings.add(.init(path: "", text: file), folder: "", isProject: false).isEmpty)
  #expect(settings.text(.pager) == text)
}
