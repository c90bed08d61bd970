import Foundation
import Testing
import Values

private let document = """
  assay 1
  use "./tool.so" as tool
  workflow main {
    in data: file<csv>
    in n: int
    in go: string
    step found = tool.note(x: 1)
    step made = tool.note(x: n)
    step hold = tool.hold(x: n, path: go)
    step lines = tool.lines(path: data) when hold.y == n
    out found: file<text> = found.text
    out made: file<text> = made.text
    out lines: int = lines.y ?? 0
  }
  """

/// Two processes and one store: one is in the middle of a run, the other collects all that no run is kept for.
@Test func collectingBesideARunningEngineTakesNothingThatItNeeds() throws {
  let project = try Project([
    "w.assay": document, "old.csv": "old\n", "new.csv": "a\nb\nc\n", "orphan.csv": "nobody's\n", "gone": "",
  ])
  func arguments(_ data: String, _ go: String) -> [String] {
    ["run", "w.assay", "--set", "data=\(data)", "--set", "n=2", "--set", "go=\(project.path)/\(go)"]
  }
  #expect(try project.start(arguments("old.csv", "gone")).wait().exit == 0)
  try project.assay("artifact", "put", "orphan.csv", "raw/orphan")
  #expect(try project.assay("artifact", "remove", "raw/orphan@v1").exit == 0)

  // It has read its input, found a result of run 1, and waits.
  let running = try project.start(arguments("new.csv", "go"))
  #expect(running.waits(for: "started  hold"))
  let beside = try project.assay("artifact", "gc", "--keep-runs", "0", "--json")
  #expect(beside.exit == 0, "\(beside.err)")
  let objects = try beside.json()["objects"]?.asArray ?? []
  func fate(_ text: String) throws -> JSON? {
    let digest = "sha256:" + Hasher256.digest(Array(text.utf8)).hex
    return objects.first { $0["digest"]?.asString == digest }
  }
  #expect(try fate("a\nb\nc\n")?["removed"] == false, "the input of the run that goes on")
  #expect(try fate("hello\n")?["removed"] == false, "what it made or found")
  #expect(try fate("old\n")?["removed"] == false, "it may yet reuse what run 1 knows")
  #expect(try fate("nobody's\n")?["removed"] == true, "\(objects)")

  try project.write("go", "")
  let end = try running.wait()
  #expect(end.exit == 0, "\(end.err)")
  #expect(end.out.contains("lines = 3"), "\(end.out)")
  #expect(try project.assay("artifact", "cat", "2:found").out == "hello\n")
  #expect(try project.assay("artifact", "verify").exit == 0)
  #expect(try project.assay("runs", "show", "2", "--json").json()["tainted"] == false)

  // Once nobody is at work, nothing holds it any more.
  let after = try project.assay("artifact", "gc", "--keep-runs", "0", "--json").json()
  #expect(after["objects"]?.asArray?.allSatisfy { $0["removed"] == true } == true, "\(after)")
  #expect(try project.assay("artifact", "cat", "2:found").exit == 4)
}
