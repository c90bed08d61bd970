internal import ArgumentParser
internal import Experiments
internal import Workspace

struct ExperimentResume: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let a paused experiment go on.",
    discussion: """
      Where no engine runs it, `assay exp run FILE` or `assay exp continue` does.

      EXAMPLES:
        assay exp resume churn_q3
      """)
  @OptionGroup var what: ExperimentOptions
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { Ruling([.resume]) }
}
