internal import ArgumentParser
internal import Workspace

struct ExperimentStrategy: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "strategy", abstract: "Let another strategy propose for a stage from now on.",
    discussion: """
      It is told of the trials so far. Its number of trials includes those that the stage has made.

      EXAMPLES:
        assay exp strategy churn_q3 refine "tpe(trials: 60)"
        assay exp strategy churn_q3 refine "gp(trials: 30)" --reason "few trials left"
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The stage.", valueName: "stage"))
  var stage: String
  @Argument(help: ArgumentHelp("The strategy, as in a document.", valueName: "strategy"))
  var strategy: String
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.strategy(of: stage, strategy) }
}
