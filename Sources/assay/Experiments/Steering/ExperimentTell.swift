internal import ArgumentParser
internal import Experiments
internal import Workflows
internal import Workspace

struct ExperimentTell: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "tell", abstract: "Put a trial on record that was made elsewhere.",
    discussion: """
      The values of its parameters, and after --metric what it gave. Strategies learn from it like from any other trial.

      EXAMPLES:
        assay exp tell churn_q3 model=logit prep=rules --metric auc=0.81 --metric latency=2.1
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("Values of parameters.", valueName: "name=value"))
  var settings: [String] = []
  @Option(name: .long, help: ArgumentHelp("Take what is not given from this trial.", valueName: "trial"))
  var like: Int?
  @Option(name: .long, help: ArgumentHelp("What it gave; for each metric.", valueName: "name=number"))
  var metric: [String] = []
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling {
    let study = bench.study
    let point = try study.allowedPoint(
      try Assignment.all(settings), like: like, again: true)
    let values = try study.metrics(try Assignment.all(metric))
    guard let stage = study.openSearch else {
      throw WorkspaceError(.usage, "no stage runs that the trial could belong to")
    }
    let number = study.nextTrial
    let reason = "told by \(bench.person)" + (decision.reason.isEmpty ? "" : ": \(decision.reason)")
    return Ruling(
      [],
      facts: [
        .proposed(
          Proposed(
            trial: number, stage: stage, round: study.stages[stage].round, point: point, source: .person,
            reason: reason)),
        .ended(Ended(trial: number, .finished, metrics: values, message: reason)),
      ])
  }
}
