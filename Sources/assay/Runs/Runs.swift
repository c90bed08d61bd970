internal import ArgumentParser

struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List runs, show one, read its logs, trace it.",
    discussion: """
      EXAMPLES:
        assay runs list
        assay runs show 12
        assay runs logs 12 fit
        assay runs trace 12 > run.json
      """,
    subcommands: [RunsList.self, RunsShow.self, RunsLogs.self, RunsTrace.self])
}
