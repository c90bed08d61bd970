import Foundation
import Testing
import Values

private func document(_ body: String) -> String {
  "assay 1\n\nuse \"./tool.so\" as tool\n\nworkflow main {\n\(body)\n}\n"
}

private func digests(_ json: JSON?, where condition: (JSON) -> Bool = { _ in true }) -> [String] {
  (json?["objects"] ?? json?["artifacts"])?.asArray?.filter(condition).compactMap { $0["digest"]?.asString } ?? []
}

@Test func namesAreGivenMovedAndRemembered() throws {
  let project = try Project(["a.csv": "x\n1\n", "b.csv": "x\n1\n2\n"])
  let first = try project.assay("artifact", "put", "a.csv", "raw/churn", "--tag", "first", "--json").json()
  #expect(first["schema"] == "assay.artifact.put/1" && first["version"] == 1 && first["new"] == true)
  #expect(first["type"] == "file<csv>" && first["tags"] == ["first"])
  #expect(try project.assay("artifact", "put", "a.csv", "raw/churn", "--json").json()["new"] == false)
  #expect(try project.assay("artifact", "put", "b.csv", "raw/churn", "--json").json()["version"] == 2)
  #expect(try project.assay("artifact", "cat", "raw/churn").out == "x\n1\n2\n")
  #expect(try project.assay("artifact", "cat", "raw/churn@v1").out == "x\n1\n")
  #expect(try project.assay("artifact", "promote", "raw/churn@v1", "production", "--reason", " ").exit == 2)
  #expect(
    try project.assay("artifact", "promote", "raw/churn@first", "production", "--reason", "so far").out
      == "promote raw/churn@production → v1\n")
  #expect(
    try project.assay("artifact", "promote", "raw/churn", "production", "--reason", "better").out
      == "promote raw/churn@production → v2 (was v1)\n")
  let refused = try project.assay("artifact", "remove", "raw/churn@production")
  #expect(refused.exit == 2 && refused.err.contains("--force"))
  let log = try project.assay("artifact", "log", "raw/churn", "--json").json()["records"]?.asArray ?? []
  #expect(log.compactMap { $0["action"]?.asString } == ["promote", "promote", "put", "tag", "put"])
  #expect(log.first?["reason"] == "better" && log.first?["by"] == "tester" && log.first?["before"] == 1)
  let missing = try project.assay("artifact", "show", "raw/chrn")
  #expect(missing.exit == 4 && missing.err.contains("did you mean `raw/churn`?"))
  let list = try project.assay("artifact", "list", "--json").json()["artifacts"]?.asArray ?? []
  #expect(list.compactMap { $0["names"]?.asArray?.first?["version"]?.asInt } == [2, 1])
}

@Test func documentsNameArtifactsAndRunsRememberWhichTheyWere() throws {
  let text = document(
    """
      in data: file<csv> = artifact("raw/churn@production")
      step all = tool.lines(path: data)
      step old = tool.lines(path: artifact("raw/churn@v1"))
      out all: int = all.y
      out old: int = old.y
    """)
  let project = try Project(["a.csv": "x\n1\n", "b.csv": "x\n1\n2\n", "w.assay": text])
  let unknown = try project.assay("check", "w.assay")
  #expect(unknown.exit == 3 && unknown.err.contains("error[E0113]: there is no artifact named `raw/churn`"))
  try project.assay("artifact", "put", "a.csv", "raw/churn")
  try project.assay("artifact", "put", "b.csv", "raw/churn")
  let tag = try project.assay("check", "w.assay")
  #expect(tag.err.contains("`raw/churn` has no tag `production`"))
  try project.assay("artifact", "promote", "raw/churn@v2", "production", "--reason", "x")
  #expect(try project.assay("check", "w.assay").exit == 0)
  let run = try project.assay("run", "w.assay", "--json").json()
  #expect(run["outputs"]?["all"] == 3 && run["outputs"]?["old"] == 2)
  // The stage moves; what the run used is on record.
  try project.assay("artifact", "promote", "raw/churn@v1", "production", "--reason", "back")
  let shown = try project.assay("runs", "show", "1", "--json").json()
  #expect(shown["artifacts"]?["raw/churn@production"]?["version"] == "raw/churn@v2")
  #expect(shown["tainted"] == false)
  let again = try project.assay("run", "w.assay", "--json").json()
  #expect(again["outputs"]?["all"] == 2)

  try project.write(
    "near.assay", document("  step old = tool.lines(path: artifact(\"raw/chrun@v1\"))\n  out n: int = old.y"))
  let near = try project.assay("check", "near.assay")
  #expect(near.err.contains("did you mean `raw/churn@v1`?  (assay fix)"))
  #expect(try project.assay("fix", "near.assay").exit == 0)
  #expect(project.read("near.assay")?.contains("artifact(\"raw/churn@v1\")") == true)
  try project.write("type.assay", document("  out n: int = artifact(\"raw/churn@v1\")"))
  let type = try project.assay("check", "type.assay")
  #expect(type.exit == 3 && type.err.contains("E0201") && type.err.contains("got `file<csv>`"))
}

@Test func anInputThatIsChangedTaintsTheRun() throws {
  let text = document(
    """
      in data: file<csv>
      step bad = tool.scribble(path: data)
      step after = tool.twice(x: bad.y)
      out n: int = after.y
    """)
  let project = try Project(["a.csv": "x\n1\n", "w.assay": text])
  let run = try project.assay("run", "w.assay", "--set", "data=a.csv")
  #expect(run.exit == 0, "\(run.err)")
  #expect(run.err.contains("input `path` (artifact ") && run.err.contains("the run is tainted"))
  #expect(project.read("a.csv") == "x\n1\n", "the user's file is not the store's")
  let shown = try project.assay("runs", "show", "1")
  #expect(shown.out.contains("tainted: input `path` of `bad`"))
  let json = try project.assay("runs", "show", "1", "--json").json()
  #expect(json["tainted"] == true && json["changed_inputs"]?.asArray?.first?["input"] == "path")
  // Neither it nor what came after is reused, and the damaged file is not in the store.
  let again = try project.assay("run", "w.assay", "--set", "data=a.csv", "--json").json()
  #expect(again["nodes"]?["reused"] == 0)
  #expect(again["outputs"]?["n"] == 6, "from the file as it was given")
  #expect(try project.assay("artifact", "verify").exit == 0)
}

@Test func collectingKeepsWhatIsNeededAndSaysWhy() throws {
  let text = document(
    """
      in n: int
      in data: file<csv>
      step note = tool.note(x: n)
      step lines = tool.lines(path: data)
      out note: file<text> = note.text
      out n: int = lines.y
    """)
  let project = try Project(["w.assay": text])
  for (number, data) in ["one\n", "two\n", "three\n", "four\n"].enumerated() {
    try project.write("d.csv", data)
    #expect(try project.assay("run", "w.assay", "--set", "n=\(number)", "--set", "data=d.csv").exit == 0)
  }
  try project.assay("artifact", "put", "1:data", "raw/first")
  try project.assay("artifact", "pin", "--run", "2", "--reason", "paper")
  #expect(try project.assay("artifact", "gc", "--json").json()["removed"] == 0, "all runs are kept")
  let dry = try project.assay("artifact", "gc", "--keep-runs", "1", "--dry-run", "--json").json()
  // d.csv of run 3; that of run 1 is named, of run 2 pinned, of run 4 kept, and the note is the same in all.
  let goes = digests(dry) { $0["removed"] == true }
  #expect(goes.count == 1)
  let gone = try #require(goes.first).dropFirst(7).prefix(12)
  #expect(try project.assay("artifact", "cat", String(gone)).out == "three\n")
  let real = try project.assay("artifact", "gc", "--keep-runs", "1")
  #expect(real.out.contains("removed  \(gone)") && real.out.contains("last needed by run 3, which is not kept"))
  #expect(try project.assay("artifact", "cat", String(gone)).exit == 4)
  #expect(try project.assay("artifact", "cat", "raw/first").out == "one\n")
  #expect(try project.assay("artifact", "cat", "2:data").out == "two\n")
  #expect(try project.assay("runs", "show", "3").out.contains("gone  data: no longer in the store"))
  #expect(try project.assay("artifact", "verify").exit == 0)
  // What went is made again when it is needed.
  try project.write("d.csv", "three\n")
  #expect(try project.assay("run", "w.assay", "--set", "n=2", "--set", "data=d.csv").exit == 0)
  #expect(
    try project.assay("artifact", "log", "--json").json()["records"]?.asArray?.contains { $0["action"] == "collect" }
      == true)
}

@Test func pinnedArtifactsAndReusedResultsAreKept() throws {
  let text = document(
    """
      in n: int
      in data: file<csv>
      step note = tool.note(x: n)
      step lines = tool.lines(path: data)
      out n: int = lines.y
    """)
  let project = try Project(["w.assay": text])
  for (number, data) in [(1, "one\n"), (2, "two\n"), (2, "two\n")] {
    try project.write("d.csv", data)
    #expect(try project.assay("run", "w.assay", "--set", "n=\(number)", "--set", "data=d.csv").exit == 0)
  }
  func removed() throws -> Int64? {
    try project.assay("artifact", "gc", "--keep-runs", "1", "--dry-run", "--json").json()["removed"]?.asInt
  }
  // What run 3 took from run 2, which is not kept itself, stays (the note is the same in all); the data of run 1 goes.
  #expect(try removed() == 1)
  try project.assay("artifact", "pin", "1:data", "--reason", "paper")
  #expect(try removed() == 0)
  #expect(try project.assay("artifact", "gc", "--keep-runs", "1").exit == 0)
  #expect(try project.assay("artifact", "cat", "1:data").out == "one\n")
  #expect(try project.assay("artifact", "cat", "3:note.text").exit == 0)
}

@Test func whatIsDamagedIsFoundAndCanBeDiscarded() throws {
  let project = try Project(["a.csv": "x\n1\n"])
  try project.assay("artifact", "put", "a.csv", "raw/a")
  let shown = try project.assay("artifact", "show", "raw/a", "--json").json()
  let path = try #require(shown["path"]?.asString)
  try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
  try "y\n1\n".write(toFile: path, atomically: false, encoding: .utf8)
  let found = try project.assay("artifact", "verify", "raw/a")
  #expect(found.exit == 8 && found.out.contains("is damaged") && found.out.contains("raw/a@v1"))
  #expect(try project.assay("artifact", "verify", "--discard").exit == 8)
  let missing = try project.assay("artifact", "verify")
  #expect(missing.exit == 8 && missing.out.contains("raw/a@v1: artifact"))
  try project.assay("artifact", "put", "a.csv", "raw/b")
  #expect(try project.assay("artifact", "verify").exit == 0)
}

@Test func lineageGoesBothWays() throws {
  let text = document(
    """
      in data: file<csv>
      step lines = tool.lines(path: data)
      step each = tool.twice(x: i) foreach i in range(lines.y)
      step note = tool.note(x: sum(each.y))
      out note: file<text> = note.text
    """)
  let project = try Project(["w.assay": text, "d.csv": "a\nb\n"])
  #expect(try project.assay("run", "w.assay", "--set", "data=d.csv").exit == 0)
  try project.assay("artifact", "put", "1:data", "raw/d")
  let up = try project.assay("artifact", "lineage", "1:note", "--direction", "up", "--json").json()
  let names = up["nodes"]?.asArray?.compactMap { $0["name"]?.asString } ?? []
  #expect(Set(["1:note", "1:each[0]", "1:each[1]", "1:lines", "raw/d@v1"]).isSubset(of: names), "\(names)")
  let down = try project.assay("artifact", "lineage", "raw/d", "--direction", "down")
  #expect(down.out.contains("1:lines  tool.lines 1.0.0") && down.out.contains("1:note  tool.note 1.0.0"), "\(down.out)")
  let near = try project.assay("artifact", "lineage", "raw/d", "--direction", "down", "--depth", "1")
  #expect(near.out.contains("1:lines.y") && !near.out.contains("1:note"))
  #expect(try project.assay("artifact", "lineage", "1:note", "--format", "dot").out.hasPrefix("digraph \"1:note\" {"))
  #expect(try project.assay("artifact", "lineage", "1:note", "--format", "svg").out.hasPrefix("<svg"))
}
