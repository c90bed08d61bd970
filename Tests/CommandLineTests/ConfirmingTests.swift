import Foundation
import Testing
import Values

/// What is held out, by the built program.

private func document(_ inside: String) -> String {
  """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in x: int(0..1000) = 3
    in seed: int = 0
    in cases: file<csv> = file("cases.csv")
    in exam: file<csv> = file("trial.csv")
    step known = tool.lines(path: cases)
    step model = tool.twice(x: x)
    step judged = tool.lines(path: exam)
    out y: int = model.y + known.y * 0 + judged.y + seed * x
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

private let holdout = "holdout { exam = file(\"sealed.csv\") }"

private func table(_ rows: ClosedRange<Int>) -> String { "a,b\n" + rows.map { "\($0),\($0 * 7)\n" }.joined() }

private func project(_ inside: String) throws -> Project {
  try Project([
    "a.assay": document(inside), "cases.csv": table(1...20), "trial.csv": table(21...22),
    "sealed.csv": table(31...35),
  ])
}

/// A trial that is not the one that was looked at.
private func other(_ look: JSON) -> String { look["trial"] == 1 ? "2" : "1" }

@Test func whatIsHeldOutIsLookedAtOnce() throws {
  let project = try project("accept when y <= 20 { promote model.y as \"numbers/y\" }\n" + holdout)
  let plan = try project.assay("exp", "plan", "a.assay", "--json").json()
  #expect(plan["held_out"]?["work"]?["new"] == 1)
  #expect(plan["held_out"]?["inputs"] == ["exam"])
  let run = try project.assay("exp", "run", "a.assay", "-j", "1")
  #expect(run.exit == 0, "\(run.err)")
  #expect(run.err.contains("on what is held out: y 8.0 (look 1)"), "\(run.err)")
  let shown = try project.assay("exp", "status", "--json").json()
  let looks = try #require(shown["held_out"]?.asArray)
  #expect(looks.count == 1)
  #expect(looks[0]["metrics"]?["y"] == 8.0)
  #expect(looks[0]["overlap"] == ["rows": 0, "of": 5])
  #expect(shown["acceptance"]?["accepted"] == true)
  // The plan was right, and the model is the trial's.
  let counted = try #require(plan["work"]?["new"]?.asInt)
  let ran = (shown["trials"]?.asArray ?? []).reduce(0) { $0 + ($1["ran"]?.asInt ?? 0) }
  #expect(ran + 1 == counted)
  #expect(try project.assay("artifact", "cat", "numbers/y@champion").out.contains("2"))
  // Nobody looks again at what is known.
  let again = try project.assay("exp", "confirm", "tune")
  #expect(again.exit == 0)
  #expect(again.out.contains("was confirmed before"))
  let status = try project.assay("exp", "status")
  #expect(status.out.contains("held out   trial "), "\(status.out)")
  #expect(status.out.contains("y: claimed 5.0, 8.0 on what is held out (look 1"), "\(status.out)")
  let report = try project.assay("exp", "report")
  #expect(report.out.contains("## Held out"))
  #expect(report.out.contains("| **held out** | exam = file(\"sealed.csv\") |"), "\(report.out)")
  let board = try project.assay("exp", "leaderboard", "--json").json()
  #expect(board["held_out"]?.asArray?.count == 1)
  // From its record: the same, and no look.
  let repeated = try project.assay("exp", "reproduce", "1", "--json")
  #expect(repeated.exit == 0, "\(repeated.out) \(repeated.err)")
  let repetition = try repeated.json()
  #expect(repetition["trials"]?.asArray?.last?["held_out"] == true)
  #expect(try project.assay("exp", "status", "--json").json()["held_out"]?.asArray?.count == 1)
  // Another trial by hand, and another experiment that holds out the same under another name.
  let second = try project.assay("exp", "confirm", "1", "--trial", other(looks[0]), "--json").json()
  #expect(second["look"] == 2)
  try project.write("other.csv", table(31...35))
  try project.write(
    "b.assay", document("holdout { exam = file(\"other.csv\") }").replacing("int 1..3", with: "int 4..5"))
  let third = try project.assay("exp", "run", "b.assay", "-j", "1", "--json").json()
  #expect(third["held_out"]?.asArray?.first?["look"] == 3)
  #expect(try project.assay("exp", "status", "2").out.contains("this was look 3"))
  // So does a run that somebody makes with it.
  #expect(try project.assay("run", "a.assay", "--set", "exam=sealed.csv").exit == 0)
  let winner = try #require(third["held_out"]?.asArray?.first)
  let fifth = try project.assay("exp", "confirm", "2", "--trial", other(winner), "--json").json()
  #expect(fifth["look"] == 5)
  let log = try project.assay("exp", "log", "1", "--json").json()
  #expect(try OutputSchema.mistakes([plan, shown, board, repetition, second, third, fifth, log]) == "")
  #expect(try project.assay("exp", "replay", "1").exit == 0)
  #expect(try project.assay("db", "verify").exit == 0)
}

@Test func whoIsNotGoodEnoughOnItIsNotAccepted() throws {
  let project = try project("accept when y <= 5 { promote model.y as \"numbers/y\" }\n" + holdout)
  let run = try project.assay("exp", "run", "a.assay", "-j", "1")
  #expect(run.exit == 1)
  #expect(run.err.contains("not accepted: held out: y 8.0 > 5"), "\(run.err)")
  #expect(try project.assay("artifact", "cat", "numbers/y").exit == 4)
}

@Test func whoeverApprovesSeesIt() throws {
  let project = try project(
    "accept when y <= 20 {\n promote model.y as \"numbers/y\"\n approve by \"lead\"\n}\n" + holdout)
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
  let gate = try project.assay("gate", "show", "1")
  #expect(gate.out.contains("held out (exam): y=8.0; look 1 at it, run 4"), "\(gate.out)")
  #expect(try project.assay("exp", "answer", "1", "accept", "approve").exit == 0)
  #expect(try project.assay("exp", "run", "a.assay").exit == 0)
}

/// The same content under another name is found when it begins; some rows of it are a warning, and on record.
@Test func whatTrialsReadIsNotHeldOut() throws {
  let project = try project(holdout)
  try project.write("sealed.csv", table(1...20))
  for command in ["plan", "run"] {
    let refused = try project.assay("exp", command, "a.assay")
    #expect(refused.exit == 3)
    #expect(refused.err.contains("E1014") && refused.err.contains("the same content as `cases`"), "\(refused.err)")
  }
  try project.write("sealed.csv", table(18...27))
  let run = try project.assay("exp", "run", "a.assay", "-j", "1")
  #expect(run.err.contains("warning[W1006]: 5 of the 10 rows that are held out"), "\(run.err)")
  let shown = try project.assay("exp", "status", "--json").json()
  #expect(shown["held_out"]?.asArray?.first?["overlap"] == ["rows": 5, "of": 10])
  #expect(shown["held_out"]?.asArray?.first?["warnings"]?.asArray?.count == 1)
}

@Test func confirmingNeedsSomethingThatIsHeldOut() throws {
  let project = try project("")
  #expect(try project.assay("exp", "run", "a.assay").exit == 0)
  let refused = try project.assay("exp", "confirm", "1")
  #expect(refused.exit == 2)
  #expect(refused.err.contains("holds nothing out"))
}

// MARK: Leakage

/// Rows that are in both halves of a split are said with the run, also where its result is reused, and with the experiment.
@Test func rowsInBothHalvesAreTold() throws {
  let twice = "a,b\n" + (0..<40).map { "\($0 % 20),\($0 % 20 * 3)\n" }.joined()
  let project = try Project([
    "twice.csv": twice, "once.csv": table(1...40),
    "a.assay": """
    assay 1
    use std.table as t
    use "./tool.so" as tool
    workflow main {
      in x: int(0..1000) = 3
      in data: file<csv> = file("twice.csv")
      step raw = t.read_csv(path: data)
      step split = t.split(table: raw.table, test: 0.25, seed: 1)
      step half = t.write_csv(table: split.test)
      step lines = tool.lines(path: half.file)
      step model = tool.twice(x: x)
      out y: int = model.y + lines.y
    }
    experiment tune {
      study main()
      space { x in int 1..2 }
      metrics { y = y minimize }
      stage search { strategy grid() }
    }
    """,
  ])
  #expect(try project.assay("run", "a.assay").exit == 0)
  let first = try project.assay("runs", "show", "1")
  #expect(first.out.contains("warning: step `split`: leakage: "), "\(first.out)")
  #expect(first.out.contains("of 10 test rows are also among the training rows (row "), "\(first.out)")
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
  #expect(try project.assay("runs", "show", "3").out.contains("(in run 1)"))
  let json = try project.assay("runs", "show", "3", "--json").json()
  #expect(json["warnings"]?.asArray?.first?["run"] == 1)
  #expect(try OutputSchema.mistakes([json]) == "")
  let status = try project.assay("exp", "status")
  #expect(status.out.contains("warn       step `split`: "), "\(status.out)")
  #expect(try project.assay("exp", "report").out.contains("leakage: warn. step \\`split\\`"))
  #expect(try project.assay("run", "a.assay", "--set", "data=once.csv").exit == 0)
  #expect(try !project.assay("runs", "show").out.contains("leakage"))
}

/// A file that is another one when the experiment goes on.
@Test func dataThatChangedBetweenTrialsIsTold() throws {
  let text = document(
    "gate wait after search { allow continue, stop }\nstage more after wait { strategy repeat(best(1, search), seeds: [5]) }"
  )
  let project = try Project(["a.assay": text, "cases.csv": table(1...20), "trial.csv": table(21...22)])
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
  #expect(try !project.assay("exp", "status").out.contains("is not the same in all trials"))
  try project.write("cases.csv", table(1...19))
  #expect(try project.assay("exp", "answer", "1", "wait", "continue").exit == 0)
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
  let status = try project.assay("exp", "status")
  #expect(status.out.contains("`cases` is not the same in all trials, from trial 4 on"), "\(status.out)")
}

// MARK: Beforehand

@Test func thePlanSaysWhatCanBeTold() throws {
  let project = try project("stage again after search { strategy repeat(best(2, search), seeds: [1, 2, 3]) }")
  let before = try project.assay("exp", "plan", "a.assay", "--difference", "0.5")
  #expect(before.exit == 0, "\(before.err)")
  #expect(before.out.contains("power: stage again: 3 repeats of each of 2 find a difference of y of "), "\(before.out)")
  #expect(before.out.contains("standard deviations"))
  #expect(before.out.contains("how far y scatters is not known"), "\(before.out)")
  // Each repeat adds its seed, times x.
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
  let after = try project.assay("exp", "plan", "a.assay", "--new", "--difference", "0.5", "--json").json()
  #expect(after["power"]?["noise"]?.asDouble.map { $0 > 0 && $0 < 3 } == true, "\(after["power"] as Any)")
  #expect(after["power"]?["experiment"] == 1)
  #expect(after["power"]?["statements"]?.asArray?.first?["needed"]?.asInt.map { $0 > 3 } == true)
  #expect(try OutputSchema.mistakes([after]) == "")
  #expect(try project.assay("exp", "plan", "a.assay", "--difference", "0").exit == 2)
}

/// The hash of the document is on record before the first trial; what people change since is marked.
@Test func whatWasFixedBeforehandIsSaid() throws {
  let project = try project("stage more after search { strategy random(trials: 2) }\nbudget { trials 5 }")
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
  let report = try project.assay("exp", "report").out
  #expect(report.contains("## Fixed beforehand"))
  #expect(report.contains("minimize y, limit 40"))
  #expect(report.contains("| **changed since** | nothing |"), "\(report)")
  let shown = try project.assay("exp", "status", "--json").json()
  let digest = try #require(shown["registered"]?.asString)
  #expect(report.contains("| **document** | \(digest) |"))
  let fork = try project.assay("exp", "fork", "1", "--trial", "2", "--json").json()
  let number = try #require(fork["experiment"]?.asInt)
  #expect(try project.assay("exp", "budget", "\(number)", "trials=3").exit == 0)
  let changed = try project.assay("exp", "report", "\(number)").out
  #expect(changed.contains("1 decision, marked below"), "\(changed)")
  #expect(changed.contains("| exploratory |"), "\(changed)")
  #expect(
    try project.assay("exp", "status", "\(number)").out.contains("1 decision since: what they led to is exploratory"))
}
