import Database
import Foundation
import Testing
import Values

/// `assay db`: proofs about the logs of experiments, with real keys.

private func keys(_ project: Project, _ name: String) throws {
  let path = "\(project.path)/\(name)"
  let (status, output) = try ToolPython.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path])
  #expect(status == 0, "\(output)")
}

private func experiments() throws -> Project {
  let project = try Project([
    "a.assay": """
    assay 1
    use "./tool.so" as tool
    workflow main {
      in x: int(0..1000) = 3
      step a = tool.twice(x: x)
      out y: int = a.y
    }
    experiment tune {
      study main()
      space { x in int 0..40 }
      metrics { y = y minimize }
      stage search { strategy random(trials: 2) }
    }

    """
  ])
  let run = try project.assay("exp", "run", "a.assay", "-j", "1")
  #expect(run.exit == 0, "\(run.err)")
  return project
}

private func change(_ project: Project, _ sql: String) throws {
  let connection = try Connection("\(project.path)/.assay/experiments.db")
  try connection.execute("DROP TRIGGER IF EXISTS entries_stay; DROP TRIGGER IF EXISTS entries_last")
  try connection.execute(sql)
}

@Test func aSignedCheckpointShowsACutEnd() throws {
  let project = try experiments()
  try keys(project, "ada")
  try keys(project, "eve")
  let signed = try project.assay("db", "checkpoint", "--key", "ada")
  #expect(signed.exit == 0, "\(signed.err)")
  try project.write("kept.txt", signed.out)
  try project.write("signers", "ada@lab \(try #require(project.read("ada.pub")))")
  try project.write("others", "eve@lab \(try #require(project.read("eve.pub")))")
  let arguments = ["db", "verify", "--checkpoint", "kept.txt", "--signers"]
  let fine = try project.start(arguments + ["signers"]).wait()
  #expect(fine.exit == 0, "\(fine.err)")
  #expect(fine.err.contains("it was signed by ada@lab"))
  // Older than the log: still fine.
  #expect(try project.assay("exp", "note", "1", "a remark").exit == 0)
  #expect(try project.start(arguments + ["signers"]).wait().exit == 0)

  let wrong = try project.start(arguments + ["others"]).wait()
  #expect(wrong.exit == 8)
  #expect(wrong.out.contains("the key that signed it is not in others"))
  try project.write("forged.txt", signed.out.replacing("time 20", with: "time 19"))
  let forged = try project.assay("db", "verify", "--checkpoint", "forged.txt", "--signers", "signers", "--json")
  #expect(forged.exit == 8)
  #expect(try forged.json()["checkpoint"]?["signature"] == "bad")
  #expect(try project.assay("db", "verify", "--checkpoint", "forged.txt").exit == 8)

  let entries = try #require(try project.assay("db", "verify", "--json").json()["entries"]?.asInt)
  try change(project, "DELETE FROM entries WHERE experiment = 1 AND seq > 3")
  #expect(try project.assay("db", "verify").exit == 0)
  let cut = try project.start(arguments + ["signers"]).wait()
  #expect(cut.exit == 8)
  #expect(
    cut.out.contains("experiment 1: entries 4 to \(entries - 1) are gone: the log ends after entry 3"), "\(cut.out)")
  let json = try project.start(arguments + ["signers", "--json"]).wait().json()
  #expect(json["checkpoint"]?["problems"]?.asArray?.first?["entry"] == 4)
  #expect(try OutputSchema.mistakes([json, forged.json()]) == "")
}

@Test func aChangedEntryIsNamedAndNoCheckpointIsMadeOfIt() throws {
  let project = try experiments()
  let plain = try project.assay("db", "checkpoint", "--json")
  #expect(plain.exit == 0)
  try project.write("kept.txt", try #require(try plain.json()["text"]?.asString))
  let unsigned = try project.assay("db", "verify", "--checkpoint", "kept.txt", "--json")
  #expect(unsigned.exit == 0)
  #expect(try unsigned.json()["checkpoint"]?["signature"] == "none")
  try project.write("signers", "")
  #expect(try project.assay("db", "verify", "--checkpoint", "kept.txt", "--signers", "signers").exit == 8)
  try change(project, "UPDATE entries SET text = 'x' WHERE seq = 2")
  let changed = try project.assay("db", "verify")
  #expect(changed.exit == 8)
  #expect(changed.out.contains("experiment 1: entry 2 does not follow from those before it"))
  #expect(try project.assay("db", "checkpoint").exit == 8)
  #expect(try OutputSchema.mistakes([plain.json(), unsigned.json()]) == "")
  #expect(try project.assay("db", "verify", "--signers", "signers").exit == 2)
  try project.write("kept.txt", "assay checkpoint 1\n")
  #expect(try project.assay("db", "verify", "--checkpoint", "kept.txt").exit == 3)
  #expect(try project.assay("db", "checkpoint", "--key", "none").exit == 8)
}
