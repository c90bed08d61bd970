package import Strategies

/// How many random trials would have been needed for each one that was, by the experiment's own control group.
///
/// A share p of random trials reaches the target, so random search needs 1/p trials in the mean. p is known from the control
/// group as far as its size allows: its posterior under a uniform prior is a Beta distribution.
package struct Efficiency: Sendable, Equatable {
  /// The value that counts as reached.
  package let target: Double
  /// Trials until it was.
  package let trials: Int
  /// In the control group.
  package let reached: Int
  package let controls: Int
  /// Trials of random search for each trial, and between what it lies with 95 % probability.
  package let ratio: Double
  package let low: Double
  package let high: Double

  /// - Parameter target: by default the best value of the control group.
  /// - Returns: nil without controls, and while the target is not reached.
  package init?(_ history: History, target: Double? = nil) {
    let controls = history.trials.filter { Role(memo: $0.memo) == .control }.compactMap(\.outcome)
    guard let best = controls.min(), let goal = target ?? (best.isFinite ? best : nil),
      let first = history.trials.firstIndex(where: { ($0.outcome ?? .infinity) <= goal })
    else { return nil }
    self.target = goal
    trials = first + 1
    self.controls = controls.count
    reached = controls.count { $0 <= goal }
    let (k, n) = (reached, controls.count)
    func needed(_ quantile: Double) -> Double { 1 / Self.share(quantile, reached: k, of: n) / Double(first + 1) }
    ratio = needed(0.5)
    low = needed(0.975)
    high = needed(0.025)
  }

  /// The quantile of Beta(k + 1, n − k + 1), by halving: its distribution function is a tail of a binomial one.
  static func share(_ quantile: Double, reached k: Int, of n: Int) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if atLeast(k + 1, of: n + 1, middle) < quantile { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The probability of `k` successes or more in `n` trials, 1 ≤ k ≤ n.
  private static func atLeast(_ k: Int, of n: Int, _ p: Double) -> Double {
    guard p > 0, p < 1 else { return p }
    // From the most likely number outwards, so that nothing underflows.
    let mode = min(n, Int(Double(n + 1) * p))
    var terms = [Double](repeating: 0, count: n + 1)
    terms[mode] = 1
    for i in stride(from: mode, to: n, by: 1) { terms[i + 1] = terms[i] * Double(n - i) / Double(i + 1) * p / (1 - p) }
    for i in stride(from: mode, to: 0, by: -1) { terms[i - 1] = terms[i] * Double(i) / Double(n - i + 1) * (1 - p) / p }
    return terms[k...].reduce(0, +) / terms.reduce(0, +)
  }
}
