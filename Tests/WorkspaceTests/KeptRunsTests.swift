import Events
import Testing

@testable import Traces
@testable import Workspace

/// Which runs a collection keeps.
@Suite struct KeptRunsTests {
  private func run(_ number: Int64, _ workflow: String, _ status: RunStatus = .succeeded, at: Int64 = 0) -> RunSummary {
    RunSummary(
      run: number, uid: "", workflow: workflow, file: "", status: status, startedAt: at, finishedAt: nil, message: "",
      seed: 0, engine: "", host: "", user: "", reason: "", resumes: nil, reproduces: nil)
  }

  @Test func aRunThatGoesOnIsKeptHoweverOldItIs() {
    let runs = [run(4, "w"), run(3, "w", .interrupted), run(2, "w", .running), run(1, "w", .failed)]
    let now: Int64 = 1_000_000_000_000_000
    #expect(CollectionPolicy(newestRuns: 0).kept(runs, now: now) == [2])
    #expect(CollectionPolicy(newestRuns: 1).kept(runs, now: now) == [4, 2])
    #expect(CollectionPolicy(youngerThan: .seconds(1)).kept(runs, now: now) == [2])
  }

  @Test func theNewestOfEachWorkflowAndTheYoungAreKept() {
    let second: Int64 = 1_000_000_000
    let runs = [run(5, "a", at: 90 * second), run(4, "b"), run(3, "a", at: 80 * second), run(2, "b"), run(1, "a")]
    #expect(CollectionPolicy().kept(runs, now: 100 * second) == [1, 2, 3, 4, 5])
    #expect(CollectionPolicy(newestRuns: 1).kept(runs, now: 100 * second) == [5, 4])
    #expect(CollectionPolicy(newestRuns: 1, youngerThan: .seconds(30)).kept(runs, now: 100 * second) == [5, 4, 3])
  }
}
