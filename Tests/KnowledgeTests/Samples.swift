import Knowledge
import Numbers
import Spaces
import Strategies
import Values

/// Small spaces, and experiments on them.
enum Samples {
  static func choices(_ names: String...) -> Domain { .choices(names.map { .string($0) }) }
  static func floats(_ low: Double, _ high: Double, isLogarithmic: Bool = false) -> Domain {
    .axis(Axis(.floats, from: low, to: high, isLogarithmic: isLogarithmic))
  }
  static func integers(_ low: Double, _ high: Double) -> Domain { .axis(Axis(.integers, from: low, to: high)) }
  static func listed(_ values: Double...) -> Domain { .axis(Axis(listed: values.map { .float($0) })) }

  /// 3 × 8 × 8 points, and one axis that exists for one choice.
  static let finite = Space([
    Parameter("kind", choices("a", "b", "c")), Parameter("x", integers(0, 7)),
    Parameter("y", integers(0, 7), when: Parameter.Condition(parameter: 0, choices: [0, 1])),
  ])
  static let continuous = Space([
    Parameter("kind", choices("a", "b")), Parameter("x", floats(0, 1)),
    Parameter("y", floats(1e-4, 1, isLogarithmic: true)),
  ])

  /// Best for kind `a`, at a place that `shift` moves. Deterministic, and different at all points.
  static func cost(_ space: Space, shift: Double = 0) -> @Sendable (Point) -> Double {
    { point in
      let places = space.parameters.indices.map { index -> Double in
        guard point[index] != Point.inactive else { return 0.5 }
        guard case .axis(let axis) = space.parameters[index].domain else { return 0 }
        return axis.unit(of: point[index])
      }
      let x = places[1] - 0.7 - shift
      let y = places[2] - 0.3
      return point[0] + 3 * x * x + 2 * y * y + 0.001 * places[1] + 0.0017 * places[2]
    }
  }

  static func past(
    _ id: String, _ space: Space, _ relation: PastExperiment.Relation = .related, count: Int = 40,
    features: [String: Double] = [:], _ cost: (Point) -> Double
  ) -> PastExperiment {
    var draws = Draws(seed: id.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }, trial: 0)
    let trials = (0..<count).map { number in
      let point = space.randomPoint(&draws)
      return Trial(number, point, .finished, values: [cost(point)])
    }
    return PastExperiment(id: id, space: space, trials: trials, relation: relation, features: features)
  }

  /// Five experiments on problems that are alike.
  static func alike(_ space: Space, isInverted: Bool = false) -> [PastExperiment] {
    [-0.1, -0.05, 0, 0.05, 0.1].enumerated().map { index, shift in
      let cost = cost(space, shift: shift)
      return past("e\(index)", space, features: ["shift": shift]) { isInverted ? -cost($0) : cost($0) }
    }
  }

  static func run(
    _ strategy: any Strategy, _ space: Space, from history: History = History(), to count: Int, seed: UInt64 = 1,
    _ cost: (Point) -> Double
  ) -> History {
    var history = history
    for number in history.count..<count {
      guard case .propose(let proposal) = strategy.ask(Question(space, seed: seed, trial: number, history)) else {
        break
      }
      history.append(
        Trial(number, proposal.point, .finished, values: [cost(proposal.point)], memo: proposal.memo))
    }
    return history
  }
}
