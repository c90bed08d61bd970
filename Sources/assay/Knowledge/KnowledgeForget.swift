internal import ArgumentParser
internal import Experiments
internal import Values
internal import Workspace

struct KnowledgeForget: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Let no later experiment learn from one; it stays on record.",
    discussion: """
      Experiments that have begun keep what they learnt: it is part of their record, and `knowledge show` names them.

      EXAMPLES:
        assay knowledge forget 17 --reason "its data leaked"
        assay knowledge forget 17 --undo
      """)

  @Argument(help: ArgumentHelp("Its number or name; i3: imported.", valueName: "experiment"))
  var experiment: String
  @Flag(name: .long, help: "Let them learn from it again.")
  var undo = false
  @OptionGroup var why: ReasonOption
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let known = try workspace.known(experiment)
    guard known.study.isForgotten == undo else {
      throw WorkspaceError(
        .usage, "experiment \(known.label) is \(undo ? "not forgotten" : "forgotten already")",
        help: undo ? "" : "--undo lets later experiments learn from it again")
    }
    guard undo || !why.reason.isEmpty else {
      throw WorkspaceError(.usage, "why is it to be forgotten?", help: "--reason \"…\" goes on record")
    }
    let operation = Decision.Operation.forget(!undo)
    try workspace.remark(operation, why.reason, about: known)
    KnowledgeText.remarked(operation, why.reason, known, console)
    return ok
  }
}
