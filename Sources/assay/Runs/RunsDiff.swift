internal import ArgumentParser
internal import Comparisons
internal import Values
internal import Workspace

struct RunsDiff: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare two runs.",
    discussion: """
      Inputs, variants, documents, code and its libraries, seed, machine and environment, outputs of the run and of its \
      steps, and durations. A duration is called slower or faster only where enough calls were measured to know what is \
      noise. Ends with 0 whether or not anything differs, unless --exit-code is given.

      EXAMPLES:
        assay runs diff 11 12
        assay runs diff 11 last
        assay runs diff 11 12 --exit-code    ends with 1 if anything but times and machine differs
        assay runs diff 11 12 --json | jq .outputs
      """)

  @Argument(help: ArgumentHelp("The earlier run's number, or last.", valueName: "run"), completion: Candidates.runs)
  var before: RunArgument

  @Argument(help: ArgumentHelp("The later run's number, or last.", valueName: "run"), completion: Candidates.runs)
  var after: RunArgument

  @Flag(name: .long, help: "End with 1 if the runs differ.")
  var exitCode = false

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let difference = try workspace.difference(try before.number(workspace), try after.number(workspace))
    let text = RunDifferenceText(difference)
    if console.json {
      console.document("assay.runs.diff/1", text.members)
    } else {
      Output.data(text.text(console.paint, console.columns))
    }
    return exitCode && !difference.isSame ? Status.failed.rawValue : ok
  }
}
