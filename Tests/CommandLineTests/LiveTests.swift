import Events
import Execution
import Tasks
import Testing

@testable import assay

/// A live presenter on a virtual screen, driven by logical time.
private struct Stage {
  var presenter: LivePresenter
  var screen: VirtualScreen

  init(_ model: RunModel, columns: Int = 72, rows: Int = 12) {
    presenter = LivePresenter(model: model, paint: Paint(true), glyphs: .unicode)
    screen = VirtualScreen(columns: columns, rows: rows)
  }

  var size: TerminalSize { TerminalSize(columns: screen.columns, rows: screen.rows) }

  mutating func at(_ seconds: Double, _ events: LiveEvent...) {
    let now = Int64(seconds * 1e9)
    screen.write(presenter.take(events, now: now))
    screen.write(presenter.tick(now: now, size: size))
  }

  mutating func finish(_ seconds: Double) {
    screen.write(presenter.finish(now: Int64(seconds * 1e9), size: size))
  }
}

@Test func aRunIsDrawnInPlace() {
  var stage = Stage(
    Make.model(
      RunModel.Plan("raw"), RunModel.Plan("split"), RunModel.Plan("fit", expected: nil), RunModel.Plan("eval"),
      RunModel.Plan("alert")))
  stage.at(0.1, Make.reused(0, 0, from: 7), Make.started(1, 1))
  #expect(stage.screen.lines == [], "nothing is drawn before the run has taken a moment")

  stage.at(1, Make.ended(1, 1), .expanded(step: 2, count: 3), Make.started(2, 2, "[0]"), Make.started(2, 3, "[1]"))
  stage.at(2.5, Make.progress(2, 3, 3, 10, "epoch"), Make.ended(2, 2, "[0]"), Make.skipped(4, 9, .condition))
  #expect(
    stage.screen.lines == [
      "≡ raw    reused",
      "✔ split  done                 900ms",
      "▸ fit    running        1/3      1s  3/10 epoch",
      "· eval   waiting",
      "↷ alert  skipped                     condition is false",
      "churn  2 done · 1 reused · 1 running · 1 skipped · 2 waiting · 2s",
    ])

  stage.at(3, Make.ended(2, 3, "[1]"), Make.ended(2, 4, "[2]"), Make.started(3, 5))
  stage.at(4, Make.failed(3, 5, Failure(.transient, "later", code: "io.timeout")), Make.retrying(3, 5, in: .seconds(8)))
  stage.at(5.5)
  #expect(
    stage.screen.lines == [
      "✖ failed   eval: io.timeout: later",
      "≡ raw    reused",
      "✔ split  done                 900ms",
      "✔ fit    done           3/3    2.0s",
      "↻ eval   retrying                2s  attempt 2 in 7s (io.timeout)",
      "↷ alert  skipped                     condition is false",
      "churn  4 done · 1 reused · 1 retrying · 1 skipped · 5s",
    ])
  stage.at(12, Make.started(3, 5), Make.ended(3, 5))
  stage.finish(12)
  #expect(stage.screen.lines.last == "↷ alert  skipped                     condition is false")
  #expect(stage.screen.unknown.isEmpty)
}

@Test func linesOfTasksScrollAboveAndAreNeverLost() {
  var stage = Stage(Make.model(RunModel.Plan("fit"), RunModel.Plan("eval")), rows: 8)
  stage.at(1, Make.started(0, 0))
  var expected: [String] = []
  for number in 0..<40 {
    stage.at(1 + Double(number) / 10, Make.log(0, "line \(number)"))
    expected.append("fit | line \(number)")
  }
  #expect(stage.screen.transcript.filter { $0.hasPrefix("fit |") } == expected)
  #expect(stage.screen.lines.suffix(3).first?.hasPrefix("▸ fit") == true)
  #expect(stage.screen.transcript.count { $0.hasPrefix("▸ fit") } == 1, "the region itself leaves no trace")
}

@Test func linesThatComeBeforeTheStartOrAfterTheEndFindTheirStep() {
  var model = Make.model(RunModel.Plan("fit"))
  #expect(model.handle(Make.log(0, "early"), now: 0).isEmpty)
  func texts(_ changes: [RunModel.Change]) -> [String] {
    let lines = ChangeLines(paint: Paint(false), glyphs: .ascii)
    return changes.flatMap { change -> [String] in
      if case .log = change { lines.lines(change, model) } else { [] }
    }
  }
  #expect(texts(model.handle(Make.started(0, 0), now: 0)) == ["fit | early"])
  _ = model.handle(Make.ended(0, 0), now: 0)
  #expect(texts(model.handle(Make.log(0, "late"), now: 0)) == ["fit | late"])
}

@Test(arguments: [30, 41, 60, 200])
func noRowIsWiderThanTheTerminal(columns: Int) {
  var model = Make.model(
    RunModel.Plan("preparation.of.the.raw.tables.from.the.warehouse"), RunModel.Plan("表表表表表表表表表表表表表表表表表表表表"))
  _ = model.handle(Make.started(0, 0), now: 0)
  _ = model.handle(Make.progress(0, 0, 1, 0, String(repeating: "long ", count: 60)), now: 0)
  let frame = LiveFrame(paint: Paint(true), glyphs: .unicode)
  for row in frame.rows(model, now: at(3), size: TerminalSize(columns: columns, rows: 24)) {
    #expect(Text.width(row) < columns)
  }
}

@Test(arguments: [4, 6, 10, 24])
func theRegionFitsItsTerminalAndShowsWhatMatters(rows: Int) {
  var model = RunModel(title: "wide", steps: (0..<100).map { RunModel.Plan("s\($0)") }, now: 0)
  for step in 0..<50 { _ = model.handle(Make.ended(step, step), now: at(Double(step))) }
  _ = model.handle(Make.started(77, 77), now: at(60))
  let shown = LiveFrame(paint: Paint(false), glyphs: .unicode)
    .rows(model, now: at(61), size: TerminalSize(columns: 80, rows: rows))
  #expect(shown.count < rows)
  #expect(shown.contains { $0.contains("s77") && $0.contains("running") }, "what runs is never hidden")
  #expect(shown.last?.contains("steps not shown") == true)
}

@Test func aNarrowerTerminalLeavesNoDebris() {
  var stage = Stage(Make.model(RunModel.Plan("a_rather_long_name"), RunModel.Plan("b")), columns: 70)
  stage.at(1, Make.started(0, 0), Make.progress(0, 0, 1, 0, "reading a table that has a very long description"))
  stage.screen.resize(columns: 34)
  stage.at(2)
  #expect(stage.screen.lines.count == 3)
  #expect(stage.screen.transcript.count { $0.contains("running") && $0.contains("a_rat") } == 1)
}

@Test func unchangedRowsAreNotWrittenAgain() {
  var screen = LiveScreen()
  let size = TerminalSize(columns: 40, rows: 10)
  _ = screen.draw(rows: ["one", "two", "three"], size: size)
  #expect(screen.draw(rows: ["one", "two", "three"], size: size) == "")
  let bytes = screen.draw(rows: ["one", "TWO", "three"], size: size)
  #expect(bytes.contains("TWO") && !bytes.contains("one") && !bytes.contains("three"))
}

@Test func textOfTasksCannotDriveTheTerminal() {
  var stage = Stage(Make.model(RunModel.Plan("fit")))
  stage.at(1, Make.started(0, 0), Make.log(0, "\u{1B}[2J\u{1B}]0;owned\u{07} \u{202E}gnorw"))
  #expect(stage.screen.unknown.isEmpty)
  #expect(stage.screen.lines.first?.hasPrefix("fit | �[2J�]0;owned�") == true)
}

@Test func aStoppedRunIsNotCalledDone() {
  var stage = Stage(Make.model(RunModel.Plan("h", expected: nil)))
  stage.at(1, .expanded(step: 0, count: 3), Make.started(0, 0, "[0]"), Make.started(0, 1, "[1]"))
  stage.at(
    2, Make.ended(0, 0, "[0]"), Make.failed(0, 1, Failure(.cancelled, "cancelled")), Make.skipped(0, 2, .stopped))
  #expect(stage.screen.lines.first == "↷ h     stopped        1/3    1.0s  1 stopped · 1 skipped")
}
