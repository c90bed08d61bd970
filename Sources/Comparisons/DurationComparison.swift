/// Whether something took longer, said only where the measurements allow it.
package struct DurationComparison: Sendable, Equatable {
  package enum Verdict: String, Sendable {
    case slower, faster
    /// The difference is not larger than what the same work differs by anyway.
    case noise
    /// There are too few measurements to say what is noise.
    case unknown
  }

  /// Medians, in nanoseconds.
  package var before: Int64
  package var after: Int64
  package var verdict: Verdict

  /// Fewer measurements say nothing about how far they scatter.
  package static let enough = 5
  /// Differences below this are noise whatever the measurements say: timers, caches, the weather.
  package static let least = 1.05
  /// The same for single measurements: how many others it takes, and what any scheduler may add.
  package static let enoughOthers = 8
  package static let leastSingle: Int64 = 10_000_000

  /// - Parameters:
  ///   - before, after: what each of the calls took, in nanoseconds.
  ///   - others: what calls of the same code took in other runs.
  ///
  /// With enough measurements on both sides, their ranks have to differ as they do by chance once in a hundred times
  /// (Mann and Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger"). With fewer, the
  /// later side is held against the range of all others, widened by half of itself: one of nine measurements lies
  /// outside the range of the other eight more often than one would think.
  package init(before: [Int64], after: [Int64], others: [Int64] = []) {
    let (x, y) = (before.sorted(), after.sorted())
    self.before = Self.quantile(x, 0.5)
    self.after = Self.quantile(y, 0.5)
    verdict = .unknown
    guard !x.isEmpty, !y.isEmpty else { return }
    let ratio = Double(max(self.before, self.after)) / Double(max(1, min(self.before, self.after)))
    let isLonger = self.after > self.before
    if x.count >= Self.enough, y.count >= Self.enough {
      verdict = Self.deviation(x, y) >= Self.sure && ratio >= Self.least ? (isLonger ? .slower : .faster) : .noise
      return
    }
    let known = (others + before).sorted()
    guard known.count >= Self.enoughOthers, let shortest = known.first, let longest = known.last else { return }
    let margin = max((longest - shortest) / 2, Self.leastSingle)
    let isOutside = self.after < shortest - margin || self.after > longest + margin
    verdict = isOutside && ratio >= Self.least ? (isLonger ? .slower : .faster) : .noise
  }

  /// Two-sided 99 % of the normal distribution.
  private static let sure = 2.576

  /// How many standard deviations the rank sum is from where it would be if both sides were alike. Both are sorted.
  private static func deviation(_ x: [Int64], _ y: [Int64]) -> Double {
    // For each of `y` how many of `x` are shorter; equal ones count half.
    var (below, equal, sum) = (0, 0, 0.0)
    for value in y {
      while below < x.count, x[below] < value { below += 1 }
      equal = max(equal, below)
      while equal < x.count, x[equal] == value { equal += 1 }
      sum += Double(below) + Double(max(0, equal - below)) / 2
    }
    let (m, n) = (Double(x.count), Double(y.count))
    return abs(sum - m * n / 2) / (m * n * (m + n + 1) / 12).squareRoot()
  }

  private static func quantile(_ sorted: [Int64], _ share: Double) -> Int64 {
    sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }
}
