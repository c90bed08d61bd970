import Experiments
import Insights
import Spaces
import Statistics
import Testing
import Workflows

/// The five trials of docs/statistics.md, errors on five folds.
private let folds: [(x: Double, items: [Double])] = [
  (1, [9.6, 8.8, 7.0, 9.6, 6.1]), (3, [4.4, 6.1, 2.6, 5.3, 4.4]), (4, [7.9, 9.6, 6.1, 8.8, 7.0]),
  (7, [5.3, 6.1, 3.5, 4.4, 4.4]), (9, [4.4, 7.0, 3.5, 5.3, 5.3]),
]

/// What scipy 1.17 says of them (`stats.t` with the variance of Nadeau and Bengio, s² (1/5 + 1/4)): mean, interval,
/// p against the best, p after Holm's correction over four comparisons.
private let expected: [(x: Double, mean: Double, low: Double, high: Double, p: Double)] = [
  (3, 4.56, 2.129460563581578, 6.9905394364184215, 1),
  (7, 4.74, 2.893403079391742, 6.586596920608256, 0.7395812342672974),
  (9, 5.1, 2.682339579704058, 7.517660420295941, 0.35561561671244274),
  (4, 7.88, 5.287849825812479, 10.472150174187522, 0.0010050870067531473),
  (1, 8.22, 5.2563480513346, 11.183651948665402, 0.055569027449091105),
]

private func close(_ a: Double?, _ b: Double) -> Bool {
  a.map { ($0 - b).magnitude < 1e-7 * max(1, b.magnitude) } ?? false
}

private func board(_ sample: Sample, stage: Int? = nil, metric: Int = 0) throws -> Board {
  Board(Evidence(try sample.study, stage: stage), metric: metric)
}

@Suite struct BoardTests {
  /// Turned the other way round the same is said of 10 - x.
  @Test(arguments: [false, true]) func foldsAreComparedAsScipyDoes(isMaximized: Bool) throws {
    var sample = Sample([("score", isMaximized)], folds: true)
    for trial in folds { sample.folds(trial.x, trial.items.map { isMaximized ? 10 - $0 : $0 }) }
    let board = try board(sample)
    #expect(board.repeats == .folds(5) && board.comparisons == 4)
    for (row, expected) in zip(board.rows, expected) {
      let mean = isMaximized ? 10 - expected.mean : expected.mean
      let ends = isMaximized ? (10 - expected.high, 10 - expected.low) : (expected.low, expected.high)
      #expect(row.point[1] == expected.x && close(row.value, mean) && row.count == 5)
      #expect(close(row.interval?.lower, ends.0) && close(row.interval?.upper, ends.1))
      #expect(row.standing == .best || close(row.p, expected.p))
      #expect(row.behind.map { $0 > 0 } ?? (row.standing == .best))
    }
    #expect(board.rows.map(\.standing) == [.best, .tied, .tied, .worse, .tied])
    #expect(Words.ranks(board.rows) == ["1=", "1=", "1=", "4", "1="])
    #expect(board.sentence?.hasPrefix("4 trials are statistically tied (Holm, 4 comparisons)") == true)
    // Of the folds, the winner is 0, 0, 0, 0.9 and 0 worse than the best there (Tibshirani and Tibshirani).
    let promise = try #require(board.promises.first)
    #expect(close(promise.claimed, isMaximized ? 5.44 : 4.56) && close(promise.expected, isMaximized ? 5.26 : 4.74))
  }

  /// What was repeated is judged by its repeats, not by the lucky value for which it was repeated.
  @Test func repeatsCountAndTheFirstValueDoesNot() throws {
    var sample = Sample([("auc", true)])
    sample.trial(10, [0.99])
    sample.trial(20, [0.97])
    sample.trial(30, [0.95])
    for (seed, value) in [0.91, 0.93, 0.90, 0.94, 0.92].enumerated() { sample.trial(10, [value], seed: Int64(seed)) }
    for (seed, value) in [0.93, 0.94, 0.93, 0.95, 0.935].enumerated() { sample.trial(20, [value], seed: Int64(seed)) }
    let board = try board(sample)
    #expect(board.rows.map(\.trial) == [2, 1, 3])
    #expect(board.rows.map(\.standing) == [.best, .worse, .once])
    #expect(board.rows.map(\.count) == [5, 5, 1])
    #expect(close(board.rows[0].value, 0.937) && board.rows[0].counted == [9, 10, 11, 12, 13])
    // scipy.stats.ttest_rel
    #expect(close(board.rows[1].p, 0.010469669289615367) && close(board.rows[1].behind, 0.017))
    #expect(close(board.promises.first?.claimed, 0.97) && close(board.promises.first?.expected, 0.937))
    #expect(board.warnings == ["1 configuration was measured once and is not compared"])
    #expect(Board(Evidence(try sample.study, stage: 1), metric: 0).rows.count == 2)
  }

  /// Seeds that change nothing say nothing: no intervals of no width, no p of 0.
  @Test func repeatsThatAreAllTheSameAreNone() throws {
    var sample = Sample()
    for x in [1.0, 2, 3] {
      sample.trial(x, [x / 7])
      for seed in 1...5 { sample.trial(x, [x / 7], seed: Int64(seed)) }
    }
    let board = try board(sample)
    #expect(board.rows.allSatisfy { $0.standing == .once && $0.interval == nil && $0.p == nil && $0.count == 1 })
    #expect(board.noise == nil && board.promises.isEmpty)
    #expect(board.warnings.first?.hasPrefix("the repeats of each configuration gave the same value") == true)
  }

  @Test func limitsFailuresAndExclusions() throws {
    var sample = Sample()
    sample.experiment.metrics[0].limit = 5
    sample.trial(1, [9])
    sample.trial(2, [4])
    sample.trial(3, nil)
    sample.trial(4, [1])
    sample.trial(5, [7])
    sample.add(.decided(Decision(.exclude(trial: 4, true), reason: "", basis: 0)))
    let board = try board(sample)
    #expect(board.rows.map(\.trial) == [2, 5, 1])
    #expect(board.rows.map(\.standing) == [.once, .beyond, .beyond])
    #expect(Words.ranks(board.rows) == ["1", "–", "–"] && board.winner == 2)
    for seed in 1...3 { sample.trial(1, [8 + Double(seed)], seed: Int64(seed)) }
    let last = try #require(Board(Evidence(try sample.study), metric: 0).rows.last)
    #expect(last.trial == 1 && last.standing == .beyond && last.count == 3 && last.value == 10 && last.interval != nil)
  }

  @Test func aLongBoardComparesTheFirstHundred() throws {
    var sample = Sample(folds: true)
    for x in 0..<100 {
      for model in 0..<2 where x % 2 == model || x < 50 {
        let items = (0..<4).map { Double(x) + wave(x * 5 + $0 + model) }
        sample.trial(Double(x), model: Double(model), [items.reduce(0, +) / 4], items: items)
      }
    }
    let board = try board(sample)
    #expect(board.rows.count == 150 && board.comparisons == Board.compared - 1)
    #expect(board.rows.prefix(100).allSatisfy { $0.standing != .once } && board.rows.last?.standing == .once)
    #expect(board.warnings.contains("only the first 100 of 150 are compared with the best"))
  }

  @Test func nothingIsNoBoard() throws {
    let board = try board(Sample())
    #expect(board.rows.isEmpty && board.warnings.isEmpty && board.winner == nil)
  }
}
