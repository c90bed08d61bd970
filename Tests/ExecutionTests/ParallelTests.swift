import Events
import Execution
import Foundation
import Glibc
import Plans
import Synchronization
import Tasks
import Testing
import Values

/// Whatever runs at once: outputs and record are those of one thing after another.
///
/// A configuration is a random workflow at one parallelism. `scripts/reliability parallel 10000` makes more of them.
@Suite struct ParallelTests {
  private static let lanes = [1, 4, 16, 64]
  private static let workflows =
    (ProcessInfo.processInfo.environment["ASSAY_CONFIGURATIONS"].flatMap(Int.init) ?? 400) / 4

  @Test func resultsAreTheSameAtAnyParallelism() throws {
    var wrong: [String] = []
    for seed in 0..<Self.workflows {
      let random = RandomProgram(seed: UInt64(seed))
      let plan = try Plan(random.program, workflow: 0)
      var record: [String]?
      for lanes in Self.lanes {
        let memory = MemoryDouble()
        let result = try run(plan, lanes: lanes, reuses: seed % 2 == 0, memory)
        let here = "workflow \(seed) at parallelism \(lanes)"
        if result.status != .succeeded { wrong.append("\(here): \(result.status), \(result.message)") }
        for ((name, value), expected) in zip(result.outputs, random.expected) where value != expected {
          wrong.append("\(here): \(name) is \(value), not \(expected)")
        }
        let events = Self.outcomes(memory.events)
        if let record, record != events { wrong.append("\(here): the record differs from that at parallelism 1") }
        record = record ?? events
      }
    }
    print("\(Self.workflows * Self.lanes.count) configurations, \(wrong.count) wrong")
    #expect(wrong.isEmpty, "\(wrong.prefix(10))")
  }

  private func run(_ plan: Plan, lanes: Int, reuses: Bool, _ memory: MemoryDouble) throws -> RunResult {
    let scratch = NSTemporaryDirectory() + "assay-parallel-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    var settings = RunSettings(run: 1, lanes: lanes, scratch: Scratch(root: scratch))
    settings.reuses = reuses
    defer { settings.scratch.removeAll() }
    return Executor(
      plan: plan, inputs: try plan.bind([:]), settings: settings, memory: memory, runner: Self.runner(),
      watch: { _ in }
    ).run()
  }

  /// The tasks of `RandomProgram`; now and then one lets others go first.
  private static func runner() -> ScriptedRunner {
    let turns = Atomic<UInt64>(0)
    func shuffled(_ body: @escaping @Sendable ([Int64], Int) -> Result<Int64, Failure>) -> ScriptedRunner.Body {
      { call in
        if turns.add(1, ordering: .relaxed).newValue % 3 == 0 { sched_yield() }
        let list = call.inputs[0].asList ?? call.inputs
        return body(list.compactMap(\.asInt), call.attempt).map { [.int($0)] }
      }
    }
    return ScriptedRunner([
      "number": shuffled { inputs, _ in .success(inputs[0]) },
      "mix": shuffled { inputs, _ in .success(RandomProgram.mix(inputs[0], inputs[1])) },
      "fold": shuffled { inputs, _ in .success(RandomProgram.fold(inputs)) },
      "flaky": shuffled { inputs, attempt in
        attempt < 3 ? .failure(Failure(.transient, "not yet")) : .success(inputs[0])
      },
      "fails": shuffled { _, _ in .failure(Failure(.failed, "never")) },
    ])
  }

  /// What is on record of each node, without times, order and numbers, which may differ. With reuse a call takes the result
  /// of one with the same key if that was there first: how it came to its end may differ, too.
  private static func outcomes(_ events: [Event]) -> [String] {
    events.flatMap { event -> [String] in
      switch event {
      case .attemptsFinished(let ends):
        ends.map { end -> String in
          switch end.result {
          case .success: "\(end.node.step)\(end.node.item) done"
          case .failure(let failure): "\(end.node.step)\(end.node.item) attempt \(end.attempt) \(failure.message)"
          }
        }
      case .nodeReused(let reuse): ["\(reuse.node.step)\(reuse.node.item) done"]
      case .nodeSkipped(let skip): ["\(skip.node.step)\(skip.node.item) skipped: \(skip.why)"]
      default: []
      }
    }.sorted()
  }
}
