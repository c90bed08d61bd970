internal import ArgumentParser
internal import Events
internal import Experiments
internal import Insights
internal import Spaces
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentExport: ProjectCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument { case jsonl, csv, log }

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print the trials of an experiment, or all of its log, for other programs.",
    discussion: """
      `jsonl` has a trial on each line, as `exp status --json` has them; `csv` has a row for each trial and a column for \
      each parameter and metric; `log` (or --json) is the whole log as one document: each entry with its place, time and \
      author, in the words in which it is stored.

      EXAMPLES:
        assay exp export --format csv > trials.csv
        assay exp export churn_q3 | jq -c 'select(.state == "failed")'
        assay exp export churn_q3 --json > log.json
      """)

  @OptionGroup var what: ExperimentOptions
  @Option(name: .long, help: "What to print.")
  var format: Format = .jsonl
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where to (default: standard output).", valueName: "file"),
    completion: .file())
  var output: String?
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let chosen = console.json ? .log : format
    let text: String
    switch chosen {
    case .log: text = try log(record, workspace).pretty + "\n"
    case .jsonl:
      let study = try workspace.study(of: record)
      text = study.trials.map { JSON.object(study.members(of: $0)).compact + "\n" }.joined()
    case .csv: text = Self.csv(try workspace.study(of: record))
    }
    guard let output else {
      if !text.isEmpty { Output.data(text) }
      return ok
    }
    try OutputFile.write(text, to: output)
    if !console.json { Output.data(output) }
    return ok
  }

  private func log(_ record: ExperimentRecord, _ workspace: Workspace) throws(WorkspaceError) -> JSON {
    let entries = try workspace.log(of: record).enumerated().map { place, entry -> JSON in
      let row = entry.row
      var members: [JSON.Member] = [
        .init("seq", .int(Int64(place + 1))), .init("at", .string(Times.iso(unixNanoseconds: row.at))),
        .init("by", .string(row.actor)), .init("kind", .string(row.kind)),
      ]
      if let trial = row.trial { members.append(.init("trial", .int(Int64(trial)))) }
      members += [
        .init("numbers", .array(row.numbers.map { $0.isFinite ? .float($0) : .string("\($0)") })),
        .init("text", .string(row.text)),
      ]
      return .object(members)
    }
    return Console.envelope(
      "assay.experiment.log/1",
      [
        .init("experiment", .int(Int64(record.number))), .init("uid", .string(record.uid)),
        .init("name", .string(record.name)), .init("file", .string(record.file)),
        .init("started_at", .string(Times.iso(unixNanoseconds: record.startedAt))),
        .init("user", .string(record.user)), .init("engine", .string(record.engine)),
        .init(
          "documents",
          .array(
            record.documents.map { .object([.init("path", .string($0.path)), .init("text", .string($0.text))]) })),
        .init("entries", .array(entries)),
      ])
  }

  /// RFC 4180 (with line ends as they are here), with a header; what does not exist is empty. Numbers have all their digits.
  static func csv(_ study: Study) -> String {
    let experiment = study.definition.experiment
    var out =
      line(
        ["trial", "stage", "source", "seed", "state"] + experiment.parameters.map(\.name)
          + experiment.metrics.map(\.name) + ["run", "ran", "reused", "task_seconds", "message"])
    for trial in study.trials {
      let ended = trial.ended
      var cells = [
        "\(trial.number)", experiment.stages[trial.proposed.stage].name, trial.proposed.source.rawValue,
        trial.proposed.seed.map { "\($0)" } ?? "",
        trial.isExcluded ? "excluded" : ended?.outcome.rawValue ?? "running",
      ]
      cells += experiment.parameters.indices.map { index in
        study.definition.space.value(of: index, at: trial.proposed.point).map(exact) ?? ""
      }
      cells += experiment.metrics.indices.map { index in (ended?.metrics[index] ?? nil).map { "\($0)" } ?? "" }
      cells += [
        ended?.run.map { "\($0)" } ?? "", ended.map { "\($0.calls.ran)" } ?? "",
        ended.map { "\($0.calls.reused)" } ?? "",
        ended.map { "\($0.taskSeconds)" } ?? "", ended?.message ?? "",
      ]
      out += line(cells)
    }
    return out
  }

  private static func exact(_ value: Value) -> String {
    if case .string(let text) = value { return text }
    if case .float(let number) = value { return "\(number)" }
    return value.description
  }

  private static func line(_ cells: [String]) -> String {
    cells.map { cell in
      guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
      return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }.joined(separator: ",") + "\n"
  }
}
