internal import ArgumentParser
internal import Artifacts
internal import Values
internal import Workspace

struct ArtifactList: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List named artifacts and what runs made, newest first.",
    discussion: """
      EXAMPLES:
        assay artifact list
        assay artifact list churn/model      its versions
        assay artifact list --limit 5 --json
        assay artifact list --all            also parts of directories, and what nothing refers to
      """)

  @Argument(help: ArgumentHelp("The versions of this name.", valueName: "name"))
  var name: String?

  @Flag(name: .long, help: "Also parts of directories, and what nothing refers to.")
  var all = false

  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let names = try workspace.names()
    var (artifacts, more): ([ListedArtifact], Int) = ([], 0)
    do throws(WorkspaceError) {
      (artifacts, more) = try workspace.artifacts(name: name, limit: list.limit, all: all)
    } catch {
      // Where nothing was run yet there are none.
      guard error.exit == .notFound, name == nil else { throw error }
    }
    if console.json {
      console.document(
        "assay.artifacts/1",
        [
          .init("artifacts", .array(artifacts.map { $0.json(names) })),
          .init("more", .int(Int64(more))),
        ])
    } else {
      console.show(
        ArtifactText.table(artifacts, names, now: Times.unixNow()),
        empty: "there are no artifacts yet: `assay artifact put FILE NAME` makes one")
      if more > 0 { console.talk("\(more) more: --limit \(artifacts.count + more)") }
    }
    return ok
  }
}
