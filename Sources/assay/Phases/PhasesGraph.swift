internal import ArgumentParser
internal import Dynamics
internal import Statistics
internal import Values
internal import Workspace

struct PhasesGraph: PhasesView {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Show the ways back, the most taken first.",
    discussion: """
      Shares are of all returns out of the phase, with a 95 % interval (Wilson) from five on. BETWEEN is the work that was \
      done before the return was seen to be needed; BACK the median time until the phase in focus succeeded again.

      EXAMPLES:
        assay phases graph
        assay phases graph --figure loops.svg
      """)

  @OptionGroup var period: PeriodOptions
  @OptionGroup var picture: FigureOptions
  @OptionGroup var shared: SharedOptions

  var title: String { "Ways back between phases" }
  func svg(_ period: Period) -> String { LoopFigure(period, title: title).svg() }

  func show(_ period: Period, _ console: Console) {
    let phases = period.journey.phases
    var table = TextTable([
      .init(title: "FROM"), .init(title: "BACK TO"), .init(title: "OF ALL RETURNS"), .init(title: "COMMONEST REASON"),
      .init(title: "BETWEEN", isNumber: true, rank: 1), .init(title: "BACK", isNumber: true, rank: 2),
    ])
    for loop in period.loops() {
      table.add([
        .init(phases.title(loop.from)), .init(phases.title(loop.to)), .init(Period.words(loop.share)),
        .init(loop.reasons.first.map { "\($0.category.rawValue) (\($0.count))" } ?? ""),
        .init(Period.duration(loop.lateDetection)), .init(loop.medianReturn.map(Period.duration) ?? "not yet"),
      ])
    }
    console.show(table, empty: "nobody went back to an earlier phase")
    let structure = Structure(period)
    for block in structure.coupled() {
      Output.data("go on together: \(block.map(phases.title).joined(separator: ", "))")
    }
  }
}
