import Dynamics
import Statistics
import Testing

/// The numbers that the prototype of the definitions prints for its thirteen executions.
@Suite struct WorkedExampleTests {
  let journey = Journey(worked, phases: six)
  var period: Period { Period(journey) }

  @Test func revisitsAreFoundWithTheirReasons() {
    let found = journey.revisits.map { "\(journey.runs[$0.leg].run.number) \($0.from)>\($0.to) \($0.kind.rawValue)" }
    #expect(found == ["2 3>2 revisit", "3 3>1 revisit", "4 4>3 revisit", "5 4>3 revisit"])
    #expect(journey.revisits.map(\.focusSource) == [.evidence, .evidence, .evidence, .frontier])
    #expect(journey.revisits.map(\.causes) == [[.code], [.external], [.parameters], [.code]])
    #expect(journey.revisits.map(\.reason.category) == [.check, .metric, .check, .unstated])
    #expect(journey.revisits.map(\.reason.source) == [.derived, .derived, .derived, .none])
    #expect(journey.revisits[1].reason.text == "train.auc regress 0.81 -> 0.74")
  }

  @Test func theMatrixCountsThem() {
    let matrix = RevisitMatrix(period)
    #expect(matrix.counts[3] == [0, 1, 1, 0, 0, 0])
    #expect(matrix.counts[4] == [0, 0, 0, 2, 0, 0])
    #expect((matrix.backward, matrix.itself, matrix.forward) == (4, 0, 0))
    #expect(matrix.runs == [0, 0, 0, 2, 2, 0])
    #expect(matrix.overlap(3, 2) == 0.25)
    #expect(matrix.overlap(3, 1) == 0.25)
    #expect(matrix.overlap(3, 4) == 0.5)
    #expect(matrix.overlap(4, 3) == 0.5)
    #expect(matrix.overlap(0, 5) == nil)
    #expect(matrix.profile(from: 3, to: 2) == Proportion(1, of: 2))
    #expect(matrix.profile(from: 0, to: 2) == nil)
    let interval = Proportion(1, of: 2).wilson()
    #expect((interval.lower * 100).rounded() == 9 && (interval.upper * 100).rounded() == 91)
  }

  @Test func reworkIsIntentionalOrEcho() {
    let rework = Rework(period)
    #expect(rework.all == 360)
    #expect(rework.intentional == 110)
    #expect(rework.echo == 120)
    #expect(rework.first == 130)
    #expect(((rework.ratio ?? 0) * 1000).rounded() == 639)
  }

  @Test func lateDetectionCountsTheWorkInBetween() {
    #expect(journey.revisits.map(\.lateDetection) == [60, 160, 10, 10])
    #expect(journey.revisits.map(\.distance) == [1, 2, 1, 1])
  }

  @Test func theDeclaredOrderHasTheLeastFeedback() {
    let structure = Structure(period)
    #expect(structure.feedback(of: Array(0..<6)) == 5)
    #expect(structure.bestOrder().map(structure.feedback) == 5)
    #expect(structure.bestOrder() == Array(0..<6))
  }

  /// Why flows are counted as well.
  @Test func returnsAloneScoreNothingInTheReversedOrder() {
    let structure = Structure(matrix: RevisitMatrix(period).counts)
    #expect(structure.bestOrder().map(structure.feedback) == 0)
    #expect(structure.bestOrder() == [0, 4, 3, 1, 2, 5])
  }

  @Test func timesOfPhases() {
    let times = period.times()
    #expect(times.map(\.phase) == [0, 1, 2, 3, 4])
    #expect(times[2].lead == 30)
    #expect(times[2].settling == 90)
    #expect(times[3].settling == 280)
    #expect(times[3].touch == 235)
    #expect(times[1].changes == 1)
    // Run 2 goes back to preparation at 130; training succeeds at 200.
    #expect(journey.revisits[0].returnTime == 70)
    #expect(journey.revisits[3].returnTime == nil)
    #expect(period.firstPassYield(0) == Proportion(1, of: 1))
    #expect(period.firstPassYield(2) == Proportion(0, of: 1))
    #expect(period.changeFailRate(2) == Proportion(1, of: 1))
    #expect(period.changeFailRate(3) == Proportion(0, of: 2))
  }

  @Test func changesMakeOthersRun() {
    let measures = period.amplification()
    // Preparation: 20 s of changes, training again 50 s. Acquisition: 10 s, then 15 + 45 s; deployment came first then.
    #expect(measures[2] == Amplification(root: 20, echo: 50))
    #expect(measures[1] == Amplification(root: 10, echo: 60))
    #expect(measures[3] == Amplification(root: 80, echo: 10))
  }

  @Test func loopsAndWhatIsSaidOfThem() {
    let loops = period.loops()
    #expect(loops.map { [$0.from, $0.to] } == [[4, 3], [3, 1], [3, 2]])
    #expect(loops[0].revisits.count == 2)
    let texts = period.insights().map(\.text)
    #expect(
      texts.contains { $0.hasPrefix("While on model deployment, 2 of 2 returns went back to model development.") })
    #expect(
      texts.contains(
        "1 of 1 returns to data acquisition came from model development after `train.auc` got worse; "
          + "seeing it before `clean` would have saved up to 2.7 min."))
    #expect(
      texts.contains(
        "1 of 2 returns to model development came from model deployment after `deploy.latency` failed; "
          + "moving that check before `deploy` would have saved up to 10 s."))
    #expect(
      texts.contains(
        "3.8 min of the 6 min that tasks ran (64 %) was rework: 1.8 min on what was changed, 2 min only because of that. "
          + "Most of it in model development: 2.9 min."))
    #expect(period.insights().allSatisfy { !$0.runs.isEmpty })
    #expect(texts.contains { $0.hasPrefix("1 of 4 returns have no reason") })
    #expect(period.insights().allSatisfy { text in text.text.contains { $0.isNumber } })
  }

  @Test func visitsFollowEachOther() {
    let visits = period.visits
    #expect(visits.map(\.phase) == [0, 1, 2, 3, 2, 3, 1, 2, 3, 4, 3, 4, 3])
    #expect(
      visits.map(\.kind) == [
        .first, .first, .first, .first, .back, .echo, .back, .echo, .echo, .first, .back, .echo, .back,
      ])
    let transitions = period.transitions()
    // The seven edges that process mining finds in the same log.
    #expect(transitions.flatMap { $0 }.count { $0 > 0 } == 7)
    #expect(transitions[2][3] == 3)
    #expect(transitions[3][2] == 1 && transitions[3][1] == 1 && transitions[4][3] == 2)
  }

  @Test func aPeriodCountsWhatBeganInIt() {
    let late = Period(journey, from: 290 * second)
    #expect(late.revisits.count == 2)
    #expect(RevisitMatrix(late).counts[3] == [0, 0, 0, 0, 0, 0])
    // Compared with what was before it: nothing is a first in it.
    #expect(Rework(late).first == 0)
    #expect(Period(journey, line: "other").isEmpty)
  }
}
