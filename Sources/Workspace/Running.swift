internal import Artifacts
internal import Comparisons
internal import Diagnostics
package import Events
package import Execution
internal import Foundation
internal import Plans
internal import Plugins
internal import Processes
internal import Synchronization
internal import Tasks
internal import Traces
internal import Values
internal import Workers
internal import Workflows

extension Workspace {
  /// Opens the store and puts the beginning of a run on record.
  ///
  /// - Parameter watch: told what happens, from any thread, in batches.
  package func start(
    _ prepared: Prepared, watch: @escaping @Sendable ([LiveEvent]) -> Void
  ) throws(WorkspaceError) -> Session {
    let request = prepared.request
    let pool = try workers()
    let store = try writableStore(request.durability)
    guard let journal = store.journal else { throw WorkspaceError(.bug, "the store is not open for writing") }
    let memory = StoreMemory(store: store, journal: journal)
    let inputs = try persisted(prepared, store)
    let resumes = try runToResume(request, prepared.plan.workflow)
    let number = journal.nextRun()
    let process = prepared.process ?? ProcessFacts(layout)
    let scratch = if let shared = prepared.scratch { shared } else { try self.scratch(for: "\(number)") }
    let lanes = Self.lanes(request)
    var settings = RunSettings(
      run: number, lanes: lanes,
      capacity: Resources(
        cpu: Double(max(1, lanes)), memoryBytes: request.memoryBytes > 0 ? request.memoryBytes : Self.machineMemory,
        gpu: request.gpus),
      seed: request.seed, grace: request.grace, reuses: request.reuses, strict: request.durability == .strict,
      scratch: scratch, secrets: process.secrets)
    if let resumes { try recall(resumes, in: store, into: &settings) }
    if let original = prepared.original { settings.replays = original.replays }
    settings.profile = request.profile
    for (input, outside) in zip(inputs, origins(prepared)) {
      if case .file(let file) = input, !outside.isEmpty { settings.origins[file.path] = outside }
    }
    var record = record(prepared, process, inputs, number, resumes)
    record.artifacts = prepared.artifacts
    // Before the executor is made: of a large plan, the journal writes the steps meanwhile.
    memory.append([.runStarted(record)])
    let runner = RunnerChoice(pool: pool, inline: inline)
    let verifier = request.verifies ? VerifyingRunner(runner, scratch: scratch.root) : nil
    let executor = Executor(
      plan: prepared.plan, inputs: inputs, settings: settings, memory: memory, runner: verifier ?? runner,
      watch: watch)
    return Session(
      number: number, executor: executor, verifier: verifier, scratch: prepared.scratch == nil ? scratch : nil)
  }

  /// A directory of an engine for what attempts write; nobody's after its death.
  func scratch(for what: String) throws(WorkspaceError) -> Scratch {
    let root = "\(layout.store)/tmp/run-\(what)"
    do throws(SystemError) { try Files.makeDirectory(root) } catch {
      throw WorkspaceError(.store, "cannot create \(root): \(error.reason)")
    }
    return Scratch(root: root)
  }

  /// Input files become artifacts before anything runs: a run can be repeated after they have changed.
  private func persisted(_ prepared: Prepared, _ store: Store) throws(WorkspaceError) -> [Value] {
    var values: [Value] = []
    for (input, value) in zip(prepared.plan.inputs, prepared.inputs) {
      do throws(StoreError) {
        values.append(try store.artifacts.persist(value))
      } catch {
        var failure = WorkspaceError(error)
        if error.code == .missing || error.code == .unreadable { failure.exit = .notFound }
        failure.message = "input `\(input.name)`: \(failure.message)"
        throw failure
      }
    }
    return values
  }

  private func record(
    _ prepared: Prepared, _ process: ProcessFacts, _ inputs: [Value], _ number: RunNumber, _ resumes: RunNumber?
  ) -> RunStarted {
    var random = SystemRandomNumberGenerator()
    let uid = (0..<2).map { _ in String(format: "%016lx", UInt(random.next())) }.joined()
    return RunStarted(
      run: number, uid: uid, workflow: prepared.plan.workflow,
      file: prepared.original?.record.file ?? prepared.request.file,
      documents: prepared.original?.record.documents ?? prepared.files.map { ($0.path, $0.text) },
      inputs: zip(prepared.plan.inputs, inputs).map { ($0.name, $1) }, variants: prepared.plan.variants,
      seed: prepared.request.seed, engine: Self.version, host: process.host, user: process.user,
      reason: prepared.request.reason,
      resumes: resumes, startedAt: Int64(Date().timeIntervalSince1970 * 1e9), plan: plan(prepared),
      circumstances: circumstances(prepared, process))
  }

  private func circumstances(_ prepared: Prepared, _ process: ProcessFacts) -> Circumstances {
    var code: [Digest: CodeRecord] = [:]
    for task in prepared.plan.tasks where code[task.code] == nil {
      code[task.code] = CodeRecord(code: task.code, path: task.source.path, parts: task.parts)
    }
    let request = prepared.request
    let original = prepared.original?.record
    return Circumstances(
      directory: original?.circumstances.directory ?? process.directory,
      until: request.until, lanes: Self.lanes(request), reuses: request.reuses, verifies: request.verifies,
      facts: process.facts, code: code.values.sorted { $0.code < $1.code },
      reproduces: original?.run, origins: origins(prepared), trial: prepared.trial)
  }

  /// Where the files that were given came from, by input.
  private func origins(_ prepared: Prepared) -> [String] {
    prepared.original?.record.inputs.map(\.origin) ?? prepared.inputs.map(\.origin)
  }

  private static func lanes(_ request: RunRequest) -> Int {
    request.parallel ?? Machine.processors
  }

  private static func defaults(_ signature: TaskSignature) -> [String: String] {
    let defaults = signature.parameters.filter { !$0.isRequired }.map { ($0.name, $0.default?.description ?? "null") }
    return Dictionary(defaults) { first, _ in first }
  }

  private func plan(_ prepared: Prepared) -> PlanRecord {
    let plan = prepared.plan
    let callees = plan.tasks.map { task in
      TaskRecord(
        task: task.signature.id, version: task.signature.version, code: task.code,
        components: TaskKey.Base(task: task, runSeed: prepared.request.seed).components,
        parameters: task.signature.parameters.map(\.name), outputs: task.signature.outputs.map(\.name),
        defaults: Self.defaults(task.signature), traits: task.signature.traits)
    }
    let needs = plan.needs()
    let sources = PlanSources(plan)
    var record = PlanRecord(tasks: callees)
    for number in plan.taskSteps.indices {
      let step = plan.step(number)
      guard case .task(let index) = step.call else { continue }
      var wiring = Wiring()
      sources.forEach(of: number) { wiring.add($0, $1.map(Wiring.Source.init)) }
      record.add(
        path: step.path, phase: step.phase, isolation: step.isolation, task: index,
        needs: needs[number].map { StepNeed(step: $0.step, shared: $0.shared) },
        reuse: step.options.reuse?.text ?? "", wiring: wiring)
    }
    return record
  }

  /// The run that `--resume` means, or nil.
  func runToResume(_ request: RunRequest, _ workflow: String) throws(WorkspaceError) -> RunNumber? {
    switch request.resume {
    case .no: return nil
    case .run(let number):
      guard let summary = try readableStore().summary(of: number) else {
        throw WorkspaceError(.notFound, "there is no run \(number)", help: "`assay runs list` shows what there is")
      }
      guard summary.workflow == workflow else {
        throw WorkspaceError(.usage, "run \(number) is of workflow `\(summary.workflow)`, not `\(workflow)`")
      }
      if let trial = try trial(number) {
        throw WorkspaceError(
          .usage, "run \(number) is trial \(trial.trial) of experiment \(trial.experiment) (\(trial.name))",
          help: "`assay exp run` goes on with an experiment, `assay reproduce \(number)` repeats the run")
      }
      return number
    case .newest:
      // Trials go on with their experiments.
      var last: RunSummary?
      for run in try readableStore().runs(workflow: workflow) where last == nil && run.status != .running {
        if try trial(run.run) == nil { last = run }
      }
      guard let last else {
        throw WorkspaceError(.notFound, "workflow `\(workflow)` has no run to resume")
      }
      guard last.status != .succeeded else {
        throw WorkspaceError(
          .usage, "the last run of `\(workflow)`, run \(last.run), succeeded: there is nothing to resume",
          help: "name another one with `--resume RUN`")
      }
      return last.run
    }
  }

  /// What a run is a trial of.
  private func trial(_ run: RunNumber) throws(WorkspaceError) -> TrialReference? {
    let trace = try readableStore().trace
    do throws(TraceError) { return try trace.circumstances(of: run)?.trial } catch {
      throw WorkspaceError(error)
    }
  }

  /// What an interrupted run has done already. It may have gone on with an earlier one and died before it came as far:
  /// what the whole chain has done counts, the newest last.
  private func recall(_ run: RunNumber, in store: Store, into settings: inout RunSettings) throws(WorkspaceError) {
    var chain = [run]
    while let last = chain.last, let before = try store.summary(of: last)?.resumes, before < last {
      chain.append(before)
    }
    for run in chain.reversed() { try recallOnly(run, in: store, into: &settings) }
  }

  private func recallOnly(_ run: RunNumber, in store: Store, into settings: inout RunSettings) throws(WorkspaceError) {
    guard let detail = try store.detail(of: run) else { return }
    do throws(TraceError) {
      // What a tainted run made since its input changed is not to be trusted.
      let limit = try store.trace.changedInputs(in: run).map(\.since).min() ?? .max
      for node in try store.trace.completed(in: run) where node.node.step < detail.steps.count && node.at < limit {
        guard let key = node.key, let outputs = store.decode(node.outputs) else { continue }
        let path = NodePath(path: detail.steps[node.node.step].step.path, item: node.node.item)
        settings.completed[path] = (key, Recorded(run: node.source, at: node.at, outputs: outputs))
      }
      let failed = try store.trace.attempts(of: run).filter { if case .failure = $0.result { true } else { false } }
      let cutOff = try store.trace.unfinished(in: run)
      for node in failed.map(\.node) + cutOff.map(\.node) where node.step < detail.steps.count {
        guard let bytes = try store.trace.checkpoint(of: run, node: node.node) else { continue }
        settings.checkpoints[NodePath(path: detail.steps[node.step].step.path, item: node.item)] = bytes
      }
    } catch {
      throw WorkspaceError(error)
    }
  }

  /// What steps that declare `resources memory` share unless the request says otherwise.
  private static let machineMemory = Int64(clamping: ProcessInfo.processInfo.physicalMemory)
}

/// A run that goes on.
package final class Session: Sendable {
  package let number: RunNumber
  private let executor: Executor
  private let verifier: VerifyingRunner?
  /// Nobody else's.
  private let scratch: Scratch?

  init(number: RunNumber, executor: Executor, verifier: VerifyingRunner?, scratch: Scratch?) {
    self.number = number
    self.executor = executor
    self.verifier = verifier
    self.scratch = scratch
  }

  /// Calls of deterministic tasks that ran twice with the same outputs; nil unless that was asked for.
  package var verified: Int? { verifier?.verified }

  /// Runs to the end; blocks. Call once.
  package func run() -> RunResult {
    defer { scratch?.removeAll() }
    return executor.run()
  }

  /// Ends the run early; any thread, ever more urgently.
  package func stop(_ how: Executor.Stop) { executor.stop(how) }
}

extension Wiring.Source {
  fileprivate init(_ source: PlanSources.Source) {
    switch source {
    case .input(let index): self = .input(index)
    case .output(let step, let port): self = .output(step: step, port: port)
    }
  }
}

extension Value {
  /// Where the file or directory that it is lies now.
  fileprivate var origin: String {
    switch self {
    case .file(let file), .directory(let file): file.path
    default: ""
    }
  }
}

extension StepOptions.Reuse {
  /// As in the document.
  fileprivate var text: String {
    switch self {
    case .inputs: "inputs"
    case .never: "never"
    case .within(let age): DurationLiteral.text(age)
    }
  }
}

/// Sends each batch where its isolation says.
private struct RunnerChoice: TaskRunner {
  let pool: WorkerPool
  let inline: InlineRunner

  func run(_ batch: [Invocation], observer: any AttemptObserver) -> [Outcome] {
    guard batch.first?.isolation == .inline else { return pool.run(batch, observer: observer) }
    return inline.run(batch, observer: observer)
  }

  func cancel(_ attempt: UInt64, _ urgency: Urgency) {
    pool.cancel(attempt, urgency)
    inline.cancel(attempt, urgency)
  }

  func shutDown() {
    pool.shutDown()
    inline.shutDown()
  }
}
