import Statistics
import Testing

@Suite struct ControlGroupTests {
  @Test func trialsToReachAValue() throws {
    let control = ControlGroup([5, 1, 4, 2, 3, 6, 7, 8, 9, 10, .nan])
    let (expected, interval) = try #require(control.trials(toReach: 2))
    // 1 / 0.2; statsmodels proportion_confint(2, 10, method="beta") = (0.02521073, 0.55609546)
    #expect(expected == 5)
    #expect(isClose(interval.lower, 1 / 0.5560954623076415, 1e-9) && isClose(interval.upper, 1 / 0.0252107263, 1e-5))
    let never = try #require(control.trials(toReach: 0))
    #expect(never.expected == .infinity && never.interval.upper == .infinity)
    #expect(isClose(never.interval.lower, 1 / 0.30849710781876083, 1e-9))
    #expect(ControlGroup([]).trials(toReach: 0) == nil)
  }

  @Test(arguments: 1...6)
  func expectedBestIsTheMeanOverAllChoices(size: Int) {
    let values = [0.3, -1, 2.5, 2.5, 7, 0]
    let choices = (0..<64).filter { $0.nonzeroBitCount == size }
    let sum = choices.reduce(0.0) { sum, choice in
      sum + (values.indices.filter { choice >> $0 & 1 == 1 }.map { values[$0] }.min() ?? 0)
    }
    #expect(isClose(ControlGroup(values).expectedBest(of: size), sum / Double(choices.count)))
  }

  @Test func expectedBestNeedsAsManyTrials() {
    #expect(ControlGroup([1]).expectedBest(of: 2) == nil && ControlGroup([1]).expectedBest(of: 0) == nil)
  }

  @Test func theBestSoFarNeverRises() {
    #expect(bestSoFar([.nan, 3, 4, 1, 2]) == [.infinity, 3, 3, 1, 1])
  }
}
