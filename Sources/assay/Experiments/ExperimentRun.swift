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
      gate, 6 if its budget was used before its stages ended, 1 if its winner was not accepted, 130 after Ctrl-C.

      EXAMPLES:
        assay exp run churn.assay
        assay exp run churn.assay churn_q3 --parallel 4
        assay exp run churn.assay --new --reason "again, with the new plugin"
        assay exp run churn.assay --plain 2> log
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

  @Option(name: .long, help: ArgumentHelp("How it is shown: live, plain or none", setting: .progress))
  var progress: ProgressChoice?

  @Flag(name: .long, help: "The same as --progress plain: a line for each event.")
  var plain = false

  @OptionGroup var waiting: WaitOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let parallel, parallel < 1 { throw ValidationError("--parallel must be at least 1") }
    if progress == .json { throw ValidationError("an experiment has no --progress json; --json prints it at the end") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let signals = Signals.start()
    var request = StudyRequest(run: RunRequest(file: file, workspace.layout.settings))
    request.experiment = experiment
    request.parallel = parallel
    request.resumes = !new
    request.reason = reason
    try waiting.take(workspace, request.run.durability, console)
    let session = try workspace.begin(request)
    return try Self.watch(session, signals, choice(console, workspace), console)
  }

  /// Runs a session and says what happens in it; the exit code.
  static func watch(
    _ session: StudySession, _ signals: Signals, _ progress: ProgressChoice, _ console: Console
  ) throws(WorkspaceError) -> Int32 {
    console.show(session.warnings)
    let experiment = session.study.definition.experiment
    let known = session.study.trials.count
    console.talk(
      "experiment \(session.number) (\(experiment.name))"
        + (known > 0 ? ": goes on after \(Text.count(known, "trial"))" : ""))
    for learnt in session.study.learnt { console.talk("learns from \(KnowledgeText.line(learnt))") }
    if let hint = KnowledgeText.hint(session) { console.talk(hint) }
    let reporter = StudyReporter(session.study, number: session.number, progress, console)
    signals.handle { signal, count in
      // Ctrl-Z: the terminal is the shell's until `fg`.
      if count == 0 { return reporter.pause() }
      reporter.say(console.talkPaint(count == 1 ? "stopping: it can go on later" : "killing what runs", .warning))
      session.stop(count == 1 ? .cancel : .kill)
    }
    let isOver: Bool
    do throws(WorkspaceError) { isOver = try session.run { event in reporter.take(event) } } catch {
      reporter.finish()
      throw error
    }
    reporter.finish()
    let study = session.study
    if console.json {
      console.document("assay.experiment/1", study.members(number: session.number))
    } else {
      let board = BoardText(study)
      console.show(board?.table(limit: 10) ?? TextTable([]), empty: "no trial has finished")
      for note in board?.notes(console.talkPaint) ?? [] { console.talk(note) }
    }
    for line in KnowledgeText.lines(study) { console.talk("knowledge \(line)") }
    if signals.first != 0 { return 128 + signals.first }
    if !isOver, let gate = session.waitingGate {
      let stage = experiment.stages[gate.stage]
      if stage.name == experiment.approval?.name { console.talk(study.stages[gate.stage].evidence) }
      let answer = if case .gate(let gate) = stage.kind { gate.answers.first } else { String?.none }
      console.talk(
        "waits at gate `\(stage.name)`: assay exp answer \(session.number) \(stage.name) \(answer ?? "continue")")
      return ExitCode.waiting.rawValue
    }
    if !isOver, study.isTakenOver {
      console.talk(
        "taken over: assay exp enqueue \(session.number) NAME=VALUE…, or assay exp hand-back \(session.number)")
    }
    if !isOver { return ExitCode.waiting.rawValue }
    switch study.closing?.status {
    case .exhausted: return ExitCode.budget.rawValue
    case .failed: return ExitCode.failed.rawValue
    case .finished where study.isRefused: return ExitCode.failed.rawValue
    default: return ExitCode.ok.rawValue
    }
  }

  private func choice(_ console: Console, _ workspace: Workspace) -> ProgressChoice {
    if console.json { return .none }
    if plain { return .plain }
    let choice = progress ?? workspace.layout.settings.choice(.progress) ?? .auto
    return choice == .json ? .plain : choice.resolved(console.terminal)
  }
}
