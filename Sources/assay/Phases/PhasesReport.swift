internal import ArgumentParser
internal import Dynamics
internal import Values
internal import Workspace

struct PhasesReport: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write one page that says where the time went, and why people went back.",
    discussion: """
      HTML with all figures, insights and returns in it, for a reader who does not know Assay: nothing to load, for light and \
      dark screens and for paper. What a page that exists held is replaced.

      EXAMPLES:
        assay phases report phases.html
        assay phases report august.html --since 2026-08-01
      """)

  @Argument(help: ArgumentHelp("The page, ending in .html.", valueName: "file"), completion: .file())
  var file: String
  @Option(name: .long, help: ArgumentHelp("What the page is called.", valueName: "text"))
  var title = "How the work went"
  @OptionGroup var period: PeriodOptions
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard file.hasSuffix(".html") else { throw ValidationError("the page has to end in .html") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let history = try workspace.phaseHistory()
    let period = try period.period(history, workspace)
    try workspace.write(PhaseReport(period, title: title).html(), to: file)
    if console.json {
      console.document(
        "assay.phases.report/1", [.init("file", .string(file)), .init("runs", .int(Int64(period.runs)))])
      return ok
    }
    Output.data("wrote \(file): \(Text.count(period.runs, "run"))")
    history.complain(console)
    return ok
  }
}
