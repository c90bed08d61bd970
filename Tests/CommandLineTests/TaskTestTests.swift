import Foundation
import Testing
import Values

private let good = """
  from assay import Failure, task


  @task(pure=True)
  def half(x: float) -> float:
      \"\"\"Halves a number.

      assay> sums.half(x: 3.0)
      value = 1.5

      assay> sums.half(x: -1.0)
      fails: sums.negative
      \"\"\"
      if x < 0:
          raise Failure("negative", code="sums.negative", port="x")
      return x / 2


  @task(pure=True)
  def silent(x: float) -> float:
      \"\"\"Has no example.\"\"\"
      return x
  """

@Test func examplesInDocstringsRun() throws {
  let project = try Project(["sums.py": good])
  let result = try project.assay("task", "test", "sums.py")
  #expect(result.exit == 0, "\(result.err)")
  #expect(result.out.contains("2 examples: 2 passed, 0 failed\nwithout examples: sums.silent\n"))
  let json = try project.assay("task", "test", "sums.py", "--json").json()
  #expect(json["schema"]?.asString == "assay.task.test/1")
  #expect(json["passed"]?.asInt == 2)
  #expect(!FileManager.default.fileExists(atPath: project.path + "/.assay"), "nothing is left in the project")
}

@Test(arguments: [
  ("value = 1.5", "value = 1.6", "- value = 1.6\n      + value = 1.5"),
  ("value = 1.5", "fails: sums.negative", "- fails: sums.negative\n      + value = 1.5"),
  ("fails: sums.negative", "value = 0.5", "- value = 0.5\n      + fails: sums.negative: negative"),
  ("fails: sums.negative", "", "+ fails: sums.negative: negative"),
  ("sums.half(x: 3.0)", "sums.half(y: 3.0)", "example 1 cannot be run"),
  ("sums.half(x: 3.0)", "sums.half(x: 3.0", "example 1 cannot be run"),
])
func wrongExamplesAreReported(right: String, wrong: String, report: String) throws {
  let project = try Project(["sums.py": good.replacingOccurrences(of: right, with: wrong)])
  let result = try project.assay("task", "test", "sums.py")
  #expect(result.exit == 1)
  #expect(result.out.contains(report), "\(result.out)")
  #expect(result.out.contains("2 examples: 1 passed, 1 failed"))
}

@Test(arguments: [
  (["std.txet"], Int32(4), "did you mean `std.text`?"), (["nowhere.py"], 4, "there is no file nowhere.py"),
  ([], 2, "say --all"), (["--all", "std.text"], 2, "exclude each other"),
])
func namesOfWhatIsTestedAreChecked(arguments: [String], exit: Int32, words: String) throws {
  let project = try Project()
  let running = try project.start(["task", "test"] + arguments)
  let result = try running.wait()
  #expect(result.exit == exit)
  #expect(result.err.contains(words), "\(result.err)")
}

/// Every example of every standard task.
@Test func standardTasksKeepTheirExamples() throws {
  let project = try Project()
  let result = try project.assay("task", "test", "--all")
  #expect(result.exit == 0, "\(result.out)\n\(result.err)")
}

/// The list in docs/standard-tasks.md is what `assay task list` says. `ASSAY_RECORD=1` writes it.
@Test func standardTasksAreListed() throws {
  let project = try Project()
  let tasks = try project.assay("task", "list", "--json").json()["tasks"]?.asArray ?? []
  var text = ""
  var plugin = ""
  for task in tasks {
    guard let id = task["id"]?.asString, id.hasPrefix("std."), let doc = task["doc"]?.asString else { continue }
    let words = id.split(separator: ".")
    let name = words.dropLast().joined(separator: ".")
    if name != plugin { text += "\n### `\(name)`\n\n| task | |\n|---|---|\n" }
    plugin = name
    let sentence = doc.replacing("\n", with: " ").split(separator: ". ", maxSplits: 1).first.map(String.init) ?? ""
    text += "| `\(words.last ?? "")` | \(sentence.hasSuffix(".") ? sentence : sentence + ".") |\n"
  }
  let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/standard-tasks.md")
  let old = try String(contentsOf: page, encoding: .utf8)
  let marker = try #require(old.range(of: "-->\n"), "the page has no marker")
  let new = old[..<marker.upperBound] + text
  if ProcessInfo.processInfo.environment["ASSAY_RECORD"] != nil {
    try String(new).write(to: page, atomically: true, encoding: .utf8)
  } else {
    #expect(old == new)
  }
}
