package import Spaces
internal import Workflows

/// A trial that a person wants once more.
package struct Repeat: Sendable, Equatable {
  package let trial: Int
  package internal(set) var point: Point
  package let seed: Int64
}

/// Which of two trials somebody prefers.
package struct Preference: Sendable, Equatable {
  package let better: Int
  package let worse: Int
  package let person: String
}

extension Study {
  mutating func again(_ trial: Int, _ seed: Int64, _ isAsked: Bool) {
    guard let place = place(of: trial) else { return }
    let one = Repeat(trial: trial, point: trials[place].proposed.point, seed: seed)
    if isAsked { repeats.append(one) } else { repeats.removeAll { $0 == one } }
  }

  /// The smallest seed with which a configuration was not tried yet.
  package func freshSeed(at point: Point) -> Int64 {
    let known = Set(
      trials.filter { $0.proposed.point == point }.compactMap(\.proposed.seed)
        + repeats.filter { $0.point == point }.map(\.seed))
    var seed: Int64 = 1
    while known.contains(seed) { seed += 1 }
    return seed
  }

  mutating func prefer(_ better: Int, _ worse: Int, _ isPreferred: Bool, by person: String) {
    // The latest word holds.
    preferences.removeAll { [$0.better, $0.worse].contains(better) && [$0.better, $0.worse].contains(worse) }
    if isPreferred { preferences.append(Preference(better: better, worse: worse, person: person)) }
  }

  // MARK: Gates

  /// One answer ends a gate, or as many people as it wants who say the same. `stop` and `reject` are heard from one.
  mutating func answer(_ stage: Int, _ answer: String, by person: String) {
    guard stages.indices.contains(stage), stages[stage].answer == nil else { return }
    stages[stage].answers.removeAll { $0.person == person }
    stages[stage].answers.append((person, answer))
    let needed = definition.approvals(stage)
    let isRefusal = answer == "stop" || answer == "reject"
    if isRefusal || stages[stage].answers.count(where: { $0.answer == answer }) >= needed {
      stages[stage].answer = answer
    }
  }

  mutating func delegate(_ stage: Int, _ from: String, _ to: String?) {
    guard stages.indices.contains(stage) else { return }
    stages[stage].delegations.removeAll { $0.from == from }
    if let to { stages[stage].delegations.append((from, to)) }
  }
}

extension Definition {
  /// How many people have to say the same at a gate.
  func approvals(_ stage: Int) -> Int {
    guard case .gate(let gate) = experiment.stages[stage].kind else { return 1 }
    return max(gate.approvals, 1)
  }
}
