package import Experiments
internal import Strategies
internal import Workflows

/// Trials by several metrics: those that no other surpasses in all of them, and how many each of those surpasses.
package struct Front: Sendable {
  package struct Point: Sendable {
    /// The place of the trial in the study.
    package let place: Int
    package let trial: Int
    /// By metric of the front, as measured.
    package let values: [Double]
    package let isFront: Bool
    /// How many trials it surpasses: no worse in each metric, better in one.
    package let surpassed: Int
  }

  /// Places of the metrics.
  package let metrics: [Int]
  /// The front first, in the order of the first metric; then the others.
  package let points: [Point]
  /// Of the box between the worst values that were measured and the best ones, what the front surpasses: 0 … 1.
  package let share: Double
  package let volume: Double
  /// The worst value of each metric that was measured: from there the volume counts.
  package let reference: [Double]

  package var front: [Point] { points.filter(\.isFront) }

  /// - Parameter metrics: at least one.
  /// - Returns: nil when nothing was measured by all of them.
  package init?(_ study: Study, metrics: [Int]) {
    let signs = metrics.map { study.sign($0) }
    var trials: [Trial] = []
    var places: [Int] = []
    for (place, trial) in study.trials.enumerated() {
      guard let ended = trial.ended, ended.outcome == .finished, !trial.isExcluded,
        trial.proposed.source != .repeated, study.definition.violation(ended.metrics) == 0
      else { continue }
      let values = metrics.compactMap { ended.metrics[at: $0] ?? nil }
      guard values.count == metrics.count else { continue }
      trials.append(Trial(trial.number, trial.proposed.point, .finished, values: zip(values, signs).map(*)))
      places.append(place)
    }
    guard let front = Pareto.fronts(trials).first, !front.isEmpty else { return nil }
    let isFront = Set(front)
    self.metrics = metrics
    func point(_ index: Int) -> Point {
      let isFront = isFront.contains(index)
      return Point(
        place: places[index], trial: trials[index].number, values: zip(trials[index].values, signs).map(*),
        isFront: isFront, surpassed: isFront ? trials.count { Pareto.dominates(trials[index], $0) } : 0)
    }
    points = front.map(point) + trials.indices.filter { !isFront.contains($0) }.map(point)
    let worst = metrics.indices.map { metric in trials.reduce(-Double.infinity) { max($0, $1.values[metric]) } }
    let ideal = metrics.indices.map { metric in trials.reduce(Double.infinity) { min($0, $1.values[metric]) } }
    let box = zip(worst, ideal).reduce(1) { $0 * ($1.0 - $1.1) }
    // Exact slices take long in many dimensions.
    let isFeasible = metrics.count <= 4 && front.count <= 400
    volume = isFeasible ? Pareto.hypervolume(front.map { trials[$0].values }, reference: worst) : .nan
    share = box > 0 ? volume / box : .nan
    reference = zip(worst, signs).map(*)
  }
}
