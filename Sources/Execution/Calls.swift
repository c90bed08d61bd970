internal import Events
internal import Plans
internal import Tasks
internal import Values
internal import Workflows

/// One job on its way through a lane, which owns it.
final class Call {
  var job: Scheduler.Job
  let step: Plan.Step
  /// Index into `Plan.tasks`, and the task.
  let taskIndex: Int
  let task: InstalledTask
  let node: NodeReference
  var key: TaskKey?
  var startedAt: Int64 = 0
  var verdict: Scheduler.Verdict?
  /// What is to go on record of it, one of the two.
  var reused: NodeReused?
  var ended: AttemptFinished?
  /// Where files came from that were taken into the store for this call, by where they lie there.
  var origins: [String: String] = [:]

  init(_ job: Scheduler.Job, _ step: Plan.Step, _ taskIndex: Int, _ task: InstalledTask, run: RunNumber) {
    self.job = job
    self.step = step
    self.taskIndex = taskIndex
    self.task = task
    node = NodeReference(run: run, node: job.node, step: job.step, item: job.item)
  }

  var path: NodePath { NodePath(path: step.path, item: job.item) }
}

extension Executor {
  func calls(of batch: Scheduler.Batch) -> [Call] {
    var calls: [Call] = []
    calls.reserveCapacity(batch.jobs.count)
    for job in batch.jobs {
      let step = plan.step(job.step)
      guard case .task(let index) = step.call else { preconditionFailure("only task steps are issued") }
      calls.append(Call(job, step, index, plan.tasks[index], run: settings.run))
    }
    return calls
  }

  /// Computes the keys of calls, and the verdicts of those that need no run.
  func prepare(_ calls: [Call]) {
    let now = Clock.unixNanoseconds()
    for call in calls {
      call.startedAt = now
      identify(call)
    }
    // One look at the store for all of them.
    let asking = settings.reuses ? calls.filter(mayReuse) : []
    let found = asking.isEmpty ? [] : memory.reusable(asking.compactMap { $0.key?.digest })
    for (call, recorded) in zip(asking, found) {
      guard let recorded else { continue }
      if case .within(let age)? = call.step.options.reuse, now - recorded.at > age.nanoseconds { continue }
      reuse(recorded, for: call)
    }
  }

  private func identify(_ call: Call) {
    switch call.job.arguments {
    case .failure(let failure): return reject(call, failure)
    case .success(var arguments):
      if arguments.contains(where: \.hasUnhashedFile) {
        for index in arguments.indices where arguments[index].hasUnhashedFile {
          let outside = arguments[index]
          do { arguments[index] = try memory.persist(outside, consuming: false) } catch {
            return reject(
              call, Failure(.input, error.message, port: call.task.signature.parameters[index].name))
          }
          if case (.file(let old), .file(let new)) = (outside, arguments[index]) { call.origins[new.path] = old.path }
        }
        call.job.arguments = .success(arguments)
      }
      call.key = TaskKey(keys[call.taskIndex], arguments: arguments) { memory.digest($0) }
    }
    if !settings.completed.isEmpty, call.job.attempt == 1, let done = settings.completed[call.path],
      done.key == call.key?.digest
    {
      reuse(done.recorded, for: call)
    }
  }

  private func mayReuse(_ call: Call) -> Bool {
    call.verdict == nil && call.job.attempt == 1 && call.key != nil && isReusable(call)
  }

  private func isReusable(_ call: Call) -> Bool {
    call.task.traits.contains(.pure) && call.step.options.reuse != .never
  }

  private func reuse(_ recorded: Recorded, for call: Call) {
    guard let key = call.key?.digest else { return }
    call.verdict = .succeeded(recorded.outputs)
    call.reused = NodeReused(
      node: call.node, key: key, from: recorded.run, outputs: recorded.outputs, at: call.startedAt)
  }

  func reject(_ call: Call, _ failure: Failure) {
    call.verdict = .failed(failure)
    call.ended = finished(call, .failure(failure), Usage(), reusable: false)
  }

  func invocation(for call: Call, in directory: Scratch.Directory) -> Invocation {
    let task = call.task
    let arguments = (try? call.job.arguments.get()) ?? []
    let inputCount = task.inputs.count
    var configuration = Value.null
    if arguments.count > inputCount {
      configuration = .record(
        zip(task.configuration, arguments.dropFirst(inputCount)).map { Value.Field($0.name, $1) })
    }
    let replay = settings.replays.isEmpty ? nil : settings.replays[call.path]
    return Invocation(
      id: Recorder.attemptID(call.node, call.job.attempt), task: call.task, isolation: call.step.isolation,
      attempt: call.job.attempt, run: runName, workflow: plan.workflow,
      node: call.job.item.isEmpty ? call.step.path : call.step.path + call.job.item,
      inputs: arguments.count == inputCount ? arguments : Array(arguments.prefix(inputCount)),
      configuration: configuration, seed: replay?.seed ?? call.key?.seed ?? Seed(),
      unixNanoseconds: replay?.unixNanoseconds ?? call.startedAt,
      timeout: call.step.options.timeout, grace: settings.grace, temporaryDirectory: directory.path,
      checkpoint: checkpoint(for: call),
      secrets: task.hasSecrets ? settings.secrets.filter { task.signature.secrets.contains($0.key) } : [:],
      memoryLimit: call.step.options.resources?.memoryBytes ?? 0)
  }

  /// The last one of an earlier attempt, in this run or in the one that it resumes.
  private func checkpoint(for call: Call) -> [UInt8]? {
    if call.job.attempt > 1, let last = journal.checkpoint(of: call.node.node) { return last }
    return settings.checkpoints.isEmpty ? nil : settings.checkpoints[call.path]
  }

  /// Turns an outcome into a verdict and its record.
  func settle(_ call: Call, _ outcome: Outcome) {
    switch outcome.result {
    case .failure(let failure):
      let failure = named(failure, call)
      call.verdict = .failed(failure)
      call.ended = finished(call, .failure(failure), outcome.usage, reusable: false)
    case .success(var kept):
      for index in kept.indices {
        // Most outputs are small: there is nothing to keep elsewhere.
        guard let output = kept[index], !output.isScalar else { continue }
        do { kept[index] = try memory.persist(output, consuming: true) } catch {
          core.locked { $0.storeFailure = $0.storeFailure ?? error }
          return reject(call, Failure(.resource, error.message, code: "store"))
        }
      }
      call.verdict = .succeeded(kept)
      if !settings.reuses { reportDifference(call, kept) }
      call.ended = finished(
        call, .success(kept), outcome.usage, reusable: call.key != nil && isReusable(call) && !inputGuard.isTainted)
    }
  }

  /// Where a message names an input file by its place in the store, people want to hear where they put it, or, of the
  /// output of a task, how it is called.
  private func named(_ failure: Failure, _ call: Call) -> Failure {
    guard case .success(let arguments) = call.job.arguments else { return failure }
    var failure = failure
    for case .file(let file) in arguments where failure.message.contains(file.path) {
      let name = call.origins[file.path] ?? settings.origins[file.path] ?? file.digest?.short ?? file.path
      failure.message = failure.message.replacing(file.path, with: name)
    }
    return failure
  }

  /// Same key, same bytes: a deterministic task that breaks its promise is told on.
  private func reportDifference(_ call: Call, _ outputs: [Value?]) {
    let task = call.task
    guard task.traits.isSuperset(of: [.pure, .deterministic]), let key = call.key?.digest,
      let before = memory.reusable(key)
    else { return }
    for (port, (old, new)) in zip(task.signature.outputs, zip(before.outputs, outputs)) {
      guard let old, let new, let was = memory.digest(old), let now = memory.digest(new), was != now else { continue }
      journal.log(
        call.node.node, call.job.attempt, .warning,
        "`\(task.signature.id)` is declared deterministic, but `\(port.name)` differs from run \(before.run) for the same key"
      )
    }
  }

  private func finished(
    _ call: Call, _ result: Result<[Value?], Failure>, _ usage: Usage, reusable: Bool
  )
    -> AttemptFinished
  {
    AttemptFinished(
      node: call.node, attempt: call.job.attempt, startedAt: call.startedAt, usage: usage, key: call.key?.digest,
      arguments: call.key?.arguments ?? [], result: result, reusable: reusable)
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
