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
    case .decided(let decision, let actor): "◆ \(actor.name): \(Self.words(decision))"
    case .judged(let judged):
      "◆ \(judged.trial.map { "winner trial \($0)" } ?? "no winner")"
        + (judged.isAccepted ? " is good enough" : " is not good enough")
        + (judged.reason.isEmpty ? "" : ": \(judged.reason)")
    case .promoted(let promoted): "◆ trial \(promoted.trial) is \(promoted.name)@v\(promoted.version)"
    case .closed(let closing): "■ \(closing.status.rawValue): \(closing.reason)"
    }
  }

  private func kind(_ stage: Int) -> String {
    if case .gate = experiment.stages[stage].kind { "gate" } else { "stage" }
  }

  private func metrics(_ ended: Ended) -> String {
    zip(experiment.metrics, ended.metrics).map { "\($0.name) \(ExperimentText.number($1))" }.joined(separator: ", ")
  }

  static func words(_ decision: Decision) -> String {
    let what =
      switch decision.operation {
      case .pause: "pause"
      case .resume: "resume"
      case .stop(let isHard): isHard ? "stop at once" : "stop"
      case .answer(_, let answer): "answered \(answer)"
      case .enqueue: "asked for a trial"
      case .exclude(let trial, let isOut): isOut ? "took trial \(trial) out" : "took trial \(trial) back in"
      case .restrict(let text): "only where \(text)"
      case .withdraw: "took a configuration out of the queue"
      case .veto(_, let isOut): isOut ? "vetoed a configuration" : "allowed a configuration again"
      case .lift(let text): "no longer only where \(text)"
      case .pin(_, let coordinate): coordinate == nil ? "unpinned a parameter" : "pinned a parameter"
      case .space(let text): "space: \(text)"
      case .strategy(_, let text): "strategy \(text)"
      case .takeOver(let isTaken): isTaken ? "took over" : "handed back"
      case .budget(let name, let amount): BudgetText.words(name, amount)
      case .forget(let isForgotten): isForgotten ? "later experiments forget it" : "later experiments may learn from it"
      case .note(let trial, let text): (trial.map { "about trial \($0): " } ?? "") + text
      }
    return decision.reason.isEmpty ? what : "\(what) (\(decision.reason))"
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

  // MARK: JSON

  static func members(_ study: Study, number: Int) -> [JSON.Member] {
    let experiment = study.definition.experiment
    var members: [JSON.Member] = [
      .init("experiment", .int(Int64(number))), .init("name", .string(experiment.name)),
      .init("status", .string(status(study))), .init("trials", .array(study.trials.map { .object(trial($0, study)) })),
      .init("best", study.ranked().first.map { .int(Int64(study.trials[$0].number)) } ?? .null),
      .init(
        "stages",
        .array(
          zip(experiment.stages, study.stages).map { stage, state in
            .object([.init("name", .string(stage.name)), .init("status", .string(word(state.status)))])
          })),
      .init(
        "decisions",
        .array(
          study.decisions.map { at, actor, decision in
            .object([
              .init("at", .string(Times.iso(unixNanoseconds: at))), .init("by", .string(actor.name)),
              .init("what", .string(StudyText.words(decision))), .init("basis", .int(Int64(decision.basis))),
            ])
          })),
    ]
    if let closing = study.closing { members.append(.init("reason", .string(closing.reason))) }
    if !study.learnt.isEmpty {
      members.append(
        .init("knowledge", KnowledgeText.json(study.learnt, study.assessment(), study.description?.objective)))
    }
    if let judged = study.judged { members.append(.init("acceptance", acceptance(judged, study))) }
    return members
  }

  private static func acceptance(_ judged: Judged, _ study: Study) -> JSON {
    .object([
      .init("accepted", .bool(judged.isAccepted)), .init("trial", judged.trial.map { .int(Int64($0)) } ?? .null),
      .init("repetitions", .int(Int64(judged.repetitions))), .init("reason", .string(judged.reason)),
      .init("evidence", .string(judged.evidence)),
      .init(
        "promoted",
        .array(
          study.promoted.map { promoted in
            .object([
              .init("name", .string(promoted.name)), .init("version", .int(Int64(promoted.version))),
              .init("replaces", promoted.replaces.map { .int(Int64($0)) } ?? .null),
            ])
          })),
    ])
  }

  static func trial(_ trial: StudyTrial, _ study: Study) -> [JSON.Member] {
    let experiment = study.definition.experiment
    var members: [JSON.Member] = [
      .init("trial", .int(Int64(trial.number))), .init("stage", .string(experiment.stages[trial.proposed.stage].name)),
      .init(
        "configuration",
        .object(
          study.definition.space.configuration(at: trial.proposed.point).map { .init($0.name, $0.value.json()) })),
      .init("source", .string(trial.proposed.source.rawValue)), .init("reason", .string(trial.proposed.reason)),
      .init("state", .string(trial.isExcluded ? "excluded" : trial.ended?.outcome.rawValue ?? "running")),
    ]
    if let seed = trial.proposed.seed { members.append(.init("seed", .int(seed))) }
    guard let ended = trial.ended else { return members }
    members.append(
      .init(
        "metrics",
        .object(zip(experiment.metrics, ended.metrics).map { .init($0.name, $1.map { JSON.float($0) } ?? JSON.null) })))
    if let run = ended.run { members.append(.init("run", .int(run))) }
    members += [
      .init("ran", .int(Int64(ended.calls.ran))), .init("reused", .int(Int64(ended.calls.reused))),
      .init("task_seconds", .float(ended.taskSeconds)),
    ]
    if !ended.message.isEmpty { members.append(.init("message", .string(ended.message))) }
    return members
  }

  static func status(_ study: Study) -> String { study.word }

  static func word(_ status: StageState.Status) -> String {
    switch status {
    case .pending: "pending"
    case .running: "running"
    case .skipped: "skipped"
    case .ended: "ended"
    }
  }
}
