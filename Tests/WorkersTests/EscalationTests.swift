import Calls
import Tasks
import Testing

@Suite struct EscalationTests {
  @Test func aTimeoutTakesAllStepsInTime() {
    var stop = Escalation(.timeout, .stop, since: 1_000, grace: 400)
    #expect(stop.advance(to: 999) == nil)
    #expect(stop.advance(to: 1_000) == .flag && stop.next == 1_100)
    #expect(stop.advance(to: 1_099) == nil)
    #expect(stop.advance(to: 1_100) == .callCancel && stop.next == 1_300)
    #expect(stop.advance(to: 1_300) == .terminate && stop.next == 1_400)
    #expect(stop.advance(to: 1_400) == .kill && stop.next == nil)
    #expect(stop.advance(to: .max) == nil)
  }

  @Test func lateLooksSkipSteps() {
    var stop = Escalation(.timeout, .stop, since: 0, grace: 400)
    #expect(stop.advance(to: 5_000) == .kill)
    var none = Escalation(.cancel, .stop, since: 0, grace: 0)
    #expect(none.advance(to: 0) == .kill)
  }

  @Test func askingNeverKillsUntilItIsRaised() {
    var stop = Escalation(.cancel, .ask, since: 0, grace: 400)
    #expect(stop.advance(to: 1_000_000) == .flag && stop.next == nil)
    stop.raise(to: .ask, at: 2_000_000)
    #expect(stop.next == nil)
    stop.raise(to: .stop, at: 2_000_000)
    #expect(stop.advance(to: 2_000_000) == .callCancel && stop.next == 2_000_300)
    stop.raise(to: .kill, at: 2_000_001)
    #expect(stop.advance(to: 2_000_001) == .kill)
    stop.raise(to: .ask, at: 3_000_000)
    #expect(stop.urgency == .kill)
  }

  @Test func aLongGraceStillCallsCancelSoon() {
    var stop = Escalation(.timeout, .stop, since: 0, grace: 60_000_000_000)
    #expect(stop.advance(to: 0) == .flag && stop.next == 250_000_000)
  }

  @Test func wordsFollowTheSteps() {
    #expect([Escalation.Step.none, .flag, .callCancel, .terminate, .kill].map(\.word) == [0, 1, 2, 2, 2])
  }
}
