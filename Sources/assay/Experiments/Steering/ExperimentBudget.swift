internal import ArgumentParser
internal import Workspace

struct ExperimentBudget: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "budget", abstract: "Change what an experiment may use.",
    discussion: """
      trials and failures are counts, wall and tasks durations, parallel is trials at a time; `none` lifts a limit.

      EXAMPLES:
        assay exp budget churn_q3 trials=200 wall=12h
        assay exp budget churn_q3 parallel=4
        assay exp budget churn_q3 tasks=none
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("What, and how much.", valueName: "name=amount"))
  var amounts: [String]
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.budget(amounts) }
}
