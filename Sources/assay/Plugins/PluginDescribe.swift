internal import ArgumentParser
internal import Plugins
internal import Tasks
internal import Values
internal import Workspace

struct PluginDescribe: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Load a plugin in a process of its own and show its tasks.",
    discussion: """
      EXAMPLES:
        assay plugin describe ./libchurn.so
        assay plugin describe std.table
        assay plugin describe tasks/churn.py --json
      """)

  @Argument(
    help: ArgumentHelp(
      "A shared object, a Python file, a manifest of functions, or the name of an installed plugin.",
      valueName: "file"),
    completion: Candidates.plugins)
  var file: String

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let plugin = try workspace.plugin(file)
    let tasks = plugin.tasks
    if console.json {
      console.document(
        "assay.plugin/1", PluginText.members(plugin) + [.init("tasks", .array(tasks.map(TaskText.json)))])
    } else {
      let manuals = tasks.map { "\n" + TaskText.manual($0, console.paint) }.joined()
      console.page(PluginText.heading(plugin, console.paint) + manuals)
    }
    return ok
  }
}
