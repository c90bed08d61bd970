internal import ArgumentParser
internal import Execution
internal import Experiments
internal import Settings
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentRun: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run an experiment of a document, or go on with it.",
    discussion: """
      Trials are ordinary runs: what several of them have in common is computed once. An experiment that was stopped in \
      the middle goes on with the trial that it would have gone on with. Ends with 0, or 5 if it waits for a person at a \
      gate, 6 if its budget was used before its stages ended, 130 after Ctrl-C.

      EXAMPLES:
        assay exp run churn.assay
        assay exp run churn.assay churn_q3 --parallel 4
        assay exp run churn.assay --new --reason "again, with the new plugin"
      """)

  @Argument(help: ArgumentHelp("The document.", valueName: "file"), completion: Candidates.documents)
  var file: String

  @Argument(help: ArgumentHelp("The experiment, where the document has several.", valueName: "experiment"))
  var experiment: String?

  @Option(name: [.customShort("j"), .long], help: ArgumentHelp("Trials at a time.", valueName: "n"))
  var parallel: Int?

  @Flag(name: .long, help: "Begin a new one, whatever was begun before.")
  var new = false

  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason = ""

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let parallel, parallel < 1 { throw ValidationError("--parallel must be at least 1") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let signals = Signals.start()
    var request = StudyRequest(run: RunRequest(file: file, workspace.layout.settings))
    request.experiment = experiment
    request.parallel = parallel
    request.resumes = !new
    request.reason = reason
    let session = try workspace.begin(request)
    console.show(session.warnings)
    let experiment = session.study.definition.experiment
    let known = session.study.trials.count
    console.talk(
      "experiment \(session.number) (\(experiment.name))"
        + (known > 0 ? ": goes on after \(Text.count(known, "trial"))" : ""))
    signals.handle { _, count in session.stop(count == 1 ? .cancel : .kill) }
    let text = StudyText(experiment)
    let isJSON = console.json
    let isOver = try session.run { event in if !isJSON { console.talk(text.line(event)) } }
    let study = session.study
    if console.json {
      console.document("assay.experiment/1", study.members(number: session.number))
    } else {
      console.show(ExperimentText.leaderboard(study, limit: 10), empty: "no trial has finished")
    }
    if signals.first != 0 { return 128 + signals.first }
    if !isOver, let gate = session.waitingGate {
      let name = experiment.stages[gate.stage].name
      console.talk("waits at gate `\(name)`: assay exp answer \(session.number) \(name) continue")
      return ExitCode.waiting.rawValue
    }
    if !isOver { return ExitCode.waiting.rawValue }
    switch study.closing?.status {
    case .exhausted: return ExitCode.budget.rawValue
    case .failed: return ExitCode.failed.rawValue
    default: return ok
    }
  }
}
