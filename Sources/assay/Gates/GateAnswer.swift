internal import ArgumentParser
internal import Workspace

struct GateAnswer: DecisionCommand {
  static let discussion = """
    The first answer counts; where the gate wants several (`approvals 2`), it ends when so many people have said the same, and \
    `stop` and `reject` are heard from one. A form is filled in with --field, each field once. Where the gate names roles (`by "risk-officer"`), the setting `people.roles` says who has \
    them. With `narrow` a condition can be given that holds from now on.

    EXAMPLES:
      assay gate answer churn_q3 review continue
      assay gate answer 4 review narrow --where "model != boost" --reason "too slow"
      assay gate answer 4 review continue --field ceiling=5 --field site=north
      assay gate answer 4 review stop --basis 61
    """
  static let configuration = CommandConfiguration(
    commandName: "answer", abstract: "Answer a gate.", discussion: discussion)

  @OptionGroup var answering: AnswerOptions
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: answering.experiment) }
  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try answering.rule(bench) }
}

struct AnswerOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The gate.", valueName: "gate"))
  var gate: String
  @Argument(help: ArgumentHelp("One of the answers that the gate allows.", valueName: "answer"))
  var answer: String
  @Option(name: .long, help: ArgumentHelp("With narrow: only where this holds from now on.", valueName: "condition"))
  var `where`: String?
  @Option(name: .long, help: ArgumentHelp("A field of the form of the gate.", valueName: "name=value"))
  var field: [String] = []

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling {
    try bench.ruling(answering: gate, answer, where: `where`, fields: field)
  }
}
