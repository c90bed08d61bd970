internal import Execution
internal import Experiments
internal import Foundation
internal import Values
internal import Workflows

extension Workspace {
  /// Runs what was confirmed again and compares. Nothing is chosen by it, so that it is no look.
  func repeatConfirmations(
    of study: Study, _ maker: TrialMaker, tolerance: Double?, _ watch: (TrialRepetition) -> Void
  ) throws(WorkspaceError) {
    let metrics = study.definition.experiment.metrics.map { _ in Double?.none }
    for confirmed in study.confirmed {
      guard confirmed.run != nil, let proposed = study.trials.first(where: { $0.number == confirmed.trial })?.proposed
      else { continue }
      let prepared = try maker.prepare(
        proposed, study.definition, Machine.processors, isHeldOut: true)
      let trial = TrialWatch(objective: nil, isPruned: false) { _ in }
      trial.begin(prepared.plan)
      let session = try start(prepared) { trial.take($0) }
      let result = session.run()
      if let failure = result.storeFailure { throw WorkspaceError(.store, failure.message) }
      let now = maker.ended(confirmed.trial, result, run: session.number, trial)
      let before = Ended(
        trial: confirmed.trial, confirmed.message.isEmpty ? .finished : .failed,
        metrics: confirmed.message.isEmpty ? confirmed.metrics : metrics, run: confirmed.run)
      var repetition = try compared(confirmed.trial, before, now, study, tolerance)
      repetition.isHeldOut = true
      watch(repetition)
    }
  }
}
