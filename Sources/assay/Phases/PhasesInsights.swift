internal import ArgumentParser
internal import Dynamics
internal import Values
internal import Workspace

struct PhasesInsights: PhasesView {
  static let configuration = CommandConfiguration(
    commandName: "insights", abstract: "Say what is worth to be said, the dearest first.",
    discussion: """
      Each sentence comes with its numbers and the runs that show it.

      EXAMPLES:
        assay phases insights
        assay phases insights --since 2026-06-01 --json | jq -r '.insights[].text'
      """)

  @OptionGroup var period: PeriodOptions
  @OptionGroup var shared: SharedOptions

  func show(_ period: Period, _ console: Console) {
    let insights = period.insights()
    if insights.isEmpty { console.talk("\(Text.count(period.legs.count, "run")): too little happened to say anything") }
    for insight in insights {
      Output.data("• \(insight.text)")
      let runs = insight.runs.filter { $0 > 0 }
      if !runs.isEmpty { Output.data("  \(Insight.evidence(runs))") }
    }
  }
}
