import Database
import Foundation
import Glibc
import Testing
import Values

/// Experiments by the built program: real runs, real processes, real deaths.

private func document(_ inside: String) -> String {
  """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in x: int(0..1000) = 3
    in go: string = "/"
    step shared = tool.twice(x: 20)
    step model = vary(x: x) {
      variant plain = tool.twice()
      variant odd = tool.flaky()
      variant cursed = tool.boom()
      default plain
    }
    step held = tool.hold(x: model.y, path: go)
    out y: int = held.y
    out base: int = shared.y
  }

  experiment tune {
    study main()
  \(inside)
  }

  """
}

private let plain = document(
  """
    space { x in int 0..40 }
    metrics { y = y minimize }
    stage search { strategy random(trials: 6) }
  """)

private func trials(_ json: JSON) -> [JSON] { json["trials"]?.asArray ?? [] }

/// Trials share a place for what their attempts write: none finds what another has left, and nothing stays.
@Test func trialsFindNothingOfOneAnother() throws {
  let project = try Project([
    "litter.py": """
    import os
    from assay import Context, task

    @task()
    def leave(context: Context, x: int) -> {"found": int}:
        found = len(os.listdir(context.temp_dir))
        if x % 2:
            (context.temp_dir / "left").write_text("litter")
        return {"found": found}
    """,
    "a.assay": """
    assay 1
    use "./litter.py" as litter
    workflow main {
      in x: int = 0
      step it = litter.leave(x: x)
      out found: int = it.found
    }
    experiment tune {
      study main()
      space { x in int 0..19 }
      metrics { found = found minimize }
      stage all { strategy grid() }
    }
    """,
  ])
  let run = try project.assay("exp", "run", "a.assay", "-j", "2", "--json")
  #expect(run.exit == 0, "\(run.err)")
  let found = trials(try run.json()).map { $0["metrics"]?["found"]?.asDouble }
  #expect(found == Array(repeating: 0, count: 20))
  #expect(try FileManager.default.contentsOfDirectory(atPath: project.path + "/.assay/tmp") == [])
}

@Test func anExperimentRunsAndIsLookedAt() throws {
  let project = try Project(["a.assay": plain])
  let run = try project.assay("exp", "run", "a.assay", "-j", "1", "--reason", "to see")
  #expect(run.exit == 0, "\(run.err)")
  #expect(run.err.contains("experiment 1 (tune)"))
  #expect(run.err.contains("■ finished: all stages ended"))
  let shown = try project.assay("exp", "status", "tune", "--json").json()
  #expect(trials(shown).count == 6)
  #expect(Set(trials(shown).compactMap { $0["configuration"]?["x"]?.asInt }).count == 6)
  #expect(trials(shown).allSatisfy { $0["state"] == "finished" })
  #expect(
    trials(shown).allSatisfy { $0["metrics"]?["y"]?.asDouble == Double(2 * ($0["configuration"]?["x"]?.asInt ?? -1)) })
  // `shared` is the same in all trials: it ran once.
  #expect(trials(shown).map { $0["reused"]?.asInt ?? -1 } == [0, 1, 1, 1, 1, 1])
  let best = try #require(shown["best"]?.asInt)
  let lowest = trials(shown).min { ($0["metrics"]?["y"]?.asDouble ?? 0) < ($1["metrics"]?["y"]?.asDouble ?? 0) }
  #expect(lowest?["trial"]?.asInt == best)
  let board = try project.assay("exp", "leaderboard", "1", "--limit", "2")
  #expect(board.out.split(separator: "\n").count == 3)
  let list = try project.assay("exp", "list", "--json").json()
  #expect(list["experiments"]?.asArray?.first?["reason"] == "to see")
  // Each trial is a run.
  #expect(try project.assay("runs", "list", "--json").json()["runs"]?.asArray?.count == 6)
  #expect(try OutputSchema.mistakes([shown, list]) == "")
}

@Test func theSameSeedIsTheSameExperiment() throws {
  func points(_ inside: String) throws -> [Int64?] {
    let project = try Project(["a.assay": document(inside)])
    let run = try project.assay("exp", "run", "a.assay", "-j", "1", "--json")
    #expect(run.exit == 0, "\(run.err)")
    return trials(try run.json()).map { $0["configuration"]?["x"]?.asInt }
  }
  let inside = "space { x in int 0..40 }\nmetrics { y = y minimize }\nstage search { strategy tpe(trials: 14) }\nseed 4"
  let first = try points(inside)
  #expect(first.count == 14)
  #expect(try points(inside) == first)
  #expect(try points(inside.replacing("seed 4", with: "seed 5")) != first)
}

@Test func variantsFailuresAndConstraintsAreHandled() throws {
  let project = try Project([
    "a.assay": document(
      """
        space {
          model in [plain, cursed]
          x in int 1..3
          where not (model == plain and x == 2)
        }
        metrics { y = y maximize }
        stage all { strategy grid() }
        budget { parallel 1 }
      """)
  ])
  let run = try project.assay("exp", "run", "a.assay", "--json")
  #expect(run.exit == 0, "\(run.err)")
  let all = trials(try run.json())
  #expect(all.count == 5)
  for trial in all {
    let isCursed = trial["configuration"]?["model"] == "cursed"
    #expect(trial["state"] == (isCursed ? "failed" : "finished"))
    if isCursed { #expect(trial["message"]?.asString?.contains("cursed") == true) }
    #expect(isCursed || trial["configuration"]?["x"]?.asInt != 2)
  }
}

@Test func aGateWaitsAcrossProcesses() throws {
  let project = try Project([
    "a.assay": document(
      """
        space { x in int 0..40 }
        metrics { y = y minimize }
        stage screen { strategy sobol(trials: 3) }
        gate review after screen { allow continue, stop }
        stage more after review { strategy random(trials: 2) }
      """)
  ])
  let first = try project.assay("exp", "run", "a.assay")
  #expect(first.exit == 5)
  #expect(first.err.contains("assay exp answer 1 review continue"))
  #expect(try project.assay("exp", "answer", "1", "review", "perhaps").exit == 2)
  #expect(try project.assay("exp", "answer", "1", "nothing", "continue").exit == 4)
  #expect(try project.assay("exp", "answer", "1", "review", "continue", "--reason", "fine").exit == 0)
  let twice = try project.assay("exp", "answer", "1", "review", "stop")
  #expect(twice.exit == 2)
  #expect(twice.err.contains("answered already"))
  let second = try project.assay("exp", "run", "a.assay", "--json")
  #expect(second.exit == 0, "\(second.err)")
  #expect(trials(try second.json()).map { $0["stage"]?.asString } == ["screen", "screen", "screen", "more", "more"])
  let decisions = try second.json()["decisions"]?.asArray
  #expect(decisions?.first?["by"] == "tester")
  #expect(decisions?.first?["what"] == "answered continue (fine)")
  // Over: a new one begins.
  #expect(try project.assay("exp", "run", "a.assay").exit == 5)
  #expect(try project.assay("exp", "list", "--json").json()["experiments"]?.asArray?.count == 2)
}

@Test func aBudgetThatIsUsedIsAnExitCode() throws {
  let project = try Project([
    "a.assay": document(
      """
        space { x in int 0..40 }
        metrics { y = y minimize }
        stage search { strategy random }
        budget { trials 2 }
      """)
  ])
  let run = try project.assay("exp", "run", "a.assay", "--json")
  #expect(run.exit == 6)
  #expect(try run.json()["status"] == "exhausted")
  #expect(trials(try run.json()).count == 2)
}

/// The engine is killed in the middle of a trial, and goes on with the trials that it would have made.
@Test func aKilledEngineGoesOnAsIfNothingHadHappened() throws {
  func text(_ project: Project) -> String {
    document(
      """
        space { x in int 0..40 }
        metrics { y = y minimize }
        stage search { strategy tpe(trials: 13, startup: 5) }
      """
    ).replacing("= \"/\"", with: "= \"\(project.path)/go\"")
  }
  func points(_ project: Project) throws -> [Int64?] {
    trials(try project.assay("exp", "status", "--json").json()).map { $0["configuration"]?["x"]?.asInt }
  }
  let whole = try Project()
  try whole.write("a.assay", text(whole))
  try whole.write("go", "")
  #expect(try whole.assay("exp", "run", "a.assay", "-j", "1").exit == 0)

  let cut = try Project()
  try cut.write("a.assay", text(cut))
  let running = try cut.start(["exp", "run", "a.assay", "-j", "1"])
  #expect(running.waits(for: "▸ trial 1"))
  // A person decides meanwhile.
  #expect(try cut.assay("exp", "note", "1", "soon dead").exit == 0)
  #expect(running.waits(for: "soon dead"))
  running.send(SIGKILL)
  running.reap()
  try cut.write("go", "")
  let rest = try cut.assay("exp", "run", "a.assay", "-j", "1")
  #expect(rest.exit == 0, "\(rest.err)")
  #expect(rest.err.contains("goes on after 1 trial"))
  #expect(try points(cut) == (try points(whole)))
  #expect(try points(cut).count == 13)
}

@Test func aRunningExperimentIsPausedAndStopped() throws {
  let project = try Project()
  try project.write(
    "a.assay",
    document(
      """
        space { x in int 0..1000 }
        metrics { y = y minimize }
        stage search { strategy random(trials: 500) }
      """
    ).replacing("= \"/\"", with: "= \"\(project.path)/go\""))
  let running = try project.start(["exp", "run", "a.assay", "-j", "1"])
  #expect(running.waits(for: "▸ trial 1"))
  #expect(try project.assay("exp", "pause", "--reason", "lunch").exit == 0)
  #expect(running.waits(for: "pause (lunch)"))
  try project.write("go", "")
  // Paused, and nothing runs any more: the engine goes home.
  let paused = try running.wait()
  #expect(paused.exit == 5, "\(paused.err)")
  #expect(trials(try project.assay("exp", "status", "--json").json()).count == 1)
  #expect(try project.assay("exp", "resume").exit == 0)
  #expect(try project.assay("exp", "stop", "--reason", "enough").exit == 0)
  let stopped = try project.assay("exp", "run", "a.assay", "--json")
  #expect(stopped.exit == 0, "\(stopped.err)")
  #expect(try stopped.json()["status"] == "stopped")
  let late = try project.assay("exp", "pause")
  #expect(late.exit == 2)
  #expect(late.err.contains("is over: enough"))
}

@Test func wrongNamesAreToldWithTheRightOnes() throws {
  let project = try Project(["a.assay": plain, "b.assay": "assay 1\n\nuse \"./a.assay\"\n"])
  #expect(try project.assay("exp", "run", "a.assay", "tun").err.contains("did you mean `tune`?"))
  #expect(try project.assay("exp", "run", "b.assay").exit == 2)
  #expect(try project.assay("exp", "status").exit == 4)
  #expect(try project.assay("exp", "run", "a.assay").exit == 0)
  let unknown = try project.assay("exp", "status", "tunes")
  #expect(unknown.exit == 4)
  #expect(unknown.err.contains("did you mean `tune`?"))
  #expect(try project.assay("exp", "exclude", "1", "77").exit == 4)
}

/// An entry that is not understood ends the command: going on would take what follows for something else.
@Test func anEntryThatCannotBeReadIsAnError() throws {
  let project = try Project(["a.assay": plain])
  #expect(try project.assay("exp", "run", "a.assay").exit == 0)
  let connection = try Connection(project.path + "/.assay/experiments.db")
  try connection.execute(
    "INSERT INTO entries VALUES (1, (SELECT max(seq) + 1 FROM entries), 0, 'person:ada', 'dreamt', NULL, x'', '', x'')")
  let status = try project.assay("exp", "status")
  #expect(status.exit == 8)
  #expect(status.err.contains("(`dreamt`) cannot be read"))
}

/// A document below the folder in which the command is typed, which uses another one beside its folder: its record is read
/// again from anywhere.
@Test func anExperimentOfAFolderBelowIsReadAgain() throws {
  let project = try Project(["assay.toml": ""])
  try FileManager.default.createDirectory(atPath: project.path + "/deep/er", withIntermediateDirectories: true)
  try FileManager.default.createDirectory(atPath: project.path + "/deep/other", withIntermediateDirectories: true)
  try FileManager.default.copyItem(atPath: project.path + "/tool.so", toPath: project.path + "/deep/other/tool.so")
  try project.write(
    "deep/other/part.assay",
    """
    assay 1
    use "./tool.so" as tool
    workflow part {
      in x: int
      step a = tool.twice(x: x)
      out y: int = a.y
    }
    """)
  try project.write(
    "deep/er/a.assay",
    """
    assay 1
    use "../other/part.assay"
    workflow main {
      in x: int = 1
      step p = part(x: x)
      out y: int = p.y
    }
    experiment tune {
      study main()
      space { x in int 0..4 }
      metrics { y = y minimize }
      stage search { strategy random(trials: 2) }
    }
    """)
  #expect(try project.assay("exp", "run", "deep/er/a.assay").exit == 0)
  let shown = try project.assay("exp", "status", "--json")
  #expect(shown.exit == 0, "\(shown.err)")
  #expect(trials(try shown.json()).count == 2)
  // And it is the same experiment, wherever the command is typed.
  #expect(try project.assay("exp", "replay", "1").exit == 0)
}
