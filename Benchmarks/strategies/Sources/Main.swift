import Foundation
import Spaces
import Strategies

/// `strategy-benchmarks TABLES SEEDS TRIALS [STRATEGY|PROBLEM…]`: one line of JSON for each problem and strategy.
@main struct Main {
  static let strategies: [(name: String, make: @Sendable (Int) -> any Strategy)] = [
    ("random", { _ in RandomSearch() }), ("sobol", { _ in Sobol() }), ("grid", { _ in Grid() }),
    ("lhs", { LatinHypercube(trials: $0) }), ("tpe", { _ in TreeParzen() }), ("gp", { _ in ExpectedImprovement() }),
  ]

  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count >= 3, let seeds = Int(arguments[arguments.startIndex + 1]),
      let trials = Int(arguments[arguments.startIndex + 2])
    else { return print("usage: strategy-benchmarks TABLES SEEDS TRIALS [STRATEGY…]") }
    let tables = try Tables(URL(filePath: arguments[arguments.startIndex]))
    let wanted = Set(arguments.dropFirst(3))
    let problems = Problem.functions + tables.problems()
    let chosen = problems.filter { wanted.contains($0.name) }
    for problem in chosen.isEmpty ? problems : chosen {
      for (name, make) in strategies where wanted.contains(name) || wanted.isDisjoint(with: strategies.map(\.name)) {
        let results = (0..<seeds).map { Self.optimise(problem, make(trials), UInt64($0), trials) }
        report(problem, name, results, trials)
      }
    }
  }

  struct Result {
    var regrets: [Double] = []
    var repeats = 0
    var seconds = 0.0
  }

  static func optimise(_ problem: Problem, _ strategy: any Strategy, _ seed: UInt64, _ trials: Int) -> Result {
    var history = History()
    var result = Result()
    var best = Double.infinity
    for number in 0..<trials {
      let start = clock()
      let answer = strategy.ask(Question(problem.space, seed: seed, trial: number, history))
      result.seconds += Double(clock() - start) / Double(CLOCKS_PER_SEC)
      guard case .propose(let proposal) = answer else { break }
      if history.contains(proposal.point) { result.repeats += 1 }
      let regret = problem.regret(proposal.point)
      history.append(Trial(number, proposal.point, .finished, values: [regret], memo: proposal.memo))
      best = min(best, regret)
      result.regrets.append(best)
    }
    return result
  }

  static func report(_ problem: Problem, _ name: String, _ results: [Result], _ trials: Int) {
    func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      return sorted.count % 2 == 1
        ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    }
    func regret(after count: Int) -> Double { median(results.map { $0.regrets[min(count, $0.regrets.count) - 1] }) }
    let reached = results.map { result in
      Double(result.regrets.firstIndex { $0 <= problem.target }.map { $0 + 1 } ?? trials + 1)
    }
    let milliseconds =
      results.map { $0.seconds * 1000 }.reduce(0, +) / Double(results.map(\.regrets.count).reduce(0, +))
    print(
      String(
        format: #"{"problem":"%@","strategy":"%@","half":%.5f,"end":%.5f,"reached":%.1f,"repeats":%.1f,"ms":%.3f}"#,
        problem.name, name, regret(after: trials / 2), regret(after: trials), median(reached),
        median(results.map { Double($0.repeats) }), milliseconds))
  }
}
