internal import ArgumentParser
internal import Workspace

struct ExperimentExclude: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "exclude", abstract: "Take a trial out: it stays on record, and nothing is learnt from it.",
    discussion: """
      EXAMPLES:
        assay exp exclude churn_q3 17 --reason "the disk was full"
        assay exp exclude churn_q3 17 --undo
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The trial.", valueName: "trial"))
  var trial: Int
  @Flag(name: .long, help: "Take it back in.")
  var undo = false
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.exclude(trial, !undo) }
}
