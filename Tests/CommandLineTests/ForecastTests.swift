import Events
import Execution
import Glibc
import Tasks
import Testing
import Values

@testable import assay

/// A model whose steps usually take so many seconds.
private func model(_ plans: [RunModel.Plan], lanes: Int = 2) -> RunModel {
  RunModel(title: "w", steps: plans, lanes: lanes, now: 0)
}

private func plan(_ path: String, _ usual: Double?, needs: [Int] = [], expected: Int? = 1) -> RunModel.Plan {
  RunModel.Plan(path, expected: expected, needs: needs, usual: usual.map { Int64($0 * 1e9) })
}

@Test func whatIsLeftIsTheLongestChain() {
  let run = model([plan("a", 10), plan("b", 5, needs: [0]), plan("c", 1), plan("d", 2, needs: [1, 2])])
  #expect(run.forecast(now: 0) == Forecast(nanoseconds: at(17), isLowerBound: false))
}

@Test func whatIsLeftIsAllWorkWhereThereAreFewPlaces() {
  var run = model([plan("a", 10, expected: nil)])
  _ = run.handle(.expanded(step: 0, count: 8), now: 0)
  #expect(run.forecast(now: 0) == Forecast(nanoseconds: at(40), isLowerBound: false))
  let wide = RunModel(title: "w", steps: [plan("a", 10), plan("b", 10), plan("c", 10)], lanes: 8, now: 0)
  #expect(wide.forecast(now: 0)?.nanoseconds == at(10))
}

@Test func aCallThatRunsIsLeftWithTheRestOfItsTime() {
  var run = model([plan("a", 10), plan("b", 5, needs: [0])])
  _ = run.handle(Make.started(0, 0), now: at(1))
  #expect(run.forecast(now: at(5))?.nanoseconds == at(11))
  #expect(run.forecast(now: at(60))?.nanoseconds == at(5), "longer than usual: it may end now")
  _ = run.handle(Make.ended(0, 0), now: at(60))
  _ = run.handle(Make.reused(1, 1), now: at(60))
  #expect(run.forecast(now: at(60)) == nil, "nothing is left that anybody knows of")
}

@Test func whatWasNeverMeasuredMakesItALowerBound() {
  let run = model([plan("a", 10), plan("new", nil, needs: [0])])
  #expect(run.forecast(now: 0)?.words == "more than 10s left")
  #expect(model([plan("new", nil)]).forecast(now: 0) == nil)
  let unknown = model([plan("each", 3, expected: nil)])
  #expect(unknown.forecast(now: 0)?.isLowerBound == true)
}

@Test func earlierRunsAreLearntFromByPath() {
  var run = model([plan("a", nil), plan("b", nil)])
  run.learn(["a": 2_000_000_000, "b": 1_000_000_000, "c": 7])
  #expect(run.forecast(now: 0)?.words == "about 2s left")
}

@Test(
  arguments: [
    ("5m", 999_700), ("1970-01-12T13:46:40Z", 1_000_000), ("1970-01-12 00:00Z", 950_400), ("1970-01-02Z", 86_400),
    ("10:30Z", 988_200), ("10:30:05Z", 988_205),
  ] as [(String, Int64)])
func momentsAreAgoTodayOrADate(text: String, seconds: Int64) {
  #expect(MomentArgument(text, now: 1_000_000_000_000_000)?.nanoseconds == seconds * 1_000_000_000)
}

@Test(arguments: [
  "", "Z", "soon", "25:00", "10:61", "2026-13-01", "2026-00-10", "2026-1-1", "10:30 tomorrow", "T", "-5m",
])
func whatIsNoMomentIsRefused(text: String) { #expect(MomentArgument(text, now: 0) == nil) }

@Test func logsAreFoundByStepCallAndSubworkflow() throws {
  var names = NodeNames(["fit", "ready.a", "readymade"])
  names.learn([
    NodeReference(run: 1, node: 0, step: 0, item: "[3]"), NodeReference(run: 1, node: 1, step: 1),
    NodeReference(run: 1, node: 2, step: 2),
  ])
  #expect(names.matches(0, "fit") && names.matches(0, "fit[3]") && !names.matches(0, "fit[1]"))
  #expect(names.matches(1, "ready") && !names.matches(2, "ready"))
  try names.require("ready")
  #expect(throws: (any Error).self) { try names.require("read") }
}
