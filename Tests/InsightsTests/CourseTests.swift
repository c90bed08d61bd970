import Experiments
import Insights
import Spaces
import Statistics
import Testing
import Workflows

@Suite struct CourseTests {
  @Test func whatWasFoundWhenAndWhatItCost() throws {
    var sample = Sample()
    sample.experiment.budget.trials = 10
    sample.experiment.budget.failures = 2
    for (x, value) in [5.0, 7, nil, 3, 4].enumerated() { sample.trial(Double(x), value.map { [$0] }, seconds: 2) }
    sample.add(
      .proposed(Proposed(trial: 9, stage: 0, point: .init([0, 50]), reason: "")))
    let course = Course(try sample.study, elapsed: 12)
    #expect(course.improvements.map(\.trial) == [1, 4] && course.improvements.map(\.value) == [5, 3])
    #expect(course.best(after: 3) == 5 && course.best(after: 4) == 3 && course.best(after: 0) == nil)
    #expect(course.finished == 4 && course.failed == 1 && course.running.count == 1)
    #expect(course.budget.map(\.name) == ["trials", "time", "task time", "failures"])
    #expect(course.budget[0].share == 0.6 && course.budget[0].words == "6 of 10")
    #expect(course.budget[2].words == "10s" && course.budget[3].share == 0.5)
  }

  /// A pause of days is no time of the experiment; five minutes of a trial are.
  @Test func timeIsWhatAnEngineWorked() throws {
    var sample = Sample()
    sample.trial(1, [1], seconds: 300)
    sample.add(.decided(Decision(.note(trial: nil, "back"), reason: "", basis: 2)), after: 86400)
    sample.trial(2, [1], seconds: 3)
    let elapsed = try sample.study.elapsed
    #expect(elapsed == .seconds(300 + 1 + 3))
    var cut = Sample()
    cut.add(.proposed(Proposed(trial: 1, stage: 0, point: .init([0, 1]), reason: "")))
    // The engine was dead for a day; the trial itself took two seconds, as the record of its tasks says.
    cut.add(
      .ended(Ended(trial: 1, .finished, metrics: [1], taskSeconds: 2)), after: 86400)
    #expect(try cut.study.elapsed == .seconds(62))
    cut.add(.ended(Ended(trial: 7, .finished, metrics: [1], taskSeconds: .nan)), after: 5)
    #expect(try cut.study.elapsed == .seconds(67))
  }

  @Test func theFront() throws {
    var sample = Sample([("auc", true), ("ms", false)])
    for (x, values) in [[0.9, 4.0], [0.8, 2], [0.7, 3], [0.6, 6], [0.9, 5]].enumerated() {
      sample.trial(Double(x), values)
    }
    let front = try #require(Front(try sample.study, metrics: [0, 1]))
    #expect(front.front.map(\.trial) == [1, 2])
    #expect(front.front.map(\.surpassed) == [2, 2])
    #expect(front.reference == [0.6, 6])
    // Two boxes from (0.6, 6): 0.3 × 2 and 0.2 × 4, less what they share.
    #expect((front.volume - (0.6 + 0.8 - 0.4)).magnitude < 1e-12)
    #expect((front.share - 1.0 / 1.2).magnitude < 1e-12)
    #expect(Front(try Sample().study, metrics: [0]) == nil)
  }

  @Test func whatMatters() throws {
    var sample = Sample([("auc", true)])
    for x in 0..<120 { sample.trial(Double(x * 7 % 100), model: Double(x % 2), [Double(x % 2) + 0.001 * wave(x)]) }
    let sensitivity = try #require(Sensitivity(try sample.study))
    let model = try #require(sensitivity.rows.first { $0.name == "model" })
    #expect(model.best == "logit" && model.p < 0.05 && model.explained > 0.99)
    #expect(model.interval.lower > model.chance && model.interval.lower <= model.interval.upper)
    #expect(model.groups.map(\.name) == ["forest", "logit"] && model.groups[1].summary.mean > 0.99)
    #expect(sensitivity.warnings.isEmpty)
    var few = Sample()
    for x in 0..<12 { few.trial(Double(x), [wave(x)]) }
    #expect(try #require(Sensitivity(try few.study)).warnings.count == 2)
    var none = Sample()
    for x in 0..<9 { none.trial(Double(x), [wave(x)]) }
    #expect(Sensitivity(try none.study) == nil)
  }

  /// scipy: `nct` with 4 degrees of freedom, α = 0.05/2, the difference of two values of deviation 0.02 solved for 0.8;
  /// then the smallest n that finds half of it.
  @Test func whatRepeatsWillTell() throws {
    let known = Foresight.Known(noise: 0.02, repeats: .independent, experiment: 3)
    let lines = Foresight(Sample().experiment, known: known).lines
    #expect(
      lines == [
        "stage confirm: 5 repeats of each of 3 find a difference of loss of 0.05798 with a chance of 0.8; half of that needs 12",
        "noise of loss: 0.02 for one value, as in experiment 3",
      ])
    let asked = Foresight(Sample().experiment, known: known, difference: 0.029)
    #expect(asked.statements[0].needed == 12)
    #expect(asked.lines[0].hasSuffix("; you ask for 0.029: 12 needed"))
    #expect(Foresight(Sample().experiment, known: known, difference: 0.1).lines[0].hasSuffix(": enough"))
    #expect(Foresight(Sample().experiment, difference: 0.1).lines.last?.contains("is not known") == true)
    // More folds of the same rows do not tell everything.
    let folds = Foresight.Known(noise: 0.02, repeats: .folds(5), experiment: 3)
    let statement = Foresight(Sample(folds: true).experiment, known: folds, difference: 0.001).statements.last
    #expect(statement?.stage == nil && statement?.repeats == 5 && statement?.needed == nil)
    #expect(statement?.text.contains("no number of them; ") == true)
    #expect(Foresight(Sample().experiment).lines[0].contains("standard deviations"))
    var bare = Sample().experiment
    bare.stages.removeLast()
    #expect(Foresight(bare).lines[0].hasPrefix("nothing is measured twice"))
  }
}
