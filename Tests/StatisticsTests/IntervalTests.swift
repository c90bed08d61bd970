import Numbers
import Statistics
import Testing

/// Accuracies of two trials on the same five folds.
let first = [0.832, 0.811, 0.865, 0.842, 0.798]
let second = [0.820, 0.815, 0.840, 0.829, 0.801]

func isClose(_ a: Double?, _ b: Double, _ tolerance: Double = 1e-11) -> Bool {
  a.map { ($0 - b).magnitude <= tolerance } ?? false
}

@Suite struct IntervalTests {
  /// `scipy.stats.t.interval(0.95, 4, numpy.mean(x), scipy.stats.sem(x))`
  @Test func summaryAndItsInterval() throws {
    let summary = try #require(Summary(first))
    #expect(summary.count == 5 && isClose(summary.mean, 0.8296) && isClose(summary.deviation, 0.026254523419784227))
    let interval = try #require(summary.interval())
    #expect(isClose(interval.lower, 0.7970007034796562) && isClose(interval.upper, 0.8621992965203435))
    // √(1/5 + 1/4) / √(1/5) = 1.5 times as wide when the values come from overlapping folds.
    let corrected = try #require(summary.interval(.folds(5)))
    #expect(isClose((corrected.upper - corrected.lower) / (interval.upper - interval.lower), 1.5))
  }

  @Test func oneValueHasNoInterval() throws {
    let one = try #require(Summary([3]))
    #expect(one.mean == 3 && one.deviation == nil && one.interval() == nil)
    #expect(Summary([]) == nil)
  }

  /// `statsmodels.stats.proportion.proportion_confint(hits, n, method="wilson" | "beta")`
  @Test(arguments: [
    (0, 10, 0.0, 0.27753279986288926, 0.0, 0.30849710781876083),
    (3, 20, 0.052368745896216595, 0.36041886474075696, 0.0320709371854637, 0.37892682654531396),
    (10, 10, 0.7224672001371106, 1.0, 0.6915028921812392, 1.0),
  ])
  func proportions(hits: Int, count: Int, w0: Double, w1: Double, b0: Double, b1: Double) {
    let (wilson, beta) = (Proportion(hits, of: count).wilson(), Proportion(hits, of: count).beta())
    #expect(isClose(wilson.lower, w0) && isClose(wilson.upper, w1))
    #expect(isClose(beta.lower, b0) && isClose(beta.upper, b1))
  }

  @Test(arguments: 0...12)
  func proportionIntervalsContainTheShare(hits: Int) {
    let proportion = Proportion(hits, of: 12)
    #expect(proportion.wilson().contains(proportion.share) && proportion.beta().contains(proportion.share))
  }

  /// 2,000 samples of five values around 0: the binomial deviation of the coverage is 0.5 %.
  @Test func tIntervalsCoverAsOftenAsTheySay() {
    let covered = (0..<2000).count { trial in
      var draws = Draws(seed: 1, trial: trial)
      return Summary((0..<5).map { _ in draws.normal() })?.interval()?.contains(0) ?? false
    }
    #expect((1870...1930).contains(covered), "\(covered) of 2000")
  }

  /// Folds whose values are correlated by 1/5, as five-fold cross-validation is taken to be: the plain interval covers
  /// too rarely.
  @Test func correctedIntervalsCoverOverlappingFolds() {
    var (plain, corrected) = (0, 0)
    for trial in 0..<2000 {
      var draws = Draws(seed: 2, trial: trial)
      let common = 0.2.squareRoot() * draws.normal()
      let summary = Summary((0..<5).map { _ in common + 0.8.squareRoot() * draws.normal() })
      if summary?.interval()?.contains(0) ?? false { plain += 1 }
      if summary?.interval(.folds(5))?.contains(0) ?? false { corrected += 1 }
    }
    #expect(plain < 1800, "\(plain) of 2000")
    #expect((1870...1930).contains(corrected), "\(corrected) of 2000")
  }

  @Test func noiseLeavesOutWhatFoldsDoToAll() throws {
    // The second fold is 10 harder for all three trials; what remains is ±1.
    let trials = [[0.0, 12], [0, 10], [0, 8]].enumerated().map { Measured(trial: $0, $1) }
    // Rows less column means: (0, 2), (0, 0), (0, -2): variances 2, 0, 2 with one degree of freedom each, less one.
    let noise = try #require(Noise(trials))
    #expect(noise.freedom == 2 && isClose(noise.deviation, 2.0.squareRoot()))
    #expect(try #require(Noise([trials[0]])).freedom == 1)
    #expect(Noise([Measured(trial: 0, [1]), Measured(trial: 1, [2])]) == nil)
  }
}
