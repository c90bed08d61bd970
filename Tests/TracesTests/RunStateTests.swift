import Events
import Tasks
import Testing
import Values

@testable import Traces

@Suite struct RunStateTests {
  let node = NodeReference(run: 1, node: 4, step: 1, item: "[0]")
  var failure: Failure { Failure(.transient, "later") }

  @Test func aNodeCountsWhereItIsLast() {
    var state = RunState([started(1), .attemptStarted(AttemptStarted(node: node, attempt: 1, startedAt: 1))])
    #expect(state.counts == [StepCounts(), StepCounts(running: 1)])
    #expect(state.nodes[4] == .running)
    state.apply(attempt(1, 4, step: 1, .failure(failure)))
    #expect(state.counts[1] == StepCounts(failed: 1))
    #expect(state.nodes[4] == .failed(.transient))
    state.apply(attempt(1, 4, step: 1, attempt: 2))
    #expect(state.counts[1] == StepCounts(succeeded: 1, retries: 1))
    #expect(state.status == .running)
    state.apply(finished(1))
    #expect(state.status == .succeeded)
    #expect(state.startedAt == 101)
    #expect(state.finishedAt == 201)
    #expect(state.total.total == 1)
  }

  @Test func reusedAndSkippedNodesAreCounted() {
    let state = RunState([
      started(1), .nodeReused(NodeReused(node: node, key: key(1), from: 0, at: 1)),
      .nodeSkipped(NodeSkipped(node: NodeReference(run: 1, node: 5, step: 0), why: .upstreamFailed, at: 1)),
    ])
    #expect(state.counts == [StepCounts(skipped: 1), StepCounts(reused: 1)])
    #expect(state.nodes == [4: .reused(from: 0), 5: .skipped(.upstreamFailed)])
  }

  @Test func eventsOfAnotherRunAreLeftOut() {
    let state = RunState([started(1), attempt(2, 0), finished(2, .failed), attempt(1, 0)])
    #expect(state.total == StepCounts(succeeded: 1))
    #expect(state.status == .running)
  }

  @Test func theTraceCountsLikeTheFold() throws {
    let scratch = Scratch()
    let events: [Event] = [
      started(1, steps: 3), .attemptStarted(AttemptStarted(node: node, attempt: 1, startedAt: 1)),
      attempt(1, 0, .failure(failure)), attempt(1, 0, attempt: 2, .failure(failure)), attempt(1, 1),
      .nodeReused(NodeReused(node: NodeReference(run: 1, node: 2, step: 2), key: key(1), from: 0, at: 1)),
      .nodeSkipped(NodeSkipped(node: NodeReference(run: 1, node: 3, step: 2), why: .condition, at: 1)),
    ]
    let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
    try journal.append(events)
    try journal.flush()
    let counts = try Trace(path: scratch.database).detail(of: 1)?.steps.map(\.counts)
    #expect(counts == RunState(events).counts)
    journal.close()
  }
}
