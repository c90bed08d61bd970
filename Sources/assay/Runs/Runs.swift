internal import ArgumentParser

struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List runs, show one, compare two, read logs, trace.",
    discussion: """
      EXAMPLES:
        assay runs list
        assay runs show 12
        assay runs logs 12 fit
        assay runs diff 11 12
        assay runs trace 12 > run.json
      """,
    subcommands: [RunsList.self, RunsShow.self, RunsDiff.self, RunsLogs.self, RunsTrace.self])
}
