internal import Charts

/// All that is worth seeing of a period on one page, for a reader who knows none of it: HTML with its figures inside, for
/// light and dark screens, with nothing to load.
package struct PhaseReport {
  private let period: Period
  private let title: String

  package init(_ period: Period, title: String) {
    self.period = period
    self.title = title
  }

  package func html() -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><title>\(escaped(title))</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
    <style>
    \(Self.style)
    </style></head>
    <body>
    <h1>\(escaped(title))</h1>
    <p class="lead">\(escaped(when))</p>
    <p class="lead">\(escaped(period.summary)).</p>
    \(section("Where the time went", TimeFigure(period, title: "Where the time went").svg(), Self.time))
    <h2>What is worth to be said</h2>
    \(insights)
    \(section("From where to where", MatrixFigure(period, title: "Returns between phases").svg(), Self.matrix))
    \(section("Which ways back cost most", LoopFigure(period, title: "Ways back between phases").svg(), Self.loops))
    \(section("When", LaneFigure(period, title: "Work on phases").svg(), Self.lanes))
    \(section("Why", ReasonFigure(period, title: "Reasons of returns").svg(), Self.reasons))
    \(table)</body></html>

    """
  }

  private var when: String {
    guard let first = period.legs.first?.run, let last = period.legs.last?.run else { return "There are no runs yet." }
    let lines = period.lines
    return "\(CalendarDay(nanoseconds: first.startedAt).text) to \(CalendarDay(nanoseconds: last.finishedAt).text), "
      + "\(Period.count(lines.count, "workflow")): \(lines.prefix(5).joined(separator: ", "))\(lines.count > 5 ? "…" : "")."
  }

  private func section(_ title: String, _ svg: String, _ words: String) -> String {
    "<h2>\(title)</h2>\n<figure>\(svg)<figcaption>\(words)</figcaption></figure>"
  }

  private var insights: String {
    let insights = period.insights()
    guard !insights.isEmpty else { return "<p>Too little happened to say anything.</p>" }
    let items = insights.map { insight in
      let runs = insight.runs.filter { $0 > 0 }
      let evidence = runs.isEmpty ? "" : "<br><small>\(Insight.evidence(runs))</small>"
      return "<li>\(escaped(insight.text))\(evidence)</li>"
    }
    return "<ol>\n\(items.joined(separator: "\n"))\n</ol>"
  }

  private var table: String {
    let phases = period.journey.phases
    let back = period.revisits.filter { $0.kind == .back }.reversed()
    guard !back.isEmpty else { return "" }
    let rows = back.prefix(200).map { revisit -> String in
      let number = period.leg(revisit).run.number
      let day = CalendarDay(nanoseconds: period.leg(revisit).run.startedAt).text
      let cells = [
        number > 0 ? "\(number)" : "logged", day, phases.title(revisit.from), phases.title(revisit.to),
        revisit.reason.category.rawValue, revisit.causes.map(\.rawValue).sorted().joined(separator: ", "),
        revisit.lateDetection > 0 ? Period.duration(revisit.lateDetection) : "", revisit.reason.text,
      ]
      return "<tr>\(cells.map { "<td>\(escaped($0))</td>" }.joined())</tr>"
    }
    let more = back.count > 200 ? "<p>The newest 200 of \(back.count).</p>" : ""
    return """
      <div class="wide"><table><thead><tr><th>run</th><th>day</th><th>from</th><th>back to</th><th>reason</th>\
      <th>what changed</th><th>work in between</th><th>in words</th></tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>
      \(more)
      """
  }

  private static let time = """
    Green is work that had to be done once. Orange was done again because something in that phase was changed; blue ran only \
    because something before it had changed: a result that stays the same stops that, and so does a check that comes earlier.
    """
  private static let matrix = """
    A run is made with one phase in focus: the one that was named, or where something had last been found wrong, or the last \
    that was asked for alone, or the farthest so far. A change in an earlier phase is a return.
    """
  private static let loops = """
    The seconds at an arc are those of tasks that ran between the last work in the phase that was gone back to and the moment \
    when it was gone back to: what an earlier check could have saved.
    """
  private static let lanes =
    "Each mark is a run's work on a phase; hold the pointer over it to see which run, and how long."
  private static let reasons = """
    What a person said comes before what was found (a failed check, a metric that got worse, a drift) before what was changed. \
    `assay phases annotate` says why of a run.
    """

  private static let style = """
    :root { color-scheme: light dark; --ink: #1d2129; --soft: #5b6470; --line: #e3e6eb; --paper: #ffffff; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa3b0; --line: #2b313a; --paper: #14171c; } }
    body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--paper); color: var(--ink); \
    font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } .lead, figcaption, small { color: var(--soft); }
    figure { margin: 0; } figure svg { max-width: 100%; height: auto; } figcaption { max-width: 46rem; }
    li { margin: 0.4rem 0; } .wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.85rem; }
    th, td { text-align: left; padding: 0.25rem 0.7rem 0.25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
    """
}
