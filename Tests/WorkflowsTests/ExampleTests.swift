import Tasks
import Testing
import Values

@testable import Workflows

private let doc = """
  Counts words.

      assay> use std.file
      assay> note = file.write_text(
        ...>   text: "a b")
      assay> words.count(file: note.file)
      words = 2
      report:
      | 2 words

  More about it.

  assay> size([1, 2])
  2
  """

@Test func examplesAreTakenOutOfTheDocumentation() {
  let task = TaskSignature(id: "words.count", version: "1.0.0", doc: doc)
  #expect(task.prose == "Counts words.\n\nMore about it.")
  #expect(
    task.examples == [
      TaskExample([
        .init("use std.file"), .init("note = file.write_text(\ntext: \"a b\")"),
        .init("words.count(file: note.file)", expected: ["words = 2", "report:", "| 2 words"]),
      ]),
      TaskExample([.init("size([1, 2])", expected: ["2"])]),
    ])
}

@Test func examplesPrintAsTheyAreRead() {
  let task = TaskSignature(id: "words.count", version: "1.0.0", doc: doc)
  for example in task.examples {
    let again = TaskSignature(id: "a.b", version: "1.0.0", doc: example.text)
    #expect(again.examples == [example])
    #expect(again.prose.isEmpty)
  }
}

@Test(arguments: ["assay>", "assay>x", "say assay> no", "", "...> 1", "  ...>", "assay> a\n...>\n...> b"])
func oddDocumentationIsNoHarm(text: String) {
  let task = TaskSignature(id: "a.b", version: "1.0.0", doc: text)
  #expect(task.prose.isEmpty || task.examples.isEmpty)
}

@Test func exampleBecomesADocument() {
  let example = TaskSignature(id: "words.count", version: "1.0.0", doc: doc).examples[0]
  let document = ExampleDocument(example, use: "words") { $0 == "words.count" ? ["words", "report"] : nil }
  #expect(
    document.text == """
      assay 1
      use words
      use std.file

      workflow example {
        step note = file.write_text(
      text: "a b")
        step shown_3 = words.count(file: note.file)
        out shown_3_words: any? = shown_3.words
        out shown_3_report: any? = shown_3.report
      }

      """)
}

@Test func expressionsAreShownToo() {
  let example = TaskExample([.init("a == 1"), .init("other.task(x: 1)"), .init("x = t.y()")])
  let document = ExampleDocument(example, use: "t") { _ in nil }
  #expect(document.shown.map { $0.outputs.map(\.name) } == [[""], [""]])
  #expect(document.text.contains("out shown_1: any? = a == 1\n"))
  #expect(document.text.contains("step x = t.y()\n"))
}

private func agree(_ stated: String, _ actual: String) -> Bool {
  let lines = { (text: String) in text.split(separator: "\n").map(String.init) }
  let actual = ExampleComparison.entries(lines(actual))
  return ExampleComparison.entries(lines(stated)).allSatisfy { stated in
    actual.contains { ExampleComparison.matches(stated, $0) }
  }
}

@Test(arguments: [
  ("words = 2", "words = 2"), ("x = 0.33", "x = 0.3333333333333333"), ("x = 1.5e-7", "x = 1.4999e-07"),
  ("x = -2.50", "x = -2.5"), ("x = [1,  2]", "x = [1, 2]"), ("x = [1, …]", "x = [1, 2, 3]"),
  ("x = \"a … z\"", "x = \"a long way to z\""), ("b = 2", "a = 1\nb = 2"), ("t:\n| a b\n| 1 2", "t:\n| a  b\n| 1  2"),
  ("fails: io.read", "fails: io.read: no such file"), ("fails: io.read: no …", "fails: io.read: no such file"),
  ("x = {a: 1,\n    b: 2}", "x = {a: 1, b: 2}"), ("", "a = 1"), ("x = null", "x = null"), ("…", "42"),
  ("f:\n| …", "f:\n| x"),
])
func statedResultsAgree(stated: String, actual: String) { #expect(agree(stated, actual)) }

@Test(arguments: [
  ("words = 2", "words = 3"), ("x = 0.34", "x = 0.3333333333333333"), ("x = 1", "x = 1.0"), ("x = 1.0", "x = 1"),
  ("x = [1, …, 4]", "x = [1, 2, 3]"), ("c = 2", "a = 1\nb = 2"), ("t:\n| a b", "t:\n| a b\n| 1 2"),
  ("fails: io.write", "fails: io.read: no such file"), ("x = 0.5", "x = nan"), ("x = 2", "y = 2"), ("1", ""),
  ("x = 1e999999", "x = 1.0e3"),
])
func statedResultsDisagree(stated: String, actual: String) { #expect(!agree(stated, actual)) }

@Test(arguments: [
  (Value.string("a\"b"), ["\"a\\\"b\""]), (.list([.int(1), .null]), ["[1, null]"]),
  (.record([.init("a", .float(0.5)), .init("b", .bool(true))]), ["{a: 0.5, b: true}"]), (.null, ["null"]),
])
func valuesAreWrittenOut(value: Value, lines: [String]) { #expect(value.exampleLines == lines) }

@Test func tablesAreWrittenInColumns() throws {
  let table = try Table(rows: [["name": "Ada", "age": 36], ["name": "Bo", "age": .null]], columns: nil)
  #expect(Value.table(table).exampleLines == ["| name  age", "| Ada   36", "| Bo    null"])
}
