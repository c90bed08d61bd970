internal import ArgumentParser
internal import Timelines
internal import Traces
internal import Values
internal import Workspace

struct RunsTrace: ProjectCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument { case perfetto, json }

  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "Print when everything in a run happened, for a trace viewer or a program.",
    discussion: """
      perfetto: Chrome's trace-event format, for https://ui.perfetto.dev, chrome://tracing or speedscope: the calls, the \
      worker processes with what they ran, and arrows from what a call waited for; of a trial also its experiment: other \
      trials, stages, gates, decisions. `assay export perfetto` has the whole record. json: all attempts in a form of our own.

      EXAMPLES:
        assay runs trace > run.json
        assay runs trace 12 --format json | jq .critical_path
      """)

  @Argument(
    help: ArgumentHelp("The run's number, or last (the default).", valueName: "run"), completion: Candidates.runs)
  var run: RunArgument?

  @Option(name: .long, help: "perfetto or json.")
  var format: Format = .perfetto

  @OptionGroup var shared: SharedOptions

  var wantsJSON: Bool { true }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let timeline = try workspace.report(on: try (run ?? .last).number(workspace)).timeline
    if shared.json || format == .json {
      console.document("assay.trace/1", timeline.members)
    } else {
      let beside = try workspace.traceEvents(beside: timeline.run, since: timeline.startedAt)
      Output.data(timeline.traceEvents(beside: beside).compact)
    }
    return ok
  }
}
