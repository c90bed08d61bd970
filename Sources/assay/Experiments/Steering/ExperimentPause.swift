internal import ArgumentParser
internal import Experiments
internal import Workspace

struct ExperimentPause: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Begin no more trials until it is resumed; those that run may end.",
    discussion: """
      EXAMPLES:
        assay exp pause
        assay exp pause churn_q3 --reason "new data on Monday"
      """)
  @OptionGroup var what: ExperimentOptions
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { Ruling([.pause]) }
}
