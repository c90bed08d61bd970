package import Diagnostics
internal import Events
package import Execution
package import Experiments
internal import Foundation
internal import Plans
internal import Synchronization
internal import Traces
internal import Values
internal import Workflows

extension Workspace {
  func experimentLedger() -> ExperimentLedger { ExperimentLedger(directory: layout.store) }

  /// The entries from place `first` on. One that cannot be read is an error: what follows would be taken for something else.
  func entries(
    of experiment: Int, from first: Int = 0, in ledger: ExperimentLedger
  ) throws(WorkspaceError) -> [Entry] {
    let rows: [LogRow]
    do throws(TraceError) { rows = try ledger.entries(of: experiment, from: first) } catch {
      throw WorkspaceError(error)
    }
    var entries: [Entry] = []
    entries.reserveCapacity(rows.count)
    for (place, row) in rows.enumerated() {
      guard let entry = Entry(row) else {
        throw WorkspaceError(
          .store,
          "entry \(first + place + 1) of experiment \(experiment) (`\(row.kind)`) cannot be read: \(ledger.path)",
          help: "it may be of a newer version of Assay, or damaged")
      }
      entries.append(entry)
    }
    return entries
  }

  /// Begins an experiment, or goes on with it.
  package func begin(_ request: StudyRequest) throws(WorkspaceError) -> StudySession {
    let checked = try check(request.file)
    guard let program = checked.program else {
      let count = checked.diagnostics.count { $0.severity == .error }
      throw WorkspaceError(
        .document, "\(request.file) has \(count) error\(count == 1 ? "" : "s")", diagnostics: checked.diagnostics)
    }
    let experiment = try Self.choose(request.experiment, of: program, request.file)
    let artifacts: [RunArtifact]
    let definition: Definition
    do {
      artifacts = try self.artifacts(of: program, experiment.workflow, request.run)
      definition = try Definition(
        experiment, artifacts: Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first })
    } catch let error as PlanError {
      throw WorkspaceError(.usage, error.message, help: error.help)
    } catch let error as WorkspaceError {
      throw error
    } catch {
      throw WorkspaceError(.bug, "\(error)")
    }
    // The store's lock is what keeps two engines from one experiment.
    _ = try writableStore(request.run.durability)
    let ledger = experimentLedger()
    let number: Int
    do throws(TraceError) { number = try open(experiment, program, request, ledger) } catch {
      throw WorkspaceError(error)
    }
    var study = Study(definition)
    for entry in try entries(of: number, in: ledger) { study.apply(entry) }
    return StudySession(
      workspace: self, ledger: ledger, number: number, study: study, request: request,
      maker: TrialMaker(
        program: program, definition: definition, request: request.run, artifacts: artifacts, number: number),
      warnings: checked.diagnostics)
  }

  private static func choose(
    _ name: String?, of program: Program, _ file: String
  ) throws(WorkspaceError) -> Experiment {
    let names = program.experiments.map(\.name)
    if let name {
      if let found = program.experiments.first(where: { $0.name == name }) { return found }
      let near = nearest(name, names).map { "did you mean `\($0)`?" }
      throw WorkspaceError(
        .usage, "\(file) has no experiment `\(name)`",
        help: near ?? (names.isEmpty ? "it has none" : "it has: \(names.joined(separator: ", "))"))
    }
    guard let only = program.experiments.first else {
      throw WorkspaceError(.usage, "\(file) has no experiment", help: "`experiment NAME { … }` makes one")
    }
    guard names.count == 1 else {
      throw WorkspaceError(
        .usage, "\(file) has several experiments", help: "choose one: \(names.joined(separator: ", "))")
    }
    return only
  }

  /// The number of the experiment: of one with the same text that did not end, or a new one.
  private func open(
    _ experiment: Experiment, _ program: Program, _ request: StudyRequest, _ ledger: ExperimentLedger
  ) throws(TraceError) -> Int {
    let documents = program.files.map { (path: $0.path, text: $0.text) }
    if request.resumes, let last = try ledger.experiments().first(where: { $0.name == experiment.name }),
      last.documents.elementsEqual(documents, by: { $0.path == $1.path && $0.text == $1.text }),
      try !ledger.entries(of: last.number).contains(where: { $0.kind == "closed" })
    {
      return last.number
    }
    var random = SystemRandomNumberGenerator()
    let uid = (0..<2).map { _ in String(format: "%016lx", UInt(random.next())) }.joined()
    return try ledger.create(
      ExperimentRecord(
        uid: uid, name: experiment.name, file: layout.relative(Layout.absolute(request.file)), documents: documents,
        startedAt: Self.now(), user: Self.user, host: ProcessInfo.processInfo.hostName, engine: Self.version,
        reason: request.reason))
  }

  static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }
  package static var user: String { ProcessInfo.processInfo.environment["USER"] ?? NSUserName() }
}

/// What a person watching an experiment wants to know.
package enum StudyEvent: Sendable {
  case proposed(Proposed)
  case ended(Ended)
  case stage(Int, StageEvent)
  case decided(Decision, Actor)
  case closed(Closing)
}

/// An experiment that goes on: asks the study what is next, runs trials side by side, and puts everything on record.
package final class StudySession: Sendable {
  package let number: Int
  package let warnings: [Diagnostic]
  private let workspace: Workspace
  private let ledger: ExperimentLedger
  private let maker: TrialMaker
  private let parallel: Int
  private let state: Mutex<State>
  /// Signalled when a trial ended.
  private let news = DispatchSemaphore(value: 0)

  private struct State {
    var study: Study
    var results: [Ended] = []
    var sessions: [Int: Session] = [:]
    var stop: Executor.Stop?
    var failure: WorkspaceError?
  }

  init(
    workspace: Workspace, ledger: ExperimentLedger, number: Int, study: Study, request: StudyRequest, maker: TrialMaker,
    warnings: [Diagnostic]
  ) {
    self.workspace = workspace
    self.ledger = ledger
    self.number = number
    self.maker = maker
    self.warnings = warnings
    parallel =
      request.parallel ?? maker.definition.experiment.budget.parallel ?? ProcessInfo.processInfo.activeProcessorCount
    state = Mutex(State(study: study))
  }

  /// The study as it is now.
  package var study: Study { state.withLock { $0.study } }

  /// Runs until there is nothing to do without a person; blocks. Call once.
  ///
  /// - Returns: false when it waits for a person, or was interrupted.
  package func run(_ watch: @escaping @Sendable (StudyEvent) -> Void) throws(WorkspaceError) -> Bool {
    let begin = ContinuousClock.now
    let before = elapsedBefore()
    // What ran when the engine died runs again; its tasks are known.
    for trial in study.trials where trial.ended == nil { start(trial.proposed) }
    while true {
      try takeDecisions(watch)
      try takeResults(watch)
      if let failure = state.withLock({ $0.failure }) { throw failure }
      let isStopping = state.withLock { $0.stop != nil }
      if isStopping {
        if state.withLock({ $0.sessions.isEmpty && $0.results.isEmpty }) { return false }
        wait()
        continue
      }
      let move = state.withLock { state in
        state.study.next(parallel: parallel, elapsed: before + (ContinuousClock.now - begin), now: Workspace.now())
      }
      switch move {
      case .over: return true
      case .record(let fact):
        try record(fact, watch)
        if case .proposed(let proposed) = fact { start(proposed) }
      case .wait:
        if isIdle, let waiting = waitingGate, !waiting.hasTimeout { return false }
        if isIdle, study.isPaused { return false }
        wait()
      }
    }
  }

  private var isIdle: Bool { state.withLock { $0.sessions.isEmpty && $0.results.isEmpty } }

  /// The gate that waits for an answer, if any.
  package var waitingGate: (stage: Int, hasTimeout: Bool)? {
    let study = study
    for (place, stage) in study.definition.experiment.stages.enumerated() where study.stages[place].status == .running {
      if case .gate(let gate) = stage.kind, study.stages[place].answer == nil {
        return (place, gate.timeout != nil && gate.fallback != nil)
      }
    }
    return nil
  }

  /// Ends early; any thread, ever more urgently. The experiment can go on later.
  package func stop(_ how: Executor.Stop) {
    let sessions = state.withLock { state in
      state.stop = how
      return Array(state.sessions.values)
    }
    for session in sessions { session.stop(how) }
    news.signal()
  }

  // MARK: The log

  /// Wall time of earlier sessions: entries less than a minute apart belong together.
  private func elapsedBefore() -> Duration {
    guard let rows = try? ledger.entries(of: number) else { return .zero }
    let gaps = zip(rows, rows.dropFirst()).map { $1.at - $0.at }.filter { $0 > 0 && $0 < 60_000_000_000 }
    return .nanoseconds(gaps.reduce(0, +))
  }

  private func record(_ fact: Entry.Fact, _ watch: (StudyEvent) -> Void) throws(WorkspaceError) {
    let entry = Entry(at: Workspace.now(), actor: .engine, fact)
    // Nothing may come between what the study knew and what follows from it.
    while true {
      let basis = study.count
      do throws(TraceError) {
        if try ledger.append([entry.row], to: number, basis: basis, isSafe: false) { break }
      } catch {
        throw WorkspaceError(error)
      }
      try takeDecisions(watch)
      // What was to be recorded may not be right any more.
      if case .ended = fact { continue }
      return
    }
    state.withLock { $0.study.apply(entry) }
    tell(entry, watch)
  }

  private func takeDecisions(_ watch: (StudyEvent) -> Void) throws(WorkspaceError) {
    for entry in try workspace.entries(of: number, from: study.count, in: ledger) {
      state.withLock { $0.study.apply(entry) }
      tell(entry, watch)
    }
    if study.isCancelled { for session in state.withLock({ Array($0.sessions.values) }) { session.stop(.cancel) } }
  }

  private func tell(_ entry: Entry, _ watch: (StudyEvent) -> Void) { watch(StudyEvent(entry)) }

  // MARK: Trials

  private func start(_ proposed: Proposed) {
    let session: Session
    let tally = Tally()
    do throws(WorkspaceError) {
      session = try workspace.start(try maker.prepare(proposed), watch: tally.take)
    } catch {
      // A point that makes no workflow is a failed trial; a store that cannot be written ends everything.
      state.withLock { state in
        if error.exit == .store { state.failure = error }
        state.results.append(
          Ended(
            trial: proposed.trial, .failed, metrics: maker.definition.experiment.metrics.map { _ in nil },
            message: error.message))
      }
      return
    }
    state.withLock { $0.sessions[proposed.trial] = session }
    let thread = Thread { [self] in
      let result = session.run()
      let ended = maker.ended(proposed.trial, result, run: session.number, tally)
      state.withLock { state in
        state.sessions[proposed.trial] = nil
        if let failure = result.storeFailure {
          state.failure = WorkspaceError(.store, failure.message)
        } else if state.stop == nil || ended.outcome != .cancelled {
          state.results.append(ended)
        }
      }
      news.signal()
    }
    thread.name = "trial \(proposed.trial)"
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// By trial number among those that have ended: the order in which ends are recorded does not depend on threads alone.
  private func takeResults(_ watch: (StudyEvent) -> Void) throws(WorkspaceError) {
    let results = state.withLock { state in
      defer { state.results = [] }
      return state.results
    }
    for ended in results.sorted(by: { $0.trial < $1.trial }) { try record(.ended(ended), watch) }
  }

  /// For a trial to end, or at most a tenth of a second: somebody may have decided something.
  private func wait() { _ = news.wait(timeout: .now() + .milliseconds(100)) }
}
