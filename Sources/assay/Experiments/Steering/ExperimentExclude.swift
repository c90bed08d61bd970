internal import ArgumentParser
internal import Glibc
internal import Workspace

struct ExperimentExclude: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "exclude", abstract: "Take a trial out: it stays on record, and nothing is learnt from it.",
    discussion: """
      What else depends on it is said first, and goes on record beside it: runs that reuse its calls, trials that repeat it, \
      versions that its run made, experiments that learnt from it, forks. On a terminal it asks, unless --yes is given.

      EXAMPLES:
        assay exp exclude churn_q3 17 --reason "the disk was full"
        assay exp exclude churn_q3 17 --undo
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The trial.", valueName: "trial"))
  var trial: Int
  @Flag(name: .long, help: "Take it back in.")
  var undo = false
  @Flag(name: .long, help: "Do not ask.")
  var yes = false
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    guard !undo else { return try decide(console, workspace) }
    let dependents = try workspace.bench(try workspace.experiment(experiment)).dependents(of: trial)
    let lines = dependents.lines
    for line in lines { console.talk("trial \(trial): \(line)") }
    if dependents.later > 0 {
      console.talk("trial \(trial): \(Text.count(dependents.later, "later trial")) knew its result")
    }
    if !lines.isEmpty, !yes, !console.json, isatty(STDIN_FILENO) == 1, console.terminal.outputIsTerminal {
      Output.talk("take it out? [y/N]")
      guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
        console.talk("nothing was changed")
        return ok
      }
    }
    return try decide(console, workspace)
  }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.exclude(trial, !undo) }
}
