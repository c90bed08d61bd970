import Comparisons
import Testing

@Suite struct DurationTests {
  @Test(arguments: [
    // Enough on both sides: the ranks decide.
    ([100, 101, 102, 103, 104], [200, 201, 202, 203, 204], [], DurationComparison.Verdict.slower),
    ([200, 201, 202, 203, 204], [100, 101, 102, 103, 104], [], .faster),
    ([100, 150, 200, 250, 300], [120, 170, 220, 270, 320], [], .noise),
    // Apart, but by less than anybody should care about.
    ([100, 100, 100, 100, 100], [102, 102, 102, 102, 102], [], .noise),
    // One measurement each says nothing by itself.
    ([100], [900], [], .unknown),
    ([100], [900], [110, 95, 105, 99], .unknown),
    ([100], [900], [110, 95, 105, 99, 98, 97, 103], .slower),
    ([100], [40], [110, 95, 105, 99, 98, 97, 103], .faster),
    // Outside of what was seen, but not by more than a scheduler may add.
    ([100], [117], [110, 95, 105, 99, 98, 97, 103], .noise),
    ([100], [], [110, 95, 105, 99, 98, 97, 103], .unknown),
    ([], [], [], .unknown),
  ])
  func noiseIsNotCalledADifference(
    before: [Int64], after: [Int64], others: [Int64], verdict: DurationComparison.Verdict
  ) {
    let ms = { (times: [Int64]) in times.map { $0 * 1_000_000 } }
    #expect(DurationComparison(before: ms(before), after: ms(after), others: ms(others)).verdict == verdict)
  }

  /// The same distribution on both sides is never called a difference for long.
  @Test func theSameWorkIsNoise() {
    var wrong = 0
    for seed in 1...300 {
      var source = Source(UInt64(seed))
      let x = (0..<12).map { _ in Int64(1000 + source.next(400)) }
      let y = (0..<12).map { _ in Int64(1000 + source.next(400)) }
      if DurationComparison(before: x, after: y).verdict != .noise { wrong += 1 }
      #expect(DurationComparison(before: x, after: x).verdict == .noise)
      #expect(DurationComparison(before: x, after: x.map { $0 * 3 }).verdict == .slower)
    }
    #expect(wrong <= 9)
  }
}
