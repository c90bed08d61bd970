internal import ArgumentParser
internal import Events
internal import Values
internal import Workspace

struct ExperimentList: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the experiments of this project, newest first.",
    discussion: """
      EXAMPLES:
        assay exp list
        assay exp list --json
      """)

  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let experiments = try workspace.experiments(limit: list.limit)
    if console.json {
      console.document("assay.experiments/1", [.init("experiments", .array(experiments.map { .object($0.members) }))])
      return ok
    }
    var table = TextTable([
      .init(title: "EXPERIMENT", isNumber: true), .init(title: "NAME", isElastic: true), .init(title: "STARTED"),
      .init(title: "BY", rank: 2), .init(title: "FILE", rank: 1, isElastic: true),
      .init(title: "REASON", rank: 3, isElastic: true),
    ])
    for one in experiments {
      table.add([
        .init("\(one.number)"), .init(one.name), .init(Times.local(unixNanoseconds: one.startedAt)), .init(one.user),
        .init(one.file), .init(one.reason),
      ])
    }
    console.show(table, empty: "there are no experiments yet: assay exp run FILE")
    return ok
  }
}
