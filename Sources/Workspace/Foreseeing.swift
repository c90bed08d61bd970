internal import Events
internal import Experiments
internal import Insights
internal import Workflows

extension Workspace {
  /// So many earlier experiments are read to find out how far a metric scatters.
  private static let asked = 5

  /// How far values of the first objective scatter, by the newest experiment that studied the same workflow, had the same
  /// objective and measured some trial twice.
  func knownNoise(of experiment: Experiment, in program: Program) -> Foresight.Known? {
    guard let objective = experiment.metrics.first(where: { !$0.isWatched }),
      let all = try? experiments(limit: .max)
    else { return nil }
    let workflow = program.workflows[experiment.workflow].name
    let candidates = all.lazy.filter { record in
      record.name == experiment.name || record.documents.contains { $0.text.contains("study \(workflow)") }
    }
    for record in candidates.prefix(Self.asked) {
      guard let recorded = try? recorded(record), let study = try? study(of: recorded),
        recorded.program.workflows[recorded.experiment.workflow].name == workflow,
        let metric = study.definition.objectives.first, recorded.experiment.metrics[metric].name == objective.name
      else { continue }
      let board = Board(Evidence(study), metric: metric)
      if let noise = board.noise, noise > 0 {
        return Foresight.Known(noise: noise, repeats: board.repeats, experiment: record.number)
      }
    }
    return nil
  }
}
