internal import ArgumentParser
internal import Workspace

struct ExperimentAnswer: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer", abstract: "Answer a gate: the same as assay gate answer.",
    discussion: GateAnswer.discussion)

  @OptionGroup var answering: AnswerOptions
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: answering.experiment) }
  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try answering.rule(bench) }
}
