import Plans
import Spaces
import Strategies
import Testing
import Values
import Workflows

enum Samples {
  static func names(_ count: Int) -> Domain { .choices((0..<count).map { .string("c\($0)") }) }
  static func steps(_ low: Double, _ high: Double) -> Domain { .axis(Axis(.integers, from: low, to: high)) }
  static func floats(_ low: Double, _ high: Double, isLogarithmic: Bool = false) -> Domain {
    .axis(Axis(.floats, from: low, to: high, isLogarithmic: isLogarithmic))
  }
  static func when(_ parameter: Int, _ choices: Int...) -> Parameter.Condition {
    Parameter.Condition(parameter: parameter, choices: choices)
  }

  static let square = Space([Parameter("x", floats(0, 1)), Parameter("y", floats(0, 1))])

  /// 42 points, on three levels.
  static let nested = Space([
    Parameter("a", names(3)), Parameter("b", steps(1, 4), when: when(0, 0, 2)),
    Parameter("c", names(2), when: when(0, 2)), Parameter("d", steps(1, 3), when: when(2, 1)),
    Parameter("e", .axis(Axis(listed: [.float(0.5), .int(7)]))),
  ])

  /// 45 of 81 points.
  static let triangle = Space(
    [Parameter("x", steps(0, 8)), Parameter("y", steps(0, 8))],
    constraints: [
      Constraint(
        "x + y <= 8",
        .binary(.lessOrEqual, .binary(.add, .local(0), .local(1), .integer), .constant(.int(8)), .integer))
    ])

  static let mixed = Space(
    [
      Parameter("model", names(3)), Parameter("rate", floats(1e-5, 1, isLogarithmic: true)),
      Parameter("depth", .axis(Axis(.integers, from: 1, to: 1000, isLogarithmic: true)), when: when(0, 0)),
      Parameter("share", .axis(Axis(.floats, from: 0, to: 1, step: 0.1)), when: when(0, 0, 1)),
      Parameter("only", names(1)),
    ],
    constraints: [
      Constraint("rate < 0.3", .binary(.less, .local(1), .constant(.float(0.3)), .floating))
    ])

  /// Small settings, so that models begin early.
  static let strategies: [Named] = [
    Named("random", RandomSearch()), Named("grid", Grid()), Named("grid in order", Grid(isShuffled: false)),
    Named("Latin hypercube", LatinHypercube(trials: 200)), Named("Sobol", Sobol()),
    Named("TPE", TreeParzen(startup: 5)),
    Named("GP", ExpectedImprovement(startup: 4, candidates: 60)), Named("NSGA-II", NonDominatedSorting(population: 10)),
  ]

  struct Named: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let strategy: any Strategy
    init(_ name: String, _ strategy: any Strategy) {
      testDescription = name
      self.strategy = strategy
    }
  }
}

/// Whether a point has a value for exactly the parameters that exist, and constraints hold.
func isOf(_ space: Space, _ point: Point) -> Bool {
  space.parameters.indices.allSatisfy { index in
    guard space.isActive(index, in: point) else { return point[index] == Point.inactive }
    guard point[index].isFinite else { return false }
    switch space.parameters[index].domain {
    case .choices(let choices): return choices.indices.contains(Int(point[index]))
    case .axis(let axis): return point[index] >= axis.low && point[index] <= axis.high
    }
  } && space.allows(point)
}

/// An experiment in memory.
struct Experiment {
  let space: Space
  let strategy: any Strategy
  var seed: UInt64 = 1
  var objectives = 1
  /// How many trials run while the next is asked for.
  var parallel = 0
  /// What becomes of a trial; the default is a smooth bowl.
  var outcome: (inout Trial) -> Void = { trial in
    trial.state = .finished
    trial.values = [bowl(trial.point)]
  }
  var trials: [Trial] = []

  init(_ space: Space, _ strategy: any Strategy) {
    self.space = space
    self.strategy = strategy
  }

  /// Only what can be read from a record: states as they were when trial `number` was asked for.
  func history(before number: Int) -> History {
    History(
      trials[..<number].map { trial in
        trial.number + parallel < number ? trial : Trial(trial.number, trial.point, memo: trial.memo)
      })
  }

  /// From the record alone.
  func ask(_ number: Int) -> Answer { ask(number, history(before: number)) }

  private func ask(_ number: Int, _ history: History) -> Answer {
    strategy.ask(Question(space, seed: seed, trial: number, history, objectives: objectives))
  }

  /// As an engine does: with one history that grows and whose trials change.
  mutating func run(_ count: Int) {
    let first = trials.count
    var live = history(before: first)
    for number in first..<(first + count) {
      let ended = number - parallel - 1
      if ended >= 0, number > first { live.update(ended) { $0 = trials[ended] } }
      guard case .propose(let proposal) = ask(number, live) else { return }
      var trial = Trial(number, proposal.point, memo: proposal.memo)
      live.append(trial)
      outcome(&trial)
      trials.append(trial)
    }
  }
}

func bowl(_ point: Point) -> Double {
  point.coordinates.enumerated().reduce(0) { sum, next in
    next.element == Point.inactive ? sum : sum + (next.element - 0.3) * (next.element - 0.3) / Double(next.offset + 1)
  }
}

/// A bit of everything that can become of a trial.
func eventful(_ trial: inout Trial) {
  trial.curve = [bowl(trial.point) + 1, bowl(trial.point)]
  switch trial.number % 9 {
  case 2: trial.state = .failed
  case 3: (trial.state, trial.curve) = (.pruned, [bowl(trial.point) + 1])
  case 5: trial.state = .excluded
  case 6: (trial.state, trial.values) = (.finished, [.nan])
  case 7: (trial.state, trial.values, trial.violation) = (.finished, [bowl(trial.point)], 0.5)
  default: (trial.state, trial.values) = (.finished, [bowl(trial.point)])
  }
}
