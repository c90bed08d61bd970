internal import ArgumentParser
internal import Experiments
internal import Workflows
internal import Workspace

struct ExperimentUndo: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Take back a decision.",
    discussion: """
      Appends the opposite decision; nothing is ever deleted. What has been tried in between stays tried. A stop and an answer
      cannot be taken back: `assay exp fork --at` goes on from before them.

      EXAMPLES:
        assay exp decisions churn_q3
        assay exp undo churn_q3 41 --reason "it was the disk after all"
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The decision, by the number of its entry.", valueName: "entry"))
  var entry: Int
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling {
    try Ruling(undoing: entry, bench)
  }
}
