/// Tests of means: values, or differences, that scatter about normally.
package enum TTest {
  /// Student's test of differences between pairs, corrected for overlapping training sets when the repeats are splits.
  ///
  /// - Returns: nil for fewer than two differences.
  package static func paired(
    _ differences: [Double], _ repeats: Repeats = .independent, level: Double = 0.95
  ) -> TestResult? {
    guard let summary = Summary(differences), let error = summary.standardError(repeats) else { return nil }
    return result(
      repeats == .independent ? .pairedT : .correctedT, summary.mean, error, Double(differences.count - 1),
      differences.count, level)
  }

  /// Welch's test of two samples without pairs (B. L. Welch, Biometrika 34, 1947).
  ///
  /// - Returns: nil for samples of fewer than two.
  package static func unpaired(
    _ first: [Double], _ second: [Double], _ repeats: Repeats = .independent, level: Double = 0.95
  ) -> TestResult? {
    guard let a = Summary(first), let b = Summary(second), let errorA = a.standardError(repeats),
      let errorB = b.standardError(repeats)
    else { return nil }
    let (x, y) = (errorA * errorA, errorB * errorB)
    let freedom = (x + y) * (x + y) / (x * x / Double(a.count - 1) + y * y / Double(b.count - 1))
    return result(
      .welchT, a.mean - b.mean, (x + y).squareRoot(), freedom.isNaN ? 1 : freedom, a.count + b.count, level)
  }

  /// Student's test of two samples with a deviation that was estimated elsewhere too: possible for single values.
  package static func pooled(
    _ a: Summary, _ b: Summary, _ noise: Noise, _ repeats: Repeats = .independent, level: Double = 0.95
  ) -> TestResult {
    let factor = repeats.varianceFactor(a.count) + repeats.varianceFactor(b.count)
    return result(
      .pooledT, a.mean - b.mean, noise.deviation * factor.squareRoot(), Double(noise.freedom), a.count + b.count, level)
  }

  private static func result(
    _ method: TestResult.Method, _ difference: Double, _ error: Double, _ freedom: Double, _ count: Int, _ level: Double
  ) -> TestResult {
    let distribution = StudentT(freedom: freedom)
    let half = distribution.central(level) * error
    // Without any scatter, what differs at all differs for certain.
    let p = error > 0 ? distribution.outside(difference / error) : difference == 0 ? 1 : 0
    return TestResult(
      method: method, difference: difference, interval: Interval(difference - half, difference + half), p: p,
      count: count)
  }
}
