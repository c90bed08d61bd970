import Diagnostics
import Experiments
import Spaces
import Testing

@testable import Workflows

/// A rehearsal foretells the trials that do not depend on results, and counts the others.
@Suite struct RehearsalTests {
  @Test(arguments: ["grid", "random", "sobol", "lhs"]) func whatDependsOnNoResultIsKnown(_ strategy: String) throws {
    var trialled = Trialled(parallel: 1)
    trialled.stage("search", strategy, 12)
    let laboratory = try Laboratory(trialled)
    #expect(laboratory.run())
    let rehearsal = Rehearsal(try Definition(trialled.experiment), after: [])
    #expect(rehearsal.trials.map(\.proposed.point) == laboratory.points)
    #expect(rehearsal.trials.count { $0.isCertain } == 12)
    // Also from the middle on.
    let cut = laboratory.log.count / 2
    let rest = Rehearsal(try Definition(trialled.experiment), after: Array(laboratory.log.prefix(cut)))
    #expect(rest.trials.map(\.proposed.point) == Array(laboratory.points.suffix(rest.trials.count)))
    #expect(!rest.trials.isEmpty && rest.trials.count < 12)
  }

  @Test func afterAnAdaptiveStageNothingIsCertain() throws {
    var trialled = Trialled(parallel: 1)
    trialled.stage("screen", "sobol", 4)
    trialled.stage("refine", "tpe", 5, after: [0])
    trialled.stage("last", "random", 3, after: [1])
    let rehearsal = Rehearsal(try Definition(trialled.experiment), after: [])
    #expect(rehearsal.trials.map(\.isCertain) == [Bool](repeating: true, count: 4) + [Bool](repeating: false, count: 8))
  }

  /// At most: conditions hold, rounds go on, gates are answered; the budget counts all the same.
  @Test func allThatMayBeIsCounted() throws {
    var trialled = Trialled(parallel: 1)
    trialled.stage("screen", "sobol", 4) { $0.again = (2, Trialled.below(0, -1)) }
    trialled.gate("review", after: [0]) {
      $0.answers = ["stop", "narrow"]
      $0.approvals = 3
    }
    trialled.stage("more", "random", 5, after: [1], condition: Trialled.below(0, -1))
    var acceptance = Experiment.Acceptance(span: Span(0, 0))
    acceptance.approvers = ["somebody"]
    trialled.experiment.acceptance = acceptance
    let whole = Rehearsal(try Definition(trialled.experiment), after: [])
    #expect(whole.trials.count == 3 * 4 + 5)
    #expect(!whole.isCutShort)
    trialled.experiment.budget.trials = 10
    let cut = Rehearsal(try Definition(trialled.experiment), after: [])
    #expect(cut.trials.count == 10)
    #expect(cut.isCutShort)
  }
}
