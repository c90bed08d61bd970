internal import Events
internal import Experiments
internal import Spaces
internal import Values
internal import Workflows
internal import Workspace

/// What happens in an experiment, a line each.
struct StudyText: Sendable {
  private let experiment: Experiment
  init(_ experiment: Experiment) { self.experiment = experiment }

  func line(_ event: StudyEvent) -> String {
    switch event {
    case .proposed(let proposed): "▸ trial \(proposed.trial): \(proposed.reason)"
    case .ended(let ended):
      switch ended.outcome {
      case .finished:
        "✔ trial \(ended.trial): \(metrics(ended)) (\(ended.calls.ran) ran, \(ended.calls.reused) reused)"
      default: "✘ trial \(ended.trial) \(ended.outcome.rawValue): \(ended.message)"
      }
    case .stage(let stage, .began): "● \(kind(stage)) \(experiment.stages[stage].name)"
    case .stage(let stage, .again): "● stage \(experiment.stages[stage].name), once more"
    case .stage(let stage, .skipped(let reason)):
      "○ \(kind(stage)) \(experiment.stages[stage].name) left out: \(reason)"
    case .stage(let stage, .ended(let reason)): "● \(kind(stage)) \(experiment.stages[stage].name) ended: \(reason)"
    case .decided(let decision, let actor): "◆ \(actor.name): \(decision.words)"
    case .closed(let closing): "■ \(closing.status.rawValue): \(closing.reason)"
    }
  }

  private func kind(_ stage: Int) -> String {
    if case .gate = experiment.stages[stage].kind { "gate" } else { "stage" }
  }

  private func metrics(_ ended: Ended) -> String {
    zip(experiment.metrics, ended.metrics).map { "\($0.name) \(ExperimentText.number($1))" }.joined(separator: ", ")
  }
}

/// Experiments as the command line shows them.
enum ExperimentText {
  static func number(_ value: Double?) -> String {
    guard let value else { return "missing" }
    let text = "\(value)"
    guard text.count > 8, value.magnitude >= 1e-4, value.magnitude < 1e6 else { return text }
    let digits = value.magnitude >= 100 ? 2 : value.magnitude >= 1 ? 4 : 5
    let power = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    return "\((value * power).rounded() / power)"
  }

  static func leaderboard(_ study: Study, limit: Int) -> TextTable {
    let experiment = study.definition.experiment
    let parameters = experiment.parameters
    var table = TextTable(
      [.init(title: "#", isNumber: true), .init(title: "TRIAL", isNumber: true)]
        + experiment.metrics.map { .init(title: $0.name.uppercased(), isNumber: true) }
        + [
          .init(title: "CONFIGURATION", isElastic: true), .init(title: "STAGE", rank: 1),
          .init(title: "RUN", isNumber: true, rank: 2),
        ])
    for (rank, place) in study.ranked().prefix(limit).enumerated() {
      let trial = study.trials[place]
      let settings = parameters.indices.compactMap { index in
        study.definition.space.value(of: index, at: trial.proposed.point).map {
          "\(parameters[index].name)=\(plain($0))"
        }
      }
      table.add(
        [.init("\(rank + 1)"), .init("\(trial.number)")]
          + (trial.ended?.metrics ?? []).map { .init(number($0)) }
          + [
            .init(settings.joined(separator: " ")), .init(experiment.stages[trial.proposed.stage].name),
            .init(trial.ended?.run.map { "\($0)" } ?? ""),
          ])
    }
    return table
  }

  private static func plain(_ value: Value) -> String {
    switch value {
    case .string(let text): text
    case .float(let value): number(value)
    default: value.description
    }
  }
}
