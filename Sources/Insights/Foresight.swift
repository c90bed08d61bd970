internal import Statistics
internal import Values
package import Workflows

/// What the repeats of an experiment will be able to tell, before anything runs.
package enum Foresight {
  /// A line for each stage that repeats the best of another one.
  ///
  /// - Parameter noise: how far one value of the first objective scatters: of earlier experiments. Nil: nothing is known,
  ///   and differences are given in standard deviations.
  package static func lines(_ experiment: Experiment, noise: Double? = nil) -> [String] {
    let metric = experiment.metrics.first { !$0.isWatched }?.name ?? "the metric"
    var lines: [String] = []
    for stage in experiment.stages {
      guard case .search(let search) = stage.kind, let source = search.strategy.source else { continue }
      let seeds = Self.seeds(search.strategy)
      let comparisons = max(1, source.count - 1)
      guard seeds > 1 else {
        lines.append("stage \(stage.name): one repeat each says nothing about noise")
        continue
      }
      // A difference of two values with the same seed: at worst the seed has nothing to do with it.
      let deviation = (noise ?? 1) * 2.0.squareRoot()
      guard let least = Power(deviation: deviation, comparisons: comparisons).detectable(count: seeds) else { continue }
      let amount = noise == nil ? "\(Words.fixed(least, 1)) standard deviations" : Words.number(least)
      let needed = Power(deviation: deviation, comparisons: comparisons).needed(for: least / 2).map {
        "; half of that needs \($0)"
      }
      lines.append(
        "stage \(stage.name): \(seeds) repeats of each of \(source.count) find a difference of \(metric) of \(amount) "
          + "with a chance of 0.8\(needed ?? "")")
    }
    if lines.isEmpty, experiment.metrics.allSatisfy({ $0.items == nil }) {
      lines.append(
        "nothing is measured twice: which trial is best will not be told from luck "
          + "(a stage `repeat(best(3), seeds: [1, 2, 3, 4, 5])` would)")
    }
    return lines
  }

  private static func seeds(_ call: Experiment.Call) -> Int {
    guard case .list(let items)? = call.option("seeds") else { return 3 }
    return items.count
  }
}
