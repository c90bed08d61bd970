import Foundation
import Spaces
import Strategies
import TuningProblems

/// What an ask costs, and that it is a function of the record.
extension Main {
  /// Trials at random on Hartmann-6, and the time of the next ask.
  static func asks(_ repeats: Int) {
    for (name, strategy, counts) in [
      ("tpe", TreeParzen(), [100, 1000, 10_000]), ("gp", ExpectedImprovement(), [100, 300]),
      ("nsga2", NonDominatedSorting(), [100, 1000, 10_000]),
    ] as [(String, any Strategy, [Int])] {
      for count in counts {
        var history = History()
        for number in 0..<count {
          let question = Question(Problem.hartmann6.space, seed: 1, trial: number, History())
          guard case .propose(let proposal) = RandomSearch().ask(question) else { continue }
          history.append(
            Trial(number, proposal.point, .finished, values: [Problem.hartmann6.regret(proposal.point)]))
        }
        // As in an experiment: the model goes on from where the ask before ended.
        let times = (0..<repeats).map { turn in
          let question = Question(Problem.hartmann6.space, seed: UInt64(turn), trial: history.count, history)
          let (answer, time) = milliseconds { strategy.ask(question) }
          if case .propose(let proposal) = answer, history.count < count + 5 {
            let regret = Problem.hartmann6.regret(proposal.point)
            history.append(
              Trial(history.count, proposal.point, .finished, values: [regret], memo: proposal.memo))
          }
          return time
        }
        line(["strategy": name, "trials": count, "ms": median(times)])
      }
    }
  }

  /// 40 trials; at every cut a history from the record alone, and whether the next proposal is the same.
  static func resumed() {
    let all =
      strategies.map { ($0.name, $0.strategy) } + [("nsga2", NonDominatedSorting(population: 20) as any Strategy)]
    for (name, strategy) in all {
      var trials: [Trial] = []
      var same = 0
      var asked = 0
      for number in 0..<40 {
        let answer = strategy.ask(Question(Problem.hartmann6.space, seed: 3, trial: number, History(trials)))
        guard case .propose(let proposal) = answer else { break }
        let record = trials.map { Trial($0.number, $0.point, $0.state, values: $0.values, memo: $0.memo) }
        let again = strategy.ask(Question(Problem.hartmann6.space, seed: 3, trial: number, History(record)))
        asked += 1
        if case .propose(let other) = again, other.point == proposal.point { same += 1 }
        let value = Problem.hartmann6.regret(proposal.point)
        trials.append(Trial(number, proposal.point, .finished, values: [value], memo: proposal.memo))
      }
      line(["strategy": name, "same": same, "asked": asked])
    }
  }

  static func large(_ repeats: Int) {
    let counts = [4, 5, 7, 7, 7, 8, 9, 9, 9]
    let space = Space(
      counts.enumerated().map { Parameter("p\($0)", .axis(Axis(.integers, from: 1, to: Double($1)))) })
    for (name, strategy) in [("random", RandomSearch()), ("grid", Grid())] as [(String, any Strategy)] {
      let times = (0..<repeats).map { seed in
        milliseconds {
          var history = History()
          for number in 0..<2 {
            let answer = strategy.ask(Question(space, seed: UInt64(seed), trial: number, history))
            guard case .propose(let proposal) = answer else { continue }
            history.append(Trial(number, proposal.point, .finished, values: [0], memo: proposal.memo))
          }
        }.1
      }
      line(["strategy": name, "count": space.count ?? 0, "ms": median(times)])
    }
  }
}
