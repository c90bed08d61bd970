import Diagnostics
import Events
import Execution
import Synchronization
import Tasks
import Values
import Workflows

/// Tasks as closures: the runner's test double.
final class ScriptedRunner: TaskRunner {
  typealias Body = @Sendable (Invocation) -> Result<[Value?], Failure>
  private let bodies: [String: Body]
  let calls = Mutex<[(node: String, attempt: Int)]>([])
  let largestBatch = Mutex(0)
  let cancelled = Mutex<[UInt64]>([])

  init(_ bodies: [String: Body]) { self.bodies = bodies }

  func run(_ batch: [Invocation], observer: any AttemptObserver) -> [Outcome] {
    largestBatch.withLock { $0 = max($0, batch.count) }
    return batch.map { invocation in
      calls.withLock { $0.append((invocation.node, invocation.attempt)) }
      observer.started(invocation.id)
      let result = bodies[invocation.task.signature.id]?(invocation) ?? .failure(Failure(.load, "no such task"))
      return Outcome(id: invocation.id, result: result, usage: Usage(wallNanoseconds: 1000))
    }
  }

  func cancel(_ attempt: UInt64, _ urgency: Urgency) { cancelled.withLock { $0.append(attempt) } }
  func shutDown() {}
}

/// A store in memory.
final class MemoryDouble: RunMemory {
  struct State {
    var events: [Event] = []
    var results: [Digest: Recorded] = [:]
    var isFull = false
    /// How many keys were looked up at a time.
    var lookups: [Int] = []
  }
  let state = Mutex(State())

  var events: [Event] { state.withLock { $0.events } }
  func persist(_ value: Value, consuming: Bool) throws(StoreFailure) -> Value { value }
  func digest(_ value: Value) -> Digest? { Hasher256.digest(Array("\(value)".utf8)) }
  func reusable(_ keys: [Digest]) -> [Recorded?] {
    state.withLock { state in
      state.lookups.append(keys.count)
      return keys.map { state.results[$0] }
    }
  }
  var isFailed: Bool { state.withLock { $0.isFull } }

  func append(_ events: [Event]) {
    state.withLock { state in
      state.events.append(contentsOf: events)
      for case .attemptsFinished(let ends) in events {
        for end in ends where end.reusable {
          if let key = end.key, case .success(let outputs) = end.result {
            state.results[key] = Recorded(run: end.node.run, at: end.startedAt, outputs: outputs)
          }
        }
      }
    }
  }

  func commit() throws(StoreFailure) {
    if isFailed { throw StoreFailure("the disk is full") }
  }
}

// MARK: Documents without text

let nowhere = SourceFile(path: "/tests/test.assay", text: "")

func installed(
  _ id: String, inputs: [Port] = [], outputs: [Port] = [Port("value", .int(nil))],
  configuration: [Port] = [], traits: TaskTraits = [.pure, .deterministic]
) -> InstalledTask {
  InstalledTask(
    signature: TaskSignature(
      id: id, version: "1.0.0", traits: traits, inputs: inputs, outputs: outputs, configuration: configuration),
    source: PluginSource(kind: .sharedObject, path: "/tests/\(id).so"), index: 0,
    code: Hasher256.digest(Array(id.utf8)))
}

func expression(_ kind: Expression.Kind, _ type: ValueType = .int(nil)) -> Expression { Expression(kind, type, .none) }
func literal(_ value: Value) -> Expression { expression(.literal(value)) }
func output(_ step: Int, _ port: Int = 0) -> Expression { expression(.output(step: step, port: port)) }

func step(
  _ name: String, _ callee: Step.Callee, _ arguments: [(String, Expression)] = [], outputs: [String] = ["value"],
  foreach: Step.Foreach? = nil, when: Expression? = nil, options: StepOptions = StepOptions()
) -> Step {
  Step(
    name: name, doc: "",
    variants: [
      Step.Variant(
        name: "", callee: callee, arguments: arguments.map { Step.Argument(name: $0.0, value: $0.1) })
    ], defaultVariant: 0, outputs: outputs.map { ValueType.RecordField($0, .any) }, foreach: foreach, condition: when,
    phase: nil, options: options, span: .none)
}

func workflow(_ name: String, inputs: [String] = [], steps: [Step], outputs: [(String, Expression)]) -> Workflow {
  Workflow(
    name: name, doc: "", file: nowhere, nameSpan: .none,
    inputs: inputs.map { Workflow.Input(name: $0, type: .any, doc: "", default: nil, span: .none) }, steps: steps,
    outputs: outputs.map { Workflow.Output(name: $0.0, type: .any, doc: "", value: $0.1, span: .none) })
}
