package import Events
internal import Execution
package import Experiments
internal import Foundation
internal import Plans
internal import Synchronization
internal import Traces
internal import Values
internal import Workflows

/// Runs a trial once more on what is held out: one run, recorded, and reused where it was cut off.
struct Confirmer {
  let workspace: Workspace
  let maker: TrialMaker

  /// - Parameter ended: called in another thread.
  func open(
    _ trial: Int, of study: Study, ended: @escaping @Sendable () -> Void
  ) throws(WorkspaceError) -> OpenConfirmation {
    guard let held = try HeldOut(maker.program, maker.definition, maker.artifacts) else {
      throw WorkspaceError(
        .usage, "experiment \(maker.number) holds nothing out", help: "`holdout { INPUT = artifact(\"NAME\") }` does")
    }
    guard let proposed = study.trials.first(where: { $0.number == trial })?.proposed else {
      throw WorkspaceError(.notFound, "experiment \(maker.number) has no trial \(trial)")
    }
    try held.check()
    let prepared = try maker.prepare(
      proposed, study.definition, Machine.processors, isHeldOut: true)
    // A look of the same trial that was cut off is none.
    let before = try workspace.looks(at: held).count { $0.experiment != maker.number || $0.trial != trial }
    let watch = TrialWatch(objective: nil, isPruned: false) { _ in }
    watch.begin(prepared.plan)
    let session = try workspace.start(prepared) { watch.take($0) }
    var blank = Confirmed(
      trial: trial, run: session.number, metrics: [], seals: held.seals, look: before + 1, overlap: held.overlap())
    blank.metrics = study.definition.experiment.metrics.map { _ in nil }
    return OpenConfirmation(blank, session, maker, watch, ended)
  }
}

/// A confirmation under way.
final class OpenConfirmation: Sendable {
  let session: Session
  private let blank: Confirmed
  private let maker: TrialMaker
  private let watch: TrialWatch
  private let result = Mutex<RunResult?>(nil)

  init(
    _ blank: Confirmed, _ session: Session, _ maker: TrialMaker, _ watch: TrialWatch,
    _ ended: @escaping @Sendable () -> Void
  ) {
    (self.blank, self.session, self.maker, self.watch) = (blank, session, maker, watch)
    let thread = Thread { [self] in
      let result = session.run()
      self.result.withLock { $0 = result }
      ended()
    }
    thread.name = "held out"
    thread.stackSize = 1 << 20
    thread.start()
  }

  var isOver: Bool { result.withLock { $0 != nil } }

  /// Nil when it was interrupted: it is to be done again.
  func confirmed() throws(WorkspaceError) -> Confirmed? {
    guard let result = result.withLock({ $0 }) else { throw WorkspaceError(.bug, "the confirmation is open") }
    if let failure = result.storeFailure { throw WorkspaceError(.store, failure.message) }
    let ended = maker.ended(blank.trial, result, run: session.number, watch)
    guard ended.outcome != .cancelled else { return nil }
    var confirmed = blank
    confirmed.metrics = ended.metrics
    if ended.outcome != .finished { confirmed.message = ended.message.isEmpty ? "it failed" : ended.message }
    return confirmed
  }
}

/// What came of asking for a look at what is held out.
package struct Confirmation: Sendable {
  package let record: ExperimentRecord
  package let study: Study
  package let confirmed: Confirmed
  /// It was on record before: nobody looked again.
  package let isOld: Bool
  /// The number of its entry, from 1; nil: an old one.
  package let entry: Int?
}

extension Workspace {
  /// Runs a trial on what its experiment holds out, and puts that on record. What was confirmed is not looked at again.
  ///
  /// - Parameter trial: nil: the winner, as far as there is one.
  package func confirm(
    _ record: ExperimentRecord, trial: Int?, _ request: RunRequest, by actor: Actor = Actor(.person, Workspace.user)
  ) throws(WorkspaceError) -> Confirmation {
    let recorded = try recorded(record)
    var study = try study(of: recorded)
    guard let trial = trial ?? study.winner().map({ study.trials[$0.place].number }) else {
      throw WorkspaceError(.notFound, "experiment \(record.number) has no trial that could be confirmed")
    }
    if let known = study.confirmation(of: trial) {
      return Confirmation(record: record, study: study, confirmed: known, isOld: true, entry: nil)
    }
    _ = try writableStore(request.durability)
    let maker = TrialMaker(
      program: recorded.program, definition: recorded.definition, request: request, artifacts: recorded.artifacts,
      layout: layout, number: record.number)
    let isOver = DispatchSemaphore(value: 0)
    let open = try Confirmer(workspace: self, maker: maker).open(trial, of: study) { isOver.signal() }
    isOver.wait()
    guard let confirmed = try open.confirmed() else {
      throw WorkspaceError(.interrupted, "the confirmation of trial \(trial) was interrupted: nothing is on record")
    }
    let entry = Entry(at: Self.now(), actor: actor, .confirmed(confirmed))
    do throws(TraceError) { try experimentLedger().append([entry.row], to: record.number, isSafe: true) } catch {
      throw WorkspaceError(error)
    }
    try refresh(&study, of: record)
    return Confirmation(record: record, study: study, confirmed: confirmed, isOld: false, entry: study.count)
  }
}
