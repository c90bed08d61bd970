internal import Numbers

/// Whether one of two samples tends to have the smaller values: Mann and Whitney, Annals of Mathematical Statistics 18
/// (1947).
package struct RankSum: Sendable, Equatable {
  /// Up to this many values in all, every assignment to the samples is counted, equal values included.
  static let exactUpTo = 40

  /// How often a value of the first sample is less than one of the second; equal ones count half.
  package let chanceOfLess: Double
  /// How often, if both came from one distribution, the first would be at least as small.
  package let pOfLess: Double
  package let result: TestResult

  /// - Returns: nil when one is empty.
  package init?(_ first: [Double], _ second: [Double]) {
    guard let a = Summary(first), let b = Summary(second) else { return nil }
    let ranks = Ranks(first + second)
    // Twice the number of pairs in which the first is greater.
    let greater = ranks.doubled[..<a.count].reduce(0, +) - a.count * (a.count + 1)
    let pairs = 2 * a.count * b.count
    chanceOfLess = 1 - Double(greater) / Double(pairs)
    let tails =
      a.count + b.count <= Self.exactUpTo
      ? Self.exact(greater, ranks, a.count) : Self.approximate(greater, ranks, a.count, b.count)
    pOfLess = tails.less
    result = TestResult(
      method: .rankSum, difference: a.mean - b.mean, interval: nil, p: min(1, 2 * min(tails.less, tails.greater)),
      count: a.count + b.count)
  }

  /// The shares of all choices of `size` among the values with a sum of ranks as small, and as large. O(n² · sum).
  private static func exact(_ greater: Int, _ ranks: Ranks, _ size: Int) -> (less: Double, greater: Double) {
    let total = ranks.doubled.reduce(0, +)
    let width = total + 1
    var ways = [Double](repeating: 0, count: (size + 1) * width)
    ways[0] = 1
    for rank in ranks.doubled {
      for chosen in stride(from: size, to: 0, by: -1) {
        for sum in stride(from: total, through: rank, by: -1) {
          ways[chosen * width + sum] += ways[(chosen - 1) * width + sum - rank]
        }
      }
    }
    let counts = ways[(size * width)...]
    let all = counts.reduce(0, +)
    let observed = size * width + greater + size * (size + 1)
    return (counts[...observed].reduce(0, +) / all, counts[observed...].reduce(0, +) / all)
  }

  /// Normal, with corrections for continuity and ties.
  private static func approximate(
    _ greater: Int, _ ranks: Ranks, _ size: Int, _ rest: Int
  ) -> (less: Double, greater: Double) {
    let (a, b, n) = (Double(size), Double(rest), Double(size + rest))
    let deviation = (a * b / 12 * (n + 1 - ranks.ties / (n * (n - 1)))).squareRoot()
    guard deviation > 0 else { return (1, 1) }
    let distance = Double(greater) / 2 - a * b / 2
    return (
      Elementary.normal(below: (distance + 0.5) / deviation), Elementary.normal(below: -(distance - 0.5) / deviation)
    )
  }
}
