import Database
import Foundation
import Glibc
import Testing
import Values

/// Experiments keep to the artifacts that they began with, whatever their names mean later.

private let text = """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in x: int(0..1000) = 3
    in path: string = "/"
    step size = tool.lines(path: artifact("raw/churn"))
    step held = tool.hold(x: x, path: path)
    out y: int = size.y * 100 + held.y
  }

  experiment tune {
    study main(path: "PLACE/go")
    space { x in [1, 2, 3, 4] }
    metrics { y = y minimize }
    stage search { strategy grid(shuffled: false) }
    budget { parallel 1 }
  }

  """

private func project() throws -> Project {
  let project = try Project(["a.csv": "x\n1\n", "b.csv": "x\n1\n2\n"])
  try project.write("a.assay", text.replacing("PLACE", with: project.path))
  try project.assay("artifact", "put", "a.csv", "raw/churn")
  return project
}

private func values(_ json: JSON) -> [Double?] {
  json["trials"]?.asArray?.map { $0["metrics"]?["y"]?.asDouble } ?? []
}

/// Stopped in its second trial; then the name moves.
private func cut(_ project: Project) throws {
  try project.write("go", "")
  let first = try project.start(["exp", "run", "a.assay"])
  #expect(first.waits(for: "✔ trial 1"))
  try FileManager.default.removeItem(atPath: project.path + "/go")
  first.send(SIGKILL)
  first.reap()
  try project.assay("artifact", "put", "b.csv", "raw/churn")
  try project.write("go", "")
}

@Test(arguments: [["exp", "run", "a.assay", "--json"], ["exp", "continue", "1", "--json"]])
func anExperimentThatGoesOnKeepsItsData(_ command: [String]) throws {
  let project = try project()
  try cut(project)
  let status = try project.assay("exp", "status", "1")
  #expect(status.out.contains("data       `raw/churn` as raw/churn@v1"), "\(status.out)")
  let rest = try project.start(command).wait()
  #expect(rest.exit == 0, "\(rest.err)")
  let shown = try project.assay("exp", "status", "1", "--json").json()
  #expect(values(shown) == [201, 202, 203, 204])
  #expect(shown["artifacts"]?.asArray?.first?["version"] == "raw/churn@v1")
  let log = try project.assay("exp", "log", "1", "--json").json()
  #expect(log["entries"]?.asArray?.contains { $0["kind"] == "settled" } == true)
  #expect(try OutputSchema.mistakes([shown, log]) == "")
  #expect(try project.assay("exp", "reproduce", "1").exit == 0)
  // A new one takes what the name means now.
  let new = try project.assay("exp", "run", "a.assay", "--new", "--json")
  #expect(values(try new.json()) == [301, 302, 303, 304])
}

/// Logs of before say nothing: then what the first trial took holds.
@Test func anOldLogKeepsToWhatItsTrialsTook() throws {
  let project = try project()
  try cut(project)
  do {
    let connection = try Connection(project.path + "/.assay/experiments.db")
    // As if it had never been written: the hashes do not matter to reading.
    try connection.execute(
      """
      DROP TRIGGER entries_last; DROP TRIGGER entries_stay;
      CREATE TEMP TABLE gone AS SELECT seq FROM entries WHERE kind = 'settled';
      DELETE FROM entries WHERE kind = 'settled';
      UPDATE entries SET seq = seq - 1 WHERE seq > (SELECT seq FROM gone);
      """)
  }
  let rest = try project.assay("exp", "run", "a.assay", "--json")
  #expect(rest.exit == 0, "\(rest.err)")
  #expect(values(try rest.json()) == [201, 202, 203, 204])
}

@Test func aVersionThatIsGoneIsTold() throws {
  let project = try project()
  try cut(project)
  let removed = try project.assay("artifact", "remove", "raw/churn@v1")
  #expect(removed.exit == 0, "\(removed.err)")
  let rest = try project.assay("exp", "run", "a.assay")
  #expect(rest.exit == 4)
  #expect(rest.err.contains("experiment 1 began with raw/churn@v1, which is not there any more"), "\(rest.err)")
}

/// All databases of the store are read.
@Test(arguments: ["names", "experiments", "knowledge", "policies"]) func aDamagedDatabaseIsFound(_ name: String) throws
{
  let project = try project()
  try project.write("go", "")
  #expect(try project.assay("exp", "run", "a.assay").exit == 0)
  let store = project.path + "/.assay/"
  if !FileManager.default.fileExists(atPath: store + name + ".db") {
    try FileManager.default.copyItem(atPath: store + "experiments.db", toPath: store + name + ".db")
  }
  #expect(try project.assay("artifact", "verify").exit == 0)
  let file = try FileHandle(forUpdating: URL(filePath: store + name + ".db"))
  try file.seek(toOffset: 4096)
  try file.write(contentsOf: Data(count: 4096))
  try file.close()
  let verify = try project.assay("artifact", "verify")
  #expect(verify.exit == 8)
  #expect(verify.out.contains("\(name).db: "), "\(verify)")
  let doctor = try project.assay("doctor", "--json")
  #expect(doctor.out.contains("store.\(name)"))
}
