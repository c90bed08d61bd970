import Foundation
import Spaces
import Strategies
import TuningProblems

/// How soon strategies come near the best of each problem, one trial after the other.
extension Main {
  static let trials = 100

  static let strategies: [(name: String, strategy: any Strategy)] = [
    ("random", RandomSearch()), ("sobol", Sobol()), ("grid", Grid()), ("lhs", LatinHypercube(trials: trials)),
    ("tpe", TreeParzen()), ("gp", ExpectedImprovement()),
  ]

  static func search(_ folder: URL, _ seeds: Int, _ wanted: Set<String>) throws {
    let problems = try problems(folder)
    let chosen = problems.filter { wanted.contains($0.name) }
    for problem in chosen.isEmpty ? problems : chosen {
      for (name, strategy) in strategies
      where wanted.contains(name) || wanted.isDisjoint(with: strategies.map(\.name)) {
        report(problem, name, (0..<seeds).map { optimise(problem, strategy, UInt64($0)) })
      }
    }
  }

  private struct Course {
    var regrets: [Double] = []
    var repeats = 0
    var milliseconds = 0.0
  }

  private static func optimise(_ problem: Problem, _ strategy: any Strategy, _ seed: UInt64) -> Course {
    var history = History()
    var course = Course()
    var best = Double.infinity
    for number in 0..<trials {
      let (answer, time) = milliseconds {
        strategy.ask(Question(problem.space, seed: seed, trial: number, history))
      }
      course.milliseconds += time
      guard case .propose(let proposal) = answer else { break }
      if history.contains(proposal.point) { course.repeats += 1 }
      let regret = problem.regret(proposal.point)
      history.append(Trial(number, proposal.point, .finished, values: [regret], memo: proposal.memo))
      best = min(best, regret)
      course.regrets.append(best)
    }
    return course
  }

  private static func report(_ problem: Problem, _ name: String, _ courses: [Course]) {
    func regret(after count: Int) -> Double { median(courses.map { $0.regrets[min(count, $0.regrets.count) - 1] }) }
    let reached = courses.map { course in
      Double(course.regrets.firstIndex { $0 <= problem.target }.map { $0 + 1 } ?? trials + 1)
    }
    let asked = Double(courses.map(\.regrets.count).reduce(0, +))
    line([
      "problem": problem.name, "strategy": name, "half": regret(after: trials / 2), "end": regret(after: trials),
      "reached": median(reached), "repeats": median(courses.map { Double($0.repeats) }),
      "ms": courses.map(\.milliseconds).reduce(0, +) / asked,
    ])
  }
}
