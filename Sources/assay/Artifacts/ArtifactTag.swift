internal import ArgumentParser
internal import Workspace

struct ArtifactTag: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Tag a version of a name.",
    discussion: """
      A tag names one version. It stays where it is unless --move is given; stages, which `assay artifact promote` sets, \
      move with that command only.

      EXAMPLES:
        assay artifact tag churn/model@v3 reviewed
        assay artifact tag churn/model nightly --move
      """)

  @Argument(help: ArgumentHelp("NAME (its latest version), NAME@v3 or NAME@TAG.", valueName: "artifact"))
  var artifact: String

  @Argument(help: ArgumentHelp("One or more tags.", valueName: "tag"))
  var tags: [String]

  @Flag(name: .long, help: "Let the tag name this version instead of another one.")
  var move = false

  @OptionGroup var why: ReasonOption
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let records = try workspace.tag(artifact, tags, moves: move, reason: why.reason)
    NameText.show(records, console, otherwise: "tagged so already")
    return ok
  }
}

struct ArtifactUntag: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "untag", abstract: "Take a tag or stage off a name.",
    discussion: """
      EXAMPLES:
        assay artifact untag churn/model reviewed
      """)

  @Argument(help: ArgumentHelp("The name.", valueName: "name"))
  var name: String

  @Argument(help: ArgumentHelp("The tag.", valueName: "tag"))
  var tag: String

  @OptionGroup var why: ReasonOption
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    NameText.show(try workspace.untag(name, tag, reason: why.reason), console, otherwise: "")
    return ok
  }
}
