import Knowledge
import Spaces
import Strategies
import Testing

@Suite struct ForestTests {
  @Test func leavesAreExactAndTwoRowsSplitOnce() {
    let rows: [[Double]] = [[0, 1], [0.2, 1], [0.4, 0], [0.9, 0], [1, 0]]
    let values = [5.0, 4, 1, 2, 0]
    let forest = Forest(rows, values, seed: 3)
    for (row, value) in zip(rows, values) { #expect((forest.predict(row) - value).magnitude < 1e-12) }
    // Between two rows a tree says one or the other: the threshold is uniform between them.
    let pair = Forest([[0], [1]], [0, 1], trees: 4000, seed: 3)
    #expect((pair.predict([0.25]) - 0.25).magnitude < 0.03)
    #expect(pair.predict([-5]) == 0 && pair.predict([5]) == 1)
  }

  @Test func aColumnThatExplainsNothingIsNotUsed() {
    // The first column decides; the second is the same in all rows.
    let forest = Forest([[0, 3], [0, 3], [1, 3], [1, 3]], [1, 1, 7, 7], seed: 1)
    for other in [-100.0, 3, 100] {
      #expect(forest.predict([0, other]) == 1)
      #expect(forest.predict([1, other]) == 7)
    }
  }

  @Test func rowsThatAreAlikeShareTheirMean() {
    #expect(Forest([[1], [1], [1]], [0, 3, 6], seed: 1).predict([1]) == 3)
    #expect(Forest([[1]], [2], seed: 1).predict([9]) == 2)
  }

  @Test func theSeedDecides() {
    let rows = (0..<20).map { [Double($0), Double($0 * 7 % 11)] }
    let values = (0..<20).map { Double($0 * 3 % 13) }
    func predictions(_ seed: UInt64) -> [Double] {
      rows.map { Forest(rows, values, seed: seed).predict([$0[0] + 0.5, 4]) }
    }
    #expect(predictions(1) == predictions(1))
    #expect(predictions(1) != predictions(2))
  }
}

@Suite struct LessonTests {
  private let space = Space([Parameter("x", Samples.integers(0, 99))])

  private func learn(_ trials: [Trial], _ relation: PastExperiment.Relation = .related) -> Lesson? {
    Lesson(PastExperiment(id: "1", space: space, trials: trials, relation: relation), for: space)
  }
  private func finished(_ values: [Double]) -> [Trial] {
    values.enumerated().map { Trial($0, Point([Double($0)]), .finished, values: [$1]) }
  }

  @Test func scoresAreZeroForTheBestOneForTheMiddleThreeForTheWorst() throws {
    var trials = finished([10, 20, 12, 14, 100])
    trials.append(Trial(5, Point([50]), .failed))
    trials.append(Trial(6, Point([60]), .finished, values: [1], violation: 2))
    let scores = try #require(learn(trials)).observations.map { ($0.trial, $0.score) }
    #expect(scores.map(\.0) == [0, 2, 3, 1, 4, 5, 6])
    #expect(scores.map(\.1) == [0, 0.5, 1, 2.5, 3, 3, 3])
  }

  @Test func taintedTrialsAreLeftOut() throws {
    var trials = finished([10, 20, 12, 14, 100])
    trials.append(Trial(5, Point([50]), .excluded, values: [0]))
    trials.append(Trial(6, Point([51]), .running))
    trials.append(Trial(7, Point([52]), .finished, values: [.nan]))
    #expect(try #require(learn(trials)).observations.map(\.trial).sorted() == [0, 1, 2, 3, 4])
  }

  @Test func repeatsAreOneConfigurationWithTheirMean() throws {
    var trials = finished([10, 20, 12, 14])
    trials.append(Trial(4, Point([0]), .finished, values: [16]))
    let lesson = try #require(learn(trials))
    #expect(lesson.observations.map(\.trial) == [2, 0, 3, 1])
  }

  @Test func nothingIsLearntFromNothing() {
    #expect(learn(finished([1, 2, 3])) == nil)
    #expect(learn(finished([2, 2, 2, 2, 2])) == nil)
    #expect(learn(finished([1, 2, 3, 4, 5]), .none) == nil)
    #expect(learn([]) == nil)
  }

  @Test func unknownChoicesAreNeitherGoodNorBad() throws {
    let space = Space([Parameter("kind", Samples.choices("a", "b", "c")), Parameter("x", Samples.integers(0, 99))])
    let trials = (0..<20).map { Trial($0, Point([Double($0 % 2), Double($0)]), .finished, values: [Double($0 % 2)]) }
    let past = PastExperiment(id: "1", space: space, trials: trials, relation: .related)
    let lesson = try #require(Lesson(past, for: space))
    #expect(lesson.score(Point([0, 4])) == 0)
    #expect(lesson.score(Point([1, 5])) == 1)
    #expect(lesson.score(Point([2, 4])) == 0.5)
  }
}
