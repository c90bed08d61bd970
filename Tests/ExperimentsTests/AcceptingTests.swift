import Diagnostics
import Experiments
import Spaces
import Testing
import Values

@testable import Workflows

/// The end of an experiment, as a function of its log.
@Suite struct AcceptingTests {
  private static let span = Span(0, 0)

  private func trialled(limit: Double? = nil, below: Double, approvers: [String] = []) -> Trialled {
    var trialled = Trialled(parallel: 1)
    trialled.experiment.metrics[0].limit = limit
    trialled.stage("search", "sobol", 8)
    var acceptance = Experiment.Acceptance(span: Self.span)
    acceptance.condition = Trialled.below(0, below)
    acceptance.promotions = [("promote.0", "a/model"), ("promote.1", "a/report")]
    acceptance.approvers = approvers
    trialled.experiment.acceptance = acceptance
    return trialled
  }

  private func facts(_ laboratory: Laboratory) -> [String] {
    laboratory.log.compactMap { entry in
      switch entry.fact {
      case .judged(let judged): "judged \(judged.isAccepted)"
      case .promoted(let promoted): "promoted \(promoted.name)"
      case .closed(let closing): "closed \(closing.status) \(closing.reason.prefix(12))"
      case .stage(1, .began): "asked"
      case .stage(1, .ended(let answer)): answer
      default: nil
      }
    }
  }

  @Test func whatIsGoodEnoughIsPromoted() throws {
    let laboratory = try Laboratory(trialled(below: 100))
    #expect(laboratory.run())
    #expect(
      facts(laboratory) == [
        "judged true", "promoted a/model", "promoted a/report", "closed finished accepted: tr",
      ])
    #expect(!laboratory.study.isRefused)
    #expect(
      laboratory.study.judged?.trial == laboratory.study.ranked().first.map { laboratory.study.trials[$0].number })
  }

  /// Whatever moment it dies at, it goes on with what is left.
  @Test func theEndGoesOnAtAnyPoint() throws {
    let whole = try Laboratory(trialled(below: 100))
    #expect(whole.run())
    for cut in 0..<whole.log.count {
      let resumed = try Laboratory(trialled(below: 100), log: Array(whole.log.prefix(cut)))
      #expect(resumed.run())
      #expect(facts(resumed) == facts(whole))
    }
  }

  @Test func whatIsNotGoodEnoughIsNot() throws {
    let laboratory = try Laboratory(trialled(below: -1))
    #expect(laboratory.run())
    #expect(facts(laboratory) == ["judged false", "closed finished not accepted"])
    #expect(laboratory.study.isRefused)
  }

  @Test func beyondItsLimitNothingIsGoodEnough() throws {
    let laboratory = try Laboratory(trialled(limit: -0.5, below: 100))
    #expect(laboratory.run())
    #expect(laboratory.study.closing?.reason.contains("its limit -0.5") == true)
    #expect(laboratory.study.isRefused)
  }

  @Test func withoutATrialThereIsNoWinner() throws {
    let laboratory = try Laboratory(trialled(below: 100))
    #expect(laboratory.run(outcome: { _ in .failed }))
    #expect(laboratory.study.closing?.reason == "not accepted: no trial has finished")
  }

  @Test(arguments: [("approve", false), ("reject", true)]) func somebodyIsAsked(
    _ answer: String, _ isRefused: Bool
  ) throws {
    let laboratory = try Laboratory(trialled(below: 100, approvers: ["risk-officer"]))
    // The budget is used up by then, which does not matter.
    laboratory.decide(.budget("trials", 8))
    #expect(!laboratory.run())
    #expect(laboratory.study.place(of: "accept") == 1)
    #expect(laboratory.study.stages[1].status == .running)
    #expect(laboratory.study.stages[1].evidence.contains("trial "))
    laboratory.decide(.answer(stage: 1, answer))
    #expect(laboratory.run())
    #expect(laboratory.study.isRefused == isRefused)
    #expect(facts(laboratory).contains("promoted a/model") == !isRefused)
    #expect(laboratory.study.approval?.actor.name == "ada")
  }

  /// Repetitions decide who wins, and by how much: the first result is what it was chosen for.
  @Test func repetitionsCountMoreThanLuck() throws {
    var trialled = trialled(below: 100)
    trialled.stage("confirm", "repeat", nil, after: [0]) { search in
      search.strategy.source = .init(count: 2, stage: 0)
      search.strategy.options = [("seeds", .list([.int(1), .int(2)]))]
    }
    let laboratory = try Laboratory(trialled)
    // The best trial does badly when it is repeated.
    var first: Int?
    while true {
      laboratory.now += 1
      let move = laboratory.study.next(parallel: 1, elapsed: .zero, now: laboratory.now)
      guard case .record(let fact) = move else {
        guard let proposed = laboratory.running.first else { break }
        if proposed.source == .repeated, first == nil {
          first = laboratory.study.ranked().first.map { laboratory.study.trials[$0].number }
        }
        let best = laboratory.study.trials.first { $0.number == first }
        let isUnlucky = proposed.source == .repeated && proposed.point == best?.proposed.point
        let loss = isUnlucky ? 50.0 : Trialled.loss(proposed.point)
        laboratory.add(
          Entry(at: laboratory.now, actor: .engine, .ended(Ended(trial: proposed.trial, .finished, metrics: [loss]))))
        continue
      }
      laboratory.add(Entry(at: laboratory.now, actor: .engine, fact))
    }
    let judged = try #require(laboratory.study.judged)
    #expect(judged.trial != first)
    #expect(judged.repetitions == 2)
    #expect(judged.evidence.contains("means of 2 repetitions"))
    // Whoever takes the winner out, or a repetition, asks again.
  }
}
