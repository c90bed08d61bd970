package import Experiments
package import Statistics
internal import Workflows

/// Two configurations of an experiment: what is different, and whether the difference shows.
package struct TrialComparison: Sendable {
  package struct Side: Sendable {
    package let trial: Int
    /// Trials whose values count: itself, or those that repeated it.
    package let counted: [Int]
    package let stage: String
    package let run: Int64?
    package let taskSeconds: Double
  }

  package struct Setting: Sendable {
    package let name: String
    /// Nil: does not exist there.
    package let first: String?
    package let second: String?
    package var isSame: Bool { first == second }
  }

  package enum Verdict: String, Sendable {
    case first, second
    /// The difference is within noise.
    case tied
    /// Nothing was measured twice, or the metric has no direction.
    case unknown
  }

  package struct Metric: Sendable {
    package let name: String
    package let first: Summary?
    package let second: Summary?
    package let firstInterval: Interval?
    package let secondInterval: Interval?
    /// Second minus first, as measured.
    package let difference: Double?
    package let interval: Interval?
    package let p: Double?
    /// After Holm's correction over the metrics that were tested.
    package let adjustedP: Double?
    package let method: TestResult.Method?
    /// Which is better.
    package let verdict: Verdict
    /// The probability that both are as good within the margin.
    package let equivalence: Equivalence?
  }

  package let sides: [Side]
  package let settings: [Setting]
  package let metrics: [Metric]
  package let comparisons: Int
  package let notes: [String]

  /// - Parameter margin: a difference of the first objective that a person does not care about.
  /// - Returns: nil where one of them has no finished trial.
  package init?(_ study: Study, _ first: Int, _ second: Int, margin: Double? = nil) {
    let evidence = Evidence(study)
    guard let a = evidence.candidate(of: first), let b = evidence.candidate(of: second) else { return nil }
    sides = [a, b].map { Self.side($0, study) }
    let names = study.definition.experiment.parameters.map(\.name)
    let (one, two) = (
      Dictionary(uniqueKeysWithValues: Words.settings(a.point, of: study.definition).map { ($0.name, $0.value) }),
      Dictionary(uniqueKeysWithValues: Words.settings(b.point, of: study.definition).map { ($0.name, $0.value) })
    )
    settings = names.filter { one[$0] != nil || two[$0] != nil }.map {
      Setting(name: $0, first: one[$0], second: two[$0])
    }
    let all = study.definition.experiment.metrics.indices
    let tests = all.map { Self.test(evidence, a, b, $0) }
    var adjusted = holm(tests.compactMap { $0?.p })[...]
    comparisons = adjusted.count
    metrics = all.map { metric in
      let result = tests[metric]
      return Self.metric(
        evidence, a, b, metric, result, result == nil ? nil : adjusted.popFirst(),
        metric == study.definition.objectives.first ? margin : nil)
    }
    var notes: [String] = []
    if a.point == b.point { notes.append("trials \(first) and \(second) have the same configuration") }
    if comparisons == 0 {
      notes.append("neither was measured twice: the differences may be chance; `repeat` stages and folds tell")
    }
    if comparisons > 1 { notes.append("p values are corrected for \(comparisons) comparisons (Holm)") }
    self.notes = notes
  }

  private static func side(_ candidate: Evidence.Candidate, _ study: Study) -> Side {
    let trial = study.trials[candidate.place]
    return Side(
      trial: trial.number, counted: candidate.counted.map { study.trials[$0].number },
      stage: study.definition.experiment.stages[trial.proposed.stage].name,
      run: trial.ended?.run ?? study.trials[candidate.counted[0]].ended?.run,
      taskSeconds: candidate.counted.reduce(0) { $0 + (study.trials[$1].ended?.taskSeconds ?? 0) })
  }

  /// Second against first; pairs where folds or seeds agree, else the noise of all trials.
  private static func test(
    _ evidence: Evidence, _ a: Evidence.Candidate, _ b: Evidence.Candidate, _ metric: Int
  ) -> TestResult? {
    let (first, second) = (evidence.measured(a, metric), evidence.measured(b, metric))
    guard a.point != b.point, let one = first.summary, let two = second.summary else { return nil }
    let repeats = evidence.repeats(of: metric)
    let differences = second.differences(to: first)
    // What was measured once each is no pair of repeats.
    if differences.count > 1 { return TTest.paired(differences, repeats) }
    if one.count > 1, two.count > 1 { return TTest.unpaired(second.inOrder, first.inOrder, repeats) }
    let noise = Noise(evidence.candidates.map { evidence.measured($0, metric) }.filter { $0.values.count > 1 })
    return noise.map { TTest.pooled(two, one, $0, repeats) }
  }

  private static func metric(
    _ evidence: Evidence, _ a: Evidence.Candidate, _ b: Evidence.Candidate, _ place: Int, _ result: TestResult?,
    _ adjusted: Double?, _ margin: Double?
  ) -> Metric {
    let metric = evidence.study.definition.experiment.metrics[place]
    let sign = evidence.study.sign(place)
    let repeats = evidence.repeats(of: place)
    let (one, two) = (evidence.measured(a, place), evidence.measured(b, place))
    func shown(_ measured: Measured) -> Summary? { measured.summary.map { sign < 0 ? $0.turned : $0 } }
    let (first, second) = (shown(one), shown(two))
    var verdict = Verdict.unknown
    if let result, let adjusted, !metric.isWatched {
      verdict = adjusted >= 0.05 ? .tied : result.difference < 0 ? .second : .first
    }
    let difference = first.flatMap { first in second.map { $0.mean - first.mean } }
    return Metric(
      name: metric.name, first: first, second: second, firstInterval: first?.interval(repeats),
      secondInterval: second?.interval(repeats), difference: difference,
      interval: result?.interval.map { sign < 0 ? Interval(-$0.upper, -$0.lower) : $0 }, p: result?.p,
      adjustedP: adjusted, method: result?.method, verdict: verdict,
      equivalence: margin.flatMap { Equivalence(two.differences(to: one), repeats, margin: $0) })
  }
}

extension Measured {
  /// Values in the order of their names.
  fileprivate var inOrder: [Double] { values.sorted { $0.key < $1.key }.map(\.value) }
}
