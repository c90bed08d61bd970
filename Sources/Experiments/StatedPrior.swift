internal import Knowledge
internal import Plans
package import Spaces
internal import Strategies
internal import Workflows

/// What a person believes about where good configurations are.
package struct StatedPrior: Sendable, Equatable {
  /// The values that are believed to be good; inactive: nothing is said of the parameter.
  package var settings: Point
  /// A condition that good configurations satisfy; empty: none.
  package var region: String
  /// Its weight on the first trial; on the n-th it is this divided by n.
  package var strength: Double
  package static let usualStrength = 10.0

  package init(_ settings: Point, region: String = "", strength: Double) {
    self.settings = settings
    self.region = region
    self.strength = strength
  }
}

/// What trials say about a prior.
package struct Weighed: Sendable, Equatable {
  package enum Verdict: String, Sendable, CaseIterable {
    case helped
    /// It is off from then on.
    case harmed
    case none
  }
  package var verdict: Verdict
  /// Spearman's, between what it says of trials and what they gave; nil: it says the same of all.
  package var correlation: Double?
  /// How many trials there were to compare.
  package var trials: Int

  package init(_ verdict: Verdict, correlation: Double?, trials: Int) {
    self.verdict = verdict
    self.correlation = correlation
    self.trials = trials
  }
}

/// The prior of an experiment, and what became of it.
package struct PriorState: Sendable {
  package internal(set) var stated: StatedPrior
  /// The first trial that may follow it.
  package let from: Int
  package internal(set) var weighed: Weighed?
  let region: Constraint?

  package var isOff: Bool { weighed?.verdict == .harmed }

  func expert(weight: Double) -> ExpertPrior {
    ExpertPrior(
      stated.settings.coordinates.map { $0 == Point.inactive ? nil : $0 }, region: region, weight: weight)
  }
}

extension Study {
  /// The strategies that a prior can steer.
  package static let steerable = ["tpe", "gp"]

  mutating func state(_ stated: StatedPrior?) {
    guard let stated else {
      prior = nil
      return
    }
    guard stated.settings.coordinates.count == definition.space.parameters.count, stated.strength > 0,
      zip(stated.settings.coordinates, definition.space.parameters).allSatisfy({
        $0 == Point.inactive || $1.domain.has($0)
      })
    else { return }
    var region: Constraint?
    if !stated.region.isEmpty {
      guard case .constraint(let constraint)? = reading(.constraint(stated.region), edits),
        let formula = try? Formula(closed: constraint.condition)
      else { return }
      region = Constraint(stated.region, formula)
    }
    prior = PriorState(stated: stated, from: nextTrial, region: region)
  }

  /// What the strategy of a search is told of the prior.
  func expertPrior(_ search: Experiment.Search, trial: Int) -> ExpertPrior? {
    guard let prior, !prior.isOff, Self.steerable.contains(search.strategy.name) else { return nil }
    return prior.expert(weight: prior.stated.strength / Double(max(trial - prior.from + 1, 1)))
  }

  /// After so many trials it is seen whether a prior was right.
  static let trialsToWeigh = 10
  /// Deviations from no relation at which harm and help are said. A false alarm costs little: the strategy goes on without.
  private static let (harm, help) = (-1.2816, 1.6449)

  /// Due once: whether trials that the prior favours are better than those that it does not.
  func priorToWeigh() -> Weighed? {
    guard let prior, prior.weighed == nil else { return nil }
    let later = trials.reversed().prefix { $0.number >= prior.from }
    let ended = later.count { $0.ended.map { $0.outcome != .cancelled } ?? false }
    guard ended >= Self.trialsToWeigh else { return nil }
    let history = histories.all(of: trials, withMemos: false)
    let expert = prior.expert(weight: 1)
    let order = history.ranking
    let believed = order.map { -expert.logarithm(at: history.trials[$0].point, in: definition.space) }
    guard let correlation = Ranks.correlation(believed, order.indices.map(Double.init)) else {
      return Weighed(.none, correlation: nil, trials: order.count)
    }
    let deviations = Ranks.deviations(correlation, order.count)
    let verdict: Weighed.Verdict =
      deviations <= Self.harm ? .harmed : deviations >= Self.help ? .helped : .none
    return Weighed(verdict, correlation: correlation, trials: order.count)
  }
}
