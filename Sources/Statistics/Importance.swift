package import Numbers
package import Spaces
package import Strategies

/// How much each parameter decides whether a trial is among the best.
///
/// PED-ANOVA: Watanabe, Bansal and Hutter, "Efficiently quantifying hyperparameter importance in arbitrary subspaces"
/// (IJCAI 2023): from densities of the best trials and of all, without a model. A parameter that exists in some trials
/// alone is judged within those, weighted by how many of the best they are: "Conditional PED-ANOVA" (arXiv 2601.20800).
package struct Importance: Sendable {
  package struct Row: Sendable, Equatable {
    /// The place of the parameter in its space.
    package let parameter: Int
    /// Of the variance of "is among the best", the share that this parameter explains by itself.
    package let share: Double
    /// The share that it would explain on average if values had nothing to do with it: what few trials pretend.
    package let chance: Double
    /// How often chance alone would make any of the parameters stand out as much (Westfall and Young 1993). Nil when
    /// values were not shuffled.
    package let p: Double?
  }

  /// The most important first.
  package let rows: [Row]
  /// How many trials count as the best, and of how many.
  package let best: Int
  package let trials: Int

  /// What all parameters explain by themselves, beyond chance; the rest is in how they act together, and noise.
  package var explained: Double { min(1, rows.reduce(0) { $0 + max(0, $1.share - $1.chance) }) }

  /// - Parameters:
  ///   - best: the share of trials that count as the best; at least five do.
  ///   - shuffles: how often values are dealt out to trials anew, to see what chance does. With none, `chance` is 0.
  /// - Returns: nil for fewer than ten finished trials, or when all are equally good.
  package init?(_ space: Space, _ history: History, best share: Double = 0.1, shuffles: Int = 200, draws: Draws) {
    let ranked = history.ranking.map { history.trials[$0] }.filter { $0.state == .finished && $0.value.isFinite }
    guard ranked.count >= 10 else { return nil }
    var best = max(5, Int((share * Double(ranked.count)).rounded(.up)))
    while best < ranked.count, Self.areEqual(ranked[best], ranked[best - 1]) { best += 1 }
    guard best < ranked.count else { return nil }
    self.best = best
    trials = ranked.count
    let columns = space.parameters.indices.map { Column(space, $0, ranked.map(\.point)) }
    let observed = columns.map { $0.share(of: 0..<best) }
    var shuffled: [[Double]] = []
    var (order, draws) = (Array(ranked.indices), draws)
    for _ in 0..<shuffles {
      for place in 0..<best { order.swapAt(place, place + draws.index(below: order.count - place)) }
      shuffled.append(columns.map { $0.share(of: order[..<best]) })
    }
    rows = Self.rows(observed, shuffled)
  }

  private static func areEqual(_ a: Trial, _ b: Trial) -> Bool { a.value == b.value && a.violation == b.violation }

  private static func rows(_ observed: [Double], _ shuffled: [[Double]]) -> [Row] {
    // The observed order is one of those that chance could have dealt: a scale without it would favour it.
    let scales = observed.indices.map { index in Summary((shuffled + [observed]).map { $0[index] }) }
    /// How far beyond the others, in units in which parameters can be compared.
    func excess(_ shares: [Double], _ index: Int) -> Double {
      guard let scale = scales[index], let deviation = scale.deviation, deviation > 0 else { return 0 }
      return (shares[index] - scale.mean) / deviation
    }
    let largest = shuffled.map { shares in shares.indices.map { excess(shares, $0) }.max() ?? 0 }
    return observed.indices.map { index in
      let extreme = excess(observed, index)
      let p = Double(largest.count { $0 >= extreme } + 1) / Double(shuffled.count + 1)
      return Row(
        parameter: index, share: observed[index], chance: Summary(shuffled.map { $0[index] })?.mean ?? 0,
        p: shuffled.isEmpty ? nil : p)
    }.sorted { $0.share != $1.share ? $0.share > $1.share : $0.parameter < $1.parameter }
  }
}

/// One parameter, and where each trial lies in it.
private struct Column {
  private let grid: Grid
  /// Nil where the parameter does not exist.
  private let cells: [Int?]
  private let active: Int
  private let region: [Double]

  init(_ space: Space, _ parameter: Int, _ points: [Point]) {
    grid = Grid(space, parameter)
    cells = points.map(grid.cell)
    let counts = Self.counts(cells, grid.count)
    active = counts.reduce(0, +)
    region = active > 0 ? grid.density(counts) : []
  }

  private static func counts(_ cells: some Sequence<Int?>, _ count: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    for case let cell? in cells { counts[cell] += 1 }
    return counts
  }

  /// The variance of "is one of `best`" over this parameter, relative to its whole variance: γ(1 - γ) for a share γ of
  /// the trials.
  func share(of best: some Collection<Int>) -> Double {
    let counts = Self.counts(best.lazy.map { cells[$0] }, grid.count)
    let found = counts.reduce(0, +)
    guard grid.count > 1, active > 1, found > 0 else { return 0 }
    var divergence = 0.0
    for (top, all) in zip(grid.density(counts), region) {
      let ratio = (top + 1e-12) / (all + 1e-12) - 1
      divergence += (all + 1e-12) * ratio * ratio
    }
    let quantile = Double(best.count) / Double(cells.count)
    let (alpha, beta) = (Double(found) / Double(best.count), Double(active) / Double(cells.count))
    return min(1, alpha * alpha / beta * divergence * quantile / (1 - quantile))
  }
}
