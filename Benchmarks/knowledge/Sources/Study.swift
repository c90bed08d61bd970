import Foundation
import Knowledge
import Numbers
import Spaces
import Strategies
import TuningProblems

/// A target to optimise: for each row of a table a value, of which 0 is the best and 1 the middle.
struct Objective: Sendable {
  let name: String
  let features: [String: Double]
  let regret: [Double]
  /// The best hundredth.
  let hundredth: Double

  init(_ table: Table, _ values: [Double]) {
    name = table.name
    features = table.meta_features
    let sorted = values.sorted()
    let (best, middle) = (sorted[0], sorted[sorted.count / 2])
    let scale = max(middle - best, 1e-12)
    regret = values.map { ($0 - best) / scale }
    hundredth = (sorted[(sorted.count + 99) / 100 - 1] - best) / scale
  }
}

/// One experiment: regrets of the best so far, and what the strategy says of it.
struct Outcome: Sendable {
  static let trials = 60
  /// Trials after which it is asked for its verdict.
  static let looks = [5, 10, 20, trials]
  var best: [Double] = []
  var verdicts: [Int: Verdict.Kind] = [:]
  var efficiency: Efficiency?
  var history = History()

  /// Trials to a regret; one more than there were when it was not reached.
  func trials(to regret: Double) -> Double {
    Double(best.firstIndex { $0 <= regret + 1e-12 }.map { $0 + 1 } ?? Self.trials + 1)
  }
}

/// What is told of the values of past experiments: as they were; as their opposites; or dealt out anew.
enum PastValues { case real, inverted, shuffled }

struct Study: Sendable {
  let tables: Tables
  let seeds: Int

  init(_ folder: URL, seeds: Int) throws {
    tables = try Tables(folder)
    self.seeds = seeds
  }

  func run(_ strategy: any Strategy, _ objective: Objective, seed: Int) -> Outcome {
    var outcome = Outcome()
    var best = Double.infinity
    for number in 0..<Outcome.trials {
      let question = Question(Pipeline.space, seed: UInt64(seed), trial: number, outcome.history)
      guard case .propose(let proposal) = strategy.ask(question) else { break }
      let regret = tables.rows[proposal.point].map { objective.regret[$0] } ?? .infinity
      best = min(best, regret)
      outcome.best.append(best)
      outcome.history.append(Trial(number, proposal.point, .finished, values: [regret], memo: proposal.memo))
      if let informed = strategy as? Informed, Outcome.looks.contains(number + 1) {
        outcome.verdicts[number + 1] = Verdict(informed, outcome.history).kind
      }
    }
    outcome.efficiency = Efficiency(outcome.history)
    return outcome
  }

  /// What a cold experiment of the default strategy left behind: its trials, never the table.
  func past(
    _ objective: Objective, seed: Int, _ relation: PastExperiment.Relation, _ kind: PastValues = .real
  ) -> PastExperiment {
    let ran = run(TreeParzen(), objective, seed: 1000 + seed).history.trials
    var values = ran.map(\.value)
    switch kind {
    case .real: break
    case .inverted: values = values.map { -$0 }
    case .shuffled:
      var draws = Draws(seed: UInt64(seed), trial: objective.name.utf8.count, stream: 78)
      for place in values.indices.dropLast() { values.swapAt(place, place + draws.index(below: values.count - place)) }
    }
    let trials = zip(ran, values).map { Trial($0.number, $0.point, .finished, values: [$1]) }
    return PastExperiment(
      id: "\(objective.name)/\(seed)", space: Pipeline.space, trials: trials, relation: relation,
      features: objective.features)
  }

  /// For each data set and seed, in parallel.
  func each(_ body: @escaping @Sendable (_ table: Int, _ seed: Int) -> Outcome) async -> [[Outcome]] {
    let cells = await withTaskGroup(of: (Int, Int, Outcome).self) { group in
      for table in tables.tables.indices {
        for seed in 0..<seeds { group.addTask { (table, seed, body(table, seed)) } }
      }
      return await group.reduce(into: [(Int, Int, Outcome)]()) { $0.append($1) }
    }
    var result = tables.tables.map { _ in [Outcome](repeating: Outcome(), count: seeds) }
    for (table, seed, outcome) in cells { result[table][seed] = outcome }
    return result
  }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
