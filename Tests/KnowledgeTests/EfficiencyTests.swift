import Knowledge
import Spaces
import Strategies
import Testing

@Suite struct EfficiencyTests {
  /// `c` is a control, anything else is not.
  private func history(_ roles: String, _ values: [Double]) -> History {
    History(
      zip(roles, values).enumerated().map { index, one in
        Trial(
          index, Point([Double(index)]), .finished, values: [one.1],
          memo: [(one.0 == "c" ? Role.control : .model).rawValue])
      })
  }

  @Test func nothingIsSaidWithoutControlsOrSuccess() {
    #expect(Efficiency(history("mm", [1, 2])) == nil)
    #expect(Efficiency(history("mc", [3, 4]), target: 2) == nil)
  }

  /// One of one reached it: p has density 2p, so its median is √½ and its 2.5 % quantile √0.025.
  @Test func oneControl() throws {
    let found = try #require(Efficiency(history("mc", [1, 2])))
    #expect(found.target == 2 && found.trials == 1 && found.reached == 1 && found.controls == 1)
    #expect((found.ratio - 1.4142135).magnitude < 1e-6)
    #expect((found.high - 1 / 0.15811388).magnitude < 1e-5)
    #expect((found.low - 1 / 0.98742088).magnitude < 1e-6)
  }

  /// None of ten reached it: 1 − (1 − p)¹¹ = ½.
  @Test func noneOfTen() throws {
    let found = try #require(
      Efficiency(history("mmcccccccccc", [5, 1] + [Double](repeating: 4, count: 10)), target: 2))
    #expect(found.reached == 0 && found.trials == 2)
    #expect((found.ratio - 1 / 0.06106908 / 2).magnitude < 1e-4)
    #expect(found.low < found.ratio && found.ratio < found.high)
  }
}
