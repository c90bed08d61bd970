package import Events
internal import Foundation
package import Plans
package import Tasks
package import Values
internal import Workflows

/// How a run is to be made.
package struct RunSettings: Sendable {
  package var run: RunNumber
  /// Attempts at a time.
  package var lanes: Int
  package var capacity: Resources
  package var seed: UInt64
  /// How long a cancelled task may go on before it is killed.
  package var grace: Duration
  /// Take recorded results of pure tasks.
  package var reuses: Bool
  /// A child starts only after its parents' rows are on disk.
  package var strict: Bool
  /// Private directories of attempts; other runs may take from it, too.
  package var scratch: Scratch
  /// Results of an interrupted run by step path and item: taken again if their key is still the same.
  package var completed: [NodePath: (key: Digest, recorded: Recorded)]
  /// The last checkpoints of nodes that an interrupted run did not complete.
  package var checkpoints: [NodePath: [UInt8]]
  /// Values of declared secrets.
  package var secrets: [String: String]
  /// What calls of a run that is repeated were given besides their inputs.
  package var replays: [NodePath: Replay] = [:]
  /// Told where the engine's own time goes; nil: nobody asked.
  package var profile: Profile?
  /// Where files came from, by where they lie in the store: for messages.
  package var origins: [String: String] = [:]

  package init(
    run: RunNumber, lanes: Int, capacity: Resources? = nil, seed: UInt64 = 0, grace: Duration = .seconds(10),
    reuses: Bool = true, strict: Bool = false, scratch: Scratch,
    completed: [NodePath: (key: Digest, recorded: Recorded)] = [:], checkpoints: [NodePath: [UInt8]] = [:],
    secrets: [String: String] = [:]
  ) {
    self.run = run
    self.lanes = max(1, lanes)
    self.capacity = capacity ?? Resources(cpu: Double(max(1, lanes)))
    self.seed = seed
    self.grace = grace
    self.reuses = reuses
    self.strict = strict
    self.scratch = scratch
    self.completed = completed
    self.checkpoints = checkpoints
    self.secrets = secrets
  }
}

/// A node by what it is, not by its number.
package struct NodePath: Hashable, Sendable {
  package var path: String
  package var item: String
  package init(path: String, item: String) {
    self.path = path
    self.item = item
  }
}

/// The clock and the seed of a recorded call.
package struct Replay: Sendable {
  package var unixNanoseconds: Int64
  package var seed: Seed?
  package init(unixNanoseconds: Int64, seed: Seed?) {
    self.unixNanoseconds = unixNanoseconds
    self.seed = seed
  }
}

/// How a run ended.
package struct RunResult: Sendable {
  package var status: RunStatus
  package var outputs: [(name: String, value: Value)]
  /// The first failure that ended the run.
  package var failure: (step: String, item: String, failure: Failure)?
  /// Set when the store could not record the run.
  package var storeFailure: StoreFailure?
  /// One line for a person, empty on success.
  package var message: String
}

/// What a person watching the run wants to know, besides the recorded events.
package enum LiveEvent: Sendable {
  case recorded(Event)
  case started(NodeReference, attempt: Int)
  case progress(NodeReference, done: Double, total: Double, what: String)
  case retrying(NodeReference, attempt: Int, delay: Duration, failure: Failure)
  /// The number of calls of a step (by trace number) became known.
  case expanded(step: Int, count: Int)
}

/// Drives the scheduler with dedicated threads that pull batches; each lane blocks in its runner, never in a Swift
/// concurrency pool.
package final class Executor: Sendable {
  package enum Stop: Sendable {
    /// Start nothing new; let what runs end.
    case finish
    /// Also ask running tasks to stop; they are killed after the grace period.
    case cancel
    /// Kill them now.
    case kill
  }

  let plan: Plan
  let settings: RunSettings
  let memory: any RunMemory
  let runner: any TaskRunner
  let core: Core
  let journal: Recorder
  let scratch: Scratch
  /// By task of the plan.
  let keys: [TaskKey.Base]
  let inputGuard: InputGuard
  /// The run's number as tasks see it.
  let runName: String

  /// - Parameters:
  ///   - inputs: from `Plan.bind`, persisted.
  ///   - watch: called from any lane, in the order of each lane.
  package init(
    plan: Plan, inputs: [Value], settings: RunSettings, memory: any RunMemory, runner: any TaskRunner,
    watch: @escaping @Sendable ([LiveEvent]) -> Void
  ) {
    self.plan = plan
    self.settings = settings
    self.memory = memory
    self.runner = runner
    journal = Recorder(run: settings.run, memory: memory, watch: watch)
    scratch = settings.scratch
    runName = String(settings.run)
    inputGuard = InputGuard(plan)
    keys = plan.tasks.map { TaskKey.Base(task: $0, runSeed: settings.seed) }
    let groups = Self.groups(of: plan)
    core = Core(
      scheduler: Scheduler(
        plan: plan, inputs: inputs,
        settings: Scheduler.Settings(
          lanes: settings.lanes, capacity: settings.capacity, seed: settings.seed, groups: groups.bySteps,
          exclusive: groups.exclusive)))
  }

  /// Calls of one group may travel in one batch: same plugin, isolation and memory limit. A plugin in the engine's own
  /// process runs one call at a time.
  private static func groups(of plan: Plan) -> (bySteps: [Int], exclusive: Set<Int>) {
    struct Key: Hashable {
      var plugin: Int
      var isolation: Isolation
      var memory: Int64
    }
    var plugins: [PluginSource: Int] = [:]
    // By task of the plan: its plugin's number.
    let plugin = plan.tasks.map { task in
      if let known = plugins[task.source] { return known }
      plugins[task.source] = plugins.count
      return plugins.count - 1
    }
    var groups: [Key: Int] = [:]
    var exclusive: Set<Int> = []
    // Mostly the one before has the same.
    var last: (key: Key, group: Int)?
    let bySteps = plan.taskSteps.indices.map { number in
      let step = plan.step(number)
      guard case .task(let task) = step.call else { return 0 }
      // A limit of memory has no meaning inside the engine.
      let memory = step.isolation == .inline ? 0 : step.options.resources?.memoryBytes ?? 0
      let key = Key(plugin: plugin[task], isolation: step.isolation, memory: memory)
      if let last, last.key == key { return last.group }
      let group = groups[key] ?? groups.count
      if group == groups.count {
        if step.isolation == .inline { exclusive.insert(group) }
        groups[key] = group
      }
      last = (key, group)
      return group
    }
    return (bySteps, exclusive)
  }

  /// Runs to the end; blocks. Call once.
  package func run() -> RunResult {
    var clock = clock()
    recordEffects(core.locked { $0.scheduler.drainEffects() })
    let lanes = DispatchGroup()
    for _ in 1..<max(2, width) where width > 1 {
      lanes.enter()
      let thread = Thread { [self] in
        var clock = self.clock()
        lane(&clock)
        // What it counted is added here, before the run ends.
        clock = nil
        lanes.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    lane(&clock)
    lanes.wait()
    clock?.mark(.wait)
    clock = nil
    return conclude()
  }

  /// Lanes that may have something to do: without `foreach` no more calls are made at a time than there are steps.
  private var width: Int {
    let mayMultiply = plan.bodies.count > 1 || plan.bodies[0].steps.contains { $0.foreach != nil }
    return mayMultiply ? settings.lanes : min(settings.lanes, plan.taskSteps.count)
  }

  private func clock() -> ProfileClock? { settings.profile?.clock(lanes: settings.lanes) }

  /// Stops the run early. Callable from any thread, several times, ever more urgently.
  package func stop(_ how: Stop) {
    let running = core.locked { state in
      state.scheduler.stop()
      state.stopped = true
      return Array(state.running.values.joined())
    }
    core.wake()
    guard how != .finish else { return }
    for attempt in running { runner.cancel(attempt, how == .kill ? .kill : .stop) }
  }

  // MARK: Lanes

  private func lane(_ clock: inout ProfileClock?) {
    while var batch = core.next(&clock) {
      let verdicts = execute(&batch, &clock)
      let effects = core.finish(batch, verdicts)
      clock?.mark(.dispatch)
      recordEffects(effects)
      clock?.mark(.record)
    }
  }

  /// Makes the calls of a batch: takes over what is already known, runs the others.
  /// More of them than should travel together may have to run: then some go back, and the batch is shorter.
  private func execute(_ batch: inout Scheduler.Batch, _ clock: inout ProfileClock?) -> [Scheduler.Verdict] {
    var calls = calls(of: batch)
    prepare(calls)
    var open = withSoundInputs(calls.filter { $0.verdict == nil })
    if open.count > 1, case let kept = core.giveBack(open.map { $0.job }), kept < open.count {
      let late = Set(open[kept...].map { $0.job.node })
      open.removeSubrange(kept...)
      calls.removeAll { late.contains($0.job.node) }
      batch.jobs.removeAll { late.contains($0.node) }
    }
    if open.count < calls.count { core.reused(calls.lazy.filter { $0.verdict != nil }.map { $0.taskIndex }) }
    clock?.count(calls.count)
    clock?.mark(.keys)
    if !open.isEmpty { run(open, &clock) }
    record(calls)
    clock?.mark(.record)
    if settings.strict || memory.isFailed {
      do { try memory.commit() } catch { core.locked { $0.storeFailure = $0.storeFailure ?? error } }
      clock?.mark(.commit)
    }
    if core.locked({ $0.storeFailure != nil }) { stop(.finish) }
    return calls.map { $0.verdict ?? .failed(Failure(.lost, "the runner returned no outcome")) }
  }

  private func record(_ calls: [Call]) {
    var events: [Event] = []
    var ended: [AttemptFinished] = []
    ended.reserveCapacity(calls.count)
    for call in calls {
      if let end = call.ended { ended.append(end) }
      if let reused = call.reused { events.append(.nodeReused(reused)) }
    }
    if !ended.isEmpty { events.append(.attemptsFinished(ended)) }
    journal.record(events)
  }

  private func run(_ calls: [Call], _ clock: inout ProfileClock?) {
    let directories = scratch.take(calls.count)
    defer { scratch.giveBack(directories) }
    let now = Clock.unixNanoseconds()
    var invocations: [Invocation] = []
    invocations.reserveCapacity(calls.count)
    for (call, directory) in zip(calls, directories) {
      call.startedAt = now
      invocations.append(invocation(for: call, in: directory))
    }
    let ids = invocations.map { $0.id }
    let pace = core.begin(ids)
    recordStarts(calls, pace)
    clock?.mark(.dispatch)
    let outcomes = runner.run(invocations, observer: journal.observer(of: calls.map { $0.node }))
    clock?.mark(.tasks)
    core.end(ids, outcomes.count == calls.count ? zip(calls, outcomes).map { ($0.taskIndex, $1.usage) } : [])
    checkInputs(of: calls)
    for (call, outcome) in zip(calls, outcomes) { settle(call, outcome) }
  }

  /// What may take long, or must not run twice, leaves a trace of its beginning; everything else is recorded once, at its end.
  private func recordStarts(_ calls: [Call], _ pace: [Int64]) {
    let starts = calls.filter { call in
      let pace = pace[call.taskIndex]
      return pace == 0 || pace > 1_000_000_000 || !call.task.traits.areRepeatable
    }
    guard !starts.isEmpty else { return }
    memory.append(
      starts.map { call in
        .attemptStarted(AttemptStarted(node: call.node, attempt: call.job.attempt, startedAt: call.startedAt))
      })
  }

  private func recordEffects(_ effects: [Scheduler.Effect]) {
    guard !effects.isEmpty else { return }
    journal.record(effects: effects)
  }

  private func conclude() -> RunResult {
    var clock = settings.profile?.clock()
    let (effects, failure, outputs, stopped, storeFailure) = core.locked { state in
      state.scheduler.abandon()
      return (
        state.scheduler.drainEffects(), state.scheduler.failure, state.scheduler.outputs, state.stopped,
        state.storeFailure
      )
    }
    recordEffects(effects)
    var result = RunResult(status: .succeeded, outputs: [], failure: failure, storeFailure: storeFailure, message: "")
    if let storeFailure {
      result.status = .interrupted
      result.message = storeFailure.message
    } else if let failure, failure.failure.kind != .cancelled || !stopped {
      result.status = .failed
      result.message = "step `\(failure.step)\(failure.item)` failed: \(failure.failure.message)"
    } else if stopped {
      result.status = .cancelled
      result.message = "cancelled"
    } else {
      switch outputs {
      case .success(let values):
        result.outputs = zip(plan.outputs, values).map { ($0.name, $1) }
      case .failure(let error):
        result.status = .failed
        result.message = "the outputs have no value: \(error.message)"
      case nil:
        result.status = .failed
        result.message = "the run ended early"
      }
    }
    for index in result.outputs.indices {
      do { result.outputs[index].value = try memory.persist(result.outputs[index].value, consuming: false) } catch {
        result.storeFailure = error
      }
    }
    journal.record([
      .runFinished(
        RunFinished(
          run: settings.run, status: result.status, outputs: result.outputs, message: result.message,
          finishedAt: Clock.unixNanoseconds()))
    ])
    clock?.mark(.record)
    defer { clock?.mark(.commit) }
    do { try memory.commit() } catch {
      result.storeFailure = error
      if result.status == .succeeded {
        result.status = .interrupted
        result.message = error.message
      }
    }
    return result
  }
}
