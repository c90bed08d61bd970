internal import ArgumentParser
internal import Workspace

struct ArtifactRemove: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take a version out of use.",
    discussion: """
      Its number is not given again, and the record of it stays. Its bytes go with the next `assay artifact gc`, unless a \
      run or another name needs them.

      EXAMPLES:
        assay artifact remove churn/model@v2 --reason "trained on the wrong year"
      """)

  @Argument(help: ArgumentHelp("NAME@v3 or NAME@TAG.", valueName: "artifact"))
  var artifact: String

  @Flag(name: .long, help: "Also if a tag or stage names it.")
  var force = false

  @OptionGroup var why: ReasonOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard artifact.contains("@") else { throw ValidationError("say which version: \(artifact)@v1") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let records = try workspace.remove(artifact, evenTagged: force, reason: why.reason)
    NameText.show(records, console, otherwise: "")
    return ok
  }
}
