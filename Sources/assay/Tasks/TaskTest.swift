internal import ArgumentParser
internal import Diagnostics
internal import Plugins
internal import Tasks
internal import Values
internal import Workspace

struct TaskTest: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run the examples in the documentation of tasks.",
    discussion: """
      Each example runs through the whole engine, in a store that exists for it alone, and what it gives is compared \
      with what it states. Ends with 1 if something is not as stated.

      EXAMPLES:
        assay task test std.table.read_csv       the examples of a task
        assay task test std.text ./libwords.so   of all tasks of these plugins
        assay task test tasks/churn.py           of a Python file, from its docstrings
        assay task test --all                    of all installed plugins
      """)

  @Argument(help: ArgumentHelp("Tasks and plugins by id, or files of plugins.", valueName: "task|plugin|file"))
  var names: [String] = []

  @Flag(name: .long, help: "All installed plugins.")
  var all = false
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard all != names.isEmpty else { return }
    throw ValidationError(all ? "--all and names exclude each other" : "name a task, a plugin or a file, or say --all")
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let targets = try targets(console, workspace)
    let runner = try ExampleRunner(layout: workspace.layout) { console.notice($0) }
    defer { runner.close() }
    var results: [ExampleResult] = []
    var silent: [String] = []
    for target in targets {
      for task in target.tasks {
        let of = runner.run(task, of: target.plugin, named: target.name)
        if of.isEmpty { silent.append(task.signature.id) }
        if !of.isEmpty, !console.json { Output.data(ExampleText(console).lines(task.signature.id, of)) }
        results += of
      }
    }
    if console.json {
      console.document("assay.task.test/1", ExampleText.members(results, silent))
    } else {
      Output.data(ExampleText(console).summary(results, silent))
    }
    return results.allSatisfy(\.isPassed) ? ok : Status.failed.rawValue
  }

  /// A plugin, as it was named, and those of its tasks that are meant.
  private struct Target {
    var plugin: Plugin
    var name: String
    var tasks: [InstalledTask]
  }

  private func targets(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> [Target] {
    if all {
      var targets: [Target] = []
      for (id, plugin) in try workspace.plugins() {
        switch plugin {
        case .success(let plugin): targets.append(Target(plugin: plugin, name: id, tasks: plugin.tasks))
        case .failure(let error): console.warn("\(id) is left out: \(error.message)")
        }
      }
      return targets
    }
    var targets: [Target] = []
    for name in names {
      targets.append(try target(name, workspace))
    }
    return targets
  }

  private func target(_ name: String, _ workspace: Workspace) throws(WorkspaceError) -> Target {
    if name.hasSuffix(".py") || name.hasSuffix(".so") || name.contains("/") {
      guard Layout.exists(name) else { throw WorkspaceError(.notFound, "there is no file \(name)") }
      let plugin = try workspace.plugin(name)
      return Target(plugin: plugin, name: name, tasks: plugin.tasks)
    }
    var names: [String] = []
    for case (let id, .success(let plugin)) in try workspace.plugins() {
      if id == name { return Target(plugin: plugin, name: id, tasks: plugin.tasks) }
      if let task = plugin.tasks.first(where: { $0.signature.id == name }) {
        return Target(plugin: plugin, name: id, tasks: [task])
      }
      names += [id] + plugin.tasks.map(\.signature.id)
    }
    let near = nearest(name, names).map { "did you mean `\($0)`?" }
    throw WorkspaceError(
      .notFound, "there is no task or plugin `\(name)`", help: near ?? "`assay task list` shows what there is")
  }
}
