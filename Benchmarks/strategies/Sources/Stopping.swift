import Foundation
import Spaces
import Strategies
import TuningProblems

/// What rules that stop trials early save, on what was really measured.
extension Main {
  /// Random search of 60 trials of five folds each; a step is a fold, and what is shown the mean so far.
  static func pruning(_ folder: URL, _ seeds: Int) throws {
    let tables = try Tables(folder.appending(path: "tables"))
    let rule = PercentilePruning()
    var folds = 0
    var runs = 0
    var same = 0
    for table in tables.tables {
      for seed in 0..<seeds {
        var history = History()
        var best = Double.infinity
        for number in 0..<60 {
          let question = Question(Pipeline.space, seed: UInt64(seed), trial: number, history)
          guard case .propose(let proposal) = RandomSearch().ask(question), let row = tables.rows[proposal.point]
          else { continue }
          let errors = table.fold_error[row]
          best = min(best, errors.reduce(0, +) / Double(errors.count))
          var trial = Trial(number, proposal.point)
          var sum = 0.0
          for (step, error) in errors.enumerated() {
            sum += error
            folds += 1
            trial.curve.append(sum / Double(step + 1))
            let isLast = step + 1 == errors.count
            trial.state = isLast ? .finished : .pruned
            if isLast { trial.values = [sum / Double(errors.count)] }
            if !isLast, rule.reasonToStop(trial.curve, of: number, history) != nil { break }
          }
          history.append(trial)
        }
        runs += 1
        // A tie is as good.
        if let winner = history.ranking.first, history.trials[winner].value <= best + 1e-12 { same += 1 }
      }
    }
    line([
      "runs": runs, "cheaper": Double(runs * 60 * 5) / Double(folds), "same": Double(same) / Double(runs),
    ])
  }

  struct Curves: Decodable {
    let validation: Int
    let wrong: [[Int]]
  }

  /// Random search trains 100 configurations to the end. The rules go through the same ones in the same order, then on to the
  /// others: what they have spent when one that was trained to the end is as good as random search's best.
  static func halving(_ folder: URL, _ seeds: Int) throws {
    let curves = try JSONDecoder().decode(
      Curves.self, from: Data(contentsOf: folder.appending(path: "curves.json")))
    let space = Space([
      Parameter("row", .axis(Axis(.integers, from: 0, to: Double(curves.wrong.count - 1))))
    ])
    let length = curves.wrong[0].count
    for (name, rule) in [
      ("asha", SuccessiveHalving()), ("hyperband", Hyperband(longest: length)), ("median", PercentilePruning()),
    ] as [(String, any Pruning)] {
      var shares: [Double] = []
      for seed in 0..<seeds {
        var rows: [Int] = []
        var history = History()
        for number in curves.wrong.indices {
          let question = Question(space, seed: UInt64(seed), trial: number, history)
          guard case .propose(let proposal) = Grid().ask(question) else { break }
          history.append(Trial(number, proposal.point, memo: proposal.memo))
          rows.append(Int(proposal.point[0]))
        }
        let goal = rows.prefix(100).map { curves.wrong[$0][length - 1] }.min() ?? 0
        let cost = spent(rows.map { curves.wrong[$0] }, rule, until: goal)
        shares.append(cost.map { Double($0) / Double(100 * length) } ?? .infinity)
      }
      line([
        "rule": name, "share": median(shares.map { min($0, 9) }),
        "reached": Double(shares.count { $0.isFinite }) / Double(seeds),
      ])
    }
  }

  private static func spent(_ curves: [[Int]], _ rule: any Pruning, until goal: Int) -> Int? {
    var history = History()
    var steps = 0
    for (number, wrong) in curves.enumerated() {
      var trial = Trial(number, Point([Double(number)]))
      for (step, value) in wrong.enumerated() {
        steps += 1
        trial.curve.append(Double(value))
        let isLast = step + 1 == wrong.count
        trial.state = isLast ? .finished : .pruned
        if isLast, value <= goal { return steps }
        if !isLast, rule.reasonToStop(trial.curve, of: number, history) != nil { break }
      }
      history.append(trial)
    }
    return nil
  }

  /// ZDT1 in ten dimensions.
  static func fronts(_ seeds: Int) {
    let space = Space((0..<10).map { Parameter("x\($0)", .axis(Axis(.floats, from: 0, to: 1))) })
    for (name, strategy) in [("random", RandomSearch()), ("nsga2", NonDominatedSorting())] as [(String, any Strategy)] {
      for seed in 0..<seeds {
        var history = History()
        for number in 0..<300 {
          let question = Question(space, seed: UInt64(seed), trial: number, history, objectives: 2)
          guard case .propose(let proposal) = strategy.ask(question) else { break }
          let x = proposal.point.coordinates
          let g = 1 + 9 * x.dropFirst().reduce(0, +) / Double(x.count - 1)
          let values = [x[0], g * (1 - (x[0] / g).squareRoot())]
          history.append(Trial(number, proposal.point, .finished, values: values, memo: proposal.memo))
        }
        let volume = Pareto.hypervolume(history.trials.map(\.values), reference: [1.1, 6])
        line(["strategy": name, "seed": seed, "volume": volume])
      }
    }
  }
}
