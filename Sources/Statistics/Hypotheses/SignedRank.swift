internal import Numbers

/// Wilcoxon's test of differences between pairs (Biometrics Bulletin 1, 1945): whether they lie symmetrically around 0.
/// For differences that are not normal; differences of 0 are left out.
package enum SignedRank {
  /// Up to this many differences every assignment of signs is counted, equal values included.
  static let exactUpTo = 50

  /// - Returns: nil without differences other than 0; with fewer than six no p is below 0.05.
  package static func test(_ differences: [Double]) -> TestResult? {
    let nonzero = differences.filter { $0 != 0 }
    guard !nonzero.isEmpty, let summary = Summary(differences) else { return nil }
    let ranks = Ranks(nonzero.map(\.magnitude))
    let positive = zip(ranks.doubled, nonzero).reduce(0) { $1.1 > 0 ? $0 + $1.0 : $0 }
    let p = nonzero.count <= exactUpTo ? exact(positive, ranks) : approximate(positive, ranks)
    return TestResult(method: .signedRank, difference: summary.mean, interval: nil, p: p, count: differences.count)
  }

  /// The share of the 2ⁿ assignments of signs with a sum of ranks at least as far from the middle. O(n³).
  private static func exact(_ positive: Int, _ ranks: Ranks) -> Double {
    let total = ranks.doubled.reduce(0, +)
    var ways = [Double](repeating: 0, count: total + 1)
    ways[0] = 1
    for rank in ranks.doubled {
      // Halved at each rank: shares instead of counts.
      for sum in stride(from: total, through: 0, by: -1) {
        ways[sum] = (ways[sum] + (sum >= rank ? ways[sum - rank] : 0)) / 2
      }
    }
    let extreme = max(positive, total - positive)
    return min(1, 2 * ways[extreme...].reduce(0, +))
  }

  private static func approximate(_ positive: Int, _ ranks: Ranks) -> Double {
    let n = Double(ranks.doubled.count)
    let variance = n * (n + 1) * (2 * n + 1) / 24 - ranks.ties / 48
    let z = (Double(positive) / 2 - n * (n + 1) / 4).magnitude / variance.squareRoot()
    return 2 * Elementary.normal(below: -z)
  }
}
