internal import ArgumentParser
internal import Experiments
internal import Knowledge
internal import Values
internal import Workspace

struct KnowledgeRelate: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "relate", abstract: "Declare what one experiment has to do with later ones of a name.",
    discussion: """
      `assay knowledge similar` shows what the engine finds; what a person declares holds instead: same (the same problem: its \
      best configurations are likely to be the best again), related, or none (nothing is learnt from it). What is used of \
      it is still up to the document of the later experiment, which may also declare relations by itself.

      EXAMPLES:
        assay knowledge similar churn.assay
        assay knowledge relate 12 same --to churn_q3 --reason "the new columns are never used"
        assay knowledge relate 9 none --to churn_q3 --reason "another country"
        assay knowledge relate 9 --to churn_q3 --undo
      """)

  enum Word: String, ExpressibleByArgument, CaseIterable {
    case same, related, none
    var relation: PastExperiment.Relation {
      switch self {
      case .same: .sameProblem
      case .related: .related
      case .none: .none
      }
    }
  }

  @Argument(help: ArgumentHelp("The earlier one: its number or name; i3: imported.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("same, related or none.", valueName: "relation"))
  var relation: Word?
  @Option(name: .long, help: ArgumentHelp("The name of the later experiments.", valueName: "name"))
  var to: String
  @Flag(name: .long, help: "Let what the engine finds hold again.")
  var undo = false
  @OptionGroup var why: ReasonOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if undo == (relation != nil) { throw ValidationError("say same, related or none, or --undo") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let known = try workspace.known(experiment)
    if undo, known.study.relations[to] == nil {
      throw WorkspaceError(.usage, "nobody declared what experiment \(known.label) has to do with `\(to)`")
    }
    let operation = Decision.Operation.relate(to, relation?.relation)
    try workspace.remark(operation, why.reason, about: known)
    KnowledgeText.remarked(operation, why.reason, known, console)
    return ok
  }
}
