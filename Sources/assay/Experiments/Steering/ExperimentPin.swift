internal import ArgumentParser
internal import Workspace

struct ExperimentPin: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin", abstract: "Let a parameter keep one value from now on.",
    discussion: """
      Trials with other values stay on record, but strategies are not told of them as long as it is pinned.

      EXAMPLES:
        assay exp pin churn_q3 model=forest --reason "what production can run"
        assay exp unpin churn_q3 model
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The parameter and its value.", valueName: "name=value"))
  var setting: String
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.pin(setting) }
}
