internal import ArgumentParser
internal import Dynamics
internal import Statistics
internal import Values
internal import Workspace

struct PhasesCompare: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare two periods: before and after a day, or three days' borders.",
    discussion: """
      With one day: what was before it with what came from it on. With two: the time between them with what came after. A \
      difference of rates is said to be one only where the 95 % intervals do not overlap.

      EXAMPLES:
        assay phases compare 2026-09-01
        assay phases compare 2026-06-01 2026-09-01 --json
      """)

  @Argument(help: ArgumentHelp("The border, or the beginning and the border.", valueName: "yyyy-mm-dd"))
  var days: [DayArgument]

  @Option(name: .long, help: ArgumentHelp("Only runs of this workflow.", valueName: "workflow"))
  var line: String?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard (1...2).contains(days.count) else { throw ValidationError("give one day or two") }
    guard days.count < 2 || days[0].nanoseconds < days[1].nanoseconds else {
      throw ValidationError("the first day has to be before the second")
    }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let history = try workspace.phaseHistory()
    let start = days.count == 2 ? days[0].nanoseconds : Int64.min
    guard let border = days.last?.nanoseconds else { return ok }
    let before = Period(history.journey, from: start, until: border, line: line)
    let after = Period(history.journey, from: border, line: line)
    if console.json {
      console.document(
        "assay.phases.comparison/1", [.init("before", .object(before.members)), .init("after", .object(after.members))])
      return ok
    }
    Output.data("before  \(Self.summary(before))")
    Output.data("after   \(Self.summary(after))")
    console.show(Self.table(before, after), empty: "nobody went back to an earlier phase")
    history.complain(console)
    return ok
  }

  private static func summary(_ period: Period) -> String {
    let rework = Rework(period, isLogged: false)
    let share =
      rework.ratio.map { ", \(Int(($0 * 100).rounded())) % of \(Period.duration(rework.all)) of tasks rework" } ?? ""
    return "\(Text.count(period.runs, "run")), \(Text.count(RevisitMatrix(period).backward, "return"))\(share)"
  }

  private static func table(_ before: Period, _ after: Period) -> TextTable {
    let phases = before.journey.phases
    let (old, new) = (RevisitMatrix(before), RevisitMatrix(after))
    var table = TextTable([
      .init(title: "FROM"), .init(title: "BACK TO"), .init(title: "BEFORE"), .init(title: "AFTER"),
      .init(title: "DIFFERENCE"),
    ])
    for from in old.indices {
      for to in 0..<from where old[from, to] + new[from, to] > 0 {
        let (a, b) = (old.rate(from: from, to: to), new.rate(from: from, to: to))
        table.add([
          .init(phases.title(from)), .init(phases.title(to)), .init(a.map(Period.words) ?? "no run"),
          .init(b.map(Period.words) ?? "no run"), .init(difference(a, b)),
        ])
      }
    }
    return table
  }

  private static func difference(_ before: Proportion?, _ after: Proportion?) -> String {
    guard let before, let after else { return "" }
    let (a, b) = (before.wilson(), after.wilson())
    if b.upper < a.lower { return "less often" }
    if b.lower > a.upper { return "more often" }
    return "none that can be told"
  }
}
