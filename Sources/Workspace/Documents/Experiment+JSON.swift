package import Events
package import Experiments
internal import Insights
internal import Knowledge
internal import Spaces
package import Values
internal import Workflows

extension ExperimentRecord {
  /// One of `assay.experiments/1`.
  package var members: [JSON.Member] {
    [
      .init("experiment", .int(Int64(number))), .init("uid", .string(uid)), .init("name", .string(name)),
      .init("file", .string(file)), .init("started_at", .string(Moment.iso(startedAt))), .init("user", .string(user)),
      .init("reason", .string(reason)),
    ]
  }
}

extension Study {
  /// The members of `assay.experiment/1`.
  package func members(number: Int) -> [JSON.Member] {
    let experiment = definition.experiment
    var members: [JSON.Member] = [
      .init("experiment", .int(Int64(number))), .init("name", .string(experiment.name)),
      .init("status", .string(word)), .init("trials", .array(trials.map { .object(self.members(of: $0)) })),
      .init("best", ranked().first.map { .int(Int64(trials[$0].number)) } ?? .null),
      .init(
        "stages",
        .array(
          zip(experiment.stages, stages).map { stage, state in
            .object([.init("name", .string(stage.name)), .init("status", .string(state.status.word))])
          })),
      .init(
        "decisions",
        .array(
          decisions.map { at, actor, decision in
            .object([
              .init("at", .string(Moment.iso(at))), .init("by", .string(actor.name)),
              .init("what", .string(decision.words)), .init("basis", .int(Int64(decision.basis))),
              .init("exploratory", .bool(decision.operation.isDeviation)),
            ])
          })),
    ]
    if !artifacts.isEmpty { members.append(.init("artifacts", .array(artifacts.map(\.json)))) }
    if let registered { members.append(.init("registered", .string(registered))) }
    if let closing { members.append(.init("reason", .string(closing.reason))) }
    if !learnt.isEmpty {
      members.append(.init("knowledge", .knowledge(learnt, assessment(), description?.objective)))
    }
    if let judged { members.append(.init("acceptance", acceptance(judged))) }
    if holdsOut || !confirmed.isEmpty {
      members.append(.init("held_out", .array(confirmed.map { .object(self.members(of: $0)) })))
    }
    return members
  }

  private func acceptance(_ judged: Judged) -> JSON {
    .object([
      .init("accepted", .bool(judged.isAccepted)), .init("trial", judged.trial.map { .int(Int64($0)) } ?? .null),
      .init("repetitions", .int(Int64(judged.repetitions))), .init("reason", .string(judged.reason)),
      .init("evidence", .string(judged.evidence)),
      .init(
        "promoted",
        .array(
          promoted.map { promoted in
            .object([
              .init("name", .string(promoted.name)), .init("version", .int(Int64(promoted.version))),
              .init("replaces", promoted.replaces.map { .int(Int64($0)) } ?? .null),
            ])
          })),
    ])
  }

  /// Of a look at what is held out.
  package func members(of confirmed: Confirmed) -> [JSON.Member] {
    let metrics = zip(definition.experiment.metrics, confirmed.metrics).map { metric, value in
      JSON.Member(metric.name, value.map { .float($0) } ?? .null)
    }
    var members: [JSON.Member] = [
      .init("trial", .int(Int64(confirmed.trial))), .init("run", confirmed.run.map { .int($0) } ?? .null),
      .init("metrics", .object(metrics)), .init("look", .int(Int64(confirmed.look))),
      .init("seals", .array(confirmed.seals.map { .string($0) })), .init("message", .string(confirmed.message)),
      .init("warnings", .array(confirmed.warnings.map { .string($0) })),
    ]
    if let overlap = confirmed.overlap {
      members.append(
        .init("overlap", .object([.init("rows", .int(Int64(overlap.rows))), .init("of", .int(Int64(overlap.of)))])))
    }
    return members
  }

  /// Of one of its trials.
  package func members(of trial: StudyTrial) -> [JSON.Member] {
    let experiment = definition.experiment
    var members: [JSON.Member] = [
      .init("trial", .int(Int64(trial.number))), .init("stage", .string(experiment.stages[trial.proposed.stage].name)),
      .init(
        "configuration",
        .object(
          definition.space.configuration(at: trial.proposed.point).map { .init($0.name, $0.value.json()) })),
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
}

extension StageState.Status {
  package var word: String {
    switch self {
    case .pending: "pending"
    case .running: "running"
    case .skipped: "skipped"
    case .ended: "ended"
    }
  }
}
