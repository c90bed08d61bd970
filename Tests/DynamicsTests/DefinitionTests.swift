import Dynamics
import Events
import Statistics
import Testing
import Values

/// Where two readings of a definition part ways.
@Suite struct DefinitionTests {
  private func journey(_ runs: WorkRun...) -> Journey { Journey(runs, phases: six) }
  private func trial(_ run: WorkRun) -> WorkRun {
    var run = run
    run.isExploration = true
    return run
  }
  private let first = run(
    1, [call("clean", 2, 0, 10, output: "a"), call("train", 3, 10, 20, from: ["clean": "a"], output: "m")])
  private func changed(_ number: Int, at: Int64 = 30, symptoms: [Symptom] = []) -> WorkRun {
    run(number, [call("clean", 2, at, at + 10, code: "c\(number)", output: "b\(number)")], symptoms: symptoms)
  }
  private func symptom(_ kind: Symptom.Kind, _ phase: Int) -> Symptom {
    Symptom(kind, phase: phase, name: "check", text: "\(kind)")
  }

  // MARK: Causes

  @Test func whatComesFromElsewhereUnderTheSameNameIsWiring() {
    func given(_ number: Int, _ source: Part.Source) -> WorkRun {
      var given = run(number, [call("train", 3, Int64(number) * 10, Int64(number) * 10 + 5)])
      given.executions[0].parts.append(Part("x", source, digest("same")))
      return given
    }
    let journey = journey(given(1, .upstream("clean")), given(2, .upstream("merge")), given(3, .external))
    #expect(journey.runs.dropFirst().map { $0.steps[0].causes } == [[.wiring], [.wiring]])
  }

  // MARK: Focus

  @Test func evidenceComesBeforeTheTarget() {
    var failed = changed(2, symptoms: [symptom(.check, 4)])
    failed.target = 2
    let revisit = journey(first, failed, changed(3, at: 50)).revisits[1]
    #expect(revisit.from == 4 && revisit.focusSource == .evidence)
  }

  @Test func theLastThatWasFoundIsTheEvidence() {
    let failed = changed(2, symptoms: [symptom(.metric, 5), symptom(.check, 4)])
    #expect(journey(first, failed, changed(3, at: 50)).revisits[1].from == 4)
  }

  @Test func whatATrialFindsIsNoEvidence() {
    var found = trial(run(2, [call("train", 3, 30, 40, parameters: "p2")], symptoms: [symptom(.check, 5)]))
    found.target = 4
    let revisit = journey(first, found, changed(3, at: 50)).revisits[0]
    #expect(revisit.from == 3 && revisit.focusSource == .frontier)
  }

  /// The step got another phase: that it ran in it as an echo, or in a trial, takes nobody farther.
  @Test(arguments: [false, true]) func onlyFirstAndRootCallsTakeAProjectFarther(_ isTrial: Bool) {
    let echo = run(2, [call("train", 5, 30, 40, from: ["clean": "b"], output: "n")])
    let revisit = journey(first, isTrial ? trial(echo) : echo, changed(3, at: 50)).revisits[0]
    #expect(revisit.from == 3)
  }

  // MARK: Reasons

  @Test(arguments: [
    (Symptom.Kind.failure, Reason.Category.check), (.check, .check), (.data, .dataQuality), (.metric, .metric),
    (.drift, .newData), (.resource, .resource),
  ]) func whatWasFoundSaysWhatKindOfReasonItIs(_ kind: Symptom.Kind, _ category: Reason.Category) {
    let found = run(1, first.executions, symptoms: [symptom(kind, 3)])
    #expect(journey(found, changed(2)).revisits[0].reason == Reason(category, "\(kind)", .derived))
    var said = changed(2)
    said.reason = Reason(.bug, "mine", .human)
    #expect(journey(found, said).revisits[0].reason == Reason(.bug, "mine", .human))
  }

  @Test func aNewInputComesBeforeANewEnvironment() {
    var old = first, new = changed(2)
    old.executions[0].parts.append(Part("raw", .external, digest("x1")))
    new.executions[0].parts.append(Part("raw", .external, digest("x2")))
    new.executions[0].parts[2] = Part("env", .environment, digest("e2"))
    #expect(journey(old, new).revisits[0].reason.category == .newData)
  }

  // MARK: Cost

  private func logged(_ phase: Int, _ start: Int64, _ end: Int64, line: String = "main") -> WorkRun {
    run(
      -1,
      [Execution(task: "log", phase: phase, startedAt: start * second, finishedAt: end * second, isLogged: true)],
      line: line)
  }

  @Test func onlyTasksOfTheLineAreWorkInBetween() {
    let other = run(3, [call("train", 3, 25, 100)], line: "other")
    let revisit = journey(first, logged(4, 21, 28), other, changed(2)).revisits.first { $0.to == 2 }
    #expect(revisit?.lateDetection == 10)
    #expect(revisit?.after == "train")
  }

  @Test func whoIsBackHasSucceededOnTheSameLineAndInNoTrial() {
    let failed = run(3, [call("train", 3, 50, 60, code: "x", success: false)])
    let tried = trial(run(4, [call("train", 3, 70, 80, code: "x")]))
    let other = run(5, [call("train", 3, 90, 100)], line: "other")
    let done = run(6, [call("train", 3, 110, 120)])
    let journey = journey(first, changed(2), failed, tried, other, done)
    #expect(journey.revisits[0].returnTime == 90)
  }

  @Test func loggedSecondsAreToldApart() {
    let period = Period(journey(first, logged(2, 40, 100)))
    #expect(Rework(period).logged == 60 && Rework(period).all == 80)
    #expect(Rework(period, isLogged: false).all == 20 && Rework(period, isLogged: true).intentional == 60)
    #expect(Rework(period, phase: 3).all == 10)
  }

  @Test func aTrialOfSomethingNewIsNoFirstPass() {
    let rework = Rework(Period(journey(trial(run(1, [call("train", 3, 0, 10)])))))
    #expect(rework.first == 0 && rework.exploration == 10)
  }

  @Test func aTakenResultHasNoRetries() {
    var taken = run(2, first.executions)
    for place in taken.executions.indices {
      (taken.executions[place].isReused, taken.executions[place].retrySeconds) = (true, 9)
    }
    #expect(Rework(Period(journey(first, taken))).retries == 0)
  }

  /// Two changes made it run, one of them through something else.
  @Test func anEchoIsSharedByTheChangesBehindIt() {
    func pass(_ number: Int, _ start: Int64, _ code: String, _ given: String, _ made: String?) -> WorkRun {
      run(
        number,
        [
          call("fetch", 1, start, start + 10, code: code, output: "f" + code),
          call("clean", 2, start + 10, start + 20, from: ["fetch": "f" + code], output: "c" + code),
          call("setup", 3, start + 20, start + 30, code: code, output: "s" + code),
          call("train", 4, start + 30, start + 50, from: ["clean": "c" + code, "setup": "s" + code], output: made),
        ])
    }
    let measures = Period(journey(pass(1, 0, "1", "", "m"), pass(2, 100, "2", "", "m"))).amplification()
    #expect(measures[1] == Amplification(root: 10, echo: 20, identical: 10))
    #expect(measures[3] == Amplification(root: 10, echo: 10, identical: 10))
    #expect(measures[1].factor == 2)
    // Nothing is not the same as nothing.
    let silent = Period(journey(pass(1, 0, "1", "", nil), pass(2, 100, "2", "", nil))).amplification()
    #expect(silent[3].identical == 0)
  }

  /// A change stops there: what it makes run does not go back to changes before it.
  @Test func changesBehindAChangeCountForThat() {
    func pass(_ number: Int, _ start: Int64, _ code: String) -> WorkRun {
      run(
        number,
        [
          call("fetch", 1, start, start + 10, code: code, output: "f" + code),
          call("clean", 2, start + 10, start + 20, code: code, from: ["fetch": "f" + code], output: "c" + code),
          call("train", 3, start + 20, start + 30, from: ["clean": "c" + code], output: "m" + code),
        ])
    }
    let measures = Period(journey(pass(1, 0, "1"), pass(2, 100, "2"))).amplification()
    #expect(measures[1].echo == 0 && measures[2].echo == 10)
  }

  // MARK: Overlaps and counts

  @Test func overlapsLeaveOutWhatIsNone() {
    let tried = trial(run(4, [call("clean", 2, 90, 95, code: "t"), call("train", 3, 95, 99, code: "t")]))
    let period = Period(
      journey(first, changed(2), tried, run(3, [call("train", 3, 60, 70, code: "c3", output: "n")])))
    let matrix = RevisitMatrix(period)
    // One return, and work on development itself, which is no link.
    #expect(matrix[3, 2] == 1 && matrix[3, 3] == 1)
    #expect(matrix.overlap(3, 2) == 1)
    // The trial had a phase in focus too, and counts nowhere.
    #expect(matrix.runs[3] == 2)
    #expect(period.overlapOfRuns(2, 3) == 0.5)
    #expect(matrix.profile(from: 3, to: 2) == Proportion(1, of: 2))
    #expect(matrix.rate(from: 3, to: 2) == Proportion(1, of: 2))
    #expect(period.loops().count == 1)
  }

  /// Two returns of one run: a share of returns, not of runs.
  @Test func sharesAreOfReturnsAndRatesOfRuns() {
    let both = run(
      2, [call("clean", 2, 30, 40, code: "c2"), call("train", 3, 40, 50, code: "c2"), call("fetch", 1, 50, 51)])
    let matrix = RevisitMatrix(Period(journey(first, both)))
    #expect(matrix.profile(from: 3, to: 2) == Proportion(1, of: 2))
    #expect(matrix.rate(from: 3, to: 2) == Proportion(1, of: 1))
  }

  @Test func timeOverlapsOfTheShorterAndPausesEndAtTheGap() {
    let period = Period(journey(run(1, [call("a", 2, 0, 100), call("b", 3, 80, 120), call("c", 2, 110, 115)])))
    #expect(period.overlapOfTime(2, 3, gap: 1) == 0.625)
    #expect(period.spans(of: 2, gap: 10 * second).count == 2)
    #expect(period.spans(of: 2, gap: 10 * second + 1).count == 1)
  }

  @Test func timesOfAPhaseWithFailuresAndRetries() {
    var failed = run(1, [call("a", 2, 0, 10, success: false)])
    failed.executions[0].retrySeconds = 3
    let both = run(3, [call("a", 2, 40, 50, code: "c3"), call("b", 2, 50, 60)])
    let again = run(4, [call("a", 2, 70, 80, code: "c4"), call("b", 2, 80, 90, code: "c4")])
    let journey = journey(failed, run(2, [call("a", 2, 20, 30)]), both, again)
    let times = Period(journey).times()[0]
    #expect(times.lead == 30)
    #expect(times.changes == 2)
    #expect(times.settling == 60)
    #expect(times.touch == 63)
  }

  @Test func onlyWhoSucceededHasAFirstPass() {
    let failed = run(1, [call("a", 2, 0, 10, success: false)])
    #expect(Period(journey(failed)).firstPassYield(2) == nil)
  }

  @Test func whatATrialChangesFailsNobody() {
    let found = trial(run(2, [call("clean", 2, 30, 40, code: "t")], symptoms: [symptom(.check, 3)]))
    let journey = journey(first, found, changed(3, at: 50, symptoms: [symptom(.check, 3)]), changed(4, at: 70))
    #expect(Period(journey).changeFailRate(2) == Proportion(1, of: 2))
  }

  @Test func visitsOfOneLineFollowEachOther() {
    let other = run(2, [call("deploy", 4, 12, 14)], line: "other")
    let transitions = Period(journey(run(1, [call("clean", 2, 0, 10)]), other, run(3, [call("train", 3, 20, 30)])))
      .transitions()
    #expect(transitions[2][3] == 1 && transitions.flatMap { $0 }.reduce(0, +) == 1)
  }

  @Test func aVisitIsWhatItsStrongestCallWas() {
    let mixed = run(
      2,
      [
        call("clean", 2, 30, 40, code: "c2", output: "b"), call("train", 3, 40, 50, from: ["clean": "b"], output: "n"),
        call("tune", 3, 50, 60),
      ])
    #expect(Period(journey(first, mixed)).visits.map(\.kind) == [.first, .first, .back, .first])
  }

  @Test func aPeriodBeginsWithItsFirstMomentAndEndsBeforeItsLast() {
    let journey = journey(first, changed(2), changed(3, at: 50))
    let period = Period(journey, from: 30 * second, until: 50 * second)
    #expect(period.legs.map(\.run.number) == [2])
    #expect(period.revisits.map { journey.runs[$0.leg].run.number } == [2])
  }

  @Test func weightsAreAtLeast() {
    let structure = Structure(matrix: [[0, 2, 0], [2, 0, 1], [0, 0, 0]])
    #expect(structure.coupled(weight: 2) == [[0, 1]])
  }

  /// What flows between phases counts by its direction.
  @Test func flowsGoFromWhoMadeToWhoTook() {
    let structure = Structure(Period(journey(first)))
    #expect(structure.matrix[2][3] == 1 && structure.matrix[3][2] == 0)
  }

  @Test(arguments: [([3.0, 1.0], 2.0), ([5.0, 1.0, 2.0], 2.0), ([4.0], 4.0)] as [([Double], Double)])
  func mediansOfTwoAreBetweenThem(
    _ values: [Double], _ median: Double
  ) {
    #expect(Period.median(values) == median)
  }

  @Test func percentagesBeginWithFive() {
    #expect(Period.words(Proportion(2, of: 4)) == "2 of 4")
    #expect(Period.words(Proportion(2, of: 5)) == "2 of 5 (12–77 %)")
  }

  // MARK: Notes

  @Test func aFocusHoldsFromItsMomentOnAndTheLastWordCounts() {
    func row(_ at: Int64, _ note: PhaseNote) -> LogRow { note.row(at: at, actor: "person:ada") }
    let notes = PhaseNotes([
      row(10, .focus(phase: "monitoring", run: nil)), row(20, .focus(phase: "deployment", run: nil)),
      row(30, .focus(phase: "preparation", run: 7)), row(40, .focus(phase: "development", run: 7)),
      row(50, .focus(phase: "", run: 8)),
    ])
    #expect(
      [9, 10, 19, 20, 99].map { notes.focus(of: 1, at: $0) } == [
        nil, "monitoring", "monitoring", "deployment", "deployment",
      ])
    #expect(notes.focus(of: 7, at: 99) == "development")
    #expect(notes.focus(of: 8, at: 99) == nil)
  }

  @Test(arguments: [Double.nan, .infinity, -1]) func noWorkTakesThatLong(_ seconds: Double) {
    var row = PhaseNote.work(phase: "monitoring", seconds: 1, .other, why: "w").row(at: 5, actor: "person:ada")
    row.numbers = [seconds]
    #expect(PhaseNote(row) == nil)
  }
}

/// Sentences, figures and the page.
@Suite struct TellingTests {
  private let first = run(
    1, [call("clean", 2, 0, 10, output: "a"), call("train", 3, 10, 20, from: ["clean": "a"], output: "m")])
  private func changed(_ number: Int, at: Int64, symptom: String? = nil) -> WorkRun {
    run(
      number, [call("clean", 2, at, at + 10, code: "c\(number)", output: "b\(number)")],
      symptoms: symptom.map { [Symptom(.check, phase: 3, name: $0, text: "<failed>")] } ?? [])
  }
  private func texts(_ runs: WorkRun...) -> [(kind: Insight.Kind, text: String)] {
    Period(Journey(runs, phases: six)).insights().map { ($0.kind, $0.text) }
  }

  @Test func onceIsNoHabit() {
    let once = texts(first, changed(2, at: 30))
    #expect(!once.contains { $0.kind == .loop || $0.kind == .settling })
    let twice = texts(first, changed(2, at: 30), changed(3, at: 50))
    #expect(twice.contains { $0.kind == .loop } && twice.contains { $0.kind == .settling })
  }

  @Test func theDearestComesFirst() {
    let weights = Period(Journey(worked, phases: six)).insights().map(\.weight)
    #expect(weights == weights.sorted(by: >) && Set(weights).count > 2)
  }

  @Test func whoGuessesMostlySaysSo() {
    var runs = [first] + (2..<8).map { changed($0, at: Int64($0) * 20) }
    #expect(Period(Journey(runs, phases: six)).insights().contains { $0.kind == .focus && $0.runs == Array(2..<8) })
    for place in 1...4 { runs[place].focus = 3 }
    #expect(!Period(Journey(runs, phases: six)).insights().contains { $0.kind == .focus })
  }

  /// Nothing but the check itself ran in between: it cannot come earlier.
  @Test func aCheckThatCameFirstIsNotToBeMoved() {
    func found(_ name: String) -> [String] {
      texts(run(1, first.executions, symptoms: [Symptom(.check, phase: 3, name: name, text: "t")]), changed(2, at: 30))
        .filter { $0.kind == .check }.map(\.text)
    }
    #expect(found("train") == ["1 of 1 returns to data preparation came from model development after `train` failed."])
    #expect(
      found("score") == [
        "1 of 1 returns to data preparation came from model development after `score` failed; moving that check before "
          + "`train` would have saved up to 10 s."
      ])
  }

  @Test func takenResultsAreSavings() {
    var again = run(2, first.executions)
    for place in again.executions.indices { again.executions[place].isReused = true }
    #expect(
      texts(first, again).contains {
        $0.text == "Recorded results saved 20 s: 50 % of the 40 s that tasks would have run without them."
      })
  }

  @Test func theFigureOfTimesHasTheSums() {
    let svg = TimeFigure(Period(Journey(worked, phases: six)), title: "T").svg()
    #expect(svg.contains("Tasks ran 6 min, 64 % of it again."))
    #expect(svg.contains("3.9 min, 74 % again"), "model development")
    #expect(!svg.contains("monitoring"), "nothing was done in it")
    #expect(TimeFigure(Period(Journey([], phases: six)), title: "T").svg().contains("nothing was done yet"))
  }

  @Test func thePageHoldsAllOfItAndNoMarkupOfOthers() {
    var runs = [first, changed(2, at: 30, symptom: "<check>"), changed(3, at: 50)]
    runs[1].reason = Reason(.bug, "<script>", .human)
    let page = PhaseReport(Period(Journey(runs, phases: six)), title: "A & B").html()
    for part in [
      "<h1>A &amp; B</h1>", "Where the time went", "Returns between phases", "Ways back between phases",
      "Work on phases",
      "Reasons of returns", "runs 2, 3", "&lt;script&gt;",
    ] { #expect(page.contains(part), "\(part)") }
    #expect(!page.contains("<script>") && !page.contains("<check>"))
    #expect(page.components("<svg") == 5)
    #expect(PhaseReport(Period(Journey([], phases: six)), title: "T").html().contains("There are no runs yet."))
  }
}

extension String {
  /// How often a text is in it.
  fileprivate func components(_ text: String) -> Int {
    indices.count { self[$0...].hasPrefix(text) }
  }
}
