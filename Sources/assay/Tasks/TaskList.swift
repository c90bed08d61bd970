internal import ArgumentParser
internal import Tasks
internal import Values
internal import Workspace

struct TaskList: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the tasks of installed plugins.",
    discussion: """
      EXAMPLES:
        assay task list
        assay task list --file churn.assay --json
      """)

  @OptionGroup var source: TaskSource
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let tasks = try source.tasks(workspace, console)
    if console.json {
      console.document("assay.tasks/1", [.init("tasks", .array(tasks.map(TaskText.json)))])
    } else {
      console.show(TaskText.table(tasks), empty: "no plugins are installed")
    }
    return ok
  }
}
