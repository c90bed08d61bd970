import Diagnostics
import Events
import Numbers
import Spaces
import Strategies
import Testing
import Values

@testable import Experiments
@testable import Workflows

/// What strategies and pruning rules are told is kept up to date trial by trial: it has to be what the log says at once.
@Suite struct HistoriesTests {
  private static func study(isStrict: Bool, start: Experiment.Source?) -> Trialled {
    var trialled = Trialled(isStrict: isStrict)
    trialled.stage("wide", "sobol", 25)
    trialled.stage("deep", "tpe", 25) {
      $0.start = start
      $0.pruning = .init(name: "median", options: [("after", .int(2))], span: .init(0, 0))
    }
    return trialled
  }

  @Test(
    arguments: [false, true],
    [nil, Experiment.Source(count: 3, stage: 0), Experiment.Source(count: 4, stage: nil)])
  func theyAreWhatTheLogSays(_ isStrict: Bool, _ start: Experiment.Source?) throws {
    let trialled = Self.study(isStrict: isStrict, start: start)
    let laboratory = try Laboratory(trialled, width: 3)
    var draws = Draws(seed: 5, trial: 0, stream: 9)
    for step in 1...260 {
      if step.isMultiple(of: 17), let trial = laboratory.study.trials.first(where: { !$0.isExcluded }) {
        laboratory.decide(.exclude(trial: trial.number, true))
      }
      let kinds: [Ended.Outcome] = [.finished, .finished, .pruned, .failed, .cancelled]
      _ = laboratory.run(
        entries: laboratory.log.count + 1, outcome: { _ in kinds[draws.index(below: kinds.count)] },
        pick: { draws.index(below: $0) })
      var again = try Laboratory(trialled, width: 3, log: laboratory.log).study
      for (place, stage) in trialled.experiment.stages.enumerated() {
        guard case .search(let search) = stage.kind else { continue }
        let horizon = isStrict ? max(0, laboratory.study.trials.count - 2) : nil
        let told = laboratory.study.history(for: place, search, horizon: horizon).trials
        #expect(told == again.history(for: place, search, horizon: horizon).trials, "\(stage.name) at \(step)")
      }
    }
    #expect(laboratory.study.trials.count == 50)
  }

  /// A horizon that comes nearer, as with more trials at a time, hides what was shown.
  @Test func aHorizonMayComeBack() throws {
    let trialled = Self.study(isStrict: true, start: nil)
    let laboratory = try Laboratory(trialled, width: 1)
    #expect(laboratory.run(entries: 40) == false)
    guard case .search(let search) = trialled.experiment.stages[0].kind else { return }
    let count = laboratory.study.trials.count
    for horizon in [count, count - 5, count - 2, 0, count] {
      let told = laboratory.study.history(for: 0, search, horizon: horizon).trials
      let shown = laboratory.study.trials.prefix(horizon).count { $0.ended != nil }
      #expect(told.count { $0.state != .running } == shown)
    }
  }

  /// In strict order a trial is compared with those that its proposal knew, whatever else has ended by now.
  @Test(arguments: [false, true]) func judgementKnowsWhatTheProposalKnew(_ isStrict: Bool) throws {
    let trialled = Self.study(isStrict: isStrict, start: nil)
    func study(_ ended: [Int]) throws -> Study {
      var study = Study(try Definition(trialled.experiment))
      for trial in 1...6 {
        study.apply(
          Entry(
            at: 1, actor: .engine,
            .proposed(Proposed(trial: trial, stage: 1, point: Point([Double(trial), 0]), reason: ""))))
      }
      for trial in ended {
        study.apply(
          Entry(at: 2, actor: .engine, .ended(Ended(trial: trial, .finished, metrics: [1], curve: [Double(trial), 1]))))
      }
      return study
    }
    // The sixth of three at a time knows the first three.
    var before = try study([1, 2, 3])
    var after = try study([1, 2, 3, 4, 5])
    #expect(before.reasonToStop(6, curve: [2.5], parallel: 3) == "worse than half of 3 trials at step 1")
    #expect((after.reasonToStop(6, curve: [2.5], parallel: 3) != nil) == isStrict)
    #expect(before.reasonToStop(6, curve: [1.5], parallel: 3) == nil)
    #expect(after.reasonToStop(77, curve: [9], parallel: 3) == nil)
  }
}
