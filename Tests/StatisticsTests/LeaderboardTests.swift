import Numbers
import Statistics
import Testing

@Suite struct LeaderboardTests {
  /// Three trials on the folds of docs/statistics.md, and one far behind.
  private let measured = [
    Measured(trial: 3, [4.4, 6.1, 2.6, 5.3, 4.4], cost: 41),
    Measured(trial: 7, [5.3, 6.1, 3.5, 4.4, 4.4], cost: 12),
    Measured(trial: 9, [4.4, 7.0, 3.5, 5.3, 5.3], cost: 50),
    Measured(trial: 1, [27.9, 29.6, 26.1, 28.8, 27.0], cost: 2),
  ]

  @Test func tiesAreTiesAndTheCheapestOfThemWins() throws {
    let board = try #require(Leaderboard(measured, .folds(5)))
    #expect(board.rows.map(\.trial) == [3, 7, 9, 1])
    #expect(board.rows.map(\.standing) == [.best, .tied, .tied, .worse])
    #expect(board.tied == [3, 7, 9] && board.comparisons == 3)
    #expect(board.winner == 7, "not 1, which costs less but is worse, nor 9, which is tied but costs more")
    #expect(board.rows.dropFirst().allSatisfy { $0.versusBest?.method == .correctedT && $0.versusBest?.count == 5 })
    #expect(board.warning == nil)
    #expect(
      board.sentence
        == "3 trials are statistically tied (Holm, 3 comparisons); the cheapest within one standard error of the best, "
        + "trial 3, is trial 7")
    #expect(board.reason(board.rows[0]) == "the lowest mean")
    #expect(board.reason(board.rows[3]).hasSuffix("by corrected paired t after Holm over 3"))
  }

  @Test func adjustedPsAreHolmsOverTheComparisonsMade() throws {
    let board = try #require(Leaderboard(measured, .folds(5)))
    let raw = board.rows.compactMap { $0.versusBest?.p }
    #expect(board.rows.compactMap(\.adjustedP) == holm(raw) && raw.count == 3)
  }

  /// The costs of trials that are tied only because little was measured do not count: this one is far from the best.
  @Test func theWinnerIsWithinOneStandardErrorOfTheBest() throws {
    let board = try #require(
      Leaderboard([Measured(trial: 1, [1, 1.1], cost: 9), Measured(trial: 2, [1, 30], cost: 1)]))
    #expect(board.rows[1].standing == .tied && board.winner == 1)
  }

  @Test func withoutAllCostsTheBestWins() throws {
    let trials = [Measured(trial: 1, [1, 2, 3]), Measured(trial: 2, [1, 2, 3.1], cost: 1)]
    #expect(try #require(Leaderboard(trials)).winner == 1)
  }

  @Test func anOrderWithinNoiseIsSaidToBe() throws {
    let board = try #require(Leaderboard(Array(measured.prefix(3)), .folds(5)))
    let warning = try #require(board.warning)
    #expect(warning.hasPrefix("the order of these 3 trials is within noise: the first is 0.54 better than the last"))
    #expect(try #require(board.detectable) > 0.54)
  }

  /// Common names are paired, others are not, single values use the noise of the rest.
  @Test func theTestFollowsFromWhatIsCommon() throws {
    func method(_ other: Measured) throws -> TestResult.Method? {
      try #require(Leaderboard([Measured(trial: 1, [1, 1.5, 1.2]), other])).rows[1].versusBest?.method
    }
    #expect(try method(Measured(trial: 2, [2, 2.6, 2.1])) == .pairedT)
    #expect(try method(Measured(trial: 2, values: ["a": 2, "b": 2.6])) == .welchT)
    #expect(try method(Measured(trial: 2, values: ["a": 2])) == .pooledT)
  }

  @Test func pairsDecideWhatMeansDoNot() throws {
    // Seeds move both by up to 100; the second is always 1 worse.
    let base = [0.0, 100, 50, 20, 70, 10, 35]
    let other = base.enumerated().map { $1 + 1 + 0.01 * Double($0) }
    let paired = try #require(Leaderboard([Measured(trial: 1, base), Measured(trial: 2, other)]))
    #expect(paired.tied == [1])
    let names = Dictionary(uniqueKeysWithValues: other.enumerated().map { ("other \($0)", $1) })
    let unpaired = try #require(Leaderboard([Measured(trial: 1, base), Measured(trial: 2, values: names)]))
    #expect(unpaired.tied == [1, 2])
    let ranks = try #require(Leaderboard([Measured(trial: 1, base), Measured(trial: 2, other)], by: .ranks))
    #expect(ranks.tied == [1] && ranks.rows[1].versusBest?.method == .signedRank)
    // All seven signs agree: 2 / 2⁷.
    #expect(ranks.rows[1].adjustedP == 2.0 / 128)
  }

  @Test func whatWasMeasuredOnceIsNotCompared() throws {
    let board = try #require(Leaderboard((1...3).map { Measured(trial: $0, [Double($0)], cost: Double(-$0)) }))
    #expect(board.rows.map(\.standing) == [.best, .untested, .untested] && board.comparisons == 0)
    #expect(board.winner == 1 && board.sentence == "trial 1 has the best value")
    #expect(board.warning?.hasPrefix("2 trials cannot be compared") ?? false)
    #expect(Leaderboard([]) == nil && Leaderboard([Measured(trial: 1, [.nan])]) == nil)
  }

  /// 300 experiments with ten trials that are equally good. That one of them is called worse is more frequent than 1 in
  /// 20, since the best is found on the same values; that it is a given one, such as the truly best, is not.
  @Test func theTrulyBestIsAmongTheTied() throws {
    var (lost, any) = (0, 0)
    for experiment in 0..<300 {
      var draws = Draws(seed: 10, trial: experiment)
      let trials = (0..<10).map { trial in Measured(trial: trial, (0..<8).map { _ in draws.normal() }) }
      let tied = try #require(Leaderboard(trials)).tied
      if !tied.contains(0) { lost += 1 }
      if tied.count < 10 { any += 1 }
    }
    // These very numbers are in docs/statistics.md.
    #expect(lost == 9 && any == 44, "\(lost) and \(any) of 300")
  }
}
