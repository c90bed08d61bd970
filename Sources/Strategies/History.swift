package import Spaces

/// A trial as strategies see it.
package struct Trial: Sendable, Equatable {
  package enum State: Sendable, Equatable {
    case running
    case finished
    /// Stopped early, because it did not look promising.
    case pruned
    /// It ended without what it was to measure.
    case failed
    /// A person took it out: it happened, but nothing is learnt from it.
    case excluded
  }

  package let number: Int
  package let point: Point
  package var state: State
  /// One for each objective, all to be minimised. Of a finished trial.
  package var values: [Double]
  /// By how much limits of metrics are exceeded in all; 0 when they hold.
  package var violation: Double
  /// Intermediate values of the first objective, to be minimised, as they came.
  package var curve: [Double]
  /// What the strategy that proposed it wants to be told again.
  package let memo: [Double]

  package init(
    _ number: Int, _ point: Point, _ state: State = .running, values: [Double] = [], violation: Double = 0,
    curve: [Double] = [], memo: [Double] = []
  ) {
    self.number = number
    self.point = point
    self.state = state
    self.values = values
    self.violation = violation
    self.curve = curve
    self.memo = memo
  }

  /// The first objective.
  package var value: Double { values.first ?? .infinity }

  /// Whether it ended with numbers that can be compared. One whose metric is infinite or not a number has failed, for all that
  /// a strategy can learn from it.
  package var isMeasured: Bool {
    state == .finished && !values.isEmpty && values.allSatisfy(\.isFinite) && !violation.isNaN
  }
}

/// All that a proposal may depend on: trials in the order in which they were proposed.
package struct History: Sendable {
  package private(set) var trials: [Trial] = []
  private var points: Set<Point> = []
  /// Of those who go through an order of their own: by what begins their memos, the farthest place.
  private var farthest: [[Double]: Int] = [:]

  package init(_ trials: [Trial] = []) {
    for trial in trials { append(trial) }
  }

  package var count: Int { trials.count }

  package mutating func append(_ trial: Trial) {
    trials.append(trial)
    points.insert(trial.point)
    guard trial.memo.count == 3, let place = Int(exactly: trial.memo[2]) else { return }
    farthest[Array(trial.memo.prefix(2)), default: place].raise(to: place)
  }

  /// The farthest place that a memo of three numbers with these two before it names.
  func farthest(_ tag: [Double]) -> Int? { farthest[tag] }

  /// - Parameter index: the place in `trials`. Its memo stays.
  package mutating func update(_ index: Int, _ change: (inout Trial) -> Void) { change(&trials[index]) }

  /// Whether a trial has been proposed at this point, whatever became of it. O(1).
  package func contains(_ point: Point) -> Bool { points.contains(point) }

  /// Trials from best to worst by the first objective: finished ones within limits by value, those beyond limits by how far,
  /// pruned ones by how far they came, failed ones (`isMeasured`). Running and excluded trials are left out. Ties: the earlier first.
  package var ranking: [Int] {
    let ranked = trials.indices.filter { trials[$0].state != .running && trials[$0].state != .excluded }
    let keys = trials.map(Self.rank)
    return ranked.sorted { a, b in
      keys[a].group != keys[b].group
        ? keys[a].group < keys[b].group : keys[a].value != keys[b].value ? keys[a].value < keys[b].value : a < b
    }
  }

  /// How many trials failed; they end the ranking.
  package var failed: Int { trials.count { Self.rank($0).group == 3 && $0.state != .running && $0.state != .excluded } }

  private static func rank(_ trial: Trial) -> (group: Int, value: Double) {
    switch trial.state {
    case .finished where !trial.isMeasured: (3, 0)
    case .finished where trial.violation > 0: (1, trial.violation)
    case .finished: (0, trial.value)
    case .pruned: (2, -Double(trial.curve.count))
    default: (3, 0)
    }
  }
}

extension Int {
  fileprivate mutating func raise(to other: Int) { self = Swift.max(self, other) }
}
