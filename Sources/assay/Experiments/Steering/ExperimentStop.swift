internal import ArgumentParser
internal import Experiments
internal import Workspace

struct ExperimentStop: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End an experiment for good.",
    discussion: """
      Trials that run may end; with --hard they are cancelled.

      EXAMPLES:
        assay exp stop churn_q3 --reason "good enough"
        assay exp stop 4 --hard
      """)
  @OptionGroup var what: ExperimentOptions
  @Flag(name: .long, help: "Cancel what runs.")
  var hard = false
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { Ruling([.stop(isHard: hard)]) }
}
