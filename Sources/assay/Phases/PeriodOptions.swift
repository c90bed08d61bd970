internal import ArgumentParser
internal import Diagnostics
internal import Dynamics
internal import Events
internal import Workspace

/// A command that shows a part of the record by phases.
protocol PhasesView: ProjectCommand {
  var period: PeriodOptions { get }
  /// What it is called in a picture; empty: there is none.
  var title: String { get }
  var picture: FigureOptions { get }
  func svg(_ period: Period) -> String
  func show(_ period: Period, _ console: Console)
}

extension PhasesView {
  var title: String { "" }
  var picture: FigureOptions { FigureOptions() }
  func svg(_ period: Period) -> String { "" }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let history = try workspace.phaseHistory()
    let period = try period.period(history, workspace)
    if !title.isEmpty { try picture.write(svg(period), title: title, workspace, console) }
    if console.json {
      console.document("assay.phases/1", period.members)
      return ok
    }
    show(period, console)
    history.complain(console)
    return ok
  }
}

/// Which part of the record is looked at.
struct PeriodOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Only runs that began on this day (UTC) or later.", valueName: "yyyy-mm-dd"))
  var since: DayArgument?

  @Option(name: .long, help: ArgumentHelp("Only runs that began before this day.", valueName: "yyyy-mm-dd"))
  var until: DayArgument?

  @Option(name: .long, help: ArgumentHelp("Only runs of this workflow.", valueName: "workflow"))
  var line: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Only runs of trials of this experiment, by name or number.", valueName: "experiment"))
  var experiment: String?

  func validate() throws {
    guard let since, let until else { return }
    guard since.nanoseconds < until.nanoseconds else { throw ValidationError("--since has to be before --until") }
  }

  func period(_ history: PhaseHistory, _ workspace: Workspace) throws(WorkspaceError) -> Period {
    let number: Int? = if let experiment { try workspace.experiment(experiment).number } else { nil }
    let period = Period(
      history.journey, from: since?.nanoseconds ?? .min, until: until?.nanoseconds ?? .max, line: line,
      experiment: number)
    if let line, period.isEmpty {
      let lines = Period(history.journey).lines
      guard lines.contains(line) else {
        throw WorkspaceError(
          .notFound, "there is no run of a workflow `\(line)`",
          help: nearest(line, lines).map { "did you mean `\($0)`?" }
            ?? (lines.isEmpty ? "" : "workflows: \(lines.joined(separator: ", "))"))
      }
    }
    return period
  }
}

struct DayArgument: ExpressibleByArgument {
  let nanoseconds: Int64

  init?(argument: String) {
    let parts = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
      let parsed = CalendarDay(year: year, month: month, day: day)
    else { return nil }
    nanoseconds = parsed.nanoseconds
  }
}

/// A picture beside what is printed.
struct FigureOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Also draw it: a file that ends in .svg or .html.", valueName: "file"), completion: .file())
  var figure: String?

  func validate() throws {
    guard let figure else { return }
    guard figure.hasSuffix(".svg") || figure.hasSuffix(".html") else {
      throw ValidationError("--figure wants a file that ends in .svg or .html")
    }
  }

  func write(_ svg: String, title: String, _ workspace: Workspace, _ console: Console) throws(WorkspaceError) {
    guard let figure else { return }
    let text = figure.hasSuffix(".svg") ? svg : Self.page(svg, title)
    try workspace.write(text, to: figure)
    if !console.json { console.talk("wrote \(figure)") }
  }

  private static func page(_ svg: String, _ title: String) -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
    <meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
    <style>body{margin:2rem auto;max-width:1100px;background:Canvas}svg{max-width:100%;height:auto}</style></head>
    <body>
    \(svg)</body></html>

    """
  }
}

extension PhaseHistory {
  /// What could not be taken into account, said once.
  func complain(_ console: Console) {
    guard !unassigned.isEmpty else { return }
    let calls = unassigned.reduce(0) { $0 + $1.calls }
    let names = unassigned.prefix(3).map { "`\($0.task)`" }.joined(separator: ", ")
    console.talk(
      "left out: \(Text.count(calls, "call")) of tasks without a phase (\(names)\(unassigned.count > 3 ? "…" : "")): "
        + "`@PHASE` behind the step says it")
  }
}
