import Numbers
import Statistics
import Testing

/// Reference values: SciPy 1.17.1, statsmodels 0.15.0.
@Suite struct PowerTests {
  /// `TTestPower().power(difference / sd, n, 0.05)`
  @Test(arguments: [(0.025, 5, 0.5621718247176101), (0.01, 30, 0.75396471574379), (0.005, 20, 0.18589792447)])
  func chance(difference: Double, count: Int, reference: Double) {
    #expect(isClose(Power(deviation: 0.02).chance(ofFinding: difference, count: count), reference, 1e-8))
  }

  /// `c = t.isf(alpha / 2, n - 1); brentq(lambda d: nct.sf(c, n - 1, d * n**.5) + nct.cdf(-c, n - 1, d * n**.5) - 0.8,
  /// 0.5, 3, xtol=1e-14) * 0.02`; the solver of statsmodels stops after 7 digits.
  @Test func detectable() {
    #expect(isClose(Power(deviation: 0.02).detectable(count: 5), 0.03363993931911109, 1e-9))
    #expect(isClose(Power(deviation: 0.02, comparisons: 9).detectable(count: 10), 0.02921108466568492, 1e-9))
    #expect(Power(deviation: 0.02).detectable(count: 1) == nil)
  }

  /// `TTestPower().solve_power(difference / sd, None, 0.05, 0.8)`: 127.5, 9.94
  @Test func needed() {
    #expect(Power(deviation: 0.02).needed(for: 0.005) == 128)
    #expect(Power(deviation: 0.02).needed(for: 0.02) == 10)
    #expect(Power(deviation: 0.02).needed(for: 0) == nil)
  }

  @Test func moreSplitsOfTheSameDataDoNotReplaceData() throws {
    let power = Power(deviation: 0.02, .folds(5))
    #expect(power.needed(for: 0.005) == nil)
    // √(1/4) · 0.02 · (1.96 + 0.84) = 0.028 is the floor.
    #expect(power.needed(for: 0.027) == nil)
    #expect(try #require(power.needed(for: 0.04)) < 30)
  }

  /// 1,000 experiments with the detectable difference: the binomial deviation is 1.3 %.
  @Test func whatIsDetectableIsDetectedInFourOfFive() throws {
    let difference = try #require(Power(deviation: 1).detectable(count: 8))
    let found = (0..<1000).count { trial in
      var draws = Draws(seed: 6, trial: trial)
      return TTest.paired((0..<8).map { _ in difference + draws.normal() }).map { $0.p < 0.05 } ?? false
    }
    #expect((760...840).contains(found), "\(found) of 1000")
  }
}
