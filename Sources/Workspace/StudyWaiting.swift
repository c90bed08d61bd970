internal import Experiments
internal import Workflows

/// What an experiment waits for when nothing runs.
extension StudySession {
  var isWaitingForPeople: Bool {
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
}
