import Experiments
import Insights
import Spaces
import Statistics
import Testing
import Workflows

private func close(_ a: Double?, _ b: Double) -> Bool {
  a.map { ($0 - b).magnitude < 1e-7 * max(1, b.magnitude) } ?? false
}

@Suite struct ComparisonTests {
  private func repeated() -> Sample {
    var sample = Sample([("auc", true), ("ms", false)])
    sample.trial(10, model: 0, [0.99, 10])
    sample.trial(10, model: 1, [0.97, 12])
    let values = [
      (0.91, 10.0, 0.93, 11.0), (0.93, 12, 0.94, 12), (0.90, 11, 0.93, 10), (0.94, 13, 0.95, 14), (0.92, 12, 0.935, 12),
    ]
    for (seed, row) in values.enumerated() {
      sample.trial(10, model: 0, [row.0, row.1], seed: Int64(seed))
      sample.trial(10, model: 1, [row.2, row.3], seed: Int64(seed))
    }
    return sample
  }

  /// `scipy.stats.ttest_rel` of both metrics, and Holm over the two.
  @Test func twoTrials() throws {
    let comparison = try #require(TrialComparison(try repeated().study, 1, 2, margin: 0.05))
    let (auc, ms) = (comparison.metrics[0], comparison.metrics[1])
    #expect(comparison.comparisons == 2)
    #expect(close(auc.difference, 0.017) && close(auc.p, 0.010469669289615367))
    #expect(close(auc.adjustedP, 2 * 0.010469669289615367) && auc.verdict == .second)
    #expect(close(auc.interval?.lower, 0.00661149366316428) && close(auc.interval?.upper, 0.02738850633683571))
    #expect(close(ms.p, 0.6213082950374971) && close(ms.adjustedP, 0.6213082950374971) && ms.verdict == .tied)
    #expect(try #require(auc.equivalence).within > 0.99)
    #expect(ms.equivalence == nil)
    #expect(comparison.settings.filter { !$0.isSame }.map(\.name) == ["model"])
    #expect(comparison.settings[0].first == "forest" && comparison.settings[0].second == "logit")
  }

  /// One value of each is compared with the noise of others, in which the seed counts: these three scatter alike.
  @Test func singleValuesAreNoPairs() throws {
    var sample = Sample()
    sample.trial(1, [5.0])
    sample.trial(2, [5.5])
    for x in [3.0, 4, 5] {
      sample.trial(x, [6])
      for seed in 1...4 { sample.trial(x, [6 + Double(seed % 2)], seed: Int64(seed)) }
    }
    let comparison = try #require(TrialComparison(try sample.study, 1, 2))
    #expect(comparison.metrics[0].verdict == .tied)
    #expect(try #require(comparison.metrics[0].p) > 0.3)
    var bare = Sample()
    bare.trial(1, [5.0])
    bare.trial(2, [5.5])
    let nothing = try #require(TrialComparison(try bare.study, 1, 2))
    #expect(nothing.metrics[0].verdict == .unknown && nothing.metrics[0].p == nil && nothing.comparisons == 0)
    #expect(TrialComparison(try bare.study, 1, 7) == nil)
  }

  @Test func twoExperiments() throws {
    var first = Sample([("auc", true)])
    for (x, value) in [0.5, 0.6, 0.55, 0.7, 0.8].enumerated() { first.trial(Double(x), [value]) }
    var second = Sample([("auc", true)])
    second.experiment.parameters[1].domain = .integers(0, 49, step: 1, isLogarithmic: true)
    for (x, value) in [0.4, 0.75, 0.7].enumerated() { second.trial(Double(x), [value]) }
    let comparison = ExperimentComparison(
      .init(number: 1, study: try first.study, elapsed: 10), .init(number: 2, study: try second.study, elapsed: nil))
    #expect(comparison.metric == "auc" && comparison.sides.map(\.trials) == [5, 3])
    #expect(comparison.trialsToReach?.target == 0.75)
    #expect(comparison.trialsToReach?.first == 5 && comparison.trialsToReach?.second == 2)
    #expect(comparison.marks.map(\.trials) == [1, 2, 5])
    #expect(comparison.marks.map { $0.first ?? 0 } == [0.5, 0.6, 0.8])
    #expect(comparison.marks.map { $0.second ?? 0 } == [0.4, 0.75, 0.75])
    #expect(comparison.parameters.map(\.name) == ["x"] && comparison.parameters[0].second == "int 0..49 log")
    #expect(comparison.test == nil)
    let other = ExperimentComparison(
      .init(number: 1, study: try first.study, elapsed: nil),
      .init(number: 3, study: try Sample([("loss", false)]).study, elapsed: nil))
    #expect(other.metric == nil && other.marks.isEmpty && !other.notes.isEmpty)
  }
}
