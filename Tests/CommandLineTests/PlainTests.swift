import Events
import Execution
import Tasks
import Testing
import Values

@testable import assay

private let size = TerminalSize.usual

@Test func plainProgressIsOneLineForEachChange() {
  var presenter = PlainPresenter(
    model: Make.model(RunModel.Plan("raw"), RunModel.Plan("fit", expected: nil), RunModel.Plan("alert")),
    paint: Paint(false), glyphs: .ascii)
  var out = presenter.take([Make.started(0, 0)], now: at(0))
  out += presenter.take([Make.log(0, "reading\nrows", .warning), Make.ended(0, 0)], now: at(1.5))
  out += presenter.take(
    [.expanded(step: 1, count: 2), Make.reused(1, 1, "[0]"), Make.started(1, 2, "[1]")], now: at(2))
  out += presenter.take(
    [Make.failed(1, 2, Failure(.transient, "busy", code: "io.busy")), Make.retrying(1, 2, in: .milliseconds(250))],
    now: at(3))
  out += presenter.take([.started(Make.node(1, 2, "[1]"), attempt: 2), Make.ended(1, 2, "[1]")], now: at(4))
  out += presenter.take([Make.skipped(2, 3, .condition)], now: at(4))
  #expect(
    out == """
      > started  raw
      raw | warning: reading
      raw | warning: rows
      + done     raw  (1.5s)
      > started  fit
      x failed   fit: io.busy: busy
      ~ retrying fit: attempt 2 in 250ms
      + done     fit 2/2  (2.0s, 1 reused)
      - skipped  alert: condition is false

      """)
}

@Test func silenceIsBrokenByAHeartbeat() {
  var presenter = PlainPresenter(model: Make.model(RunModel.Plan("fit")), paint: Paint(false), glyphs: .ascii)
  _ = presenter.take([Make.started(0, 0, "[4]")], now: at(5))
  #expect(presenter.tick(now: at(34.9), size: size) == "")
  #expect(presenter.tick(now: at(35), size: size) == "still running after 35s: 0 ended, 1 running (fit[4])\n")
  #expect(presenter.tick(now: at(36), size: size) == "")
}

@Test func aFailureThatIsRetriedDoesNotCount() {
  var model = Make.model(RunModel.Plan("fit"))
  _ = model.handle(Make.started(0, 0), now: 0)
  _ = model.handle(Make.failed(0, 0, Failure(.transient, "busy")), now: 0)
  #expect(model.counts.failed == 1)
  _ = model.handle(Make.retrying(0, 0, in: .seconds(1)), now: 0)
  #expect(model.counts == RunModel.Counts(retrying: 1, retries: 1))
  #expect(model.failures.isEmpty)
  _ = model.handle(.started(Make.node(0, 0), attempt: 2), now: 0)
  _ = model.handle(Make.failed(0, 0, Failure(.failed, "no"), attempt: 2), now: 0)
  #expect(model.counts == RunModel.Counts(failed: 1, retries: 1))
  #expect(model.failures.map(\.attempt) == [2])
}

@Test func aRetryThatNeverCameIsAFailureInTheEnd() {
  var model = Make.model(RunModel.Plan("fit"))
  _ = model.handle(Make.started(0, 0), now: 0)
  _ = model.handle(Make.failed(0, 0, Failure(.transient, "busy")), now: 0)
  _ = model.handle(Make.retrying(0, 0, in: .seconds(60)), now: 0)
  #expect(model.conclude().isEmpty)
  #expect(model.counts == RunModel.Counts(failed: 1, retries: 1))
}

@Test func aStepOfUnknownSizeEndsWithTheRun() {
  var presenter = PlainPresenter(
    model: Make.model(RunModel.Plan("each.fit", expected: nil), RunModel.Plan("never", expected: nil)),
    paint: Paint(false), glyphs: .ascii)
  let out = presenter.take([Make.started(0, 0), Make.ended(0, 0), Make.started(0, 1), Make.ended(0, 1)], now: at(1))
  #expect(out == "> started  each.fit\n")
  #expect(presenter.finish(now: at(2), size: size) == "+ done     each.fit 2/2  (0µs)\n")
}

@Test func eventsOfUnknownStepsAreIgnored() {
  var model = Make.model(RunModel.Plan("only"))
  for event in [
    Make.started(7, 1), Make.ended(7, 1), Make.reused(-1, 2), Make.skipped(9, 3, .stopped),
    .expanded(step: 4, count: 9),
    Make.retrying(5, 1, in: .seconds(1)), Make.progress(8, 1, 1, 2, ""),
  ] {
    #expect(model.handle(event, now: 0).count == 0)
  }
  #expect(model.counts == RunModel.Counts(waiting: 1))
}

@Test func eventsAsJSONLinesAreNumberedAndParse() throws {
  var presenter = JSONPresenter(model: Make.model(RunModel.Plan("fit")), unixStart: 1_700_000_000_000_000_000)
  var out = presenter.line("run.started", [.init("run", 4)], at(0))
  out += presenter.take(
    [
      Make.started(0, 0), Make.log(0, "a \"quoted\" line"), Make.progress(0, 0, .nan, 2, "x"),
      Make.failed(0, 0, Failure(.crash, "gone", signal: 11)), Make.skipped(0, 1, .upstreamFailed),
    ], now: at(1))
  let lines = try out.split(separator: "\n").map { try JSON.parse(String($0)) }
  #expect(lines.map { $0["seq"]?.asInt } == [1, 2, 3, 4, 5, 6])
  #expect(
    lines.compactMap { $0["type"]?.asString } == [
      "run.started", "node.started", "log", "node.progress", "node.failed", "node.skipped",
    ])
  #expect(lines[0]["time"] == "2023-11-14T22:13:20.000Z")
  #expect(lines[2]["step"] == "fit")
  #expect(lines[4]["failure"]?["signal"] == 11)
}

@Test func millionsOfNodesCostNoMemoryEach() {
  var model = Make.model(RunModel.Plan("fan", expected: nil))
  _ = model.handle(.expanded(step: 0, count: 20_000), now: 0)
  for node in 0..<20_000 {
    _ = model.handle(Make.started(0, node), now: 0)
    _ = model.handle(Make.ended(0, node), now: 0)
  }
  #expect(model.active.isEmpty)
  #expect(model.counts == RunModel.Counts(done: 20_000))
  #expect(model.reference(19_999) != nil)
  #expect(model.reference(0) == nil)
}

/// People put a file somewhere; that a copy of it lies in the store is not their business.
@Test func aFailureNamesTheFileAsItWasGiven() throws {
  let project = try Project([
    "bad.csv": "a,b\n1,2\n3\n", "also.csv": "a,b\n\"1\n",
    "w.assay": """
    assay 1
    use std.file as file
    use std.table as table
    workflow main {
      in data: file<csv>
      step given = table.read_csv(path: data) { on failure continue }
      step named = table.read_csv(path: file("also.csv")) { on failure continue }
      step text = file.write_text(text: "x,y\\n1\\n", name: "t.csv")
      step made = table.read_csv(path: text.file)
      out n: int = size(made.table)
    }
    """,
  ])
  let run = try project.assay("run", "w.assay", "--set", "data=bad.csv")
  #expect(run.exit == 1)
  #expect(run.err.contains("csv.ragged: \(project.path)/bad.csv:3:1: 1 field"), "\(run.err)")
  #expect(run.err.contains("csv.syntax: also.csv:2:1: a quote opens"), "\(run.err)")
  let digest = Hasher256.digest(Array("x,y\n1\n".utf8)).short
  #expect(run.err.contains("csv.ragged: \(digest):2:1: 1 field"), "\(run.err)")
  #expect(try project.assay("artifact", "cat", digest).out == "x,y\n1\n")
}
