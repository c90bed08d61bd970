import Knowledge
import Spaces
import Strategies
import Testing

@Suite struct QueueTests {
  private let line = Space([Parameter("x", Samples.integers(0, 9)), Parameter("y", Samples.integers(0, 9))])

  @Test func theChampionFirstThenOthersThatAreNotVariationsOfIt() {
    let points: [(Double, Double, Double)] = [
      (5, 5, 1), (5, 6, 1.1), (6, 6, 1), (1, 1, 1.3), (1, 2, 1.4), (9, 0, 1.5), (0, 9, 5), (3, 9, 6), (4, 8, 7),
      (8, 8, 8), (2, 7, 9), (7, 3, 10),
    ]
    let trials = points.enumerated().map { Trial($0, Point([$1.0, $1.1]), .finished, values: [$1.2]) }
    let past = PastExperiment(id: "old", space: line, trials: trials, relation: .sameProblem)
    // Not 1, which differs from the champion in one parameter; not 2, with the same result; not 4, next to 3.
    #expect(Informed([past], for: line).queue.map(\.trial) == [0, 3, 5])
  }

  @Test func theLatestOfTheSameProblemComesFirst() {
    let past = ["old", "new"].map { Samples.past($0, Samples.finite, .sameProblem, Samples.cost(Samples.finite)) }
    let queue = Informed(past, for: Samples.finite).queue
    #expect(queue.count == 3)
    #expect(queue[0].experiment == "new")
  }

  /// Against all sets of two, and step by step.
  @Test func thePortfolioIsTheGreedyOne() {
    let space = Samples.finite
    let past = (0..<6).map { index in
      Samples.past("e\(index)", space) { ($0[1] - Double(index)) * ($0[1] - Double(index)) + 0.1 * $0[0] }
    }
    let lessons = past.compactMap { Lesson($0, for: space) }
    let queue = Informed(past, for: space).queue
    #expect(queue.count == 8)
    let candidates = lessons.flatMap { $0.observations.prefix(5).map(\.point) }
    func loss(_ points: [Point]) -> Double {
      lessons.reduce(0) { sum, lesson in sum + points.reduce(3) { min($0, lesson.score($1)) } }
    }
    for count in queue.indices {
      let before = queue.prefix(count).map(\.point)
      let best = candidates.filter { !before.contains($0) }.map { loss(before + [$0]) }.min() ?? 0
      #expect((loss(before + [queue[count].point]) - best).magnitude < 1e-9)
    }
    // Greedy is no worse than 1 − 1/e of the best pair.
    let pairs = candidates.flatMap { a in candidates.map { loss([a, $0]) } }.min() ?? 0
    let none = loss([])
    #expect(none - loss(queue.prefix(2).map(\.point)) >= 0.632 * (none - pairs))
  }

  @Test func nearIsMeasuredOnTheScaleOfEachFeature() {
    let space = Samples.finite
    let features: [[String: Double]] = [
      ["rows": 1000, "skew": 0.1], ["rows": 1010, "skew": 0.9], ["rows": 3000, "skew": 0.1],
      ["rows": 1000, "skew": 0.2],
    ]
    let lessons = features.enumerated().compactMap {
      Lesson(Samples.past("e\($0)", space, features: $1, Samples.cost(space)), for: space)
    }
    #expect(Informed.nearest(lessons, to: ["rows": 1000, "skew": 0.1]).map(\.experiment) == ["e0", "e3", "e2", "e1"])
  }
}
