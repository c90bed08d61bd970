internal import ArgumentParser
internal import Events
internal import Experiments
internal import Settings
internal import Workflows
internal import Workspace

struct ExperimentContinue: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "continue", abstract: "Go on with an experiment from its record.",
    discussion: """
      With the documents as they were when it began: for forks, and where the file has changed since. Ends like `assay exp \
      run`.

      EXAMPLES:
        assay exp continue 7
        assay exp continue churn_q3 --parallel 4
      """)

  @OptionGroup var what: ExperimentOptions
  @Option(name: [.customShort("j"), .long], help: ArgumentHelp("Trials at a time.", valueName: "n"))
  var parallel: Int?
  @OptionGroup var waiting: WaitOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let parallel, parallel < 1 { throw ValidationError("--parallel must be at least 1") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let signals = Signals.start()
    let record = try workspace.experiment(what.experiment)
    var request = StudyRequest(run: RunRequest(file: record.file, workspace.layout.settings))
    request.parallel = parallel
    try waiting.take(workspace, request.run.durability, console)
    let session = try workspace.goOn(with: record, request)
    let progress: ProgressChoice = workspace.layout.settings.choice(.progress) ?? .auto
    return try ExperimentRun.watch(
      session, signals, console.json ? .none : progress.resolved(console.terminal), console)
  }
}
