package import Numbers
package import Spaces

/// A way to choose what is tried next.
///
/// `ask` is a pure function of its question: no clock, no state between calls, random numbers by trial alone. That makes
/// going on, repeating, auditing, forking and asking "what if" of an experiment one operation.
package protocol Strategy: Sendable {
  var capabilities: Capabilities { get }
  func ask(_ question: Question) -> Answer
}

/// What a strategy can do. A space or a set of metrics that it cannot express is refused before anything runs.
package struct Capabilities: Sendable, Equatable {
  /// Parameters that exist only for some choices of others.
  package var conditions = true
  package var constraints = true
  /// Axes without steps.
  package var continua = true
  /// The most metrics that it optimises together.
  package var objectives = 1
  /// The most parameters.
  package var parameters = Int.max
  package init() {}
}

package struct Question: Sendable {
  package let space: Space
  package let seed: UInt64
  /// The number of the trial that is asked for: none of the history has it.
  package let trial: Int
  package let history: History
  package let objectives: Int
  /// What a person believes; strategies that cannot weigh it are not given it.
  package var prior: ExpertPrior?

  package init(_ space: Space, seed: UInt64, trial: Int, _ history: History, objectives: Int = 1) {
    self.space = space
    self.seed = seed
    self.trial = trial
    self.history = history
    self.objectives = objectives
  }

  /// Random numbers of this trial.
  package func draws(_ stream: Stream) -> Draws { Draws(seed: seed, trial: trial, stream: stream.rawValue) }

  /// What random numbers are for.
  package enum Stream: UInt32, Sendable { case point, kernel, acquisition, refinement, variation, fallback }

  /// The next place of those who go through an order of their own: behind the farthest that the memos of their trials name.
  /// Trials of other strategies do not count.
  func next(of order: Order) -> Int {
    history.farthest(order.tag).map { $0 + 1 } ?? 0
  }

  /// What begins a memo tells whose it is. Far from all that the memo of a model has.
  enum Order {
    case grid(UInt64, isShuffled: Bool)
    case sequence
    case strata(Int)

    var tag: [Double] {
      switch self {
      case .grid(let count, let isShuffled): [isShuffled ? 1001 : 1002, Double(count)]
      case .sequence: [1003, 0]
      case .strata(let count): [1004, Double(count)]
      }
    }
    func memo(_ place: Int) -> [Double] { tag + [Double(place)] }
  }

  /// Whether a point may be proposed: constraints hold and it was not tried before.
  package func admits(_ point: Point) -> Bool { !history.contains(point) && space.allows(point) }
}

package struct Proposal: Sendable, Equatable {
  package var point: Point
  /// Given back with the trial in later histories.
  package var memo: [Double]
  /// Why this point, for a person.
  package var reason: String
  package init(_ point: Point, memo: [Double] = [], reason: String) {
    self.point = point
    self.memo = memo
    self.reason = reason
  }
}

package enum Answer: Sendable, Equatable {
  case propose(Proposal)
  /// Trials that run have to end first.
  case wait
  /// No point is left that is new and allowed, or none was found.
  case exhausted
}

extension Question {
  /// A point that was not tried: near `point` first, then anywhere. Nil when there is none, as far as can be found.
  ///
  /// Falling back to a neighbour rather than trying again is what makes model-based search strong in small discrete spaces,
  /// where its best point was often tried before.
  package func untried(near point: Point?) -> Point? {
    var draws = draws(.fallback)
    if var near = point {
      for attempt in 1...60 {
        let neighbor = space.neighbor(of: near, &draws)
        if admits(neighbor) { return neighbor }
        if attempt % 10 == 0 { near = neighbor }
      }
    }
    for _ in 0..<500 {
      let anywhere = space.randomPoint(&draws)
      if admits(anywhere) { return anywhere }
    }
    return rest(&draws)
  }

  /// Looks through finite spaces in a random order, and at many points of others.
  private func rest(_ draws: inout Draws) -> Point? {
    if let all = Enumeration(space), all.count <= 1 << 22 {
      let order = Shuffle(count: all.count, seed: seed, stream: Stream.fallback.rawValue)
      for index in 0..<all.count {
        let point = all[order[index]]
        if admits(point) { return point }
      }
      return nil
    }
    for _ in 0..<200_000 {
      let anywhere = space.randomPoint(&draws)
      if admits(anywhere) { return anywhere }
    }
    return nil
  }

  func answer(_ point: Point?, memo: [Double] = [], _ reason: @autoclosure () -> String) -> Answer {
    point.map { .propose(Proposal($0, memo: memo, reason: reason())) } ?? .exhausted
  }
}
