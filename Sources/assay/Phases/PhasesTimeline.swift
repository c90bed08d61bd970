internal import ArgumentParser
internal import Dynamics
internal import Values
internal import Workspace

struct PhasesTimeline: PhasesView {
  static let configuration = CommandConfiguration(
    commandName: "timeline", abstract: "Show in which order the phases were worked on.",
    discussion: """
      A lane for each phase, a sign for each visit: ● the first, ◆ gone back to, ■ changed, · ran only because of a change \
      before it. The newest visits, as many as fit; the figure has all.

      EXAMPLES:
        assay phases timeline
        assay phases timeline --figure lanes.html
      """)

  @OptionGroup var period: PeriodOptions
  @OptionGroup var picture: FigureOptions
  @OptionGroup var shared: SharedOptions

  var title: String { "Work on phases" }
  func svg(_ period: Period) -> String { LaneFigure(period, title: title).svg() }

  func show(_ period: Period, _ console: Console) {
    let phases = period.journey.phases
    let names = phases.names.indices.map { Text.width(phases.title($0)) }.max() ?? 0
    let lanes = period.lanes(columns: max(20, (console.columns ?? 100) - names - 3))
    guard !lanes.isEmpty else {
      console.talk("there are no runs yet: assay run FILE")
      return
    }
    for lane in lanes {
      let name = phases.title(lane.phase)
      Output.data(name + String(repeating: " ", count: names - Text.width(name)) + "  " + lane.signs)
    }
    if let first = period.legs.first?.run, let last = period.legs.last?.run {
      Output.data(
        "\(CalendarDay(nanoseconds: first.startedAt).text) to \(CalendarDay(nanoseconds: last.startedAt).text), "
          + Text.count(period.runs, "run"))
    }
  }
}
