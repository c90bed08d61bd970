internal import ArgumentParser
internal import Dynamics
internal import Statistics
internal import Values
internal import Workspace

struct PhasesMatrix: PhasesView {
  static let configuration = CommandConfiguration(
    commandName: "matrix", abstract: "Count the returns from each phase to each other.",
    discussion: """
      Rows are the phase in focus when a run began, columns the phase that was changed. What is left of the diagonal went \
      back. --json has all measures: transitions, overlaps, rework, times, each return with its reason.

      EXAMPLES:
        assay phases matrix
        assay phases matrix --line churn_flow --since 2026-06-01
        assay phases matrix --figure returns.html
      """)

  @OptionGroup var period: PeriodOptions
  @OptionGroup var picture: FigureOptions
  @OptionGroup var shared: SharedOptions

  var title: String { "Returns between phases" }
  func svg(_ period: Period) -> String { MatrixFigure(period, title: title).svg() }

  func show(_ period: Period, _ console: Console) {
    let matrix = RevisitMatrix(period)
    console.show(Self.table(matrix, period.journey.phases), empty: "there are no runs yet: assay run FILE")
    Output.data(period.summary)
  }

  static func table(_ matrix: RevisitMatrix, _ phases: Phases) -> TextTable {
    let used = matrix.indices.filter { phase in
      matrix.runs[phase] > 0 || matrix.indices.contains { matrix[phase, $0] + matrix[$0, phase] > 0 }
    }
    var table = TextTable(
      [.init(title: "IN FOCUS")] + used.map { .init(title: phases.title($0).uppercased(), isNumber: true) }
        + [.init(title: "RUNS", isNumber: true)])
    for from in used {
      table.add(
        [.init(phases.title(from))]
          + used.map { to in
            let count = matrix[from, to]
            guard count > 0 else { return .init(from == to ? "·" : "") }
            return .init("\(count)", to < from ? .warning : nil)
          } + [.init("\(matrix.runs[from])")])
    }
    return table
  }
}
