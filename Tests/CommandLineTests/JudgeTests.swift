import Foundation
import Testing
import Values

/// Pruning rules of plugins by the built program: in Python, in C, and the shipped ones over Optuna.

private let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

private let judges = """
  import os
  from assay import judge, task

  @task(pure=True)
  def fold(x: int, i: int) -> {"loss": float}:
      return {"loss": float((x - 7) ** 2 + (i * 13 * x) % 5)}

  @judge
  def half(curve, trial, history, after: int = 3):
      others = sorted(t.curve[len(curve) - 1] for t in history if t.number != trial and len(t.curve) >= len(curve))
      if len(others) < after:
          return None
      middle = (others[(len(others) - 1) // 2] + others[len(others) // 2]) / 2
      return "worse than half of %d trials at step %d" % (len(others), len(curve)) if curve[-1] > middle else None

  @judge
  def bad(curve, trial, how: str):
      if trial == 3 and len(curve) == 2:
          if how == "crash":
              os.abort()
          if how == "hang":
              while True:
                  pass
          if how == "raise":
              raise ValueError("no idea")
          if how == "nonsense":
              return 7
      return "it is the fourth" if trial == 4 else None

  """

private func document(_ prune: String, order: String = "order strict", uses: [String] = [], trials: Int = 16) -> String
{
  """
  assay 1

  use "./judges.py" as mine
  \(uses.map { "use \"\($0)\"" }.joined(separator: "\n"))

  workflow main {
    in x: int(0..1000) = 3
    step fold = mine.fold(x: x, i: i) foreach i in [0, 1, 2, 3, 4, 5]
    out y: float = mean(fold.loss)
  }

  experiment tune {
    study main()
    \(order)
    seed 5
    space { x in int 0..60 }
    metrics { y = y minimize }
    \(prune.hasPrefix("stage") ? prune : "stage search { strategy random(trials: \(trials))\n prune \(prune) }")
  }

  """
}

/// State, curve and reason of each trial do not depend on who judges.
private func outcome(_ json: JSON) -> [String] {
  (json["trials"]?.asArray ?? []).map {
    "\($0["configuration"]?["x"]?.asInt ?? -1) \($0["state"]?.asString ?? "") \($0["message"]?.asString ?? "")"
  }
}

@Test(arguments: [1, 3]) func aJudgeInPythonIsAsStrictAsTheRuleOfTheEngine(_ parallel: Int) throws {
  func run(_ rule: String) throws -> (Project, [String]) {
    let project = try Project(["judges.py": judges, "a.assay": document(rule)])
    let run = try project.assay("exp", "run", "a.assay", "-j", "\(parallel)", "--json")
    #expect(run.exit == 0, "\(run.err)")
    return (project, outcome(try run.json()))
  }
  let (project, judged) = try run("mine.half(after: 4)")
  #expect(judged.contains { $0.contains("pruned worse than half of") })
  #expect(judged == (try run("median(after: 4)")).1)
  // Each question is a run.
  let runs = try project.assay("runs", "list", "--limit", "999", "--json").json()["runs"]?.asArray ?? []
  #expect(runs.contains { $0["reason"] == "experiment 1 (tune), does trial 9 go on after step 1?" })
  let replay = try project.assay("exp", "replay", "1", "--json")
  #expect(replay.exit == 0, "\(replay)")
  #expect(try replay.json()["judged"]?.asInt == 16)
  #expect(try replay.json()["unasked"]?.asArray?.isEmpty == true)
  #expect(try OutputSchema.mistakes([try replay.json()]) == "")
}

/// Another rule under the same name is not asked in place of the one on record; one that is not what it promised is told.
@Test func aReplayAsksPluginsAgain() throws {
  let project = try Project(["judges.py": judges, "a.assay": document("mine.half(after: 4)", trials: 8)])
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
  let same = try project.assay("exp", "replay", "1")
  #expect(same.exit == 0)
  #expect(same.out.contains("8 trials judged again: all the same"), "\(same.out)")
  let runs = try project.assay("runs", "list", "--limit", "999", "--json").json()["runs"]?.asArray ?? []
  // Really asked: for the second time.
  #expect(runs.count { $0["reason"] == "experiment 1 (tune), does trial 8 go on after step 1?" } == 2)
  try project.write("judges.py", judges.replacing("curve[-1] > middle", with: "curve[-1] < middle"))
  let other = try project.assay("exp", "replay", "1")
  #expect(other.exit == 0)
  #expect(other.out.contains("8 not asked again: `mine.half` is not the code that was asked then"), "\(other.out)")
  #expect(!other.out.contains("judged again"))
}

@Test func aReplayFindsAnUnfaithfulPlugin() throws {
  // What it says depends on a file, which it does not tell.
  let project = try Project([
    "judges.py": judges.replacing("> middle else", with: "> middle and not os.path.exists(\"PLACE/later\") else"),
    "a.assay": document("mine.half(after: 4)", trials: 8),
  ])
  try project.write("judges.py", (project.read("judges.py") ?? "").replacing("PLACE", with: project.path))
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
  try project.write("later", "")
  let replay = try project.assay("exp", "replay", "1")
  #expect(replay.exit == 2)
  #expect(replay.out.contains("of 8 trials would be judged differently; the first is trial "), "\(replay.out)")
  #expect(replay.out.contains("now       not stopped"))
  #expect(try project.assay("exp", "reproduce", "1").exit == 2)
}

@Test(arguments: [
  ("crash", "died of SIGABRT"), ("hang", "longer than its limit of 1.0 seconds"), ("raise", "ValueError: no idea"),
  ("nonsense", "returns why the trial is stopped"),
]) func aJudgeThatGivesNoAnswerStopsInGoodOrder(_ how: String, _ message: String) throws {
  let limit = how == "hang" ? ", timeout: 1s" : ""
  let text = document("mine.bad(how: \"\(how)\"\(limit))", trials: 5)
  let project = try Project(["judges.py": judges, "a.assay": text])
  let failed = try project.assay("exp", "run", "a.assay", "-j", "1")
  #expect(failed.exit == 1)
  #expect(
    failed.err.contains("error: pruning rule `mine.bad` did not judge trial 3 at step 2: "), "\(failed.err)")
  #expect(failed.err.contains(message), "\(failed.err)")
  let status = try project.assay("exp", "status", "--json").json()
  // The trial that was not judged is not over.
  #expect(outcome(status).map { $0.contains("finished") } == [true, true, false])
  try project.write("judges.py", judges.replacing("trial == 3 and", with: "trial == 99 and"))
  let mended = try project.assay("exp", "run", "a.assay", "-j", "1", "--json")
  #expect(mended.exit == 0, "\(mended.err)")
  #expect(outcome(try mended.json()).map { $0.contains("finished") } == [true, true, true, false, true])
  #expect(outcome(try mended.json())[3].hasSuffix("pruned it is the fourth"))
}

/// The engine dies while it judges: the same trials are stopped at the same step.
@Test func aKilledEngineJudgesAgain() throws {
  func states(_ cuts: [String]) throws -> [String] {
    let project = try Project(["judges.py": judges, "a.assay": document("mine.half(after: 2)", trials: 10)])
    return outcome(try project.finish("exp", "run", "a.assay", "-j", "2", killedAt: cuts))
  }
  let whole = try states([])
  #expect(whole.contains { $0.contains("pruned") })
  #expect(try states(["▸ trial 3", "▸ trial 6", "▸ trial 9"]) == whole)
}

@Test func aJudgeInCIsAsked() throws {
  let project = try Project([
    "judges.py": judges, "a.assay": document("spread.beyond(limit: 110.0)", uses: ["./spread.so"], trials: 6),
  ])
  let built = try ToolPython.run([
    "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I", package + "/sdk/c/include", "-o",
    project.path + "/spread.so", package + "/Tests/Fixtures/strategies/spread.c",
  ])
  #expect(built.status == 0, "\(built.output)")
  let run = try project.assay("exp", "run", "a.assay", "-j", "1", "--json")
  #expect(run.exit == 0, "\(run.err)")
  for line in outcome(try run.json()) {
    let x = line.split(separator: " ").first.flatMap { Int($0) } ?? 0
    #expect(line.contains((x - 7) * (x - 7) > 110 ? "pruned spread.beyond at step 1" : "finished"), "\(line)")
  }
}

@Test(.timeLimit(.minutes(5))) func theShippedPrunersStopTrials() throws {
  let stages = [
    ("median", "optuna_pruners.median(startup: 3)"), ("share", "optuna_pruners.percentile(percent: 50.0, startup: 3)"),
    ("rungs", "optuna_pruners.successive_halving(factor: 2)"), ("signs", "optuna_pruners.wilcoxon()"),
  ]
  var text = ""
  for (place, stage) in stages.enumerated() {
    let after = place > 0 ? " after \(stages[place - 1].0)" : ""
    text += "stage \(stage.0)\(after) { strategy random(trials: 8)\n prune \(stage.1) }\n"
  }
  let home = ProcessInfo.processInfo.environment["HOME"] ?? NSTemporaryDirectory()
  let environment = ["ASSAY_CACHE": home + "/.cache/assay"]
  let project = try Project([
    "judges.py": judges, "a.assay": document(text, uses: ["\(package)/Plugins/strategies/optuna_pruners.py"]),
  ])
  let run = try project.assay("exp", "run", "a.assay", "-j", "2", "--json", environment: environment)
  #expect(run.exit == 0, "\(run.err)")
  let lines = outcome(try run.json())
  #expect(lines.count == 32)
  for (stage, name) in ["Median", "Percentile", "SuccessiveHalving", "Wilcoxon"].enumerated() {
    #expect(lines[stage * 8..<stage * 8 + 8].contains { $0.contains("pruned Optuna's \(name): ") }, "\(lines)")
  }
  let replay = try project.assay("exp", "replay", "1", environment: environment)
  #expect(replay.exit == 0)
  #expect(replay.out.contains("32 trials judged again: all the same"), "\(replay.out)")
}
