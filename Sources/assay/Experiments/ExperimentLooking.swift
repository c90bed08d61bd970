internal import ArgumentParser
internal import Events
internal import Experiments
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentList: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the experiments of this project, newest first.",
    discussion: """
      EXAMPLES:
        assay exp list
        assay exp list --json
      """)

  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let experiments = try workspace.experiments(limit: list.limit)
    if console.json {
      console.document("assay.experiments/1", [.init("experiments", .array(experiments.map { .object($0.members) }))])
      return ok
    }
    var table = TextTable([
      .init(title: "EXPERIMENT", isNumber: true), .init(title: "NAME", isElastic: true), .init(title: "STARTED"),
      .init(title: "BY", rank: 2), .init(title: "FILE", rank: 1, isElastic: true),
      .init(title: "REASON", rank: 3, isElastic: true),
    ])
    for one in experiments {
      table.add([
        .init("\(one.number)"), .init(one.name), .init(Times.local(unixNanoseconds: one.startedAt)), .init(one.user),
        .init(one.file), .init(one.reason),
      ])
    }
    console.show(table, empty: "there are no experiments yet: assay exp run FILE")
    return ok
  }
}

struct ExperimentStatus: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how far an experiment is.",
    discussion: """
      EXAMPLES:
        assay exp status
        assay exp status churn_q3 --json | jq '.trials | length'
      """)

  @OptionGroup var what: ExperimentOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let study = try workspace.study(of: record)
    if console.json {
      console.document("assay.experiment/1", study.members(number: record.number))
      return ok
    }
    let experiment = study.definition.experiment
    Output.data("experiment \(record.number) (\(record.name)): \(study.status)")
    if !experiment.intent.isEmpty { Output.data("intent     \(experiment.intent)") }
    if let closing = study.closing { Output.data("because    \(closing.reason)") }
    for (stage, state) in zip(experiment.stages, study.stages) {
      let trials = study.trials.count { $0.proposed.stage == study.place(of: stage.name) }
      Output.data(
        "stage      \(stage.name): \(state.status.word)"
          + (trials > 0 ? ", \(Text.count(trials, "trial"))" : ""))
    }
    let outcomes = Ended.Outcome.allCases.compactMap { outcome -> String? in
      let count = study.trials.count { $0.ended?.outcome == outcome }
      return count > 0 ? "\(count) \(outcome.rawValue)" : nil
    }
    let running = study.trials.count { $0.ended == nil }
    Output.data("trials     " + (outcomes + (running > 0 ? ["\(running) running"] : [])).joined(separator: ", "))
    for (_, actor, decision) in study.decisions {
      Output.data("decision   \(actor.name): \(decision.words)")
    }
    console.show(ExperimentText.leaderboard(study, limit: 5), empty: "no trial has finished")
    return ok
  }
}

struct ExperimentLeaderboard: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "leaderboard", abstract: "Show the best trials of an experiment.",
    discussion: """
      EXAMPLES:
        assay exp leaderboard
        assay exp leaderboard churn_q3 --limit 50
      """)

  @OptionGroup var what: ExperimentOptions
  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let study = try workspace.study(of: record)
    if console.json {
      console.document("assay.experiment/1", study.members(number: record.number))
    } else {
      console.show(ExperimentText.leaderboard(study, limit: list.limit), empty: "no trial has finished")
    }
    return ok
  }
}
