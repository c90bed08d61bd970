import Numbers
import Statistics
import Testing

private let differences = zip(first, second).map(-)
/// Eight differences without ties.
private let eight = [1.2, -0.4, 2.3, 0.9, -0.1, 1.7, 0.3, 0.8]

/// sin and cos of SciPy's examples, rounded there too: see the formulas at their uses.
private func wave(_ count: Int, _ value: (Double) -> Double) -> [Double] {
  (0..<count).map { (value(Double($0)) * 100).rounded() / 100 }
}

/// sin x by its series, for reference samples alone.
private func sine(_ x: Double) -> Double {
  let turn = 2 * Double.pi
  let reduced = x - (x / turn).rounded() * turn
  var (term, sum) = (reduced, reduced)
  for k in 1...20 {
    term *= -reduced * reduced / Double(2 * k * (2 * k + 1))
    sum += term
  }
  return sum
}

@Suite struct HypothesisTests {
  /// `scipy.stats.ttest_rel(x, y)`, and its `confidence_interval()`
  @Test func pairedT() throws {
    let result = try #require(TTest.paired(differences))
    #expect(isClose(result.p, 0.1894558518250477) && isClose(result.difference, 0.0086))
    #expect(
      isClose(result.interval?.lower, -0.006520796359377435) && isClose(result.interval?.upper, 0.023720796359377495))
    #expect(TTest.paired([1]) == nil)
  }

  /// `se = sqrt((1/5 + 1/4) * var(d, ddof=1)); 2 * t.sf(mean(d) / se, 4)`
  @Test func correctedPairedT() throws {
    let result = try #require(TTest.paired(differences, .folds(5)))
    #expect(isClose(result.p, 0.3518505377117204) && result.method == .correctedT)
    #expect(
      isClose(result.interval?.lower, -0.014081194539066167) && isClose(result.interval?.upper, 0.03128119453906623))
  }

  /// `scipy.stats.ttest_ind(x, y[:4], equal_var=False)`
  @Test func welchT() throws {
    let result = try #require(TTest.unpaired(first, Array(second.prefix(4))))
    #expect(isClose(result.p, 0.791215070080057))
    #expect(
      isClose(result.interval?.lower, -0.028697519227281816) && isClose(result.interval?.upper, 0.03589751922728191))
  }

  @Test func withoutScatterWhatDiffersDiffersForCertain() {
    #expect(TTest.paired([1, 1, 1])?.p == 0)
    #expect(TTest.paired([0, 0, 0])?.p == 1)
    #expect(TTest.unpaired([1, 1], [1, 1])?.p == 1)
  }

  /// `scipy.stats.wilcoxon(d, method="exact")`; with ties (and a zero, left out) `scipy.stats.permutation_test` of the
  /// rank sum
  @Test func signedRank() {
    #expect(isClose(SignedRank.test(eight)?.p, 0.0546875))
    #expect(isClose(SignedRank.test([1, -1, 2, 2, -0.5, 3, 0, 1.5])?.p, 0.09375))
    #expect(SignedRank.test([0, 0]) == nil)
  }

  /// `scipy.stats.wilcoxon(numpy.sin(numpy.arange(60) * 1.7).round(2) + 0.15, method="asymptotic", correction=False)`
  @Test func signedRankOfMany() {
    let many = wave(60) { sine($0 * 1.7) + 0.15 }
    #expect(many.prefix(3) == [0.15, 1.14, -0.11])
    #expect(isClose(SignedRank.test(many)?.p, 0.07926924485643651, 1e-9))
  }

  @Test(arguments: 0..<20)
  func exactSignedRankIsEnumeration(seed: Int) throws {
    var draws = Draws(seed: 3, trial: seed)
    // Few different magnitudes, so that there are ties.
    let values = (0..<(1 + seed % 9)).map { _ in Double(1 + draws.index(below: 4)) * (draws.unit() < 0.6 ? -1 : 1) }
    let magnitudes = values.map(\.magnitude)
    let ranks = magnitudes.map { value in
      Double(magnitudes.count { $0 < value }) + Double(magnitudes.count { $0 == value } + 1) / 2
    }
    let middle = ranks.reduce(0, +) / 2
    func distance(_ isPositive: (Int) -> Bool) -> Double {
      (ranks.indices.reduce(0) { isPositive($1) ? $0 + ranks[$1] : $0 } - middle).magnitude
    }
    let observed = distance { values[$0] > 0 }
    let all = 1 << values.count
    let extreme = (0..<all).count { signs in distance { signs >> $0 & 1 == 1 } >= observed }
    #expect(isClose(SignedRank.test(values)?.p, Double(extreme) / Double(all)))
  }

  /// `scipy.stats.mannwhitneyu(a, b, method="exact", alternative="two-sided" | "less")`
  @Test func rankSum() throws {
    let test = try #require(RankSum([1.1, 2.3, 0.7, 1.9, 3.0], [2.5, 3.1, 4.0, 2.2, 3.6, 5.1]))
    #expect(isClose(test.result.p, 0.030303030303030304) && isClose(test.pOfLess, 0.015151515151515152))
    // U = 3 of 30 pairs in which the first is greater.
    #expect(isClose(test.chanceOfLess, 0.9))
    // With ties: scipy.stats.permutation_test of the rank sum, alternative="less".
    #expect(isClose(try #require(RankSum([1, 2, 2, 3], [2, 3, 4, 4, 5])).pOfLess, 0.05555555555555555))
    #expect(RankSum([], [1]) == nil)
  }

  /// `mannwhitneyu(sin(2.1 i).round(2), (cos(1.3 i) + 0.3).round(2), method="asymptotic")`, i below 30 and 25
  @Test func rankSumOfMany() throws {
    let a = wave(30) { sine($0 * 2.1) }
    let b = wave(25) { sine($0 * 1.3 + .pi / 2) + 0.3 }
    let test = try #require(RankSum(a, b))
    #expect(isClose(test.result.p, 0.057165516125662987, 1e-9) && isClose(test.pOfLess, 0.028582758062831493, 1e-9))
  }

  /// `scipy.stats.permutation_test((d,), numpy.sum, permutation_type="samples", n_resamples=inf)`
  @Test func signFlip() throws {
    #expect(isClose(SignFlip.test(eight, draws: Draws(seed: 0, trial: 0))?.p, 0.046875))
    // Twice as many as are counted: drawn. The standard deviation of 20,000 draws at this p is 0.0007.
    let many = eight + eight
    let draws = Draws(seed: 4, trial: 0)
    let drawn = try #require(SignFlip.test(many, draws: draws, count: 20_000)?.p)
    let exact =
      Double(
        (0..<(1 << 16)).count { signs in
          many.indices.reduce(0.0) { signs >> $1 & 1 == 1 ? $0 - many[$1] : $0 + many[$1] }.magnitude >= 13.4 - 1e-9
        }) / 65536
    #expect((drawn - exact).magnitude < 0.003, "\(drawn) for \(exact)")
    #expect(SignFlip.test(many, draws: draws, count: 20_000)?.p == drawn)
  }

  /// `scipy.stats.fisher_exact([[7, 3], [2, 18]], alternative="greater")`, `[[4, 0], [3, 13]]`
  @Test func fisher() {
    #expect(isClose(fisherExact(hits: 7, inside: 10, allHits: 9, all: 30), 0.0016572133513662747))
    #expect(isClose(fisherExact(hits: 4, inside: 4, allHits: 7, all: 20), 0.007223942208462332))
    #expect(isClose(fisherExact(hits: 0, inside: 4, allHits: 7, all: 20), 1))
  }

  /// `statsmodels.stats.multitest.multipletests(p, method="holm")[1]`
  @Test func holmCorrection() {
    let adjusted = holm([0.01, 0.04, 0.03, 0.005, 0.5])
    #expect(zip(adjusted, [0.04, 0.09, 0.09, 0.025, 0.5]).allSatisfy { isClose($0, $1) })
    #expect(holm([]) == [])
  }

  @Test(arguments: 0..<20)
  func holmKeepsTheOrderAndNeverLowers(seed: Int) {
    var draws = Draws(seed: 5, trial: seed)
    let ps = (0..<(1 + seed)).map { _ in draws.unit() * draws.unit() }
    let adjusted = holm(ps)
    for (i, p) in ps.enumerated() {
      #expect(adjusted[i] >= p && adjusted[i] <= 1)
      for (j, q) in ps.enumerated() where p <= q { #expect(adjusted[i] <= adjusted[j]) }
    }
  }

  /// `t.cdf(±0.01, 4, mean(d), se)` with the corrected se; TOST: `ttost_paired(x, y, -0.01, 0.01)[0]`
  @Test func equivalence() throws {
    let corrected = try #require(Equivalence(differences, .folds(5), margin: 0.01))
    #expect(isClose(corrected.within, 0.5213355009891071) && isClose(corrected.below, 0.04254045745797019))
    #expect(isClose(corrected.above, 0.4361240415529227))
    #expect(isClose(try #require(Equivalence(differences, margin: 0.01)).p, 0.40490525444333564))
  }
}
