internal import ArgumentParser
internal import Workspace

struct ExperimentHandBack: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "hand-back", abstract: "Let strategies propose again.",
    discussion: """
      EXAMPLES:
        assay exp hand-back churn_q3
      """)
  @OptionGroup var what: ExperimentOptions
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.takeOver(false) }
}
