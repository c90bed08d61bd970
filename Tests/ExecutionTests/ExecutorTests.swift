import Events
import Execution
import Foundation
import Plans
import Synchronization
import Tasks
import Testing
import Values
import Workflows

private let add = installed("add", inputs: [Port("a", .int(nil)), Port("b", .int(nil))])
private let one = installed("one")
private let fail = installed("fail", inputs: [Port("a", .int(nil), default: .int(0))])

private let runner: @Sendable () -> ScriptedRunner = {
  ScriptedRunner([
    "add": { call in
      guard case .int(let a) = call.inputs[0], case .int(let b) = call.inputs[1] else {
        return .failure(Failure(.input, "not numbers"))
      }
      return .success([.int(a + b)])
    },
    "one": { _ in .success([.int(1)]) },
    "fail": { _ in .failure(Failure(.failed, "it cannot", code: "test.cannot")) },
  ])
}

private func execute(
  _ workflows: [Workflow], tasks: [InstalledTask], inputs: [String: Value] = [:], lanes: Int = 2,
  runner: ScriptedRunner = runner(), memory: MemoryDouble = MemoryDouble(), until: String? = nil,
  variants: [String: String] = [:],
  configure: (inout RunSettings) -> Void = { _ in }
) throws -> RunResult {
  let plan = try Plan(
    Program(workflows: workflows, tasks: tasks, files: []), workflow: 0, variants: variants, until: until)
  let scratch = NSTemporaryDirectory() + "assay-executor-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
  var settings = RunSettings(run: 1, lanes: lanes, scratch: Scratch(root: scratch))
  configure(&settings)
  let executor = Executor(
    plan: plan, inputs: try plan.bind(inputs), settings: settings, memory: memory, runner: runner, watch: { _ in })
  defer {
    settings.scratch.removeAll()
    #expect(!FileManager.default.fileExists(atPath: scratch))
  }
  return executor.run()
}

private func value(_ result: RunResult, _ name: String) -> Value? { result.outputs.first { $0.name == name }?.value }

@Test(arguments: [1, 2, 4])
func chainOfStepsGivesItsSum(lanes: Int) throws {
  var steps = [step("s0", .task(0))]
  for index in 1..<200 {
    steps.append(step("s\(index)", .task(1), [("a", output(index - 1)), ("b", literal(.int(1)))]))
  }
  let memory = MemoryDouble()
  let result = try execute(
    [workflow("chain", steps: steps, outputs: [("sum", output(199))])], tasks: [one, add], lanes: lanes, memory: memory)
  #expect(result.status == .succeeded)
  #expect(value(result, "sum") == .int(200))
  let finished = memory.events.map { if case .attemptsFinished(let ends) = $0 { ends.count } else { 0 } }.reduce(0, +)
  #expect(finished == 200)
  if case .runFinished(let end)? = memory.events.last {
    #expect(end.status == .succeeded)
  } else {
    Issue.record("no end")
  }
}

@Test func foreachLiftsToListsInOrder() throws {
  let loop = Step.Foreach(
    bindings: ["x"], source: expression(.call(.range, [literal(.int(500))])), limit: nil)
  let steps = [
    step("each", .task(1), [("a", expression(.binding(0))), ("b", literal(.int(10)))], foreach: loop)
  ]
  let result = try execute(
    [workflow("w", steps: steps, outputs: [("all", output(0))])], tasks: [one, add], lanes: 3)
  #expect(value(result, "all") == .list((10..<510).map { .int($0) }))
}

@Test func foreachMaxLimitsWhatRunsAtOnce() throws {
  let gate = Gate()
  let runner = ScriptedRunner([
    "one": { _ in
      gate.enter()
      defer { gate.leave() }
      Thread.sleep(forTimeInterval: 0.002)
      return .success([.int(1)])
    }
  ])
  let loop = Step.Foreach(bindings: ["x"], source: expression(.call(.range, [literal(.int(20))])), limit: 2)
  let impure = installed("one", traits: [])
  let result = try execute(
    [workflow("w", steps: [step("each", .task(0), foreach: loop)], outputs: [("all", output(0))])], tasks: [impure],
    lanes: 6, runner: runner)
  #expect(result.status == .succeeded)
  #expect(gate.most <= 2)
  #expect(runner.calls.withLock { $0.count } == 20)
}

@Test func zipBindsItemsByPosition() throws {
  let lists = expression(
    .call(.zip, [literal(.list([.int(1), .int(2)])), literal(.list([.int(10), .int(20)]))]))
  let steps = [
    step(
      "sum", .task(1), [("a", expression(.binding(0))), ("b", expression(.binding(1)))],
      foreach: Step.Foreach(bindings: ["x", "y"], source: lists, limit: nil))
  ]
  let result = try execute([workflow("w", steps: steps, outputs: [("all", output(0))])], tasks: [one, add])
  #expect(value(result, "all") == .list([.int(11), .int(22)]))
}

@Test func whenFalseGivesNullAndCoalesceFallsBack() throws {
  let fallback = expression(.binary(.coalesce, output(0), literal(.int(7))))
  let steps = [
    step("maybe", .task(0), when: literal(.bool(false))),
    step("after", .task(1), [("a", fallback), ("b", literal(.int(1)))]),
  ]
  let memory = MemoryDouble()
  let result = try execute(
    [
      workflow(
        "w", steps: steps,
        outputs: [("x", output(1)), ("ran", expression(.ran(step: 0))), ("gone", output(0))])
    ], tasks: [one, add], memory: memory)
  #expect(value(result, "x") == .int(8))
  #expect(value(result, "ran") == .bool(false))
  #expect(value(result, "gone") == .null)
  #expect(memory.events.contains { if case .nodeSkipped(let skip) = $0 { skip.why == .condition } else { false } })
}

@Test func subWorkflowsAreFlattenedAndScopesGiveListsOfResults() throws {
  let inner = workflow(
    "twice", inputs: ["x"],
    steps: [
      step("first", .task(1), [("a", expression(.input(0))), ("b", expression(.input(0)))]),
      step("second", .task(1), [("a", output(0)), ("b", literal(.int(0)))]),
    ], outputs: [("value", output(1))])
  let outer = workflow(
    "w",
    steps: [
      step("base", .task(0)),
      step("flat", .workflow(1), [("x", output(0))]),
      step(
        "each", .workflow(1), [("x", expression(.binary(.add, expression(.binding(0)), output(1))))],
        foreach: Step.Foreach(bindings: ["i"], source: expression(.call(.range, [literal(.int(3))])), limit: nil)),
    ], outputs: [("flat", output(1)), ("each", output(2))])
  let memory = MemoryDouble()
  let runner = runner()
  let result = try execute([outer, inner], tasks: [one, add], runner: runner, memory: memory)
  #expect(result.status == .succeeded, "\(result.message)")
  #expect(value(result, "flat") == .int(2))
  #expect(value(result, "each") == .list([.int(4), .int(6), .int(8)]))
  let names = runner.calls.withLock { Set($0.map(\.node)) }
  #expect(names.contains("flat.first"))
  #expect(names.contains("each.second[2]") || names.contains("each.second[1]"))
}

@Test func failureStopsTheRunAndSkipsTheRest() throws {
  let memory = MemoryDouble()
  let steps = [
    step("bad", .task(2)), step("after", .task(1), [("a", output(0)), ("b", literal(.int(1)))]),
  ]
  let result = try execute(
    [workflow("w", steps: steps, outputs: [("x", output(1))])], tasks: [one, add, fail], memory: memory)
  #expect(result.status == .failed)
  #expect(result.message == "step `bad` failed: it cannot")
  #expect(memory.events.contains { if case .nodeSkipped(let skip) = $0 { skip.why == .stopped } else { false } })
}

@Test func onFailureSkipGivesAMissingValueAndContinueGivesUpWhatDepends() throws {
  var skip = StepOptions()
  skip.onFailure = .skip
  let fallback = expression(.binary(.coalesce, output(0), literal(.int(5))))
  let first = try execute(
    [
      workflow(
        "w",
        steps: [step("bad", .task(2), options: skip), step("next", .task(1), [("a", fallback), ("b", fallback)])],
        outputs: [("x", output(1))])
    ], tasks: [one, add, fail])
  #expect(first.status == .succeeded)
  #expect(value(first, "x") == .int(10))

  var goOn = StepOptions()
  goOn.onFailure = .continue
  let runner = runner()
  let second = try execute(
    [
      workflow(
        "w",
        steps: [
          step("bad", .task(2), options: goOn),
          step("lost", .task(1), [("a", output(0)), ("b", literal(.int(1)))]),
          step("free", .task(0)),
        ], outputs: [("x", output(2))])
    ], tasks: [one, add, fail], runner: runner)
  #expect(second.status == .failed)
  let ran = runner.calls.withLock { Set($0.map(\.node)) }
  #expect(ran == ["bad", "free"])
}

@Test func retriesUntilItWorksAndOnlyOnNamedCodes() throws {
  let runner = ScriptedRunner([
    "flaky": { call in
      call.attempt < 3
        ? .failure(Failure(.transient, "busy", code: "io.timeout")) : .success([.int(Int64(call.attempt))])
    }
  ])
  var options = StepOptions()
  options.retries = 4
  options.retryOn = ["io"]
  options.backoff = (.microseconds(10), .microseconds(100))
  let flaky = installed("flaky", traits: [])
  let result = try execute(
    [workflow("w", steps: [step("f", .task(0), options: options)], outputs: [("x", output(0))])], tasks: [flaky],
    runner: runner)
  #expect(value(result, "x") == .int(3))

  options.retryOn = ["http"]
  let other = try execute(
    [workflow("w", steps: [step("f", .task(0), options: options)], outputs: [("x", output(0))])], tasks: [flaky],
    runner: runner)
  #expect(other.status == .failed)
}

@Test func pureResultsAreReusedAndChangesRunAgain() throws {
  let memory = MemoryDouble()
  func once(_ b: Int64) throws -> (RunResult, Int) {
    let runner = runner()
    let steps = [step("a", .task(0)), step("b", .task(1), [("a", output(0)), ("b", literal(.int(b)))])]
    let result = try execute(
      [workflow("w", steps: steps, outputs: [("x", output(1))])], tasks: [one, add], runner: runner, memory: memory)
    return (result, runner.calls.withLock { $0.count })
  }
  #expect(try once(1).1 == 2)
  #expect(try once(1).1 == 0)
  let changed = try once(2)
  #expect(changed.1 == 1)
  #expect(value(changed.0, "x") == .int(3))
}

@Test func untilRunsOnlyWhatIsNeeded() throws {
  let runner = runner()
  let steps = [
    step("a", .task(0)), step("b", .task(1), [("a", output(0)), ("b", literal(.int(1)))]), step("c", .task(0)),
  ]
  let result = try execute(
    [workflow("w", steps: steps, outputs: [("x", output(1))])], tasks: [one, add], runner: runner, until: "b")
  #expect(result.status == .succeeded)
  #expect(runner.calls.withLock { Set($0.map(\.node)) } == ["a", "b"])
  #expect(throws: PlanError.self) {
    try execute([workflow("w", steps: steps, outputs: [])], tasks: [one, add], until: "nope")
  }
}

@Test func aFullStoreStopsTheRunAndSaysSo() throws {
  let memory = MemoryDouble()
  memory.state.withLock { $0.isFull = true }
  let result = try execute(
    [workflow("w", steps: [step("a", .task(0))], outputs: [("x", output(0))])], tasks: [one], memory: memory)
  #expect(result.status == .interrupted)
  #expect(result.storeFailure == StoreFailure("the disk is full"))
}

@Test func anExpressionWithoutAValueFailsItsStep() throws {
  let quotient = expression(.binary(.divide, literal(.int(1)), literal(.int(0))))
  let steps = [step("a", .task(1), [("a", quotient), ("b", literal(.int(1)))])]
  let result = try execute([workflow("w", steps: steps, outputs: [("x", output(0))])], tasks: [one, add])
  #expect(result.status == .failed)
  #expect(result.message.contains("division of 1 by zero"))
}

/// Random DAGs give at any parallelism what a plain evaluation gives.
@Test(arguments: 0..<40)
func randomGraphsAgreeWithAPlainEvaluation(seed: Int) throws {
  var random = SplitMix(state: UInt64(seed) &* 77 &+ 5)
  let count = 30 + Int(random.next() % 100)
  var steps = [step("s0", .task(0))]
  var expected: [Int64] = [1]
  for index in 1..<count {
    let a = Int(random.next() % UInt64(index))
    let b = Int(random.next() % UInt64(index))
    steps.append(step("s\(index)", .task(1), [("a", output(a)), ("b", output(b))]))
    expected.append(expected[a] &+ expected[b])
    if expected[index] > 1 << 40 {
      steps[index] = step("s\(index)", .task(0))
      expected[index] = 1
    }
  }
  let outputs = (0..<count).map { ("o\($0)", output($0)) }
  let result = try execute(
    [workflow("w", steps: steps, outputs: outputs)], tasks: [one, add], lanes: 1 + seed % 5)
  #expect(result.status == .succeeded)
  #expect(result.outputs.map(\.value) == expected.map { .int($0) })
}

private final class Gate: @unchecked Sendable {  // guarded by `lock`
  private let lock = NSLock()
  private var now = 0
  private var peak = 0
  var most: Int { lock.withLock { peak } }
  func enter() {
    lock.withLock {
      now += 1
      peak = max(peak, now)
    }
  }
  func leave() { lock.withLock { now -= 1 } }
}

@Test func aPreviewSaysWhatWouldRunAndWhatIsReused() throws {
  let memory = MemoryDouble()
  let impure = installed("one", traits: [])
  let steps = [
    step("a", .task(0)), step("b", .task(1), [("a", output(0)), ("b", literal(.int(1)))]),
    step("c", .task(2)), step("d", .task(1), [("a", output(2)), ("b", literal(.int(1)))]),
    step("e", .task(0), when: literal(.bool(false))),
  ]
  let flow = workflow("w", steps: steps, outputs: [])
  let plan = try Plan(Program(workflows: [flow], tasks: [one, add, impure], files: []), workflow: 0)
  func fates() -> [String] {
    let preview = Preview(
      plan: plan, inputs: [], seed: 0, reuses: true, digest: memory.digest, reusable: memory.reusable)
    return preview.nodes.map { "\($0.fate)" }
  }
  #expect(
    fates()
      == ["runs(neverRan)", "runs(inputsNotKnown)", "runs(notPure)", "runs(inputsNotKnown)", "skipped(condition)"].map {
        $0.replacingOccurrences(of: "runs(", with: "runs(Execution.Preview.Why.").replacingOccurrences(
          of: "skipped(", with: "skipped(Execution.Scheduler.Skip.")
      })
  _ = try execute([flow], tasks: [one, add, impure], memory: memory)
  let after = fates()
  #expect(after[0] == "reused(from: 1)")
  #expect(after[1] == "reused(from: 1)")
  #expect(after[2].contains("notPure"))
}

@Test func aFailureSkippedInAForeachLosesTheListAndRanIsFalse() throws {
  var skip = StepOptions()
  skip.onFailure = .skip
  let picky = installed("picky", inputs: [Port("a", .int(nil))])
  let runner = ScriptedRunner([
    "picky": { (call) -> Result<[Value?], Failure> in
      call.inputs[0] == .int(2) ? .failure(Failure(.failed, "not two")) : .success([call.inputs[0]])
    }
  ])
  let loop = Step.Foreach(bindings: ["x"], source: expression(.call(.range, [literal(.int(4))])), limit: nil)
  let steps = [step("each", .task(0), [("a", expression(.binding(0)))], foreach: loop, options: skip)]
  let result = try execute(
    [workflow("w", steps: steps, outputs: [("all", output(0)), ("ran", expression(.ran(step: 0)))])], tasks: [picky],
    runner: runner)
  #expect(result.status == .succeeded)
  #expect(value(result, "all") == .null)
  #expect(value(result, "ran") == .bool(false))
  #expect(runner.calls.withLock { $0.count } == 4)
}

@Test func aCallOfAWorkflowBearsTheFailuresInsideIt() throws {
  let inner = workflow(
    "inner", inputs: ["x"],
    steps: [step("bad", .task(2)), step("next", .task(1), [("a", output(0)), ("b", expression(.input(0)))])],
    outputs: [("value", output(1))])
  var skip = StepOptions()
  skip.onFailure = .skip
  let fallback = expression(.binary(.coalesce, output(0), literal(.int(9))))
  let outer = workflow(
    "w",
    steps: [
      step("call", .workflow(1), [("x", literal(.int(1)))], options: skip),
      step("after", .task(1), [("a", fallback), ("b", literal(.int(1)))]),
    ], outputs: [("x", output(1))])
  let result = try execute([outer, inner], tasks: [one, add, fail])
  #expect(result.status == .succeeded, "\(result.message)")
  #expect(value(result, "x") == .int(10))
}

@Test func foreachMaxHoldsForWorkflowsToo() throws {
  let gate = Gate()
  let runner = ScriptedRunner([
    "one": { _ in
      gate.enter()
      defer { gate.leave() }
      Thread.sleep(forTimeInterval: 0.002)
      return .success([.int(1)])
    }
  ])
  let inner = workflow("inner", steps: [step("a", .task(0))], outputs: [("value", output(0))])
  let loop = Step.Foreach(bindings: ["x"], source: expression(.call(.range, [literal(.int(12))])), limit: 2)
  let outer = workflow("w", steps: [step("each", .workflow(1), foreach: loop)], outputs: [("all", output(0))])
  let result = try execute(
    [outer, inner], tasks: [installed("one", traits: [])], lanes: 6, runner: runner)
  #expect(value(result, "all") == .list(Array(repeating: .int(1), count: 12)))
  #expect(gate.most <= 2)
}

@Test func namedDimensionsMustAgreeBetweenInputs() throws {
  let type = ValueType.tensor(.f64, [.named("n")])
  let both = installed("both", inputs: [Port("a", type), Port("b", type)])
  func tensor(_ count: Int) -> Workflows.Expression {
    literal(.tensor(Tensor(element: .f64, shape: [count], data: Payload(Array(repeating: 0, count: count * 8)))))
  }
  let steps = [step("s", .task(0), [("a", tensor(2)), ("b", tensor(3))])]
  let result = try execute([workflow("w", steps: steps, outputs: [("x", output(0))])], tasks: [both])
  #expect(result.status == .failed)
  #expect(result.message.contains("`b`"))
}
