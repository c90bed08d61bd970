internal import ArgumentParser
internal import Dynamics
internal import Values
internal import Workspace

/// What it was for, as people say it.
extension Reason.Category: ExpressibleByArgument {}

struct PhasesLog: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Put work outside the engine on record.",
    discussion: """
      It counts as work on that phase; of a phase that was done before it is a return.

      EXAMPLES:
        assay phases log governance --took 3h --why "audit of the data sheet"
        assay phases log problem_definition --why "churn now means 60 days" --reason requirement-change
      """)

  @Argument(help: ArgumentHelp("The phase.", valueName: "phase"))
  var phase: String
  @Option(name: .long, help: ArgumentHelp("What was done, and what for.", valueName: "text"))
  var why: String
  @Option(name: .long, help: ArgumentHelp("How long it took: 30m, 3h.", valueName: "duration"))
  var took: DurationArgument = DurationArgument(.seconds(0))
  @Option(name: .long, help: ArgumentHelp("What kind of reason.", valueName: "category"))
  var reason: Reason.Category = .other
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let name = try workspace.phase(named: phase)
    try workspace.put(.work(phase: name, seconds: took.duration / .seconds(1), reason, why: why))
    return console.noted("work on \(name): \(why)")
  }
}

struct PhasesFocus: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "focus", abstract: "Say which phase is worked on from now on.",
    discussion: """
      It holds for all runs from now on until something else is said; `none` ends it. Without it the focus is derived: the \
      phase in which something was last found wrong, or the last one asked for alone, or the farthest one so far.

      EXAMPLES:
        assay phases focus deployment
        assay phases focus none
      """)

  @Argument(help: ArgumentHelp("The phase, or none.", valueName: "phase"))
  var phase: String
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let name = phase == "none" ? "" : try workspace.phase(named: phase)
    try workspace.put(.focus(phase: name, run: nil))
    return console.noted(name.isEmpty ? "no phase in particular" : "in focus: \(name)")
  }
}

struct PhasesAnnotate: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "annotate", abstract: "Say why a run was made: the reason of its returns.",
    discussion: """
      The last that was said counts; all of it stays on record.

      EXAMPLES:
        assay phases annotate last --why "duplicates in June's export" --reason data-quality
        assay phases annotate 12 --reason bug
      """)

  @Argument(
    help: ArgumentHelp("The run's number, or last.", valueName: "run"), completion: Candidates.runs)
  var run: RunArgument
  @Option(name: .long, help: ArgumentHelp("In your words.", valueName: "text"))
  var why = ""
  @Option(name: .long, help: ArgumentHelp("What kind of reason.", valueName: "category"))
  var reason: Reason.Category = .other
  @Option(
    name: .long, help: ArgumentHelp("Which phase was worked on, where that was derived wrongly.", valueName: "phase"))
  var focus: String?
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard !why.isEmpty || reason != .other || focus != nil else {
      throw ValidationError("say something: --why, --reason or --focus")
    }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let number = try run.number(workspace)
    _ = try workspace.report(on: number)
    if let focus { try workspace.put(.focus(phase: try workspace.phase(named: focus), run: number)) }
    if !why.isEmpty || reason != .other { try workspace.put(.reason(run: number, reason, why)) }
    return console.noted("run \(number): \(why.isEmpty ? reason.rawValue : why)")
  }
}

extension Console {
  fileprivate func noted(_ words: String) -> Int32 {
    if json { document("assay.note/1", [.init("what", .string(words))]) } else { Output.data(words) }
    return Status.ok.rawValue
  }
}
