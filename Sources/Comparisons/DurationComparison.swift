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

  /// - Parameters:
  ///   - before, after: what each of the calls took, in nanoseconds.
  ///   - others: what calls of the same code took in other runs.
  ///
  /// With enough measurements on both sides, the quartiles must not overlap. With fewer, both sides are held against
  /// the range of the others, which has to be known well enough and has to hold the first side.
  package init(before: [Int64], after: [Int64], others: [Int64] = []) {
    let (x, y) = (before.sorted(), after.sorted())
    self.before = Self.quantile(x, 0.5)
    self.after = Self.quantile(y, 0.5)
    verdict = .unknown
    guard !x.isEmpty, !y.isEmpty else { return }
    let ratio = Double(max(self.before, self.after)) / Double(max(1, min(self.before, self.after)))
    let isLonger = self.after > self.before
    if x.count >= Self.enough, y.count >= Self.enough {
      let (low, high) = isLonger ? (x, y) : (y, x)
      let isApart = Self.quantile(low, 0.75) < Self.quantile(high, 0.25)
      verdict = isApart && ratio >= Self.least ? (isLonger ? .slower : .faster) : .noise
      return
    }
    let known = (others + before).sorted()
    guard known.count >= Self.enough, let shortest = known.first, let longest = known.last else { return }
    if ratio < Self.least || (shortest...longest).contains(self.after) {
      verdict = .noise
    } else {
      verdict = isLonger ? .slower : .faster
    }
  }

  private static func quantile(_ sorted: [Int64], _ share: Double) -> Int64 {
    sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }
}
