internal import Artifacts
internal import Events
internal import Logs
internal import Tasks
internal import Traces
internal import Values

/// Reads calls run by run, oldest first, and remembers which artifacts and tasks they had to do with.
///
/// What a call was given is told by content: the digests of its inputs are part of its key. An input that an expression put
/// together from several outputs is none of them, and is left out.
struct LoggedCalls {
  private let store: Store
  private let wantsArtifacts: Bool
  /// With the type of the value that they were part of.
  private var artifacts: [Digest: String] = [:]
  /// By the content of a value: the artifacts that it consists of.
  private var contents: [Digest: [Digest]] = [:]
  private var tasks: [String: LogObject] = [:]
  private var ofRuns: [RunNumber: [LogRelation]] = [:]

  init(_ store: Store, wantsArtifacts: Bool) {
    self.store = store
    self.wantsArtifacts = wantsArtifacts
  }

  /// Those that really ran, by their last attempts, in the order in which they ended.
  mutating func read(_ summary: RunSummary) throws(WorkspaceError) -> [LoggedCall] {
    let attempts: [AttemptRecord]
    let steps: [StepRecord]
    do throws(TraceError) {
      guard let detail = try store.trace.detail(of: summary.run) else { return [] }
      steps = detail.steps.map(\.step)
      attempts = try store.trace.attempts(of: summary.run)
      note(detail)
    } catch {
      throw WorkspaceError(error)
    }
    var last: [Int: Int] = [:]
    for (place, attempt) in attempts.enumerated() { last[attempt.node.node] = place }
    var calls: [LoggedCall] = []
    calls.reserveCapacity(last.count)
    for (place, attempt) in attempts.enumerated() where last[attempt.node.node] == place {
      guard steps.indices.contains(attempt.node.step) else { continue }
      calls.append(call(attempt, steps[attempt.node.step], summary))
    }
    return calls
  }

  private mutating func call(_ attempt: AttemptRecord, _ step: StepRecord, _ summary: RunSummary) -> LoggedCall {
    let task = LogId.task(step.task, step.version)
    if tasks[task] == nil {
      tasks[task] = LogObject(
        id: task, type: "task",
        attributes: [
          LogAttribute("name", .string(step.task)), LogAttribute("version", .string(step.version)),
          LogAttribute("code", .string("sha256:" + step.code.hex)),
        ])
    }
    var call = LoggedCall(
      run: summary.run, line: summary.workflow, node: attempt.node.node, step: step.path, item: attempt.node.item,
      phase: step.phase, task: step.task, version: step.version, attempts: attempt.attempt,
      startedAt: attempt.startedAt, endedAt: attempt.startedAt + attempt.usage.wallNanoseconds,
      cpuSeconds: Double(attempt.usage.cpuNanoseconds) / 1e9)
    var given: [Digest] = []
    for (name, digest) in attempt.components where name.hasPrefix("inputs.") { given += contents[digest] ?? [] }
    call.inputs = Self.ids(given)
    switch attempt.result {
    case .success(let outputs): call.outputs = Self.ids(outputs.flatMap { $0.map { note($0) } ?? [] })
    case .failure(let failure):
      call.failure = "\(failure.code.isEmpty ? "\(failure.kind)" : failure.code): \(failure.message)"
    }
    return call
  }

  private static func ids(_ digests: [Digest]) -> [String] {
    var seen: Set<Digest> = []
    return digests.filter { seen.insert($0).inserted }.map { LogId.artifact($0.hex) }
  }

  // MARK: Artifacts

  private mutating func note(_ detail: RunDetail) {
    guard wantsArtifacts else { return }
    let inputs = Self.ids(detail.inputs.flatMap { note($0.stored) } + detail.artifacts.flatMap { note($0.stored) })
    let outputs = Self.ids(detail.outputs.flatMap { note($0.stored) })
    ofRuns[detail.summary.run] = inputs.map { LogRelation("input", $0) } + outputs.map { LogRelation("output", $0) }
  }

  /// The artifacts of a value as it is stored; none of one that is gone.
  private mutating func note(_ stored: [UInt8]) -> [Digest] {
    guard wantsArtifacts, let value = try? store.artifacts.decode(stored) else { return [] }
    return note(value, depth: 0)
  }

  /// Items and fields too: they are what a `foreach` and expressions take.
  private mutating func note(_ value: Value, depth: Int) -> [Digest] {
    switch value {
    case .null, .bool, .int, .float: return []
    default: break
    }
    guard let parts = try? store.artifacts.parts(of: value), !parts.isEmpty else { return [] }
    if let content = store.artifacts.digest(of: value) { contents[content] = parts }
    let type = value.type.description
    for part in parts where artifacts[part] == nil || depth > 0 { artifacts[part] = type }
    guard depth < 2 else { return parts }
    switch value {
    case .list(let items): for item in items { _ = note(item, depth: depth + 1) }
    case .record(let fields): for field in fields { _ = note(field.value, depth: depth + 1) }
    default: break
    }
    return parts
  }

  // MARK: Objects

  /// What a run was given and gave, of those that were read.
  func artifacts(of run: RunNumber) -> [LogRelation] { ofRuns[run] ?? [] }

  /// - Parameter names: `churn/model@v3`, of artifacts that have one.
  func forEachObject(_ names: [Digest: String], _ body: (LogObject) -> Void) {
    for (_, task) in tasks.sorted(by: { $0.key < $1.key }) { body(task) }
    for (digest, type) in artifacts.sorted(by: { $0.key < $1.key }) {
      var attributes = [LogAttribute("type", .string(type))]
      // One that was collected since has no size any more.
      if let size = try? store.artifacts.size(of: digest) {
        attributes.append(LogAttribute("size", .integer(Int64(size))))
      }
      if let name = names[digest] { attributes.append(LogAttribute("name", .string(name))) }
      body(LogObject(id: LogId.artifact(digest.hex), type: "artifact", attributes: attributes))
    }
  }
}
