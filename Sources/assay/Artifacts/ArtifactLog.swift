internal import ArgumentParser
internal import Artifacts
internal import Values
internal import Workspace

struct ArtifactLog: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Show what was done to a name: when, by whom, what and why.",
    discussion: """
      EXAMPLES:
        assay artifact log churn/model
        assay artifact log                 all names, pins and collections
        assay artifact log churn/model --json
      """)

  @Argument(help: ArgumentHelp("The name (default: all).", valueName: "name"))
  var name: String?

  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let records = Array(try workspace.nameLog(name).reversed().prefix(list.limit))
    if console.json {
      console.document("assay.artifact.log/1", [.init("records", .array(records.map(NameText.json)))])
      return ok
    }
    var table = TextTable([
      .init(title: "WHEN"), .init(title: "BY", rank: 1), .init(title: "WHAT", isElastic: true),
      .init(title: "REASON", rank: 2, isElastic: true),
    ])
    for record in records {
      table.add([
        .init(Times.local(unixNanoseconds: record.at)), .init(record.by), .init(NameText.words(record)),
        .init(record.reason),
      ])
    }
    console.show(table, empty: "nothing was named yet")
    return ok
  }
}
