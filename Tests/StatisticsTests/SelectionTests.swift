import Numbers
import Testing

@testable import Statistics

@Suite struct SelectionTests {
  private let draws = Draws(seed: 7, trial: 0)

  @Test func biasOfFolds() throws {
    // Trial 1 has the lowest mean, 2; in the folds it is 0, 1 and 0 worse than the best there.
    let trials = [Measured(trial: 1, [1, 3, 2]), Measured(trial: 2, [4, 2, 6])]
    let selection = try #require(Selection(trials, .folds(3), draws: draws))
    #expect(selection.trial == 1 && selection.method == .folds)
    #expect(isClose(selection.claimed, 2) && isClose(selection.corrected, 2 + 1.0 / 3))
  }

  @Test func shrinkageByHand() throws {
    // Means 0, 1, 2, 3, 4 around 2: Σ² = 10, over k - 3 = 2: variance 5, of which 1 is noise: the distance shrinks to
    // 4/5.
    let trials = (0..<5).map { Measured(trial: $0, [Double($0)]) }
    let noise = try #require(Noise([Measured(trial: 9, [0, 2.0.squareRoot()])]))
    #expect(isClose(noise.deviation, 1))
    let selection = try #require(Selection(trials, noise: noise, draws: draws))
    #expect(selection.method == .shrinkage && isClose(selection.corrected, 0.4))
    #expect(Selection(trials, draws: draws) == nil)
    #expect(Selection([trials[0]], noise: noise, draws: draws) == nil)
  }

  /// How a kind of experiment is made: repeats that all trials share, what the values scatter by, and what to expect.
  struct Kind: Sendable, CustomTestStringConvertible {
    var method: Selection.Method
    var repeats: Repeats
    var count: Int
    var testDescription: String { method.rawValue }
  }

  /// 200 experiments with 30 trials whose true values scatter by 0.5, each repeat by 1: the claim of the best is too
  /// good by more than 0.3, the corrected one nearer to the truth on average.
  @Test(arguments: [
    Kind(method: .folds, repeats: .folds(5), count: 5), Kind(method: .bootstrap, repeats: .independent, count: 5),
    Kind(method: .shrinkage, repeats: .independent, count: 1),
  ])
  func correctedClaimsAreNearerToTheTruth(kind: Kind) throws {
    var (claimed, corrected) = (0.0, 0.0)
    let noise = try #require(Noise([Measured(trial: 0, [0, 2.0.squareRoot()])]))
    for experiment in 0..<200 {
      var draws = Draws(seed: 8, trial: experiment)
      let truth = (0..<30).map { _ in 0.5 * draws.normal() }
      let trials = truth.enumerated().map { number, value in
        Measured(trial: number, (0..<kind.count).map { _ in value + draws.normal() })
      }
      let selection = try #require(
        Selection(trials, kind.repeats, noise: noise, draws: Draws(seed: 9, trial: experiment), count: 50))
      #expect(selection.method == kind.method)
      claimed += (truth[selection.trial] - selection.claimed) / 200
      corrected += (truth[selection.trial] - selection.corrected) / 200
    }
    #expect(claimed > 0.3, "the claim is \(claimed) too good")
    #expect(corrected.magnitude < claimed / 2, "\(corrected) remains of \(claimed)")
  }
}
