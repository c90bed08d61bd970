package import Diagnostics
internal import Events
package import Execution
package import Experiments
internal import Foundation
internal import Synchronization
internal import Traces
internal import Workflows

/// An experiment that goes on: asks the study what is next, runs trials side by side, and puts everything on record.
///
/// The thread in `run` alone changes the study and writes the log; each trial has a thread of its own.
package final class StudySession: Sendable {
  package let number: Int
  package let warnings: [Diagnostic]
  /// Past experiments that a `knowledge` block would use.
  package let unused: Int
  private let workspace: Workspace
  private let ledger: ExperimentLedger
  private let maker: TrialMaker
  private let parallel: Int
  private let messenger: Messenger?
  /// Before its first entry.
  private let blank: Study
  private let known: Mutex<Study>
  private let trials = Mutex(Trials())
  /// Signalled when a trial ended.
  private let news = DispatchSemaphore(value: 0)

  private struct Trials {
    /// Begun, and not among the results yet, by number.
    var running: [Int: Running] = [:]
    /// Not on record yet.
    var results: [Result] = []
    /// What their attempts write into.
    var scratch: Scratch?
    /// The engine is to go home.
    var stop: Executor.Stop?
    /// What runs is to be cancelled.
    var isCancelled = false
    var failure: WorkspaceError?
    /// A question to a strategy of a plugin under way.
    var question: Session?
    /// Why the last one had no answer: nothing new is to begin.
    var unanswered: WorkspaceError?

    var isIdle: Bool { running.isEmpty && results.isEmpty }
    var sessions: [Session] { running.values.compactMap(\.session) + (question.map { [$0] } ?? []) }
  }

  private struct Running {
    let watch: TrialWatch
    /// Nil while its run is being prepared.
    var session: Session?
  }

  private struct Result {
    var ended: Ended
    let watch: TrialWatch
  }

  init(
    workspace: Workspace, ledger: ExperimentLedger, number: Int, blank: Study, request: StudyRequest, unused: Int,
    maker: TrialMaker, warnings: [Diagnostic]
  ) {
    self.workspace = workspace
    self.ledger = ledger
    self.number = number
    self.maker = maker
    self.warnings = warnings
    self.blank = blank
    self.unused = unused
    parallel =
      request.parallel ?? maker.definition.experiment.budget.parallel ?? Machine.processors
    known = Mutex(blank)
    messenger = workspace.messenger(of: number)
  }

  /// The study as it is now.
  package var study: Study { known.withLock { $0 } }

  /// Runs until there is nothing to do without a person; blocks. Call once.
  ///
  /// - Returns: false when it waits for a person, or was interrupted.
  package func run(_ watch: @escaping @Sendable (StudyEvent) -> Void) throws(WorkspaceError) -> Bool {
    let scratch = try workspace.scratch(for: "experiment-\(number)")
    trials.withLock { $0.scratch = scratch }
    defer {
      messenger?.hooks.finish()
      scratch.removeAll()
    }
    do throws(WorkspaceError) { return try goOn(watch) } catch {
      messenger?.failed(error.message)
      throw error
    }
  }

  private func goOn(_ watch: @escaping @Sendable (StudyEvent) -> Void) throws(WorkspaceError) -> Bool {
    let began = Workspace.now()
    let begin = ContinuousClock.now
    let before = study.elapsed
    // What ran when the engine died runs again; its tasks are known.
    for trial in study.trials where trial.ended == nil { start(trial.proposed) }
    while true {
      let (results, isStopping, failure, unanswered) = trials.withLock { trials in
        defer { trials.results = [] }
        return (trials.results, trials.stop != nil, trials.failure, trials.unanswered)
      }
      if let failure { throw failure }
      judge()
      let elapsed = isStopping || unanswered != nil ? nil : before + (ContinuousClock.now - begin)
      switch try advance(results, elapsed: elapsed, watch) {
      case .over: return true
      case .record: continue
      case .ask(let asking): try ask(asking, watch)
      case .wait:
        if let unanswered, trials.withLock({ $0.isIdle }) { throw unanswered }
        messenger?.escalate(study, since: began)
        if trials.withLock({ $0.isIdle }), isStopping || isWaitingForPeople { return false }
        if news.wait(timeout: .now() + .milliseconds(100)) == .timedOut { try takeDecisions(watch) }
      }
    }
  }

  private var isWaitingForPeople: Bool {
    let study = study
    return study.isPaused || study.isTakenOver && study.queue.isEmpty && study.repeats.isEmpty
      || waitingGate.map { !$0.hasTimeout } ?? false
  }

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
    let sessions = trials.withLock { trials in
      trials.stop = how
      return trials.sessions
    }
    for session in sessions { session.stop(how) }
    news.signal()
  }

  // MARK: The log

  /// Puts on record, in one transaction, what ended and all that follows from it; begins what was proposed.
  ///
  /// - Parameter elapsed: nil: nothing new is to begin.
  /// - Returns: what to do next; `record` when something went on record, or somebody else was faster.
  private func advance(
    _ results: [Result], elapsed: Duration?, _ watch: (StudyEvent) -> Void
  ) throws(WorkspaceError) -> Next {
    let (basis, entries, next) = try known.withLock { (study) throws(WorkspaceError) in
      let basis = study.count
      var entries: [Entry] = []
      func add(_ fact: Entry.Fact) {
        let entry = Entry(at: Workspace.now(), actor: .engine, fact)
        study.apply(entry)
        entries.append(entry)
      }
      // By number among those that have ended: the order does not depend on threads alone.
      for result in results.sorted(by: { $0.ended.trial < $1.ended.trial }) {
        judge(result.ended.trial, result.watch, &study)
        add(.ended(result.watch.judged(result.ended)))
      }
      guard let elapsed else { return (basis, entries, Next.wait) }
      while true {
        switch study.next(parallel: parallel, elapsed: elapsed, now: Workspace.now()) {
        case .record(let fact):
          // What moves a name outside this log follows from what is on record alone.
          if case .promoted = fact, !entries.isEmpty { return (basis, entries, Next.record) }
          add(try workspace.completed(fact, of: study, number))
        case .wait: return (basis, entries, Next.wait)
        case .ask(let asking): return (basis, entries, Next.ask(asking))
        case .over: return (basis, entries, Next.over)
        }
      }
    }
    guard !entries.isEmpty else { return next }
    guard try put(entries, after: basis, watch) else {
      trials.withLock { $0.results += results }
      return .record
    }
    if case .wait = next { return .record }
    return next
  }

  private enum Next {
    case record, wait, over
    case ask(Asking)
  }

  /// Puts on record what the study was told already; begins what was proposed.
  ///
  /// - Returns: false when somebody else was faster: nothing may come between what the study knew and what follows from it.
  private func put(
    _ entries: [Entry], after basis: Int, _ watch: (StudyEvent) -> Void
  ) throws(WorkspaceError) -> Bool {
    let isOnRecord: Bool
    do throws(TraceError) {
      isOnRecord = try ledger.append(entries.map(\.row), to: number, basis: basis, isSafe: false)
    } catch {
      throw WorkspaceError(error)
    }
    guard isOnRecord else {
      for entry in try reread().dropFirst(basis) { tell(entry, watch) }
      return false
    }
    for entry in entries {
      tell(entry, watch)
      if case .proposed(let proposed) = entry.fact { start(proposed) }
    }
    return true
  }

  // MARK: Strategies of plugins

  /// Asks, and records the answer. Meanwhile trials run on; that they ended is recorded afterwards, because a proposal depends
  /// on all that stands before it in the log.
  private func ask(_ asking: Asking, _ watch: (StudyEvent) -> Void) throws(WorkspaceError) {
    let (basis, experiment) = known.withLock { ($0.count, $0.definition.experiment) }
    let asker = StrategyAsker(
      workspace: workspace, program: maker.program, request: maker.request, experiment: experiment, number: number)
    let question = try asker.open(asking) { [news] in news.signal() }
    let isStopped = trials.withLock { trials in
      trials.question = question.session
      return trials.stop
    }
    if let isStopped { question.session.stop(isStopped) }
    while question.result == nil {
      if news.wait(timeout: .now() + .milliseconds(100)) == .timedOut { try takeDecisions(watch) }
    }
    trials.withLock { $0.question = nil }
    // Somebody decided something meanwhile: it may be another question now, and if not, the answer is known.
    guard study.count == basis, trials.withLock({ $0.stop == nil }) else { return }
    let fact: Entry.Fact?
    do throws(WorkspaceError) {
      let answer = try question.answer()
      fact = known.withLock { $0.asked(asking, answer) }
    } catch {
      trials.withLock { $0.unanswered = error }
      fact = .decided(Decision(.note(trial: nil, error.message), reason: "", basis: basis))
    }
    guard let fact else { return }
    let entry = Entry(at: Workspace.now(), actor: .engine, fact)
    known.withLock { $0.apply(entry) }
    _ = try put([entry], after: basis, watch)
  }

  /// The study again from its log: what was to go on record may not be right any more.
  @discardableResult
  func reread() throws(WorkspaceError) -> [Entry] {
    let entries = try workspace.entries(of: number, in: ledger)
    known.withLock { study in
      study = blank
      for entry in entries { study.apply(entry) }
    }
    cancelIfAsked()
    return entries
  }

  private func takeDecisions(_ watch: (StudyEvent) -> Void) throws(WorkspaceError) {
    let entries = try workspace.entries(of: number, from: known.withLock { $0.count }, in: ledger)
    known.withLock { study in for entry in entries { study.apply(entry) } }
    for entry in entries { tell(entry, watch) }
    cancelIfAsked()
  }

  private func cancelIfAsked() {
    guard known.withLock({ $0.isCancelled }) else { return }
    let sessions = trials.withLock { trials in
      trials.isCancelled = true
      return trials.sessions
    }
    for session in sessions { session.stop(.cancel) }
  }

  private func tell(_ entry: Entry, _ watch: (StudyEvent) -> Void) {
    messenger?.tell(entry, study)
    if let event = StudyEvent(entry) { watch(event) }
  }

  // MARK: Trials

  private func start(_ proposed: Proposed) {
    let watch = maker.watch(proposed, known.withLock { $0.definition }) { [self] watch in
      // Items are seen by the thread that makes the next one: before it does. Reports come from where nobody may wait.
      if watch.hasItems { judge(proposed.trial, watch) } else { news.signal() }
    }
    trials.withLock { $0.running[proposed.trial] = Running(watch: watch) }
    let lanes = max(
      1, Machine.processors / (known.withLock { $0.budget.parallel } ?? parallel))
    let thread = Thread { [self] in
      let ended = run(proposed, watch, lanes)
      trials.withLock { trials in
        trials.running[proposed.trial] = nil
        if let ended { trials.results.append(Result(ended: ended, watch: watch)) }
      }
      news.signal()
    }
    thread.name = "trial \(proposed.trial)"
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// - Parameter lanes: calls at a time, unless the settings say how many.
  /// - Returns: nil when it was interrupted: it runs again when the experiment goes on.
  private func run(_ proposed: Proposed, _ watch: TrialWatch, _ lanes: Int) -> Ended? {
    let session: Session
    do throws(WorkspaceError) {
      var prepared = try maker.prepare(proposed, known.withLock { $0.definition }, lanes)
      prepared.scratch = trials.withLock { $0.scratch }
      watch.begin(prepared.plan)
      session = try workspace.start(prepared, watch: { watch.take($0) })
    } catch {
      // A store that cannot be written ends everything; a point that makes no workflow is a failed trial.
      guard error.exit != .store else {
        trials.withLock { $0.failure = error }
        return nil
      }
      return Ended(
        trial: proposed.trial, .failed, metrics: maker.definition.experiment.metrics.map { _ in nil },
        message: error.message)
    }
    let stop = trials.withLock { trials in
      trials.running[proposed.trial]?.session = session
      return trials.stop ?? (trials.isCancelled || watch.verdict != nil ? .cancel : nil)
    }
    if let stop { session.stop(stop) }
    let result = session.run()
    if let failure = result.storeFailure {
      trials.withLock { $0.failure = WorkspaceError(.store, failure.message) }
      return nil
    }
    let ended = maker.ended(proposed.trial, result, run: session.number, watch)
    let isInterrupted = ended.outcome == .cancelled && watch.verdict == nil
    return trials.withLock { $0.stop != nil && isInterrupted } ? nil : ended
  }

  // MARK: Pruning

  /// Cancels trials that have shown that they are not worth going on with.
  private func judge() {
    for (trial, running) in trials.withLock({ $0.running }) where running.watch.isPruned { judge(trial, running.watch) }
  }

  private func judge(_ trial: Int, _ watch: TrialWatch) {
    guard known.withLock({ judge(trial, watch, &$0) }) else { return }
    trials.withLock { $0.running[trial]?.session }?.stop(.cancel)
  }

  /// Looks at each step that the trial has taken since the last time.
  ///
  /// - Returns: whether it is to be stopped, and was not before.
  @discardableResult
  private func judge(_ trial: Int, _ watch: TrialWatch, _ study: inout Study) -> Bool {
    while let curve = watch.nextToJudge() {
      guard let reason = study.reasonToStop(trial, curve: curve, parallel: parallel) else { continue }
      watch.stop(because: reason, curve)
      return true
    }
    return false
  }
}
