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
    /// A question to a strategy of a plugin, or a confirmation, under way.
    var question: Session?
    /// Why one had no answer: nothing new is to begin.
    var unanswered: WorkspaceError?

    var isIdle: Bool { running.isEmpty && results.isEmpty }
    var sessions: [Session] { running.values.compactMap(\.session) + (question.map { [$0] } ?? []) }
    var judges: [TrialJudge] { running.values.compactMap(\.judge) }
  }

  private struct Running {
    let watch: TrialWatch
    /// Nil while its run is being prepared.
    var session: Session?
    /// Where its stage has the pruning rule of a plugin.
    var judge: TrialJudge?
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
      case .confirm(let trial): try confirm(trial, watch)
      case .wait:
        if let unanswered, trials.withLock({ $0.isIdle }) {
          try note(unanswered.message, watch)
          throw unanswered
        }
        messenger?.escalate(study, since: began)
        if trials.withLock({ $0.isIdle }), isStopping || isWaitingForPeople { return false }
        if news.wait(timeout: .now() + .milliseconds(100)) == .timedOut { try takeDecisions(watch) }
      }
    }
  }

  /// Ends early; any thread, ever more urgently. The experiment can go on later.
  package func stop(_ how: Executor.Stop) {
    let (sessions, judges) = trials.withLock { trials in
      trials.stop = how
      return (trials.sessions, trials.judges)
    }
    for session in sessions { session.stop(how) }
    for judge in judges { judge.stop(how) }
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
        result.watch.judge(result.ended.trial, in: &study, parallel)
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
        case .confirm(let trial): return (basis, entries, Next.confirm(trial))
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
    case confirm(Int)
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
    try attend(question.session, watch) { question.result != nil }
    // Somebody decided something meanwhile: it may be another question now, and if not, the answer is known.
    guard study.count == basis, trials.withLock({ $0.stop == nil }) else { return }
    let fact: Entry.Fact?
    do throws(WorkspaceError) {
      let answer = try question.answer(asking.answer)
      fact = known.withLock { $0.asked(asking, answer) }
    } catch {
      return trials.withLock { $0.unanswered = error }
    }
    guard let fact else { return }
    let entry = Entry(at: Workspace.now(), actor: .engine, fact)
    known.withLock { $0.apply(entry) }
    _ = try put([entry], after: basis, watch)
  }

  /// A remark of the engine, for whoever reads the log.
  private func note(_ text: String, _ watch: (StudyEvent) -> Void) throws(WorkspaceError) {
    let basis = study.count
    let note = Entry(
      at: Workspace.now(), actor: .engine, .decided(Decision(.note(trial: nil, text), reason: "", basis: basis)))
    known.withLock { $0.apply(note) }
    _ = try put([note], after: basis, watch)
  }

  /// Waits for a run that is no trial; what people decide meanwhile is heard.
  private func attend(
    _ session: Session, _ watch: (StudyEvent) -> Void, until isOver: () -> Bool
  ) throws(WorkspaceError) {
    let isStopped = trials.withLock { trials in
      trials.question = session
      return trials.stop
    }
    if let isStopped { session.stop(isStopped) }
    while !isOver() {
      if news.wait(timeout: .now() + .milliseconds(100)) == .timedOut { try takeDecisions(watch) }
    }
    trials.withLock { $0.question = nil }
  }

  // MARK: What is held out

  /// Runs a trial on what is held out, and records what came of it.
  private func confirm(_ trial: Int, _ watch: (StudyEvent) -> Void) throws(WorkspaceError) {
    let open = try Confirmer(workspace: workspace, maker: maker).open(trial, of: study) { [news] in news.signal() }
    try attend(open.session, watch) { open.isOver }
    guard let confirmed = try open.confirmed() else { return }
    // It was looked at, whatever somebody decides meanwhile.
    while true {
      let basis = study.count
      let entry = Entry(at: Workspace.now(), actor: .engine, .confirmed(confirmed))
      known.withLock { $0.apply(entry) }
      if try put([entry], after: basis, watch) { return }
    }
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
    let (sessions, judges) = trials.withLock { trials in
      trials.isCancelled = true
      return (trials.sessions, trials.judges)
    }
    for session in sessions { session.stop(.cancel) }
    for judge in judges { judge.stop(.cancel) }
  }

  private func tell(_ entry: Entry, _ watch: (StudyEvent) -> Void) {
    messenger?.tell(entry, study)
    if let event = StudyEvent(entry) { watch(event) }
  }

  // MARK: Trials

  private func start(_ proposed: Proposed) {
    let watch = maker.watch(proposed, known.withLock { $0.definition }) { [self] watch in
      // Items are seen by the thread that makes the next one: before it does. Reports come from where nobody may wait, and a
      // plugin thinks for a while.
      if let plugin = trials.withLock({ $0.running[proposed.trial]?.judge }) {
        plugin.look()
      } else if watch.hasItems {
        judge(proposed.trial, watch)
      } else {
        news.signal()
      }
    }
    let plugin = newJudge(of: proposed, watch)
    trials.withLock { $0.running[proposed.trial] = Running(watch: watch, judge: plugin) }
    let lanes = max(
      1, Machine.processors / (known.withLock { $0.budget.parallel } ?? parallel))
    let thread = Thread { [self] in
      var ended = run(proposed, watch, lanes)
      if let plugin, let failure = plugin.finish(), isOpen(without: failure) { ended = nil }
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

  /// Nil where no plugin judges.
  private func newJudge(of proposed: Proposed, _ watch: TrialWatch) -> TrialJudge? {
    guard known.withLock({ $0.definition.isPrunedByPlugin(proposed.stage) }) else { return nil }
    return TrialJudge(watch) { [self] in
      trials.withLock { $0.running[proposed.trial]?.session }?.stop(.cancel)
    } open: { [self] (curve, answered) throws(WorkspaceError) in
      let (judging, experiment) = known.withLock {
        ($0.judging(proposed.trial, curve: curve, parallel: parallel), $0.definition.experiment)
      }
      guard let judging else { return nil }
      let asker = StrategyAsker(
        workspace: workspace, program: maker.program, request: maker.request, experiment: experiment, number: number)
      return (try asker.open(judging, answered: answered), judging)
    }
  }

  /// A trial that was not judged is not over: it goes on from what is on record when the rule is mended. Nothing new begins until
  /// then.
  ///
  /// - Returns: false where it was cancelled anyway.
  private func isOpen(without judgement: WorkspaceError) -> Bool {
    trials.withLock { trials in
      if trials.isCancelled { return false }
      if judgement.exit == .store { trials.failure = judgement }
      guard trials.stop == nil, trials.unanswered == nil else { return true }
      trials.unanswered = judgement
      return true
    }
  }

  /// Cancels trials that have shown that they are not worth going on with.
  private func judge() {
    for (trial, running) in trials.withLock({ $0.running }) where running.watch.isPruned && running.judge == nil {
      judge(trial, running.watch)
    }
  }

  private func judge(_ trial: Int, _ watch: TrialWatch) {
    guard known.withLock({ watch.judge(trial, in: &$0, parallel) }) else { return }
    trials.withLock { $0.running[trial]?.session }?.stop(.cancel)
  }
}
