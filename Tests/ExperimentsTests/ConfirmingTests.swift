import Diagnostics
import Experiments
import Testing
import Values

@testable import Workflows

/// What is held out, as a function of the log: when it is looked at, and what follows.
@Suite struct ConfirmingTests {
  private static let span = Span(0, 0)

  private func trialled(below: Double? = 100, approvers: [String] = []) -> Trialled {
    var trialled = Trialled(parallel: 1)
    trialled.stage("search", "sobol", 8)
    trialled.experiment.heldOut = [
      .init(name: "exam", value: Expression(.literal(.int(2)), .int(nil), Self.span))
    ]
    guard let below else { return trialled }
    var acceptance = Experiment.Acceptance(span: Self.span)
    acceptance.condition = Trialled.below(0, below)
    acceptance.promotions = [("promote.0", "a/model")]
    acceptance.approvers = approvers
    trialled.experiment.acceptance = acceptance
    return trialled
  }

  private func facts(_ laboratory: Laboratory) -> [String] {
    laboratory.log.compactMap { entry in
      switch entry.fact {
      case .judged(let judged): "judged \(judged.isAccepted)"
      case .confirmed(let confirmed): "confirmed \(confirmed.trial)"
      case .promoted: "promoted"
      case .closed(let closing): closing.reason.prefix(12) + ""
      case .stage(1, .began): "asked"
      default: nil
      }
    }
  }

  private func best(_ laboratory: Laboratory) -> Int {
    laboratory.study.ranked().first.map { laboratory.study.trials[$0].number } ?? 0
  }

  @Test func theWinnerIsConfirmedBeforeItIsPromoted() throws {
    let laboratory = try Laboratory(trialled())
    #expect(laboratory.run())
    let best = best(laboratory)
    #expect(facts(laboratory) == ["judged true", "confirmed \(best)", "promoted", "accepted: tr"])
    for cut in 0..<laboratory.log.count {
      let resumed = try Laboratory(trialled(), log: Array(laboratory.log.prefix(cut)))
      #expect(resumed.run())
      #expect(facts(resumed) == facts(laboratory))
    }
  }

  @Test func withoutAcceptanceTheBestIsConfirmed() throws {
    let laboratory = try Laboratory(trialled(below: nil))
    #expect(laboratory.run())
    #expect(facts(laboratory) == ["confirmed \(best(laboratory))", "all stages e"])
  }

  /// Who is not good enough on the trials' own data is not looked at: a look is worth something.
  @Test func whatIsNotGoodEnoughIsNotConfirmed() throws {
    let laboratory = try Laboratory(trialled(below: -1))
    #expect(laboratory.run())
    #expect(facts(laboratory) == ["judged false", "not accepted"])
    let failed = try Laboratory(trialled(below: nil))
    #expect(failed.run(outcome: { _ in .failed }))
    #expect(facts(failed) == ["all stages e"])
  }

  @Test func whatIsWorseOnHeldOutDataIsNotAccepted() throws {
    let laboratory = try Laboratory(trialled(approvers: ["lead"]))
    laboratory.sealedShift = 1000
    #expect(laboratory.run())
    #expect(facts(laboratory) == ["judged true", "confirmed \(best(laboratory))", "not accepted"])
    #expect(laboratory.study.closing?.reason.contains("not accepted: held out: ") == true)
    #expect(laboratory.study.isRefused)
  }

  @Test func whoeverApprovesIsShownBoth() throws {
    let laboratory = try Laboratory(trialled(approvers: ["lead"]))
    #expect(!laboratory.run())
    #expect(facts(laboratory) == ["judged true", "confirmed \(best(laboratory))", "asked"])
    #expect(laboratory.study.stages[1].evidence.contains("held out (exam): loss="))
    #expect(laboratory.study.stages[1].evidence.contains("look 1 at it, run 7"))
    // Another winner is another look.
    let first = best(laboratory)
    laboratory.decide(.exclude(trial: first, true))
    #expect(!laboratory.run())
    #expect(facts(laboratory).suffix(3) == ["judged true", "confirmed \(best(laboratory))", "asked"])
    #expect(best(laboratory) != first)
  }

  @Test func whatCouldHaveBeenDoesNotLook() throws {
    let laboratory = try Laboratory(trialled(below: nil))
    laboratory.decide(.budget("trials", 100))
    #expect(laboratory.run())
    var other = Counterfactual(laboratory.log, of: Study(try Definition(trialled(below: nil).experiment)), without: 1)
    #expect(other.next() == .over)
    #expect(other.study.confirmed.isEmpty)
    #expect(Rehearsal(try Definition(trialled().experiment), after: []).trials.count == 8)
  }

  @Test func theThirdLookIsWarnedOf() {
    func warnings(_ look: Int, _ overlap: Confirmed.Overlap? = nil) -> Int {
      Confirmed(trial: 1, metrics: [], seals: [], look: look, overlap: overlap).warnings.count
    }
    #expect([warnings(1), warnings(2), warnings(3)] == [0, 0, 1])
    #expect([warnings(1, .init(rows: 0, of: 9)), warnings(1, .init(rows: 2, of: 9))] == [0, 1])
  }

  @Test func whatPeopleChangeIsADeviation() throws {
    let laboratory = try Laboratory(trialled(below: nil))
    laboratory.decide(.pause)
    laboratory.decide(.note(trial: nil, "hm"))
    laboratory.decide(.budget("parallel", 2))
    #expect(laboratory.study.deviations.isEmpty)
    laboratory.decide(.budget("trials", 5))
    laboratory.decide(.restrict("x < 50"))
    #expect(laboratory.study.deviations.count == 2)
  }
}
