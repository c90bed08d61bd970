package import Numbers

/// The permutation test of differences between pairs: if there is no difference, each could as well have the other sign
/// (R. A. Fisher, The Design of Experiments, 1935). It needs neither normal values nor ranks.
package enum SignFlip {
  /// Up to this many differences every one of the 2ⁿ assignments is counted.
  static let exactUpTo = 14

  /// - Parameter count: how many assignments are drawn when there are too many to count; with the observed one among
  ///   them, so that p is never 0 (Phipson and Smyth, "Permutation p-values should never be zero", 2010).
  /// - Returns: nil without differences.
  package static func test(_ differences: [Double], draws: Draws, count: Int = 10_000) -> TestResult? {
    guard let summary = Summary(differences) else { return nil }
    // Sums that differ by rounding alone are the same.
    let observed = differences.reduce(0, +).magnitude * (1 - 1e-12)
    let p: Double
    if differences.count <= exactUpTo {
      let all = 1 << differences.count
      p = Double((0..<all).count { sum(differences, signs: UInt64($0)).magnitude >= observed }) / Double(all)
    } else {
      var draws = draws
      let extreme = (0..<count).count { _ in drawn(differences, &draws).magnitude >= observed }
      p = Double(extreme + 1) / Double(count + 1)
    }
    return TestResult(method: .signFlip, difference: summary.mean, interval: nil, p: p, count: differences.count)
  }

  private static func sum(_ differences: [Double], signs: UInt64) -> Double {
    var sum = 0.0
    for (index, difference) in differences.enumerated() {
      sum += signs >> UInt64(index) & 1 == 1 ? -difference : difference
    }
    return sum
  }

  private static func drawn(_ differences: [Double], _ draws: inout Draws) -> Double {
    var (sum, bits) = (0.0, UInt64(0))
    for (index, difference) in differences.enumerated() {
      if index % 64 == 0 { bits = draws.next() }
      sum += bits & 1 == 1 ? -difference : difference
      bits >>= 1
    }
    return sum
  }
}
