internal import ArgumentParser
internal import Comparisons
internal import Traces
internal import Values
internal import Workspace

struct WhyCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Say why a step ran or was reused.",
    discussion: """
      Compares what the call's result may depend on (task, code, inputs, seed) with the most relevant earlier call of \
      the step, and walks back through the calls whose results changed, to what was really changed: an input, a file, \
      the document, the code and its libraries.

      EXAMPLES:
        assay why last fit           of the newest run
        assay why 12 'fit[3]'        one call of a foreach
        assay why 12 prep.clean      a step inside a sub-workflow
        assay why 12 fit --json | jq .roots
      """)

  @Argument(help: ArgumentHelp("The run's number, or last.", valueName: "run"), completion: Candidates.runs)
  var run: RunArgument

  @Argument(
    help: ArgumentHelp("The step, or one call of it (fit[3]).", valueName: "step"), completion: Candidates.stepsOfRun)
  var step: String

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let why = try workspace.why(step, in: try run.number(workspace))
    if console.json {
      console.document("assay.why/1", WhyText(why).members)
    } else {
      Output.data(WhyText(why).text(console.paint, console.glyphs))
    }
    return ok
  }
}
