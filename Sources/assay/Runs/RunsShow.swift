internal import ArgumentParser
internal import Traces
internal import Values
internal import Workspace

struct RunsShow: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a run: inputs, steps, outputs, failures.",
    discussion: """
      EXAMPLES:
        assay runs show          the newest run
        assay runs show 12
        assay runs show 12 --json
      """)

  @Argument(
    help: ArgumentHelp("The run's number, or last (the default).", valueName: "run"), completion: Candidates.runs)
  var run: RunArgument?

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let report = try workspace.report(on: try (run ?? .last).number(workspace))
    if console.json {
      console.document("assay.run.report/1", parts: report.parts)
    } else {
      console.page(
        RunReportText(report).text(console.paint, console.glyphs, columns: console.columns, now: Times.unixNow()))
    }
    return ok
  }
}
