internal import ArgumentParser
internal import Dynamics
internal import Values
internal import Workspace

struct PhasesReasons: PhasesView {
  static let configuration = CommandConfiguration(
    commandName: "reasons", abstract: "List the returns with their reasons, newest first.",
    discussion: """
      What a person said (`assay phases annotate`) comes before what was found (a failed check, a metric that fell) before \
      what was changed (a file from outside, the environment).

      EXAMPLES:
        assay phases reasons
        assay phases reasons --figure reasons.svg
        assay phases reasons --json | jq '.revisits[] | select(.reason == "unstated") | .run'
      """)

  @OptionGroup var period: PeriodOptions
  @OptionGroup var picture: FigureOptions
  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  var title: String { "Reasons of returns" }
  func svg(_ period: Period) -> String { ReasonFigure(period, title: title).svg() }

  func show(_ period: Period, _ console: Console) {
    let phases = period.journey.phases
    let back = period.revisits.filter { $0.kind == .back }
    var table = TextTable([
      .init(title: "RUN", isNumber: true), .init(title: "FROM"), .init(title: "BACK TO"), .init(title: "REASON"),
      .init(title: "CHANGED", rank: 1), .init(title: "TEXT", rank: 2, isElastic: true),
    ])
    for revisit in back.reversed().prefix(list.limit) {
      let number = period.leg(revisit).run.number
      table.add([
        .init(number > 0 ? "\(number)" : "logged"), .init(phases.title(revisit.from)), .init(phases.title(revisit.to)),
        .init(revisit.reason.category.rawValue), .init(revisit.causes.map(\.rawValue).sorted().joined(separator: ", ")),
        .init(revisit.reason.text),
      ])
    }
    console.show(table, empty: "nobody went back to an earlier phase")
    for (category, count) in Period.reasons(back) { Output.data("\(category.rawValue): \(count) of \(back.count)") }
  }
}
