internal import ArgumentParser

struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List runs, show one, read its logs.",
    discussion: """
      EXAMPLES:
        assay runs list
        assay runs show 12
        assay runs logs 12 fit
      """,
    subcommands: [RunsList.self, RunsShow.self, RunsLogs.self])
}
