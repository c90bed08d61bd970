internal import ArgumentParser
internal import Experiments
internal import Values
internal import Workspace

struct KnowledgeNote: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Put a remark about an experiment on record, also after its end.",
    discussion: """
      EXAMPLES:
        assay knowledge note churn_q3 "the boosting rate does not matter below 0.1"
        assay knowledge note i3 "made with the old scanner" --trial 4
      """)

  @Argument(help: ArgumentHelp("Its number or name; i3: imported.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The remark.", valueName: "text"))
  var text: String
  @Option(name: .long, help: ArgumentHelp("About this trial.", valueName: "trial"))
  var trial: Int?
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let known = try workspace.known(experiment)
    if let trial, !known.study.trials.contains(where: { $0.number == trial }) {
      throw WorkspaceError(.notFound, "experiment \(known.label) has no trial \(trial)")
    }
    let operation = Decision.Operation.note(trial: trial, text)
    try workspace.remark(operation, "", about: known)
    KnowledgeText.remarked(operation, "", known, console)
    return ok
  }
}
