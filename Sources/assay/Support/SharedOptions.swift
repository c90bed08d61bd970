internal import ArgumentParser
internal import Settings
internal import Traces
internal import Workspace

/// What every command understands.
struct SharedOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON document on standard output.")
  var json = false

  @Option(name: .long, help: ArgumentHelp("Colour", setting: .color, valueName: "when"))
  var color: ColorChoice?

  @Flag(name: .long, help: "Never use a pager.")
  var noPager = false

  @Option(
    name: [.customShort("C"), .long],
    help: ArgumentHelp("The project directory (default: the nearest one with an assay.toml).", valueName: "dir"),
    completion: .directory)
  var directory: String?
}

/// For commands that print lists.
struct ListOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("At most so many.", valueName: "n"))
  var limit: Int = 100

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
  }
}

/// For commands that write to the store.
struct WaitOption: ParsableArguments {
  @Flag(name: .long, help: "Wait while another engine has the store, instead of ending with 8.")
  var wait = false

  func take(_ workspace: Workspace, _ durability: Durability, _ console: Console) throws(WorkspaceError) {
    guard wait else { return }
    try workspace.awaitStore(durability) { console.talk("waits: \($0)") }
  }
}

/// A command of this tool: it works on a console and says how it went.
protocol Command: ParsableCommand {
  var shared: SharedOptions { get }
  /// Whether standard output is for a program: then an error is a document there too.
  var wantsJSON: Bool { get }
  func perform(_ console: Console) throws(WorkspaceError) -> Int32
}

extension Command {
  var ok: Int32 { Status.ok.rawValue }
  var wantsJSON: Bool { shared.json }
}

/// A command that works on a project.
protocol ProjectCommand: Command {
  /// Whether it gives up when the settings have mistakes.
  var needsSettings: Bool { get }
  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32
}

extension ProjectCommand {
  var needsSettings: Bool { true }

  /// A project in which nothing was run yet has empty lists, not an error.
  func orNone<R>(_ list: () throws(WorkspaceError) -> [R]) throws(WorkspaceError) -> [R] {
    do throws(WorkspaceError) { return try list() } catch {
      guard error.exit == .notFound else { throw error }
      return []
    }
  }

  func perform(_ console: Console) throws(WorkspaceError) -> Int32 {
    let workspace = Workspace(layout: Layout(project: shared.directory)) { console.notice($0) }
    // Ends worker processes and gives the store free.
    defer { workspace.close() }
    if needsSettings { try workspace.layout.checkSettings() }
    return try perform(console, workspace)
  }
}
