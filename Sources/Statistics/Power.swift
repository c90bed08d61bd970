/// What a paired comparison will be able to tell, before anything runs.
package struct Power: Sendable, Equatable {
  /// How far differences between two trials scatter from fold to fold, or seed to seed: a standard deviation. Without
  /// common folds or seeds it is √2 times that of one trial.
  package let deviation: Double
  package let repeats: Repeats
  /// The chance at which a difference is claimed that does not exist, of one comparison: 0.05, divided by how many
  /// there are.
  package let alpha: Double

  package init(deviation: Double, _ repeats: Repeats = .independent, comparisons: Int = 1, level: Double = 0.95) {
    self.deviation = deviation
    self.repeats = repeats
    alpha = (1 - level) / Double(max(comparisons, 1))
  }

  /// The chance that a true difference is found in `count` repeats, by the noncentral t distribution (Cohen 1988); nil
  /// for fewer than two.
  package func chance(ofFinding difference: Double, count: Int) -> Double? {
    limit(count).map { chance(difference, count, limit: $0) }
  }

  /// The smallest difference that is found with a chance of `power`; nil for fewer than two repeats.
  package func detectable(count: Int, power: Double = 0.8) -> Double? {
    guard let limit = limit(count) else { return nil }
    guard deviation > 0 else { return 0 }
    var upper = deviation
    while chance(upper, count, limit: limit) < power { upper *= 2 }
    return bisected(0, upper) { chance($0, count, limit: limit) < power }
  }

  /// How many repeats find a difference with a chance of `power`; nil when no number does (more of overlapping splits
  /// does not make up for more data), or more than a million.
  package func needed(for difference: Double, power: Double = 0.8) -> Int? {
    func isEnough(_ count: Int) -> Bool { chance(ofFinding: difference, count: count).map { $0 >= power } ?? false }
    guard difference.magnitude > 0 else { return nil }
    var enough = 2
    while !isEnough(enough) {
      enough *= 2
      if enough > 1_000_000 { return nil }
    }
    var tooFew = enough / 2
    while enough - tooFew > 1 {
      let middle = (tooFew + enough) / 2
      if isEnough(middle) { enough = middle } else { tooFew = middle }
    }
    return enough
  }

  /// The statistic from which on a difference is claimed.
  private func limit(_ count: Int) -> Double? {
    count > 1 ? StudentT(freedom: Double(count - 1)).central(1 - alpha) : nil
  }

  private func chance(_ difference: Double, _ count: Int, limit: Double) -> Double {
    guard deviation > 0 else { return difference == 0 ? alpha : 1 }
    let shift = difference.magnitude / (deviation * repeats.varianceFactor(count).squareRoot())
    return NoncentralT(freedom: Double(count - 1), shift: shift).outside(limit)
  }
}
