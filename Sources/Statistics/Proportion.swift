internal import Numbers

/// How often something came about.
package struct Proportion: Sendable, Equatable {
  package let hits: Int
  package let count: Int

  /// - Parameter count: at least 1.
  package init(_ hits: Int, of count: Int) {
    self.hits = hits
    self.count = max(count, 1)
  }

  package var share: Double { Double(hits) / Double(count) }

  /// Wilson's score interval (1927): for what tables show. Brown, Cai and DasGupta, "Interval estimation for a binomial
  /// proportion", Statistical Science 16 (2001).
  package func wilson(level: Double = 0.95) -> Interval {
    let z = Elementary.normalQuantile((1 + level) / 2)
    let n = Double(count)
    let center = (share + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    return Interval(hits == 0 ? 0 : max(0, center - half), hits == count ? 1 : min(1, center + half))
  }

  /// The interval from quantiles of the beta distributions, which never covers less often than it says (Clopper and
  /// Pearson 1934): for rare events, and for what is computed from a share, such as waiting times.
  package func beta(level: Double = 0.95) -> Interval {
    let tail = (1 - level) / 2
    let (hits, misses) = (Double(hits), Double(count - hits))
    return Interval(
      hits == 0 ? 0 : Beta(a: hits, b: misses + 1).quantile(tail),
      misses == 0 ? 1 : Beta(a: hits + 1, b: misses).quantile(1 - tail))
  }
}
