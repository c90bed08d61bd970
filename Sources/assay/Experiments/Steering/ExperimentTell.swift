internal import ArgumentParser
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
    try bench.tell(settings, like: like, metrics: metric, reason: decision.reason)
  }
}
