internal import ArgumentParser
internal import Diagnostics
internal import Tasks
internal import Values
internal import Workspace

struct TaskShow: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show how a task is called: its ports, defaults and promises.",
    discussion: """
      EXAMPLES:
        assay task show std.table.read_csv
        assay task show churn.train --file churn.assay
      """)

  @Argument(help: ArgumentHelp("The task's id.", valueName: "task"), completion: Candidates.tasks)
  var id: String

  @OptionGroup var source: TaskSource
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let task = source.file == nil ? try workspace.task(id) : try find(source.tasks(workspace, console))
    if console.json {
      console.document("assay.task/1", TaskText.json(task).asObject ?? [])
    } else {
      console.page(TaskText.manual(task, console.paint))
    }
    return ok
  }

  private func find(_ tasks: [InstalledTask]) throws(WorkspaceError) -> InstalledTask {
    if let task = tasks.first(where: { $0.signature.id == id }) { return task }
    let names = tasks.map(\.signature.id)
    let near = nearest(id, names).map { "did you mean `\($0)`?" }
    throw WorkspaceError(
      .notFound, "the document uses no task `\(id)`", help: near ?? "it uses: \(names.joined(separator: ", "))")
  }
}
