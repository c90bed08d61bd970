internal import ArgumentParser
internal import Workspace

struct ArtifactPromote: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Move a stage, such as production, to a version, with a reason.",
    discussion: """
      A stage is a tag that moves: who moved it, when, why and from where stays on record (`assay artifact log`).

      EXAMPLES:
        assay artifact promote churn/model@v3 production --reason "beats v2 by 2 %"
        assay artifact promote churn/model@candidate staging --reason "ticket 812"
      """)

  @Argument(help: ArgumentHelp("NAME (its latest version), NAME@v3 or NAME@TAG.", valueName: "artifact"))
  var artifact: String

  @Argument(help: ArgumentHelp("Such as staging or production.", valueName: "stage"))
  var stage: String

  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason: String

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard reason.contains(where: { !$0.isWhitespace }) else { throw ValidationError("--reason wants some words") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let records = try workspace.promote(artifact, to: stage, reason: reason)
    NameText.show(records, console, otherwise: "`\(stage)` is there already")
    return ok
  }
}
