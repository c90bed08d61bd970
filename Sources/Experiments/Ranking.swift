package import Strategies
internal import Workflows

extension Study {
  /// Places of finished trials, best first: within limits before beyond; by the metric that is optimised, or front by front when
  /// there are several. Excluded trials and repetitions are left out.
  ///
  /// - Parameters:
  ///   - stage: of this stage alone.
  ///   - isByFirst: by the first objective, also when there are several.
  package func ranked(stage: Int? = nil, isByFirst: Bool = false) -> [Int] {
    var told: [Trial] = []
    var places: [Int] = []
    for (place, trial) in trials.enumerated() {
      guard let ended = trial.ended, ended.outcome == .finished, !trial.isExcluded, !trial.isVetoed,
        trial.proposed.source != .repeated,
        stage == nil || trial.proposed.stage == stage, let values = definition.minimised(ended.metrics)
      else { continue }
      told.append(
        Trial(
          trial.number, trial.proposed.point, .finished, values: values, violation: definition.violation(ended.metrics))
      )
      places.append(place)
    }
    if definition.objectives.count > 1, !isByFirst { return Pareto.fronts(told).flatMap { $0 }.map { places[$0] } }
    return History(told).ranking.map { places[$0] }
  }
}

extension Study {
  /// All trials as a strategy sees them that was not there before: repetitions and excluded ones are not learnt from.
  package var history: History { histories.all(of: trials, withMemos: false) }

  /// The place of a stage or gate by its name.
  package func place(of stage: String) -> Int? { definition.experiment.stages.firstIndex { $0.name == stage } }
}
