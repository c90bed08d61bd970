import Diagnostics
import Events
import Experiments
import Testing

@testable import Workflows

/// When a policy looks: a function of its log, the clock and the names.

private let hour: Int64 = 3_600_000_000_000

private func policy(_ change: (inout Policy) -> Void) -> Policy {
  var policy = Policy(name: "p", nameSpan: Span(0, 0))
  change(&policy)
  return policy
}

private func state(_ entries: (Int64, PolicyFact)...) -> PolicyState {
  var state = PolicyState()
  for (at, fact) in entries { state.apply(PolicyEntry(at: at, fact)) }
  return state
}

private func quiet(_ versions: [String: Int] = [:]) -> PolicyFact { .quiet(cause: "", reason: "", versions: versions) }

@Test func aScheduleIsDueOnceHoweverLongNobodyLooked() {
  let daily = policy { $0.every = .seconds(24 * 3600) }
  #expect(PolicyState().cause(daily, now: hour, latest: [:]) != nil)
  let looked = state((100 * hour, quiet()))
  #expect(looked.cause(daily, now: 123 * hour, latest: [:]) == nil)
  #expect(looked.cause(daily, now: 124 * hour, latest: [:]) == "every 1d")
  // A week later: one look, and then a day of rest.
  #expect(looked.cause(daily, now: 300 * hour, latest: [:]) != nil)
  #expect(state((100 * hour, quiet()), (300 * hour, quiet())).cause(daily, now: 301 * hour, latest: [:]) == nil)
}

@Test func aClockThatWasSetBackDoesNotStopTheLooks() {
  let daily = policy { $0.every = .seconds(24 * 3600) }
  let ahead = state((1000 * hour, quiet()))
  #expect(ahead.cause(daily, now: 10 * hour, latest: [:]) != nil)
  #expect(state((1000 * hour, quiet()), (10 * hour, quiet())).cause(daily, now: 11 * hour, latest: [:]) == nil)
  let resting = policy { $0.rest = .seconds(5 * 3600) }
  let act = PolicyFact.acted(cause: "", reason: "", versions: [:], PolicyAct(.run, 1))
  #expect(state((1000 * hour, act)).isRested(resting, now: 10 * hour))
  #expect(!state((10 * hour, act)).isRested(resting, now: 14 * hour))
  #expect(state((10 * hour, act)).isRested(resting, now: 15 * hour))
}

@Test func aTimeOfTheDayIsDueOnceADay() {
  let morning = policy { $0.times = [6 * 60 + 30, 18 * 60] }
  let day = 24 * hour
  let halfPastSix = 20 * day + 13 * hour / 2
  #expect(state((20 * day, quiet())).cause(morning, now: halfPastSix - 1, latest: [:]) == nil)
  #expect(state((20 * day, quiet())).cause(morning, now: halfPastSix, latest: [:]) != nil)
  #expect(state((halfPastSix, quiet())).cause(morning, now: 20 * day + 17 * hour, latest: [:]) == nil)
  #expect(state((halfPastSix, quiet())).cause(morning, now: 20 * day + 18 * hour, latest: [:]) != nil)
  // Over midnight, and when the machine slept for days: once.
  #expect(state((20 * day + 19 * hour, quiet())).cause(morning, now: 21 * day + hour, latest: [:]) == nil)
  #expect(state((20 * day + 19 * hour, quiet())).cause(morning, now: 24 * day + hour, latest: [:]) != nil)
}

@Test func aVersionIsLookedAtOnce() {
  let watching = policy { $0.versions = ["a", "b"] }
  #expect(PolicyState().cause(watching, now: 1, latest: [:]) == nil)
  #expect(PolicyState().cause(watching, now: 1, latest: ["b": 1]) == "version 1 of b")
  let seen = state((1, quiet(["a": 3, "b": 1])))
  #expect(seen.cause(watching, now: 2, latest: ["a": 3, "b": 1]) == nil)
  #expect(seen.cause(watching, now: 2, latest: ["a": 4, "b": 1]) == "version 4 of a")
  // A failed look is no look at a version: it comes again with the next one, or with the schedule.
  #expect(state((1, .failed("no"))).cause(watching, now: 2, latest: ["a": 1]) != nil)
}

@Test func anExperimentStaysOpenUntilItEnds() {
  let act = PolicyAct(.experiment, 4)
  let began = PolicyFact.acted(cause: "", reason: "", versions: [:], act)
  #expect(state((1, began)).experiment == 4)
  #expect(state((1, began), (2, .waits(act, "gate"))).isWaiting)
  #expect(state((1, began), (2, .waits(act, "gate")), (3, .ended(act, "done"))).experiment == nil)
  #expect(!state((1, began), (2, .waits(act, "gate")), (3, .ended(act, "done"))).isWaiting)
}

@Test func whatIsReadIsWhatWasWritten() {
  let facts: [PolicyFact] = [
    .quiet(cause: "every 1d", reason: "no alarm:\nnothing", versions: ["a/b": 3, "c": 12]),
    .quiet(cause: "", reason: "", versions: [:]),
    .acted(cause: "c", reason: "r\ns", versions: ["a": 1], PolicyAct(.experiment, 7)),
    .acted(cause: "c", reason: "r", versions: [:], PolicyAct(.run, 1)), .ended(PolicyAct(.run, 9), "x\n\ny"),
    .waits(PolicyAct(.experiment, 2), ""), .failed("a\nb"),
  ]
  for fact in facts {
    let entry = PolicyEntry(at: 5, fact)
    let row = entry.row(of: "p")
    #expect(row.actor == "policy:p")
    #expect(PolicyEntry(row) == entry)
  }
}
