import Dynamics
import Events
import Statistics
import Testing
import Values

@Suite struct JourneyTests {
  private func journey(_ runs: WorkRun...) -> Journey { Journey(runs, phases: six) }
  private let first = run(
    1, [call("clean", 2, 0, 10, output: "a"), call("train", 3, 10, 20, from: ["clean": "a"], output: "m")])

  @Test func anEchoIsNoRevisit() {
    let later = run(
      2,
      [call("clean", 2, 30, 40, code: "c2", output: "b"), call("train", 3, 40, 50, from: ["clean": "b"], output: "n")])
    let journey = journey(first, later)
    #expect(journey.revisits.map(\.to) == [2])
    #expect(journey.runs[1].steps.map(\.kind) == [.root, .echo])
  }

  /// A failed call is nothing to compare with; the one before it is.
  @Test func theBaselineIsTheLastSuccess() {
    let failed = run(2, [call("train", 3, 30, 40, code: "c2", from: ["clean": "a"], success: false)])
    let again = run(3, [call("train", 3, 50, 60, from: ["clean": "a"], output: "m")])
    let journey = journey(first, failed, again)
    #expect(journey.runs[1].steps[0].causes == [.code])
    #expect(journey.runs[2].steps[0].causes == [.forced])
  }

  @Test func anInputFromElsewhereIsWiring() {
    let rewired = run(2, [call("train", 3, 30, 40, external: ["x": "y"], from: ["clean": "a"], output: "n")])
    #expect(journey(first, rewired).runs[1].steps[0].causes == [.wiring])
  }

  /// It makes all calls run again, and nobody went back to anything.
  @Test func anotherSeedIsNoReturn() {
    var old = first, new = run(2, first.executions)
    for place in old.executions.indices { old.executions[place].parts.append(Part("seed", .seed, digest("1"))) }
    for place in new.executions.indices { new.executions[place].parts.append(Part("seed", .seed, digest("2"))) }
    let journey = journey(old, new)
    #expect(journey.revisits.isEmpty)
    #expect(journey.runs[1].steps.map(\.causes) == [[.seed], [.seed]])
  }

  @Test func anotherTaskIsAChangeOfCodeAlone() {
    var variant = run(2, [call("train", 3, 30, 40, external: ["x": "y"], from: ["clean": "a"], output: "n")])
    variant.executions[0].callee = "boosting"
    variant.executions[0].parts[2] = Part("env", .environment, digest("e2"))
    #expect(journey(first, variant).runs[1].steps[0].causes == [.code])
  }

  @Test func whatAPersonSaysComesFirst() {
    var said = run(2, [call("clean", 2, 30, 40, code: "c2", output: "b")])
    said.focus = 5
    said.reason = Reason(.compliance, "audit", .human)
    let before = run(
      1, first.executions, symptoms: [Symptom(.metric, phase: 3, name: "auc", text: "auc fell")])
    let revisit = journey(before, said).revisits[0]
    #expect(revisit.from == 5 && revisit.focusSource == .explicit)
    #expect(revisit.reason == Reason(.compliance, "audit", .human))
    // And it holds for that run alone.
    #expect(journey(before, said, run(3, [call("clean", 2, 50, 60, output: "c")])).revisits[1].from == 3)
  }

  @Test func theTargetComesBeforeTheFrontier() {
    var aimed = run(2, [call("clean", 2, 30, 40, code: "c2", output: "b")])
    aimed.target = 2
    let next = run(3, [call("clean", 2, 50, 60, code: "c3", output: "c")])
    let revisit = journey(first, aimed, next).revisits[1]
    #expect(revisit.from == 2 && revisit.focusSource == .target && revisit.kind == .itself)
  }

  @Test func withoutAFindingWhatChangedIsTheReason() {
    let changed = run(2, [call("clean", 2, 30, 40, external: [:], output: "b")])
    #expect(journey(first, changed).revisits[0].reason.category == .unstated)
    var old = first
    old.executions[0].parts.append(Part("raw", .external, digest("x1")))
    var new = changed
    new.executions[0].parts.append(Part("raw", .external, digest("x2")))
    #expect(journey(old, new).revisits[0].reason.category == .newData)
    new.executions[0].parts[2] = Part("env", .environment, digest("e2"))
    new.executions[0].parts[3] = Part("raw", .external, digest("x1"))
    #expect(journey(old, new).revisits[0].reason.category == .environment)
  }

  @Test func trialsAreExploration() {
    var trial = run(2, [call("train", 3, 30, 40, parameters: "p2", from: ["clean": "a"], output: "n")])
    trial.isExploration = true
    let after = run(3, [call("train", 3, 50, 60, from: ["clean": "a"], output: "m")])
    let journey = journey(first, trial, after)
    #expect(journey.revisits.map(\.leg) == [2])
    // What the trial tried is no baseline: the run after it changed nothing.
    #expect(journey.runs[2].steps[0].causes == [.forced])
    let rework = Rework(Period(journey))
    #expect(rework.exploration == 10 && rework.intentional == 10 && rework.echo == 0)
  }

  @Test func aFirstCallOfAnotherLineIsNoReturn() {
    let other = run(2, [call("train", 3, 30, 40, code: "c2", output: "n")], line: "other")
    let journey = journey(first, other)
    #expect(journey.revisits.isEmpty)
    #expect(journey.runs[1].steps[0].kind == .first)
  }

  @Test func loggedWorkIsAReturnOnceItsPhaseWasDone() {
    func logged(_ number: Int, _ phase: Int, _ at: Int64) -> WorkRun {
      run(
        number,
        [Execution(task: "log", phase: phase, startedAt: at * second, finishedAt: (at + 5) * second, isLogged: true)])
    }
    let journey = journey(first, logged(2, 0, 30), logged(3, 0, 40), logged(4, 2, 50))
    #expect(journey.runs.dropFirst().map { $0.steps[0].kind } == [.first, .root, .root])
    #expect(journey.revisits.map(\.to) == [0, 2])
    // And none of it is the farthest phase.
    let late = self.journey(first, logged(2, 5, 30), run(3, [call("clean", 2, 50, 60, code: "c2")]))
    #expect(late.revisits.map(\.from) == [3])
  }

  @Test func oneRevisitForARunAndPhase() {
    let both = run(1, [call("a", 2, 0, 1), call("b", 2, 1, 2), call("c", 3, 2, 3)])
    let changed = run(2, [call("a", 2, 10, 11, code: "c2"), call("b", 2, 11, 12, parameters: "p2")])
    let revisits = journey(both, changed).revisits
    #expect(revisits.count == 1)
    #expect(revisits[0].causes == [.code, .parameters])
  }

  /// Going back to what was tried before costs nothing and is no visit, but the next change is seen against it.
  @Test func aResultThatWasTakenIsABaseline() {
    let changed = run(2, [call("clean", 2, 30, 40, code: "c2", output: "b")])
    var undone = run(3, [call("clean", 2, 50, 55, output: "a")])
    undone.executions[0].isReused = true
    let again = run(4, [call("clean", 2, 60, 70, output: "a")])
    let journey = journey(first, changed, undone, again)
    #expect(journey.revisits.map(\.leg) == [1, 3])
    #expect(journey.runs[3].steps[0].causes == [.forced])
    let rework = Rework(Period(journey))
    #expect(rework.saved == 5 && rework.all == 40)
    #expect(Period(journey).visits.count == 4)
  }

  @Test func retriesAreNeitherRootNorRework() {
    var retried = run(2, [call("train", 3, 30, 40, code: "c2", from: ["clean": "a"], output: "n")])
    retried.executions[0].retrySeconds = 7
    let rework = Rework(Period(journey(first, retried)))
    #expect(rework.retries == 7 && rework.intentional == 10)
    #expect(rework.all == 37)
  }

  @Test func timeOverlapsWhereBothGoOn() {
    let day: Int64 = 86400
    let a = run(1, [call("clean", 2, 0, 100), call("train", 3, 50, 150)])
    let b = run(2, [call("train", 3, 9 * day, 9 * day + 100, code: "c2")])
    let period = Period(journey(a, b))
    #expect(period.overlapOfTime(2, 3) == 0.5)
    #expect(period.spans(of: 3, gap: 8 * 3600 * second).count == 2)
    #expect(period.overlapOfTime(0, 3) == nil)
    #expect(period.overlapOfRuns(2, 3) == 0)
  }
}

@Suite struct StructureTests {
  @Test(arguments: 0..<40) func theBestOrderIsTheBestOfAll(_ seed: UInt64) {
    var state = seed &* 6_364_136_223_846_793_005 &+ 1
    func next(_ bound: UInt64) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % bound)
    }
    let count = 2 + next(5)
    let matrix = (0..<count).map { row in (0..<count).map { row == $0 || next(3) > 0 ? 0 : next(6) } }
    let structure = Structure(matrix: matrix)
    func orders(_ rest: [Int]) -> [[Int]] {
      rest.isEmpty ? [[]] : rest.flatMap { one in orders(rest.filter { $0 != one }).map { [one] + $0 } }
    }
    let all = orders(Array(0..<count))
    let least = all.map(structure.feedback).min() ?? 0
    #expect(structure.bestOrder() == all.first { structure.feedback(of: $0) == least })
  }

  @Test func coupledPhasesReachEachOther() {
    let structure = Structure(matrix: [[0, 1, 0, 0], [0, 0, 2, 0], [0, 2, 0, 1], [0, 0, 0, 0]])
    #expect(structure.coupled() == [[1, 2]])
    #expect(structure.coupled(weight: 3) == [])
    #expect(Structure(matrix: []).bestOrder() == [])
  }
}

@Suite struct PhaseNoteTests {
  static let notes: [PhaseNote] = [
    .work(phase: "governance", seconds: 90.5, .compliance, why: "audit\nof the data"),
    .focus(phase: "deployment", run: nil),
    .focus(phase: "", run: 3), .reason(run: 12, .bug, "a\nb"),
  ]

  @Test(arguments: notes) func whatIsReadIsWhatWasWritten(_ note: PhaseNote) {
    #expect(PhaseNote(note.row(at: 5, actor: "person:ada")) == note)
  }

  @Test func whatMakesNoSenseIsNoNote() {
    var row = Self.notes[0].row(at: 5, actor: "person:ada")
    row.numbers = [-.infinity]
    #expect(PhaseNote(row) == nil)
    row = Self.notes[3].row(at: 5, actor: "person:ada")
    row.text = "nonsense\n"
    #expect(PhaseNote(row) == nil)
    row.kind = "proposed"
    #expect(PhaseNote(row) == nil)
  }

  @Test func theFocusHoldsUntilAnother() {
    func row(_ at: Int64, _ note: PhaseNote) -> LogRow { note.row(at: at, actor: "person:ada") }
    let notes = PhaseNotes([
      row(10, .focus(phase: "monitoring", run: nil)), row(20, .focus(phase: "", run: nil)),
      row(30, .focus(phase: "preparation", run: 7)), row(40, .reason(run: 7, .bug, "x")),
      row(50, .reason(run: 7, .other, "y")),
    ])
    #expect(notes.focus(of: 1, at: 5) == nil)
    #expect(notes.focus(of: 2, at: 15) == "monitoring")
    #expect(notes.focus(of: 3, at: 25) == nil)
    #expect(notes.focus(of: 7, at: 15) == "preparation")
    #expect(notes.reason(of: 7) == Reason(.other, "y", .human))
    #expect(notes.reason(of: 8) == nil)
  }

  @Test func loggedWorkTakesItsTime() {
    let notes = PhaseNotes([
      PhaseNote.work(phase: "monitoring", seconds: 60, .other, why: "w").row(at: 100 * second, actor: "person:ada"),
      PhaseNote.work(phase: "no such phase", seconds: 60, .other, why: "w").row(at: 100 * second, actor: "person:ada"),
    ])
    let work = notes.work(six)
    #expect(work.count == 1)
    #expect(work[0].executions[0].seconds == 60)
    #expect(work[0].reason == Reason(.other, "w", .human))
  }
}

@Suite struct CalendarDayTests {
  @Test(arguments: [
    (0, "1970-01-01"), (951_782_400, "2000-02-29"), (1_798_761_599, "2026-12-31"), (-1, "1969-12-31"),
    (4_107_542_400, "2100-03-01"),
  ]) func daysOfTheCalendar(_ seconds: Int64, _ text: String) {
    let day = CalendarDay(nanoseconds: seconds * second)
    #expect(day.text == text)
    #expect(CalendarDay(year: day.year, month: day.month, day: day.day)?.text == text)
    #expect(CalendarDay(nanoseconds: day.nanoseconds) == day)
  }

  @Test func thereIsNoSuchDay() {
    #expect(CalendarDay(year: 2026, month: 2, day: 29) == nil)
    #expect(CalendarDay(year: 2026, month: 13, day: 1) == nil)
  }
}
