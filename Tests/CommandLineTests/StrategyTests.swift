import Foundation
import Testing
import Values

/// Strategies of plugins by the built program: in Python, in C, and the shipped ones over Optuna and hyperopt.

private let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

private let strategies = """
  import os
  from assay import strategy
  from assay.strategies import EXHAUSTED, Proposal, generator

  @strategy
  def near(space, seed, trial, history, reach: float = 0.2):
      draws = generator(seed, trial)
      best = min((t for t in history if t.state == "finished"), key=lambda t: t.value, default=None)
      if best is None or trial % 4 == 0:
          return Proposal(space.sample(draws), "anywhere", {"asked": trial})
      def move(parameter):
          value = best.configuration[parameter.name]
          return parameter.value(parameter.nearest(value + reach * (parameter.high - parameter.low) * draws.uniform(-1, 1)))
      before = sum(t.memo["asked"] for t in history)
      return Proposal(space.complete(move), "near trial %d" % best.number, {"asked": before % 7})

  @strategy
  def bad(space, trial, how: str):
      if trial > 2:
          if how == "outside":
              return {p.name: 1e9 for p in space.parameters}
          if how == "crash":
              os.abort()
          if how == "hang":
              while True:
                  pass
          if how == "raise":
              raise ValueError("no idea")
          if how == "nonsense":
              return 7
          if how == "stop":
              return EXHAUSTED
      return {p.name: 1 if how == "same" else trial for p in space.parameters}

  @strategy(continuous=False)
  def stepped(space, trial):
      return {p.name: p.low for p in space.parameters}

  """

private func document(_ strategy: String, uses: [String] = ["./mine.py"], space: String = "x in int 0..900") -> String {
  """
  assay 1

  use "./tool.so" as tool
  \(uses.map { "use \"\($0)\"" }.joined(separator: "\n"))

  workflow main {
    in x: int(0..1000) = 3
    in z: float = 0.5
    in go: string = "/"
    step model = tool.twice(x: x)
    step held = tool.hold(x: model.y, path: go)
    out y: int = held.y
  }

  experiment tune {
    study main()
    order strict
    seed 5
    space { \(space) }
    metrics { y = y minimize }
    \(strategy.hasPrefix("stage") ? strategy : "stage search { strategy \(strategy) }")
  }

  """
}

private func configurations(_ json: JSON) -> [JSON?] { json["trials"]?.asArray?.map { $0["configuration"] } ?? [] }

@Test func aStrategyInPythonIsAsked() throws {
  let project = try Project(["mine.py": strategies, "a.assay": document("mine.near(trials: 9, reach: 0.1)")])
  let run = try project.assay("exp", "run", "a.assay", "-j", "1", "--json")
  #expect(run.exit == 0, "\(run.err)")
  #expect(Set(configurations(try run.json()).compactMap { $0?["x"]?.asInt }).count == 9)
  // Each question is a run, and asked again it is known.
  let runs = try project.assay("runs", "list", "--limit", "99", "--json").json()["runs"]?.asArray ?? []
  #expect(runs.count { $0["workflow"] == "mine.near" } == 9)
  #expect(runs.contains { $0["reason"] == "experiment 1 (tune), which trial 9?" })
  let again = try project.assay("exp", "run", "a.assay", "-j", "1", "--json")
  #expect(configurations(try again.json()) == configurations(try run.json()))
}

@Test func aStrategyInCIsAsked() throws {
  let project = try Project([
    "a.assay": document("spread.spread(trials: 6)", uses: ["./spread.so"], space: "z in float 0..1")
  ])
  let built = try ToolPython.run([
    "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I", package + "/sdk/c/include", "-o",
    project.path + "/spread.so", package + "/Tests/Fixtures/strategies/spread.c",
  ])
  #expect(built.status == 0, "\(built.output)")
  let run = try project.assay("exp", "run", "a.assay", "-j", "1", "--json")
  #expect(run.exit == 0, "\(run.err)")
  let values = configurations(try run.json()).compactMap { $0?["z"]?.asDouble }
  #expect(values.prefix(3) == [0.5, 1, 0])
  // What was tried before becomes something near it.
  #expect(Set(values).count == 6)
  try project.write("b.assay", document("spread.spread(trials: 6)", uses: ["./spread.so"], space: "x in int 1..9"))
  let refused = try project.assay("check", "b.assay")
  #expect(refused.exit == 3)
  #expect(refused.err.contains("error[E1012]: `spread.spread` does not know integers, such as `x`"), "\(refused.err)")
}

/// The engine is killed while it asks, and while trials run: the trials are those of an engine that was left alone.
@Test func aKilledEngineAsksAgain() throws {
  func points(_ cuts: [String]) throws -> [JSON?] {
    let project = try Project(["mine.py": strategies, "a.assay": document("mine.near(trials: 12)")])
    return configurations(try project.finish("exp", "run", "a.assay", "-j", "1", killedAt: cuts))
  }
  let whole = try points([])
  #expect(whole.count == 12)
  #expect(try points(["▸ trial 3", "✔ trial 5", "▸ trial 9", "✔ trial 11"]) == whole)
}

@Test(arguments: [
  ("outside", "it gives 1000000000.0 for `x`, which is a whole number from 0 to 900"),
  ("crash", "died of SIGABRT"), ("hang", "longer than its limit of 1.0 seconds"), ("raise", "ValueError: no idea"),
  ("nonsense", "returns a configuration"),
]) func aStrategyThatGivesNoAnswerStopsInGoodOrder(_ how: String, _ message: String) throws {
  let limit = how == "hang" ? ", timeout: 1s" : ""
  let project = try Project([
    "mine.py": strategies, "a.assay": document("mine.bad(trials: 4, how: \"\(how)\"\(limit))"),
  ])
  let failed = try project.assay("exp", "run", "a.assay", "-j", "1")
  #expect(failed.exit == 1)
  #expect(failed.err.contains("error: strategy `mine.bad` gave no trial 3: "), "\(failed.err)")
  #expect(failed.err.contains(message), "\(failed.err)")
  let status = try project.assay("exp", "status", "--json").json()
  #expect(status["status"] != "finished")
  #expect(configurations(status).compactMap { $0?["x"]?.asInt } == [1, 2])
  // It is mended, and goes on where it was.
  try project.write("mine.py", strategies.replacing("trial > 2", with: "trial > 99"))
  let mended = try project.assay("exp", "run", "a.assay", "-j", "1", "--json")
  #expect(mended.exit == 0, "\(mended.err)")
  #expect(configurations(try mended.json()).compactMap { $0?["x"]?.asInt } == [1, 2, 3, 4])
}

@Test func repeatsBecomeNeighboursAndTheEndIsAnEnd() throws {
  let project = try Project([
    "mine.py": strategies, "a.assay": document("mine.bad(trials: 4, how: \"same\")"),
    "b.assay": document("mine.bad(trials: 9, how: \"stop\")"),
  ])
  let same = try project.assay("exp", "run", "a.assay", "-j", "1")
  #expect(same.exit == 0, "\(same.err)")
  #expect(same.err.contains("▸ trial 2: asked mine.bad; that point was tried before: one near it"), "\(same.err)")
  let ended = try project.assay("exp", "run", "b.assay", "-j", "1")
  #expect(ended.exit == 0, "\(ended.err)")
  #expect(ended.err.contains("● stage search ended: `mine.bad` has nothing more to try"), "\(ended.err)")
}

/// Ctrl-C while a strategy thinks ends it and the command, and the experiment can go on.
@Test func aStrategyThatThinksIsInterrupted() throws {
  let project = try Project(["mine.py": strategies, "a.assay": document("mine.bad(trials: 4, how: \"hang\")")])
  let running = try project.start(["exp", "run", "a.assay", "-j", "1"])
  #expect(running.waits(for: "✔ trial 2"))
  running.send(SIGINT)
  running.send(SIGINT)
  #expect(try running.wait().exit == 130)
  try project.write("mine.py", strategies.replacing("trial > 2", with: "trial > 99"))
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
}

/// The samplers of Optuna and the algorithms of hyperopt: after each of four deaths of the engine they go on as if nothing had
/// happened, among them those that keep generations.
@Test(.timeLimit(.minutes(10))) func shippedStrategiesGoOnAsIfNothingHadHappened() throws {
  let stages = [
    ("random", "optuna_samplers.random(trials: 5)"), ("tpe", "optuna_samplers.tpe(trials: 8, startup: 3)"),
    ("cma", "optuna_samplers.cma_es(trials: 10, population: 4)"),
    ("nsga2", "optuna_samplers.nsga2(trials: 10, population: 4)"),
    ("nsga3", "optuna_samplers.nsga3(trials: 6, population: 3)"), ("qmc", "optuna_samplers.qmc(trials: 4)"),
    ("grid", "optuna_samplers.grid(trials: 3)"), ("tree", "hyperopt_search.tpe(trials: 5, startup: 2)"),
    ("heat", "hyperopt_search.annealing(trials: 4)"), ("dice", "hyperopt_search.random(trials: 3)"),
  ]
  var text = ""
  for (place, stage) in stages.enumerated() {
    let after = place > 0 ? " after \(stages[place - 1].0)" : ""
    text += "stage \(stage.0)\(after) { strategy \(stage.1) }\n"
  }
  let uses = ["optuna_samplers", "hyperopt_search"].map { "\(package)/Plugins/strategies/\($0).py" }
  let home = ProcessInfo.processInfo.environment["HOME"] ?? NSTemporaryDirectory()
  // Environments are made once and kept between runs.
  let environment = ["ASSAY_CACHE": home + "/.cache/assay"]
  func points(_ cuts: [Int]) throws -> [JSON?] {
    let project = try Project(["a.assay": document(text, uses: uses, space: "x in int 0..900\nz in float 0.01..1 log")])
    for cut in cuts {
      let running = try project.start(["exp", "run", "a.assay", "-j", "1"], environment: environment)
      #expect(running.waits(for: "▸ trial \(cut):"))
      running.send(SIGKILL)
      running.reap()
    }
    let rest = try project.assay("exp", "run", "a.assay", "-j", "1", environment: environment)
    #expect(rest.exit == 0, "\(rest.err)")
    // What samplers hide in a study comes back: generations go on.
    if cuts.isEmpty {
      #expect(rest.err.contains("Optuna's CmaEs, generation 2"), "\(rest.err)")
      #expect(rest.err.contains("Optuna's NSGAII, generation 2"), "\(rest.err)")
    }
    return configurations(try project.assay("exp", "status", "--json", environment: environment).json())
  }
  let whole = try points([])
  #expect(whole.count == 58)
  #expect(try points([10, 20, 30, 37]) == whole)
}
