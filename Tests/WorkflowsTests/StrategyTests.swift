import Diagnostics
import Tasks
import Testing
import Values
import Workflows

/// Strategies of plugins, as experiments call them.
@Suite struct StrategyTests {
  private func document(_ strategy: String, space: String) -> String {
    """
    assay 1
    use "./search.py"
    use std.table as t
    workflow w {
      in x: float = 0.5
      in k: int = 1
      step m = vary() {
        variant a = t.mean(values: [x])
        variant b = t.mean(values: [x, x])
        default a
      }
      step n = t.sleep(wait: k)
      out y: float = m.value
    }
    experiment e {
      study w()
      space { \(space) }
      metrics { y = y minimize }
      stage s { strategy \(strategy) }
    }
    """
  }

  private func diagnostics(_ strategy: String, space: String = "x in float 0..1") -> [String] {
    check(document(strategy, space: space)).diagnostics.filter { $0.severity == .error }.map {
      "\($0.code) \($0.message)"
    }
  }

  @Test func optionsAreThoseOfTheTask() throws {
    let checked = check(
      document("search.near(trials: 7, reach: 0.5, timeout: 30s, flatten: true)", space: "x in float 0..1"))
    let experiment = try #require(checked.program?.experiments.first, "\(lines(checked))")
    guard case .search(let search) = experiment.stages[0].kind else {
      Issue.record("no search")
      return
    }
    let strategy = try #require(search.strategy.task)
    #expect(strategy.task.signature.id == "search.near")
    #expect(strategy.timeout == .seconds(30))
    #expect(strategy.flattens)
    #expect(search.trials == 7)
    #expect(search.strategy.option("reach") == .float(0.5))
    #expect(StrategyInterface.objectives(of: strategy.task.signature) == 3)
  }

  @Test(arguments: [
    ("search.near(trials: 5)", "E1007 `search.near` needs the option `reach`"),
    ("search.near(reach: 2.0)", "E0202 `reach` does not allow `2.0`"),
    ("search.near(reach: \"far\")", "E0201 "),
    ("search.near(reach: 0.1, raech: 0.1)", "E1007 `search.near` has no option `raech`"),
    ("search.near(reach: 0.1, seed: 3)", "E1007 `search.near` has no option `seed`"),
    ("search.near(reach: 0.1, timeout: 5)", "E1007 `timeout` is a duration"),
    ("search.nera(reach: 0.1)", "E0103 "),
    ("nothing.nothing()", "E0110 "),
    ("t.split(trials: 5)", "E1011 `t.split` is not a strategy: it has no input `space`"),
    ("search.impure()", "E1011 `search.impure` is not a strategy: it does not promise to be pure"),
    ("search.blind()", "E1011 `search.blind` is not a strategy: it has no input `space`"),
    ("search.pointless()", "E1011 `search.pointless` is not a strategy: it has no output `point`"),
    ("search.other()", "E1011 `search.other` is not a strategy: its input `space` is"),
    ("search.texts()", "E1011 `search.texts` is not a strategy: its output `point` is `list<string>`"),
    ("search.numbers()", "E1011 `search.numbers` is not a strategy: its input `trial` is `string`"),
  ]) func mistakesAreTold(_ strategy: String, _ expected: String) {
    let found = diagnostics(strategy)
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test(arguments: [
    ("search.slow()", "E1007 `search.slow` needs the option `limit`"),
    ("search.slow(limit: 1.0, curve: [])", "E1007 `search.slow` has no option `curve`"),
    ("search.slow(limit: 1.0, trials: 4)", "E1007 `search.slow` has no option `trials`"),
    ("search.near(reach: 0.1)", "E1011 `search.near` is not a pruning rule: it has no input `curve`"),
    ("search.verdictless()", "E1011 `search.verdictless` is not a pruning rule: it has no output `prune`"),
    ("search.hasty()", "E1011 `search.hasty` is not a pruning rule: it does not promise to be pure"),
    ("t.split()", "E1011 `t.split` is not a pruning rule: "),
  ]) func mistakesWithJudgesAreTold(_ rule: String, _ expected: String) {
    let found = diagnostics("random(trials: 5)\n prune \(rule)")
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test func aJudgeIsATaskWithACurve() throws {
    let checked = check(
      document("random(trials: 5)\n prune search.slow(limit: 2.0, timeout: 30s)", space: "x in float 0..1"))
    let experiment = try #require(checked.program?.experiments.first, "\(lines(checked))")
    guard case .search(let search) = experiment.stages[0].kind, let pruning = search.pruning else {
      Issue.record("no rule")
      return
    }
    #expect(pruning.task?.task.signature.id == "search.slow")
    #expect(pruning.task?.timeout == .seconds(30))
    #expect(pruning.option("limit") == .float(2))
  }

  @Test(arguments: [
    ("x in float 0..1", "ranges without steps"), ("x in float 0.1..1 log", "logarithmic scales"),
    ("x in [0.1, 0.5]", "numbers that are listed"), ("m in [a, b]", "choices without an order"),
    ("k in int 1..9 log", "logarithmic scales"),
  ]) func aSpaceThatIsNotKnownIsRefused(_ space: String, _ what: String) {
    #expect(
      diagnostics("search.ranges()", space: space).first?.hasPrefix("E1012 `search.ranges` does not know \(what)")
        == true)
  }

  @Test(arguments: ["x in float 0..1 step 0.25", "k in int 1..9", "k in int 1..9 step 2"])
  func aSpaceThatIsKnownIsNot(_ space: String) {
    #expect(diagnostics("search.ranges()", space: space).isEmpty)
  }
}
