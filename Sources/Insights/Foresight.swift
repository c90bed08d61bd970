package import Statistics
internal import Values
package import Workflows

/// What an experiment will be able to tell, before anything runs.
package struct Foresight: Sendable {
  /// How far values of the first objective scattered in an earlier experiment.
  package struct Known: Sendable {
    package let noise: Double
    /// How its values hung together: the folds that it had.
    package let repeats: Repeats
    /// Its number.
    package let experiment: Int

    package init(noise: Double, repeats: Repeats, experiment: Int) {
      self.noise = noise
      self.repeats = repeats
      self.experiment = experiment
    }
  }

  /// What one set of repeats is good for.
  package struct Statement: Sendable {
    /// Nil: what each trial measures by itself, by its folds.
    package let stage: String?
    package let repeats: Int
    /// How many are compared with each other.
    package let candidates: Int
    /// The smallest difference that is found with a chance of 0.8: of the metric, or in standard deviations where the noise
    /// is not known. Nil: none.
    package let detectable: Double?
    /// How many repeats the difference that was asked for takes; nil: no number, or none was asked for.
    package let needed: Int?
    package let text: String
  }

  package private(set) var statements: [Statement] = []
  package private(set) var lines: [String] = []
  package let known: Known?

  /// - Parameter difference: of the first objective, that is to be found.
  package init(_ experiment: Experiment, known: Known? = nil, difference: Double? = nil) {
    self.known = known
    let metric = experiment.metrics.first { !$0.isWatched }
    let name = metric?.name ?? "the metric"
    for stage in experiment.stages {
      guard case .search(let search) = stage.kind, let source = search.strategy.source else { continue }
      let seeds = Self.seeds(search.strategy)
      guard seeds > 1 else {
        lines.append("stage \(stage.name): one repeat each says nothing about noise")
        continue
      }
      add(
        "stage \(stage.name): \(seeds) repeats of each of \(source.count)", stage.name, seeds, source.count,
        .independent, name, difference)
    }
    // Each trial has its folds, which all trials have in common.
    if let known, case .splits(let share) = known.repeats, share > 0, metric?.items != nil {
      let folds = Int((1 / share).rounded()) + 1
      add("\(folds) folds of two trials", nil, folds, 2, known.repeats, name, difference)
    }
    lines = statements.map(\.text) + lines
    if lines.isEmpty, experiment.metrics.allSatisfy({ $0.items == nil }) {
      lines.append(
        "nothing is measured twice: which trial is best will not be told from luck "
          + "(a stage `repeat(best(3), seeds: [1, 2, 3, 4, 5])` would)")
    }
    if let known {
      lines.append("noise of \(name): \(Words.number(known.noise)) for one value, as in experiment \(known.experiment)")
    } else if difference != nil {
      lines.append(
        "how far \(name) scatters is not known: no earlier experiment of this workflow measured it twice, so nobody can say "
          + "what \(Words.number(difference)) takes")
    }
  }

  private mutating func add(
    _ what: String, _ stage: String?, _ count: Int, _ candidates: Int, _ repeats: Repeats, _ metric: String,
    _ difference: Double?
  ) {
    // A difference of two values with the same seed: at worst the seed has nothing to do with it.
    let deviation = (known?.noise ?? 1) * 2.0.squareRoot()
    let power = Power(deviation: deviation, repeats, comparisons: max(1, candidates - 1))
    guard let least = power.detectable(count: count) else { return }
    let amount = known == nil ? "\(Words.fixed(least, 1)) standard deviations" : Words.number(least)
    var text = "\(what) find a difference of \(metric) of \(amount) with a chance of 0.8"
    var needed: Int?
    if let difference, known != nil {
      needed = power.needed(for: difference)
      text += "; you ask for \(Words.number(difference)): " + Self.words(needed, count, repeats, power, difference)
    } else if let half = power.needed(for: least / 2) {
      text += "; half of that needs \(half)"
    }
    statements.append(
      Statement(
        stage: stage, repeats: count, candidates: candidates, detectable: least, needed: needed, text: text))
  }

  private static func words(
    _ needed: Int?, _ count: Int, _ repeats: Repeats, _ power: Power, _ difference: Double
  ) -> String {
    if let needed { return needed <= count ? "enough" : "\(needed) needed" }
    // More folds of the same rows share what is wrong with the rows.
    let fresh = Power(deviation: power.deviation).needed(for: difference)
    return "no number of them" + (fresh.map { "; \($0) repeats on fresh rows or seeds" } ?? "")
  }

  private static func seeds(_ call: Experiment.Call) -> Int {
    guard case .list(let items)? = call.option("seeds") else { return 3 }
    return items.count
  }
}
