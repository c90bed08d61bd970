internal import Workflows

/// What an experiment came to, for a comparison.
package struct Yield: Sendable, Equatable {
  /// Of the first objective; nil: nothing finished.
  package let best: Double?
  package let bestTrial: Int?
  /// Trials until the best had ended, and in all.
  package let trialsToBest: Int
  package let trials: Int
  package let failures: Int
  package let taskSeconds: Double

  package init(_ study: Study) {
    let place = study.ranked().first
    bestTrial = place.map { study.trials[$0].number }
    best = place.flatMap { place in
      study.definition.objectives.first.flatMap { study.trials[place].ended?.metrics[$0] }
    }
    trialsToBest = place.map { $0 + 1 } ?? 0
    trials = study.trials.count
    failures = study.trials.count { $0.ended?.outcome == .failed }
    taskSeconds = study.taskSeconds
  }
}
