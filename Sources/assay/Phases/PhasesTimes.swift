internal import ArgumentParser
internal import Dynamics
internal import Values
internal import Workspace

struct PhasesTimes: PhasesView {
  static let configuration = CommandConfiguration(
    commandName: "times", abstract: "Show how long phases took, and how long they stayed open.",
    discussion: """
      DONE is the time from the first work on a phase until it first succeeded, SETTLED how long it went on to change after \
      that, CHANGES how often. AMPLIFIED: seconds that one second of changes made run after it. FAILED: changes in whose run \
      something was found wrong. FIRST PASS: workflows that never went back to it.

      EXAMPLES:
        assay phases times
        assay phases times --figure times.svg
        assay phases times --since 2026-06-01
      """)

  @OptionGroup var period: PeriodOptions
  @OptionGroup var picture: FigureOptions
  @OptionGroup var shared: SharedOptions

  var title: String { "Where the time went" }
  func svg(_ period: Period) -> String { TimeFigure(period, title: title).svg() }

  func show(_ period: Period, _ console: Console) {
    var table = TextTable([
      .init(title: "PHASE"), .init(title: "WORK", isNumber: true), .init(title: "DONE", isNumber: true),
      .init(title: "SETTLED", isNumber: true), .init(title: "CHANGES", isNumber: true),
      .init(title: "AMPLIFIED", isNumber: true, rank: 1), .init(title: "FAILED", rank: 2),
      .init(title: "FIRST PASS", rank: 3),
    ])
    let amplification = period.amplification()
    for times in period.times() {
      table.add([
        .init(period.journey.phases.title(times.phase)), .init(Period.duration(times.touch)),
        .init(times.lead.map(Period.duration) ?? "not yet"), .init(times.settling.map(Period.duration) ?? ""),
        .init("\(times.changes)"), .init(amplification[times.phase].factor.map { "\(Period.number($0))×" } ?? ""),
        .init(period.changeFailRate(times.phase).map(Period.words) ?? ""),
        .init(period.firstPassYield(times.phase).map(Period.words) ?? ""),
      ])
    }
    console.show(table, empty: "there are no runs yet: assay run FILE")
  }
}
