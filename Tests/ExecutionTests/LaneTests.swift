import Events
import Execution
import Foundation
import Plans
import Synchronization
import Tasks
import Testing
import Values
import Workflows

private func run(
  _ steps: [Step], tasks: [InstalledTask], lanes: Int, _ runner: any TaskRunner, memory: MemoryDouble = MemoryDouble()
) throws -> RunResult {
  let outputs = steps.indices.map { ("o\($0)", output($0)) }
  let plan = try Plan(
    Program(workflows: [workflow("w", steps: steps, outputs: outputs)], tasks: tasks, files: []), workflow: 0,
    variants: [:], until: nil)
  let scratch = NSTemporaryDirectory() + "assay-lanes-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
  let settings = RunSettings(run: 1, lanes: lanes, scratch: Scratch(root: scratch))
  defer { settings.scratch.removeAll() }
  let executor = Executor(
    plan: plan, inputs: [], settings: settings, memory: memory, runner: runner, watch: { _ in })
  return executor.run()
}

/// Holds each batch until two run at the same time, of two plugins if `differ`.
private final class Meeting: TaskRunner, @unchecked Sendable {  // everything mutable is guarded by `condition`
  private let condition = NSCondition()
  private let differ: Bool
  private var running: [String: Int] = [:]
  /// Plugins that ran at the same time, and the most batches of one.
  private(set) var together = false
  private(set) var most = 0

  init(differ: Bool) { self.differ = differ }

  func run(_ calls: [Invocation], observer: any AttemptObserver) -> [Outcome] {
    let plugin = calls[0].task.signature.id
    condition.lock()
    running[plugin, default: 0] += 1
    together = together || running.values.filter { $0 > 0 }.count > 1
    most = max(most, running[plugin] ?? 0)
    condition.broadcast()
    let deadline = Date(timeIntervalSinceNow: 10)
    while differ ? !together : most < 2, condition.wait(until: deadline) {}
    running[plugin, default: 1] -= 1
    condition.unlock()
    return calls.map { Outcome(id: $0.id, result: .success([.int(1)]), usage: Usage(wallNanoseconds: 1_000_000)) }
  }
  func cancel(_ attempt: UInt64, _ urgency: Urgency) {}
  func shutDown() {}
}

@Test(arguments: [Isolation.inline, .worker])
func aPluginInsideTheEngineRunsOneBatchAtATime(_ isolation: Isolation) throws {
  var options = StepOptions()
  options.isolation = isolation
  let tasks = [installed("a", traits: []), installed("b", traits: [])]
  let steps = (0..<24).map { step("s\($0)", .task($0 < 12 ? 0 : 1), options: options) }
  let runner = Meeting(differ: isolation == .inline)
  let result = try run(steps, tasks: tasks, lanes: 6, runner)
  #expect(result.status == .succeeded)
  if isolation == .inline {
    // Other plugins do not wait for it.
    #expect(runner.together && runner.most == 1)
  } else {
    #expect(runner.most > 1)
  }
}

/// What a call finds in its directory, and whether it leaves something there.
private final class Littering: TaskRunner {
  let found = Mutex<[[String]]>([])
  let paths = Mutex<Set<String>>([])

  func run(_ calls: [Invocation], observer: any AttemptObserver) -> [Outcome] {
    calls.map { call in
      let path = call.temporaryDirectory
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? ["no directory"]
      found.withLock { $0.append(names) }
      paths.withLock { _ = $0.insert(path) }
      let number = found.withLock { $0.count }
      // Files, directories, what came by a link, and what is gone again.
      switch number % 5 {
      case 0: _ = FileManager.default.createFile(atPath: path + "/left", contents: Data("x".utf8))
      case 1: try? FileManager.default.createDirectory(atPath: path + "/sub", withIntermediateDirectories: false)
      case 2: try? FileManager.default.moveItem(atPath: path, toPath: path + "-moved")
      default: break
      }
      return Outcome(id: call.id, result: .success([.int(1)]), usage: Usage(wallNanoseconds: 1000))
    }
  }
  func cancel(_ attempt: UInt64, _ urgency: Urgency) {}
  func shutDown() {}
}

@Test(arguments: [1, 4])
func eachCallHasAnEmptyDirectoryOfItsOwn(lanes: Int) throws {
  let runner = Littering()
  let steps = (0..<300).map { step("s\($0)", .task(0)) }
  #expect(try run(steps, tasks: [installed("a", traits: [])], lanes: lanes, runner).status == .succeeded)
  #expect(runner.found.withLock { $0 } == Array(repeating: [], count: 300))
  // Untouched ones serve again: they are not made anew for each call.
  #expect(runner.paths.withLock { $0.count } < 300)
}

/// Calls of a list; the task takes the item.
private func list(_ count: Int) -> Step { list(Array(0..<count)) }

private func list(_ items: [Int]) -> Step {
  step(
    "each", .task(0), [("a", expression(.binding(0)))],
    foreach: Step.Foreach(
      bindings: ["x"], source: literal(.list(items.map { .int(Int64($0)) })), limit: nil))
}

private let double: @Sendable () -> ScriptedRunner = {
  ScriptedRunner(["double": { call in .success([.int((call.inputs[0].asInt ?? 0) * 2)]) }])
}

@Test func recordedResultsAreLookedUpManyAtATime() throws {
  let tasks = [installed("double", inputs: [Port("a", .int(nil))])]
  let memory = MemoryDouble()
  _ = try run([list(2000)], tasks: tasks, lanes: 2, double(), memory: memory)
  memory.state.withLock { $0.lookups = [] }
  let runner = double()
  let result = try run([list(2000)], tasks: tasks, lanes: 2, runner, memory: memory)
  #expect(result.outputs[0].value == .list((0..<2000).map { .int($0 * 2) }))
  #expect(runner.calls.withLock { $0.isEmpty })
  #expect(memory.state.withLock { $0.lookups.count } < 200)
}

@Test(arguments: [1, 3])
func whatIsPartlyOnRecordIsCompleted(lanes: Int) throws {
  let tasks = [installed("double", inputs: [Port("a", .int(nil))])]
  let memory = MemoryDouble()
  _ = try run([list(300)], tasks: tasks, lanes: lanes, double(), memory: memory)
  let runner = double()
  let result = try run([list(1000)], tasks: tasks, lanes: lanes, runner, memory: memory)
  #expect(result.outputs[0].value == .list((0..<1000).map { .int($0 * 2) }))
  // Each of the others ran once, as its first attempt.
  let calls = runner.calls.withLock { $0 }
  #expect(calls.count == 700 && Set(calls.map(\.node)).count == 700)
  #expect(calls.allSatisfy { $0.attempt == 1 })
}

@Test func callsThatMayTakeLongDoNotWaitForEachOther() throws {
  let tasks = [installed("double", inputs: [Port("a", .int(nil))])]
  let memory = MemoryDouble()
  let items = Array(0..<1000)
  _ = try run([list(items.filter { !(500..<504).contains($0) })], tasks: tasks, lanes: 4, double(), memory: memory)
  // The four in the middle come in one look among many that are known, and each waits until the four run.
  let gate = Mutex((now: 0, most: 0))
  let runner = ScriptedRunner([
    "double": { _ in
      gate.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      let deadline = Date(timeIntervalSinceNow: 10)
      while gate.withLock({ $0.most < 4 }), Date() < deadline { sched_yield() }
      gate.withLock { $0.now -= 1 }
      return .success([.int(1)])
    }
  ])
  let result = try run([list(items)], tasks: tasks, lanes: 4, runner, memory: memory)
  #expect(result.status == .succeeded)
  #expect(runner.calls.withLock { $0.count } == 4)
  #expect(gate.withLock { $0.most } == 4)
}
