import Knowledge
import Spaces
import Strategies
import Testing
import Values

@Suite struct TranslationTests {
  private func translated(_ point: [Double], _ old: [Parameter], _ new: [Parameter]) throws -> [Double] {
    try Translation(from: Space(old), to: Space(new)).translate(Point(point)).coordinates
  }

  @Test func namesKeepValuesNotPlaces() throws {
    let old = [Parameter("k", Samples.integers(1, 9)), Parameter("kind", Samples.choices("a", "b"))]
    let new = [Parameter("kind", Samples.choices("b", "c", "a")), Parameter("k", Samples.integers(0, 20))]
    #expect(try translated([7, 0], old, new) == [2, 7])
    #expect(try translated([7, 1], old, new) == [0, 7])
  }

  @Test func numbersGoToTheNearestThereIs() throws {
    func one(_ value: Double, _ old: Domain, _ new: Domain) throws -> Double {
      try translated([value], [Parameter("p", old)], [Parameter("p", new)])[0]
    }
    #expect(try one(50, Samples.floats(0, 100), Samples.floats(0, 10)) == 10)
    #expect(try one(0.5, Samples.floats(0, 1), Samples.floats(1, 10, isLogarithmic: true)) == 1)
    #expect(try one(3.4, Samples.floats(0, 10), Samples.integers(0, 10)) == 3)
    // 10⁻⁵ is nearer to 10⁻⁴ than to 10⁻⁹ by ratio; both are far by difference.
    #expect(try one(1e-5, Samples.floats(0, 1), Samples.listed(1e-9, 1e-4, 1)) == 1)
    #expect(try one(1e-7, Samples.floats(0, 1), Samples.listed(1e-9, 1e-3, 1)) == 0)
    #expect(try one(4, Samples.floats(0, 10), Samples.listed(1, 5, 9)) == 1)
  }

  @Test func newParametersHaveTheirPreset() throws {
    let old = [Parameter("kind", Samples.choices("a", "b"))]
    let new = [
      Parameter("kind", Samples.choices("a", "b")), Parameter("x", Samples.floats(0, 4)),
      Parameter("y", Samples.floats(0, 4), preset: 1), Parameter("z", Samples.choices("u", "v")),
      Parameter("only b", Samples.integers(1, 3), when: Parameter.Condition(parameter: 0, choices: [1])),
    ]
    #expect(try translated([0], old, new) == [0, 2, 1, 0, Point.inactive])
    #expect(try translated([1], old, new) == [1, 2, 1, 0, 2])
  }

  @Test func whatIsGoneIsIgnored() throws {
    let kind = Parameter("kind", Samples.choices("a", "b"))
    #expect(try translated([0, 3], [Parameter("x", Samples.floats(0, 4)), kind].reversed(), [kind]) == [0])
  }

  @Test func aChoiceThatIsGoneCannotBeSaid() {
    let old = [Parameter("model", Samples.choices("svm", "knn"))]
    let new = [Parameter("model", Samples.choices("knn", "trees"))]
    #expect { try translated([0], old, new) } throws: {
      ($0 as? Translation.Untranslatable)?.reason == "model cannot be svm any more"
    }
  }

  @Test func lessonsNameWhatTheyDropped() throws {
    let old = Space([Parameter("model", Samples.choices("svm", "knn")), Parameter("x", Samples.integers(0, 9))])
    let new = Space([Parameter("model", Samples.choices("knn", "trees")), Parameter("x", Samples.integers(0, 9))])
    let trials = (0..<10).map { Trial($0, Point([$0 == 3 ? 0 : 1, Double($0)]), .finished, values: [Double($0)]) }
    let past = PastExperiment(id: "7", space: old, trials: trials, relation: .sameProblem)
    let lesson = try #require(Lesson(past, for: new))
    #expect(lesson.dropped.map(\.trial) == [3])
    #expect(lesson.dropped.first?.reason == "model cannot be svm any more")
    #expect(lesson.observations.map(\.trial) == [0, 1, 2, 4, 5, 6, 7, 8, 9])
  }
}
