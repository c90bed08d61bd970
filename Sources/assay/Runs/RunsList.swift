internal import ArgumentParser
internal import Events
internal import Traces
internal import Values
internal import Workspace

struct RunsList: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the runs of this project, newest first.",
    discussion: """
      EXAMPLES:
        assay runs list
        assay runs list --limit 5 --json
      """)

  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let runs = try orNone { () throws(WorkspaceError) in try workspace.runs(limit: list.limit) }
    if console.json {
      console.document("assay.runs/1", [.init("runs", .array(runs.map { .object($0.members) }))])
    } else {
      let now = Times.unixNow()
      console.show(RunText.table(runs, now: now), empty: "there are no runs yet: assay run FILE")
    }
    return ok
  }
}

/// Runs as the command line shows them.
enum RunText {
  static func table(_ runs: [RunSummary], now: Int64) -> TextTable {
    var table = TextTable([
      .init(title: "RUN", isNumber: true), .init(title: "STATUS"), .init(title: "WORKFLOW", isElastic: true),
      .init(title: "STARTED", rank: 1), .init(title: "TOOK", isNumber: true),
      .init(title: "FILE", rank: 2, isElastic: true), .init(title: "REASON", rank: 3, isElastic: true),
    ])
    for run in runs {
      table.add([
        .init(String(run.run)), .init(run.status.rawValue, run.status.style), .init(run.workflow),
        .init(Times.local(unixNanoseconds: run.startedAt)), .init(took(run, now: now)), .init(run.file),
        .init(run.reason),
      ])
    }
    return table
  }

  static func took(_ run: RunSummary, now: Int64) -> String {
    if let end = run.finishedAt { return Times.duration(nanoseconds: end - run.startedAt) }
    return run.status == .running ? Times.clock(seconds: (now - run.startedAt) / 1_000_000_000) : ""
  }
}
