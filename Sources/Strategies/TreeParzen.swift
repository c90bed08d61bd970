internal import Numbers
internal import Spaces

/// Multivariate, tree-structured Parzen estimation: one density of the good trials, one of the others, and the candidate that
/// is likelier under the first. Parameters that exist together are modelled together; those of a variant by the trials of
/// the variant.
///
/// Bergstra et al., "Algorithms for hyper-parameter optimization", NIPS 2011; Watanabe, arXiv 2304.11127, for the details.
package struct TreeParzen: Strategy {
  /// Trials at random before the first model.
  package let startup: Int
  /// Draws from the density of good trials for each group of parameters.
  package let candidates: Int

  package init(startup: Int = 10, candidates: Int = 24) {
    self.startup = startup
    self.candidates = candidates
  }

  package var capabilities: Capabilities { Capabilities() }

  package func ask(_ question: Question) -> Answer {
    let history = question.history
    let ranking = history.ranking
    guard ranking.count >= startup else { return question.prior?.startup(question) ?? RandomSearch().ask(question) }
    // Failed trials are never good: when all have, what is unlike them is proposed.
    let failed = history.failed
    let good = min((ranking.count + 9) / 10, 25, ranking.count - failed)
    let models = Models(question.space, history, ranking, good: good)
    var last: Point?
    for attempt in 0..<4 as Range<Int> {
      var draws = Draws(
        seed: question.seed, trial: question.trial, stream: Question.Stream.kernel.rawValue + 0x100 * UInt32(attempt))
      let point = models.propose(candidates, question.prior, &draws)
      if question.admits(point) {
        return question.answer(point, "like the best \(good) of \(ranking.count) trials, unlike the others")
      }
      last = point
      // A point that was tried comes out again in small spaces; one that is not allowed is worth more draws.
      if attempt == 1, let last, question.space.allows(last) { break }
    }
    return question.answer(
      question.untried(near: last), "next to what the best \(good) of \(ranking.count) trials suggest, which was tried")
  }
}

/// The pairs of densities, one for each group of parameters that exist together.
private struct Models {
  private struct Group {
    let parameters: [Int]
    let good: Parzen
    let other: Parzen
  }
  private let space: Space
  private let groups: [Group]

  init(_ space: Space, _ history: History, _ ranking: [Int], good count: Int) {
    self.space = space
    let trials = history.trials
    let best = ranking.prefix(count)
    let isBest = Set(best)
    // What runs is taken for no good, so that parallel trials spread.
    let others = trials.indices.filter { !isBest.contains($0) && trials[$0].state != .excluded }
    groups = Self.together(space).map { parameters in
      func has(_ index: Int) -> Bool { parameters.allSatisfy { trials[index].point[$0] != Point.inactive } }
      func density(_ indices: [Int]) -> Parzen {
        Parzen(space, parameters, indices.map { trials[$0].point }, weights: Self.weights(indices.count))
      }
      return Group(parameters: parameters, good: density(best.filter(has)), other: density(others.filter(has)))
    }
  }

  /// Parameters by their conditions, in the order of declaration.
  private static func together(_ space: Space) -> [[Int]] {
    var groups: [(condition: Parameter.Condition?, parameters: [Int])] = []
    for (index, parameter) in space.parameters.enumerated() {
      if let known = groups.firstIndex(where: { $0.condition == parameter.condition }) {
        groups[known].parameters.append(index)
      } else {
        groups.append((parameter.condition, [index]))
      }
    }
    return groups.map(\.parameters)
  }

  /// Old trials count less, once there are more than 25.
  private static func weights(_ count: Int) -> [Double] {
    guard count > 25 else { return [Double](repeating: 1, count: count) }
    let ramp = count - 25
    let first = 1 / Double(count)
    return (0..<count).map { index in
      index >= ramp ? 1 : ramp == 1 ? first : first + (1 - first) * Double(index) / Double(ramp - 1)
    }
  }

  /// The best of some, where a belief is about whole points.
  func propose(_ candidates: Int, _ prior: ExpertPrior?, _ draws: inout Draws) -> Point {
    guard let prior, prior.region != nil else { return proposed(candidates, prior, &draws).point }
    var best: (point: Point, score: Double)?
    for _ in 0..<16 {
      let (point, likelihood) = proposed(candidates, prior, &draws)
      let score = likelihood + prior.weight * prior.logarithm(ofRegionAt: point, in: space)
      if best.map({ score > $0.score }) ?? true { best = (point, score) }
    }
    return best?.point ?? proposed(candidates, prior, &draws).point
  }

  /// Group by group, so that the choices of one decide whether the next exists.
  private func proposed(
    _ candidates: Int, _ prior: ExpertPrior?, _ draws: inout Draws
  ) -> (point: Point, score: Double) {
    var point = Point([Double](repeating: Point.inactive, count: space.parameters.count))
    var sum = 0.0
    for group in groups where space.isActive(group.parameters[0], in: point) {
      var best: (point: Point, score: Double)?
      func consider(_ candidate: Point) {
        var score = group.good.logarithm(at: candidate) - group.other.logarithm(at: candidate)
        if let prior {
          for place in group.parameters { score += prior.weight * prior.logarithm(of: place, at: candidate, in: space) }
        }
        if best.map({ score > $0.score }) ?? true { best = (candidate, score) }
      }
      for _ in 0..<max(candidates, 1) {
        var candidate = point
        group.good.draw(into: &candidate, &draws)
        consider(candidate)
        // What is believed may lie where no good trial was yet.
        if let prior { consider(prior.drawn(candidate, group.parameters, space, &draws)) }
      }
      if let best { (point, sum) = (best.point, sum + best.score) }
    }
    return (point, sum)
  }
}
