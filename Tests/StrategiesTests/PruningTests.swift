import Numbers
import Spaces
import Testing

@testable import Strategies

@Suite struct PruningRules {
  static func history(_ curves: [[Double]], _ state: (Int) -> Trial.State = { _ in .finished }) -> History {
    History(curves.enumerated().map { Trial($0, Point([Double($0)]), state($0), curve: $1) })
  }

  static let five = history([[5, 4, 3], [6, 5, 4], [7, 6, 5], [8], [9, 9, 9]])

  /// At step 1 the others have 5, 6, 7, 8, 9; at step 2 4, 5, 6, 9.
  @Test(arguments: [
    ([7.0], false), ([7.1], true), ([9.0, 5.5], false), ([1, 5.6], true), ([], false), ([.nan], true),
    ([.infinity], true),
    ([-.infinity], false),
  ])
  func theMedian(_ curve: [Double], _ stops: Bool) {
    let rule = PercentilePruning(startup: 4)
    #expect((rule.reasonToStop(curve, of: 9, Self.five) != nil) == stops)
  }

  @Test func reasonsSayTheRule() {
    #expect(PercentilePruning().reasonToStop([8], of: 9, Self.five) == "worse than half of 5 trials at step 1")
    #expect(
      PercentilePruning(share: 0.25).reasonToStop([8], of: 9, Self.five) == "worse than 75 % of 5 trials at step 1")
    #expect(
      SuccessiveHalving().reasonToStop([8], of: 9, Self.five) == "place 4 of 6 at step 1, of which 2 go on")
  }

  @Test func aQuarterGoesOn() {
    let rule = PercentilePruning(share: 0.25)
    #expect(rule.reasonToStop([6], of: 9, Self.five) == nil)
    #expect(rule.reasonToStop([6.1], of: 9, Self.five) != nil)
  }

  @Test func notBeforeThereIsSomethingToCompare() {
    #expect(PercentilePruning(startup: 6).reasonToStop([100], of: 9, Self.five) == nil)
    #expect(PercentilePruning(startup: 5).reasonToStop([100], of: 9, Self.five) != nil)
    #expect(PercentilePruning(startup: 5).reasonToStop([1, 100], of: 9, Self.five) == nil)
    #expect(PercentilePruning(warmup: 1).reasonToStop([100], of: 9, Self.five) == nil)
    #expect(PercentilePruning(startup: 1, warmup: 1).reasonToStop([1, 100], of: 9, Self.five) != nil)
  }

  @Test func theTrialItselfAndExcludedOnesDoNotCount() {
    let rule = PercentilePruning(startup: 5)
    #expect(rule.reasonToStop([100], of: 4, Self.five) == nil)
    let excluded = Self.history([[5], [6], [7], [8], [9]]) { $0 == 0 ? .excluded : .finished }
    #expect(rule.reasonToStop([100], of: 9, excluded) == nil)
    let stopped = Self.history([[5], [6], [7], [8], [9]]) { _ in .pruned }
    #expect(rule.reasonToStop([100], of: 9, stopped) != nil)
  }

  @Test func curvesThatAreNotNumbersAreTheWorst() {
    let nans = Self.history([[.nan], [.nan], [.nan], [1], [2]])
    let rule = PercentilePruning()
    #expect(rule.reasonToStop([5], of: 9, nans) == nil)
    #expect(SuccessiveHalving().reasonToStop([1.5], of: 9, nans) == nil)
    #expect(SuccessiveHalving().reasonToStop([3], of: 9, nans) != nil)
    #expect(SuccessiveHalving().reasonToStop([.nan], of: 9, nans) != nil)
  }

  @Test func limits() {
    let rule = ThresholdPruning(limit: 2, warmup: 1)
    #expect(rule.reasonToStop([9], of: 0, History()) == nil)
    #expect(rule.reasonToStop([9, 2], of: 0, History()) == nil)
    #expect(rule.reasonToStop([1, 2.1], of: 0, History()) == "beyond the limit at step 2")
    #expect(rule.reasonToStop([1, .nan], of: 0, History()) != nil)
  }

  @Test(
    arguments: [
      ([3.0, 2, 1], 2, 0.0, false), ([3, 3, 3], 2, 0, true), ([3, 2, 4, 5], 2, 0, true), ([3, 2, 4, 1], 2, 0, false),
      ([3, 2.9, 2.8], 2, 0.1, false), ([3, 2.95, 2.92], 2, 0.1, true), ([3, 9], 2, 0, false),
      ([3, .nan, .nan], 2, 0, true),
    ] as [([Double], Int, Double, Bool)])
  func patience(_ curve: [Double], _ steps: Int, _ improvement: Double, _ stops: Bool) {
    let reason = PatiencePruning(steps: steps, improvement: improvement).reasonToStop(curve, of: 0, History())
    #expect((reason != nil) == stops)
  }
}

@Suite struct SuccessiveHalvingRules {
  /// Rungs at 1, 3 and 9 steps; of those that came so far a third goes on.
  @Test func byHand() {
    let rule = SuccessiveHalving()
    func stops(_ curve: [Double], _ others: [[Double]]) -> Bool {
      rule.reasonToStop(curve, of: 99, PruningRules.history(others)) != nil
    }
    // The first goes on, the second only when it is better.
    #expect(!stops([5], []))
    #expect(stops([6], [[5]]) && !stops([4], [[5]]) && !stops([5], [[5]]))
    // Of six two go on.
    #expect(!stops([4.5], [[4], [5], [6], [7], [8]]) && stops([5.5], [[4], [5], [6], [7], [8]]))
    // Between rungs nothing is stopped; at the next one only those that came there count.
    #expect(!stops([9, 99], [[1, 1], [1, 1]]))
    #expect(stops([9, 9, 5], [[1], [1, 1], [1, 1, 4]]) && !stops([9, 9, 3], [[1], [1, 1], [1, 1, 4]]))
    #expect(stops([Double](repeating: 5, count: 9), [[Double](repeating: 4, count: 9)]))
  }

  @Test func laterRungsAndOtherFactors() {
    let rule = SuccessiveHalving(first: 2, factor: 4)
    let others = PruningRules.history((0..<7).map { [Double]([Double($0), Double($0)]) })
    #expect(rule.reasonToStop([99], of: 9, others) == nil)
    #expect(rule.reasonToStop([99, 1], of: 9, others) == nil)
    #expect(rule.reasonToStop([0, 1.5], of: 9, others) != nil)
  }

  /// Whoever goes on was among the best third of that moment; in random order about a third reaches each next rung.
  @Test(arguments: 0..<10) func aThirdGoesOn(_ seed: Int) {
    var draws = Draws(seed: UInt64(seed), trial: 0)
    let rule = SuccessiveHalving()
    var history = History()
    var seen: [Int: [Double]] = [:]
    var wentOn: [Int: Int] = [:]
    for number in 0..<200 {
      let quality = draws.unit()
      var curve: [Double] = []
      steps: for step in 1...27 {
        curve.append(quality + 0.05 * draws.unit() / Double(step))
        guard [1, 3, 9].contains(step) else { continue }
        seen[step, default: []].append(curve[step - 1])
        let place = seen[step, default: []].count { $0 < curve[step - 1] }
        let places = max(seen[step, default: []].count / 3, 1)
        let reason = rule.reasonToStop(curve, of: number, history)
        #expect((reason == nil) == (place < places))
        if reason != nil { break steps }
        wentOn[step, default: 0] += 1
      }
      history.append(Trial(number, Point([Double(number)]), curve.count == 27 ? .finished : .pruned, curve: curve))
    }
    #expect((45...90).contains(wentOn[1, default: 0]))
    #expect((3...25).contains(wentOn[9, default: 0]))
  }

  @Test func hyperbandTakesTurns() {
    // Longest 9: brackets that begin at 1, 3 and 9, for nine, three and one of thirteen trials.
    let rule = Hyperband(longest: 9)
    let bad = PruningRules.history((100..<400).map { _ in [Double](repeating: 0, count: 9) })
    func firstStop(_ trial: Int) -> Int? {
      (1...9).first { rule.reasonToStop([Double](repeating: 9, count: $0), of: 1000 * 13 + trial, bad) != nil }
    }
    #expect((0..<13).map(firstStop) == [Int?](repeating: 1, count: 9) + [3, 3, 3, 9])
  }

  /// Trials of another bracket do not count.
  @Test func bracketsAreApart() {
    let rule = Hyperband(longest: 9)
    let others = History((9..<12).map { Trial($0, Point([Double($0)]), .finished, curve: [0, 0, 0]) })
    #expect(rule.reasonToStop([5], of: 0, others) == nil)
    #expect(rule.reasonToStop([5, 5, 5], of: 12 + 13 - 2, others) != nil)
  }
}
