internal import ArgumentParser
internal import Workspace

struct GateDelegate: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "delegate", abstract: "Let somebody else answer a gate in your place.",
    discussion: """
      Who may answer hands that on for this gate, in the same role; they may not answer any more themselves, until `assay exp \
      undo` takes it back. Whoever it was handed on to finds the gate in `assay inbox`, and may hand it on in turn.

      EXAMPLES:
        assay gate delegate churn_q3 review grace --reason "on leave until Monday"
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The gate.", valueName: "gate"))
  var gate: String
  @Argument(help: ArgumentHelp("Who answers instead.", valueName: "person"))
  var person: String
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.delegate(gate, to: person) }
}
