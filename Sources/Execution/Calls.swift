internal import Events
internal import Plans
internal import Tasks
internal import Values
internal import Workflows

/// One job on its way through a lane.
struct Call {
  var job: Scheduler.Job
  var step: Plan.Step
  var node: NodeReference
  var key: TaskKey?
  var startedAt: Int64 = 0
  var verdict: Scheduler.Verdict?
  var event: Event?

  init(job: Scheduler.Job, step: Plan.Step, run: RunNumber) {
    self.job = job
    self.step = step
    node = NodeReference(run: run, node: job.node, step: job.step, item: job.item)
  }
}

extension Executor {
  func task(of call: Call) -> InstalledTask {
    guard case .task(let index) = call.step.call else { preconditionFailure("only task steps are issued") }
    return plan.tasks[index]
  }

  private func key(of call: Call, _ arguments: [Value]) -> TaskKey? {
    guard case .task(let index) = call.step.call else { return nil }
    return TaskKey(keys[index], arguments: arguments) { memory.digest($0) }
  }

  /// Computes the key of a call, and its verdict if it needs no run.
  func prepare(_ call: inout Call) {
    call.startedAt = Clock.unixNanoseconds()
    let task = task(of: call)
    switch call.job.arguments {
    case .failure(let failure): return reject(&call, failure)
    case .success(var arguments):
      for index in arguments.indices where arguments[index].hasUnhashedFile {
        do { arguments[index] = try memory.persist(arguments[index], consuming: false) } catch {
          return reject(
            &call, Failure(.input, error.message, port: task.signature.parameters[index].name))
        }
      }
      call.job.arguments = .success(arguments)
      call.key = key(of: call, arguments)
    }
    if call.job.attempt == 1, let key = call.key?.digest, let recorded = recorded(for: call, key, task) {
      call.verdict = .succeeded(recorded.outputs.map { $0 ?? .null })
      call.event = .nodeReused(NodeReused(node: call.node, key: key, from: recorded.run, at: call.startedAt))
    }
  }

  /// A result that may stand in for running the call.
  private func recorded(for call: Call, _ key: Digest, _ task: InstalledTask) -> Recorded? {
    if let done = settings.completed[NodePath(path: call.step.path, item: call.job.item)], done.key == key {
      return done.recorded
    }
    guard settings.reuses, isReusable(call, task), let found = memory.reusable(key) else { return nil }
    if case .within(let age)? = call.step.options.reuse, call.startedAt - found.at > age.nanoseconds { return nil }
    return found
  }

  private func isReusable(_ call: Call, _ task: InstalledTask) -> Bool {
    call.step.options.reuse != .never && task.signature.traits.contains(.pure)
  }

  private func reject(_ call: inout Call, _ failure: Failure) {
    call.verdict = .failed(failure)
    call.event = finished(call, .failure(failure), Usage(), reusable: false)
  }

  func invocation(for call: inout Call) -> Invocation {
    let task = task(of: call)
    let arguments = (try? call.job.arguments.get()) ?? []
    let inputCount = task.signature.inputs.count
    var configuration = Value.null
    if !task.signature.configuration.isEmpty {
      configuration = .record(
        zip(task.signature.configuration, arguments.dropFirst(inputCount)).map { Value.Field($0.name, $1) })
    }
    call.startedAt = Clock.unixNanoseconds()
    return Invocation(
      id: Recorder.attemptID(call.node, call.job.attempt), task: task, isolation: call.step.isolation,
      attempt: call.job.attempt, run: String(settings.run), workflow: plan.workflow,
      node: call.step.path + call.job.item, inputs: Array(arguments.prefix(inputCount)), configuration: configuration,
      seed: call.key?.seed ?? Seed(), unixNanoseconds: call.startedAt, timeout: call.step.options.timeout,
      grace: settings.grace, temporaryDirectory: scratch.take(),
      checkpoint: journal.checkpoint(of: call.node.node)
        ?? settings.checkpoints[NodePath(path: call.step.path, item: call.job.item)],
      secrets: settings.secrets.filter { task.signature.secrets.contains($0.key) },
      memoryLimit: call.step.options.resources?.memoryBytes ?? 0)
  }

  /// Turns an outcome into a verdict and its record.
  func settle(_ call: inout Call, _ outcome: Outcome) {
    let task = task(of: call)
    switch outcome.result {
    case .failure(let failure):
      call.verdict = .failed(failure)
      call.event = finished(call, .failure(failure), outcome.usage, reusable: false)
    case .success(let outputs):
      var kept: [Value?] = []
      kept.reserveCapacity(outputs.count)
      for output in outputs {
        do {
          kept.append(try output.map { value throws(StoreFailure) in try memory.persist(value, consuming: true) })
        } catch {
          core.locked { $0.storeFailure = $0.storeFailure ?? error }
          return reject(&call, Failure(.resource, error.message, code: "store"))
        }
      }
      call.verdict = .succeeded(kept.map { $0 ?? .null })
      reportDifference(call, task, kept)
      call.event = finished(
        call, .success(kept), outcome.usage, reusable: call.key != nil && isReusable(call, task))
    }
  }

  /// Same key, same bytes: a deterministic task that breaks its promise is told on.
  private func reportDifference(_ call: Call, _ task: InstalledTask, _ outputs: [Value?]) {
    guard !settings.reuses, task.signature.traits.isSuperset(of: [.pure, .deterministic]),
      let key = call.key?.digest, let before = memory.reusable(key)
    else { return }
    for (port, (old, new)) in zip(task.signature.outputs, zip(before.outputs, outputs)) {
      guard let old, let new, let was = memory.digest(old), let now = memory.digest(new), was != now else { continue }
      journal.note(
        call.node, call.job.attempt, .warning,
        "`\(task.signature.id)` is declared deterministic, but `\(port.name)` differs from run \(before.run) for the same key"
      )
    }
  }

  private func finished(_ call: Call, _ result: Result<[Value?], Failure>, _ usage: Usage, reusable: Bool) -> Event {
    .attemptFinished(
      AttemptFinished(
        node: call.node, attempt: call.job.attempt, startedAt: call.startedAt, usage: usage, key: call.key?.digest,
        components: call.key?.components ?? [], result: result, reusable: reusable))
  }
}

extension Value {
  /// A file or directory somewhere inside has no digest yet.
  var hasUnhashedFile: Bool {
    switch self {
    case .file(let reference), .directory(let reference): reference.digest == nil
    case .list(let items): items.contains { $0.hasUnhashedFile }
    case .record(let fields): fields.contains { $0.value.hasUnhashedFile }
    default: false
    }
  }
}
