internal import ArgumentParser
internal import Glibc
internal import Values
internal import Workspace

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Hand the record to programs for process mining.",
    discussion: """
      What happened as an event log, in the two formats that such programs read, and as a trace to look at; and a check of \
      such logs, whoever made them. `assay artifact export` is for artifacts, `assay runs trace` for the times of one run.

      EXAMPLES:
        assay export ocel --output log.json
        assay export xes --phases --output log.xes
        assay export perfetto --output work.json        for https://ui.perfetto.dev
        assay export check log.json
      """,
    subcommands: [ExportOCEL.self, ExportXES.self, ExportPerfetto.self, ExportCheck.self])
}

struct LoggedKinds: ParsableArguments {
  @Flag(name: .long, help: "One event a visit of a phase, and logged work.")
  var phases = false

  @Flag(name: .long, help: "One event a call that ran.")
  var tasks = false

  @Flag(name: .long, help: "One event a run that ended.")
  var runs = false

  @Flag(name: .long, help: "Trials, stages, gates and decisions.")
  var experiments = false

  func chosen(or usual: Set<LoggedKind>) -> Set<LoggedKind> {
    var kinds: Set<LoggedKind> = []
    if phases { kinds.insert(.phases) }
    if tasks { kinds.insert(.tasks) }
    if runs { kinds.insert(.runs) }
    if experiments { kinds.insert(.experiments) }
    return kinds.isEmpty ? usual : kinds
  }
}

struct LogOutput: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write (default: standard output).", valueName: "file"))
  var output: String?

  @Flag(name: .long, help: "Replace what is there.")
  var force = false

  /// Writes the log and tells what is in it.
  func write(
    _ format: String, _ console: Console,
    _ body: (@escaping Workspace.LogSink) throws(WorkspaceError) -> ExportedLog
  ) throws(WorkspaceError) {
    guard let output else {
      guard !console.json else {
        throw WorkspaceError(
          .usage, "--json needs --output", help: "without a file the log itself is on standard output")
      }
      _ = try body { Output.write($0, to: STDOUT_FILENO) }
      return
    }
    let file = try LogFile(output, replaces: force)
    let log: ExportedLog
    do throws(WorkspaceError) { log = try body { file.write($0) } } catch {
      file.discard()
      throw error
    }
    try file.finish()
    let about =
      log.traces > 0
      ? "\(Text.count(log.traces, "trace")), " : log.objects > 0 ? "\(Text.count(log.objects, "object")), " : ""
    if console.json {
      console.document(
        "assay.export/1",
        [
          .init("format", .string(format)), .init("path", .string(output)), .init("size", .int(Int64(file.bytes))),
          .init("events", .int(Int64(log.events))), .init("objects", .int(Int64(log.objects))),
          .init("traces", .int(Int64(log.traces))),
        ])
    } else {
      console.talk("\(output): \(Text.count(log.events, "event")), \(about)\(ByteSize.text(Int64(file.bytes)))")
    }
  }
}

struct ExportOCEL: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "ocel", abstract: "Write the record as an object-centric event log (OCEL 2.0, JSON).",
    discussion: """
      Objects are lines of work, runs, tasks, artifacts, experiments, trials and people; events say to which of them they \
      happened and in what role. Without a choice all kinds of events are written. Identifiers are the same in each export.

      EXAMPLES:
        assay export ocel --output log.json
        assay export ocel --phases | jq '.events | length'
        assay export ocel --tasks --experiments --output log.json --force
      """)

  @OptionGroup var kinds: LoggedKinds
  @OptionGroup var file: LogOutput
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let chosen = kinds.chosen(or: Set(LoggedKind.allCases))
    try file.write("ocel", console) { sink throws(WorkspaceError) in try workspace.exportOCEL(chosen, to: sink) }
    return ok
  }
}

struct ExportXES: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "xes", abstract: "Write the record as an event log with cases (XES, IEEE 1849-2016).",
    discussion: """
      A case is a line of work: the runs of one workflow. Without a choice the events are visits of phases. Events have \
      `start_timestamp` and `time:timestamp`, the end. What an event has to do with artifacts is in OCEL only.

      EXAMPLES:
        assay export xes --output phases.xes
        assay export xes --tasks --output tasks.xes
      """)

  @OptionGroup var kinds: LoggedKinds
  @OptionGroup var file: LogOutput
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let chosen = kinds.chosen(or: [.phases])
    try file.write("xes", console) { sink throws(WorkspaceError) in try workspace.exportXES(chosen, to: sink) }
    return ok
  }
}

struct ExportPerfetto: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "perfetto", abstract: "Write the record as a trace for viewers (Chrome's trace-event format).",
    discussion: """
      For https://ui.perfetto.dev, chrome://tracing or speedscope: visits of phases, runs, trials, stages, gates from open \
      to answered, and decisions beside each other in time; --tasks adds the calls. `assay runs trace` has one run in all \
      detail.

      EXAMPLES:
        assay export perfetto --output work.json
        assay export perfetto --experiments --output tune.json
      """)

  @OptionGroup var kinds: LoggedKinds
  @OptionGroup var file: LogOutput
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let chosen = kinds.chosen(or: [.phases, .runs, .experiments])
    try file.write("perfetto", console) { sink throws(WorkspaceError) in try workspace.exportPerfetto(chosen, to: sink)
    }
    return ok
  }
}
