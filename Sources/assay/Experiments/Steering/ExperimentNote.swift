internal import ArgumentParser
internal import Workspace

struct ExperimentNote: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Put a remark on record.",
    discussion: """
      EXAMPLES:
        assay exp note churn_q3 "the new scanner's data begins here"
        assay exp note churn_q3 "suspiciously fast" --trial 17
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The remark.", valueName: "text"))
  var text: String
  @Option(name: .long, help: ArgumentHelp("About this trial.", valueName: "trial"))
  var trial: Int?
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }
  var decision: DecisionOptions { .none }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.note(text, trial: trial) }
}
