/// Whether two trials are as good as the same: their true difference within a margin that a person does not care about.
package struct Equivalence: Sendable, Equatable {
  /// The probability that the true difference lies within the margin, below it (the first is better) and above it, if
  /// nothing was known before: the correlated Bayesian t test of Corani and Benavoli, Machine Learning 100 (2015).
  package let within: Double
  package let below: Double
  package let above: Double
  /// Of two one-sided tests (Schuirmann 1987): below α, they are equivalent.
  package var p: Double { max(below, above) }

  /// - Parameters:
  ///   - differences: between pairs.
  ///   - margin: greater than 0, in units of the metric.
  /// - Returns: nil for fewer than two differences, or when all are the same.
  package init?(_ differences: [Double], _ repeats: Repeats = .independent, margin: Double) {
    guard let summary = Summary(differences), let error = summary.standardError(repeats), error > 0 else { return nil }
    let distribution = StudentT(freedom: Double(differences.count - 1))
    below = distribution.above((summary.mean + margin) / error)
    above = distribution.above((margin - summary.mean) / error)
    within = max(0, 1 - below - above)
  }
}
