import Database
import Foundation
import Glibc
import Testing
import Values

/// The end of an experiment: judged, approved, promoted; by the built program.

private func document(_ inside: String) -> String {
  """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in x: int(0..1000) = 3
    step base = tool.twice(x: 10)
    step shared = tool.twice(x: x)
    step model = tool.note(x: shared.y)
    out y: int = shared.y
    out model: file<text> = model.text
  }

  experiment tune {
    study main()
    space { x in int 1..3 }
    metrics { y = y minimize limit 40 }
    stage search { strategy grid() }
  \(inside)
  }

  """
}

private let promoting = document(
  """
    accept when y <= 4 and trials >= 3 {
      promote shared.y as "numbers/y"
      promote model as "notes/model@production"
    }
  """)

private let approving = document(
  """
    accept when y <= 4 {
      promote shared.y as "numbers/y"
      approve by "risk-officer"
    }
  """)

private func status(_ project: Project) throws -> JSON { try project.assay("exp", "status", "--json").json() }

/// How often something was put under a name.
private func puts(_ project: Project, _ name: String = "numbers/y") throws -> Int64? {
  try Connection(project.path + "/.assay/names.db").integer(
    "SELECT count(*) FROM records WHERE name = '\(name)' AND action = 'put'")
}

@Test func aWinnerThatIsGoodEnoughIsPromoted() throws {
  let project = try Project(["a.assay": promoting])
  let run = try project.assay("exp", "run", "a.assay", "-j", "1")
  #expect(run.exit == 0, "\(run.err)")
  #expect(run.err.contains("y 2 <= 4") || run.err.contains("y 2.0 <= 4"), "\(run.err)")
  #expect(run.err.contains("numbers/y@v1, notes/model@v1"))
  #expect(try project.assay("artifact", "cat", "numbers/y@champion").out.contains("2"))
  #expect(try project.assay("artifact", "cat", "notes/model@production").out == "hello\n")
  let log = try project.assay("artifact", "log", "numbers/y")
  #expect(log.out.contains("experiment 1 (tune), trial "))
  let shown = try status(project)
  #expect(shown["acceptance"]?["accepted"] == true)
  #expect(shown["acceptance"]?["promoted"]?.asArray?.count == 2)
  #expect(try OutputSchema.mistakes([shown]) == "")
  // Rolled back: the stage goes back to an older version.
  try project.write("a.assay", promoting.replacing("int 1..3", with: "int 0..2"))
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
  #expect(try project.assay("artifact", "cat", "numbers/y@champion").out.contains("0"))
  #expect(try status(project)["acceptance"]?["promoted"]?.asArray?.first?["replaces"] == 1)
  #expect(
    try project.assay("artifact", "promote", "numbers/y@v1", "champion", "--reason", "worse in the field").exit == 0)
  #expect(try project.assay("artifact", "cat", "numbers/y@champion").out.contains("2"))
}

@Test(arguments: [
  ("accept when y <= 1 { promote shared.y as \"numbers/y\" }", "y 2.0 > 1"),
  ("accept when y <= 4 and failures > 0 { promote shared.y as \"numbers/y\" }", "failures 0 <= 0"),
  ("accept when not (y <= 4) { promote shared.y as \"numbers/y\" }", "does not hold"),
]) func aWinnerThatIsNotGoodEnoughIsNot(_ accept: String, _ words: String) throws {
  let project = try Project(["a.assay": document(accept)])
  let run = try project.assay("exp", "run", "a.assay", "--json")
  #expect(run.exit == 1)
  let shown = try run.json()
  #expect(shown["status"] == "finished")
  #expect(shown["reason"]?.asString?.hasPrefix("not accepted: ") == true)
  #expect(shown["reason"]?.asString?.contains(words) == true, "\(shown["reason"] as Any)")
  #expect(shown["acceptance"]?["accepted"] == false)
  #expect(try OutputSchema.mistakes([shown]) == "")
  #expect(try project.assay("artifact", "cat", "numbers/y").exit == 4)
}

@Test func somebodyApprovesOrRejects() throws {
  let project = try Project(["a.assay": approving])
  let first = try project.assay("exp", "run", "a.assay", "-j", "1")
  #expect(first.exit == 5)
  #expect(first.err.contains("assay exp answer 1 accept approve"))
  #expect(try status(project)["acceptance"]?["evidence"]?.asString?.contains("there is no champion yet") == true)
  #expect(try project.assay("exp", "answer", "1", "accept", "continue").exit == 2)
  #expect(try project.assay("exp", "answer", "1", "accept", "approve", "--reason", "fine").exit == 0)
  #expect(try project.assay("exp", "run", "a.assay").exit == 0)
  #expect(try project.assay("artifact", "log", "numbers/y").out.contains("approved by tester: fine"))
  // The next one is shown beside the champion.
  try project.write("a.assay", approving.replacing("int 1..3", with: "int 2..3"))
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
  let evidence = try status(project)["acceptance"]?["evidence"]?.asString ?? ""
  #expect(evidence.contains("champion numbers/y@v1 of run"), "\(evidence)")
  #expect(evidence.contains("y=2.0; the challenger's y is 2.0 worse"), "\(evidence)")
  #expect(try project.assay("exp", "answer", "2", "accept", "reject", "--reason", "no gain").exit == 0)
  let rejected = try project.assay("exp", "run", "a.assay")
  #expect(rejected.exit == 1)
  #expect(rejected.err.contains("not accepted: rejected by tester: no gain"))
  #expect(try puts(project) == 1)
}

/// Who takes the winner out after it was judged asks for another judgement; an answer to the old one does not count.
@Test func aWinnerThatIsTakenOutIsJudgedAgain() throws {
  let project = try Project(["a.assay": approving])
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
  let best = try #require(try status(project)["acceptance"]?["trial"]?.asInt)
  #expect(try project.assay("exp", "answer", "1", "accept", "approve").exit == 0)
  #expect(try project.assay("exp", "exclude", "1", "\(best)", "--reason", "wrong data").exit == 0)
  #expect(try project.assay("exp", "run", "a.assay").exit == 5)
  let next = try status(project)["acceptance"]
  #expect(next?["trial"]?.asInt != best)
  #expect(next?["evidence"]?.asString?.contains("y=4.0") == true)
  #expect(try project.assay("artifact", "cat", "numbers/y").exit == 4)
}

/// Killed when the name is given and the log does not know it yet: it is given once.
@Test func aPromotionThatIsCutOffIsMadeOnce() throws {
  let project = try Project(["a.assay": approving])
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
  #expect(try project.assay("artifact", "put", "a.assay", "other/name").exit == 0)
  #expect(try project.assay("exp", "answer", "1", "accept", "approve").exit == 0)
  // The names are locked until the log is.
  let names = try Connection(project.path + "/.assay/names.db")
  try names.execute("BEGIN IMMEDIATE")
  let running = try project.start(["exp", "run", "a.assay"])
  #expect(running.waits(for: "gate accept ended: approve"))
  let log = try Connection(project.path + "/.assay/experiments.db")
  try log.execute("BEGIN IMMEDIATE")
  try names.execute("ROLLBACK")
  var isNamed = false
  for _ in 0..<2000 where !isNamed {
    isNamed =
      try names.integer("SELECT count(*) FROM records WHERE name = 'numbers/y' AND action = 'promote'") == 1
    usleep(5_000)
  }
  #expect(isNamed)
  running.send(SIGKILL)
  running.reap()
  try log.execute("ROLLBACK")
  #expect(try status(project)["status"] == "open")
  let rest = try project.assay("exp", "run", "a.assay")
  #expect(rest.exit == 0, "\(rest.err)")
  #expect(rest.err.contains("is numbers/y@v1"))
  #expect(try names.integer("SELECT count(*) FROM records WHERE name = 'numbers/y'") == 2)
  #expect(try puts(project) == 1)
}

@Test func aNameThatIsNoneIsToldBeforeAnythingRuns() throws {
  let project = try Project(["a.assay": document("accept { promote shared.y as \"../y\" }")])
  let run = try project.assay("exp", "run", "a.assay")
  #expect(run.exit == 3, "\(run.err)")
  #expect(run.err.contains("E1008"))
  #expect(try project.assay("exp", "list", "--json").json()["experiments"]?.asArray?.isEmpty == true)
}
