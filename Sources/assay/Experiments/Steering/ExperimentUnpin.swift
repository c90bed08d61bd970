internal import ArgumentParser
internal import Workspace

struct ExperimentUnpin: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin", abstract: "Let a pinned parameter vary again.",
    discussion: """
      EXAMPLES:
        assay exp unpin churn_q3 model
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The parameter.", valueName: "name"))
  var name: String
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.unpin(name) }
}
