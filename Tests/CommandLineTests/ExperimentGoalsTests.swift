import Foundation
import Testing
import Values

/// Goals, beliefs, repetitions, preferences and shared answers by the built program.
@Suite struct ExperimentGoalsTests {
  private static func document(_ inside: String, held: String = "/") -> String {
    """
    assay 1

    use "./tool.so" as tool

    workflow main {
      in x: int(0..1000) = 3
      in seed: int = 0
      in go: string = "\(held)"
      step shared = tool.twice(x: 20)
      step late = tool.twice(x: x)
      step held = tool.hold(x: late.y, path: go)
      out y: int = held.y
      out cost: int = shared.y - late.y
      out noise: int = seed
    }

    experiment tune {
      study main()
    \(inside)
    }

    """
  }

  private static let inside = """
      space { x in int 0..40 }
      metrics {
        y = y minimize
        cost = cost
        noise = noise
      }
      stage search { strategy tpe(trials: 16) }
      seed 3
    """

  private static let gated = """
      space { x in int 0..40 }
      metrics { y = y minimize }
      stage screen { strategy sobol(trials: 3) }
      gate review after screen {
        ask "Go on?"
        by "risk-officer"
        approvals 2
        form {
          ceiling in int 1..9
          why
        }
      }
    """

  private func trials(_ project: Project, _ experiment: String = "1") throws -> [JSON] {
    try project.assay("exp", "status", experiment, "--json").json()["trials"]?.asArray ?? []
  }

  /// All of them while an engine is in the middle of a trial; it goes on with what they say.
  @Test func decisionsReachARunningEngine() throws {
    let project = try Project()
    try project.write("a.assay", Self.document(Self.inside, held: "\(project.path)/go"))
    let running = try project.start(["exp", "run", "a.assay", "-j", "1"])
    #expect(running.waits(for: "▸ trial 1"))
    func decide(_ words: String..., says text: String) throws {
      let result = try project.start(["exp"] + words, environment: [:]).wait()
      #expect(result.exit == 0, "\(words): \(result.err)")
      #expect(result.out.contains(text), "\(words): \(result.out)")
    }
    try decide("enqueue", "1", "x=35", says: "asked for x=35")
    try decide("prior", "1", "x=38", "--strength", "20", "--reason", "hunch", says: "prior: x near 38, strength 20.0")
    let plan = try project.assay("exp", "metric", "1", "y maximize", "--json")
    #expect(try plan.json()["applied"] == false && plan.json()["now"] == "y maximize, cost, noise")
    try decide("metric", "1", "score = y - 0.5 * cost maximize", "--first", "--yes", says: "above all")
    try decide("metric", "1", "y", "--yes", says: "score = y - 0.5 * cost maximize, y, cost")
    try decide("repeat", "1", "1", says: "asked for trial 1 again with seed 1")
    #expect(running.waits(for: "again with seed 1"))
    try project.write("go", "")
    let ended = try running.wait()
    #expect(ended.exit == 0, "\(ended.err)")
    let all = try trials(project)
    #expect(all.count == 16)
    #expect(all[1]["source"] == "repeated" && all[1]["seed"] == 1 && all[1]["metrics"]?["noise"]?.asDouble == 1)
    #expect(all[2]["configuration"]?["x"] == 35)
    // Scored by the weights: 2x - 0.5 (40 - 2x).
    for trial in all {
      let x = trial["configuration"]?["x"]?.asDouble ?? 0
      #expect(trial["metrics"]?["score"]?.asDouble == 3 * x - 20)
    }
    // High x is looked for: the prior says so, and so does the goal now.
    let tried = all.dropFirst(3).map { $0["configuration"]?["x"]?.asInt ?? 0 }
    #expect(tried.count { $0 > 20 } >= 10, "\(tried)")
    let prior = try project.assay("exp", "prior", "1", "--json").json()
    #expect(prior["verdict"] == "helped")
    #expect(ended.err.contains("the prior helped") || ended.out.contains("the prior helped"))

    #expect(try project.assay("exp", "replay", "1").out.contains("all the same"))
    let decisions = try project.assay("exp", "decisions", "1", "--json").json()
    let entry = decisions["decisions"]?.asArray?.first { $0["what"]?.asString?.contains("above all") == true }?["entry"]
    let without = try project.assay("exp", "replay", "1", "--without", "\(entry?.asInt ?? 0)", "--dry", "--json").json()
    #expect(without["decision"]?.asString?.contains("metric score") == true)

    // Over, but what a person thinks of it is heard.
    try decide("prefer", "1", "3", "1", "--reason", "simple", says: "prefers trial 3 to trial 1 (simple)")
    let board = try project.assay("exp", "leaderboard", "1", "--json").json()
    #expect(board["metric"] == "score" && board["preferences"]?.asArray?.count == 1)
    let early = try project.assay("exp", "leaderboard", "1", "--at", "3", "--json").json()
    #expect(early["metric"] == "y" && early["rows"]?.asArray == [])
    let same = try project.assay("exp", "repeat", "1", "3", "--same")
    #expect(same.exit == 0 && same.out.contains("run again with the same seed: the same"), "\(same.err)")
    let log = try project.assay("exp", "log", "1", "--json").json()
    #expect(try OutputSchema.mistakes([try plan.json(), prior, decisions, board, log]) == "")
  }

  @Test func mistakesAreSaid() throws {
    let project = try Project(["a.assay": Self.document(Self.gated)])
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
    let cases: [([String], String)] = [
      (["metric", "1", "y upward"], "a metric has no `upward`"),
      (["metric", "1", "y"], "no metric would be optimised"),
      (["metric", "1", "z = 2 * w maximize"], "there is no metric `w`"),
      (["prior", "1", "x=7"], "there is nothing to steer"), (["repeat", "1", "9"], "there is no trial 9"),
      (["repeat", "1", "1", "--seed", "4", "--same"], "leave out --seed"), (["prefer", "1", "1", "1"], "than itself"),
      (["prefer", "1", "1", "2", "--undo"], "nobody prefers"), (["fork", "1", "--name", "2x"], "is no name"),
      (["fork", "1", "--name", "tune"], "has the name"), (["leaderboard", "1", "--at", "-1"], "--at"),
      (["answer", "1", "review", "continue"], "the gate has a form: ceiling, why missing"),
      (["answer", "1", "review", "continue", "--field", "ceiling=10", "--field", "why=so"], "cannot be `10`"),
    ]
    for (words, text) in cases {
      let result = try project.start(["exp"] + words, environment: [:]).wait()
      #expect([2, 4, 64].contains(result.exit), "\(words): \(result.exit)")
      #expect(result.err.contains(text), "\(words): \(result.err)")
    }
    #expect(try project.assay("exp", "decisions", "--json").json()["decisions"]?.asArray == [])
    // A strategy that cannot weigh a prior says so.
    let more = Self.gated + "\n    stage more after review { strategy sobol(trials: 3) }"
    let other = try Project(["a.assay": Self.document(more)])
    #expect(try other.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
    let refused = try other.assay("exp", "prior", "1", "x=7")
    #expect(refused.exit == 2 && refused.err.contains("`sobol` of stage more cannot weigh a prior"))
  }

  @Test func decisionsAreTakenBack() throws {
    let more = Self.gated + "\n    stage more after review { strategy tpe(trials: 3) }"
    let project = try Project(["a.assay": Self.document(more)])
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
    let before = try project.assay("exp", "leaderboard", "1", "--json").json()
    /// - Returns: what taking it back said.
    func undo(_ words: String...) throws -> String {
      let decided = try project.start(["exp"] + words, environment: [:]).wait()
      #expect(decided.exit == 0, "\(words): \(decided.err)")
      let entries = try project.assay("exp", "decisions", "1", "--json").json()["decisions"]?.asArray ?? []
      return try project.assay("exp", "undo", "1", "\(entries.last?["entry"]?.asInt ?? 0)").out
    }
    #expect(try undo("metric", "1", "y maximize limit 3", "--yes").contains("metric y minimize, above all"))
    #expect(try undo("metric", "1", "half = 0.5 * y minimize", "--first", "--yes").contains("metric half,"))
    #expect(try project.assay("exp", "leaderboard", "1", "--json").json()["metric"] == "y")
    #expect(try undo("prior", "1", "x=7", "--region", "x < 9").contains("→ no prior"))
    #expect(try undo("repeat", "1", "2", "--seed", "9").contains("trial 2 not again with seed 9"))
    #expect(try undo("prefer", "1", "1", "2").contains("no longer prefers trial 1 to trial 2"))
    let after = try project.assay("exp", "leaderboard", "1", "--json").json()
    func values(_ board: JSON) -> [Double?] { (board["rows"]?.asArray ?? []).map { $0["value"]?.asDouble } }
    #expect(values(after) == values(before))
  }

  @Test func answersAreSharedHandedOnAndFilledIn() throws {
    let project = try Project([
      "a.assay": Self.document(Self.gated), "assay.toml": "[people]\nroles = [\"risk-officer=ada,grace\"]\n",
    ])
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
    func answer(_ person: String, _ ceiling: Int) throws -> Project.Result {
      try project.assay(
        "gate", "answer", "1", "review", "continue", "--field", "ceiling=\(ceiling)", "--field", "why=so",
        environment: ["USER": person])
    }
    let first = try answer("ada", 3)
    #expect(first.exit == 0 && first.out.contains(#"filled in {"ceiling":3,"why":"so"}"#), "\(first.err)")
    #expect(try answer("ada", 3).err.contains("ada has answered gate `review` already: it wants 2 people"))
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
    let handed = try project.assay("gate", "delegate", "1", "review", "eve", environment: ["USER": "grace"])
    #expect(handed.out.contains("eve answers in the place of grace at review as risk-officer"), "\(handed.err)")
    #expect(try answer("grace", 4).err.contains("grace has handed gate `review` on to eve"))
    let shown = try project.assay("gate", "show", "1", "--json", environment: ["USER": "eve"])
    let gate = try shown.json()
    #expect(gate["mine"] == true && gate["approvals"] == 2 && gate["given"]?.asArray?.first?["by"] == "ada")
    #expect(gate["form"]?.asArray?.first?["field"] == "ceiling in int 1..9")
    #expect(try project.assay("gate", "show", "1").out.contains("so far: ada continue"))
    #expect(try answer("eve", 5).exit == 0)
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
    #expect(try OutputSchema.mistakes([gate]) == "")
  }

  /// What depends on a trial is said before it is taken out, and on record beside it.
  @Test func dependentsAreNamed() throws {
    let project = try Project(["a.assay": Self.document(Self.inside)])
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
    #expect(try project.assay("exp", "fork", "1", "--trial", "3", "--name", "tune_b").exit == 0)
    #expect(try project.assay("exp", "status", "tune_b", "--json").json()["name"] == "tune_b")
    #expect(try project.assay("exp", "continue", "tune_b", "-j", "1").exit == 0)
    let out = try project.assay("exp", "exclude", "1", "1", "--reason", "the disk was full")
    #expect(out.exit == 0)
    #expect(out.err.contains("runs that reuse 1 of its calls: 2, 3"), "\(out.err)")
    #expect(out.err.contains("forks that have it: 2"))
    #expect(out.out.contains("about trial 1: depends on it: runs that reuse"))
    let none = try project.assay("exp", "exclude", "1", "1", "--undo")
    #expect(!none.out.contains("depends"))
  }
}
