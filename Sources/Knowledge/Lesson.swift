internal import Numbers
package import Spaces
internal import Strategies

/// What one past experiment says about the next: its configurations in the new space, and a model of how good others are.
/// A function of both; made once.
package struct Lesson: Sendable {
  /// A configuration that was run, once or several times.
  package struct Observation: Sendable, Equatable {
    /// The first trial that ran it.
    package let trial: Int
    package let point: Point
    /// 0 for the best of the experiment, 1 for the middle, 3 for the worst and for what failed.
    package let score: Double
  }

  package let experiment: String
  package let relation: PastExperiment.Relation
  package let features: [String: Double]
  package let uses: PastExperiment.Uses
  /// From best to worst; ties: the earlier first.
  package let observations: [Observation]
  /// Trials that mean nothing in the new space, with the reason.
  package let dropped: [(trial: Int, reason: String)]
  private let encoding: Encoding
  private let forest: Forest
  /// For each parameter with choices, those that were tried.
  private let known: [Set<Double>?]
  /// The score of a configuration with a choice that was not tried: neither good nor bad.
  private let middle: Double
  /// Of small spaces, the scores of all points as `Numbering` numbers them.
  private var table: [Double] = []

  /// Nil when the experiment has nothing to say: no relation, fewer than four configurations, or all equally good.
  package init?(_ past: PastExperiment, for space: Space) {
    guard past.relation != .none else { return nil }
    var dropped: [(Int, String)] = []
    let translation = Translation(from: past.space, to: space)
    var trials: [(number: Int, point: Point, value: Double)] = []
    for trial in past.trials {
      guard let value = Self.value(of: trial) else { continue }
      do throws(Translation.Untranslatable) {
        trials.append((trial.number, try translation.translate(trial.point), value))
      } catch {
        dropped.append((trial.number, error.reason))
      }
    }
    guard let observations = Self.observations(trials) else { return nil }
    experiment = past.id
    relation = past.relation
    features = past.features
    uses = past.uses
    self.observations = observations
    self.dropped = dropped
    encoding = Encoding(space)
    forest = Forest(
      observations.map { [encoding] in encoding.row($0.point) }, observations.map(\.score), seed: Self.seed(past.id))
    known = space.parameters.indices.map { index in
      guard case .choices = space.parameters[index].domain else { return nil }
      return Set(observations.map { $0.point[index] })
    }
    middle = observations.reduce(0) { $0 + $1.score } / Double(observations.count)
    table = Numbering.points(of: space).map(modelled)
  }

  /// +∞ of a configuration that failed or broke a limit; nil of what says nothing.
  private static func value(of trial: Trial) -> Double? {
    switch trial.state {
    case .finished where trial.violation > 0: .infinity
    case .finished: trial.value.isNaN ? nil : trial.value
    case .failed: .infinity
    case .running, .pruned, .excluded: nil
    }
  }

  private static func observations(_ trials: [(number: Int, point: Point, value: Double)]) -> [Observation]? {
    var places: [Point: Int] = [:]
    var pooled: [(trial: Int, point: Point, sum: Double, count: Double)] = []
    for trial in trials {
      if let place = places[trial.point] {
        pooled[place].sum += trial.value
        pooled[place].count += 1
      } else {
        places[trial.point] = pooled.count
        pooled.append((trial.number, trial.point, trial.value, 1))
      }
    }
    let finite = pooled.map { $0.sum / $0.count }.filter(\.isFinite).sorted()
    guard pooled.count >= 4, let best = finite.first, let worst = finite.last else { return nil }
    let middle = finite[finite.count / 2]
    let spread = middle > best ? middle - best : worst - best
    guard spread > 0 || finite.count < pooled.count else { return nil }
    let scored = pooled.map { one in
      let off = one.sum / one.count - best
      return Observation(
        trial: one.trial, point: one.point, score: off == 0 ? 0 : min(max(off / max(spread, 1e-300), 0), 3))
    }
    return scored.sorted { $0.score != $1.score ? $0.score < $1.score : $0.trial < $1.trial }
  }

  /// FNV-1a: the same experiment grows the same forest everywhere.
  private static func seed(_ id: String) -> UInt64 {
    id.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The score that is to be expected of a point: lower is better.
  package func score(_ point: Point) -> Double { modelled(point) }

  /// - Parameter number: of the point, when the space is small.
  func score(_ point: Point, number: Int?) -> Double { number.map { table[$0] } ?? modelled(point) }

  private func modelled(_ point: Point) -> Double {
    for (index, choices) in known.enumerated() where point[index] != Point.inactive {
      if let choices, !choices.contains(point[index]) { return middle }
    }
    return forest.predict(encoding.row(point))
  }
}

/// The points of a small space by number, so that the models of many lessons need not be asked again and again.
struct Numbering: Sendable {
  static let largest: UInt64 = 2000
  private var numbers: [Point: Int] = [:]

  init(_ space: Space) {
    for (number, point) in Self.points(of: space).enumerated() { numbers[point] = number }
  }

  /// None of large spaces.
  static func points(of space: Space) -> [Point] {
    guard let all = Enumeration(space), all.count <= largest else { return [] }
    return (0..<all.count).map { all[$0] }
  }

  subscript(point: Point) -> Int? { numbers[point] }
}

/// Points as rows of numbers that thresholds split well.
package struct Encoding: Sendable {
  private let space: Space
  package init(_ space: Space) { self.space = space }

  /// Axes from 0 to 1, a column for each choice, −1 where the parameter does not exist.
  package func row(_ point: Point) -> [Double] {
    var row: [Double] = []
    for (index, parameter) in space.parameters.enumerated() {
      let coordinate = point[index]
      switch parameter.domain {
      case .axis(let axis): row.append(coordinate == Point.inactive ? -1 : axis.unit(of: coordinate))
      case .choices(let choices):
        for choice in choices.indices {
          row.append(coordinate == Point.inactive ? -1 : Int(coordinate) == choice ? 1 : 0)
        }
      }
    }
    return row
  }
}
