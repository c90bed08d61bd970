internal import Events
internal import Experiments
internal import Insights
internal import Knowledge
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
    case .weighed(let weighed): "◆ \(weighed.words)"
    case .judged(let judged):
      "◆ \(judged.trial.map { "winner trial \($0)" } ?? "no winner")"
        + (judged.isAccepted ? " is good enough" : " is not good enough")
        + (judged.reason.isEmpty ? "" : ": \(judged.reason)")
    case .promoted(let promoted): "◆ trial \(promoted.trial) is \(promoted.name)@v\(promoted.version)"
    case .confirmed(let confirmed): "◆ trial \(confirmed.trial) \(words(confirmed))"
    case .closed(let closing): "■ \(closing.status.rawValue): \(closing.reason)"
    }
  }

  func line(_ entry: Entry) -> String {
    if let event = StudyEvent(entry) { return line(event) }
    return switch entry.fact {
    case .learnt(let learnt): "● learns from \(KnowledgeText.line(learnt))"
    case .settled(let settled):
      "● keeps to " + settled.artifacts.map { Settled.words($0) }.joined(separator: ", ")
    case .imported(let imported): "● experiment \(imported.number) of \(imported.by), from \(imported.file)"
    default: "● what it is about"
    }
  }

  private func kind(_ stage: Int) -> String {
    if case .gate = experiment.stages[stage].kind { "gate" } else { "stage" }
  }

  private func words(_ confirmed: Confirmed) -> String {
    confirmed.message.isEmpty
      ? "on what is held out: \(metrics(confirmed.metrics)) (look \(confirmed.look))"
      : "failed on what is held out: \(confirmed.message)"
  }

  private func metrics(_ ended: Ended) -> String { metrics(ended.metrics) }

  private func metrics(_ values: [Double?]) -> String {
    zip(experiment.metrics, values).map { "\($0.name) \(ExperimentText.number($1))" }.joined(separator: ", ")
  }
}

/// Experiments as the command line shows them.
enum ExperimentText {
  static func number(_ value: Double?) -> String { Words.number(value) }

  static func leaderboard(_ study: Study, limit: Int) -> TextTable {
    BoardText(study)?.table(limit: limit) ?? TextTable([])
  }

  static func plain(_ value: Value) -> String {
    switch value {
    case .string(let text): text
    case .float(let value): number(value)
    default: value.description
    }
  }
}
