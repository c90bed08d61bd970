// std.report: results that a person can read.

public import AssayKit

/// A value to compare, with its interval if there is one.
struct Bar: AssayRecord {
  @Field("name") var name: String
  @Field("value") var value: Double
  @Field("lower") var lower: Double?
  @Field("upper") var upper: Double?
}

/// A number to show.
struct Figure: AssayRecord {
  @Field("name") var name: String
  @Field("value") var value: Double
}

/// One HTML file with figures and plots.
struct HTMLReport: AssayTask {
  static let task = TaskInfo(
    "std.report.html", version: "1.0.0", title: "HTML report", phase: "deployment",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Writes a self-contained HTML page: title, figures, an ROC curve and bars with intervals, as far as they are \
      given. Light and dark, no scripts, the same bytes for the same inputs.

      assay> report.html(title: "Churn", figures: [{name: "AUC", value: 0.94}], notes: ["Of <July>."])
      report:
      | …
      """)

  @In("title", doc: "heading of the page") var title: String
  @In("summary", doc: "a sentence below the heading") var summary = ""
  @In("figures", doc: "numbers shown large") var figures: [Figure] = []
  @In("roc", doc: "points of an ROC curve: columns fpr and tpr") var roc: Table?
  @In("bars", doc: "values to compare") var bars: [Bar] = []
  @In("bars_title", doc: "heading of the bars") var barsTitle = "Comparison"
  @In("notes", doc: "paragraphs at the end") var notes: [String] = []
  @Out("report", type: "file<html>", doc: "the page") var report: File

  mutating func run(_ context: Context) throws {
    var body = "<h1>\(escaped(title))</h1>\n"
    if !summary.isEmpty { body += "<p class=\"lead\">\(escaped(summary))</p>\n" }
    if !figures.isEmpty {
      let items = figures.map { "<div><dt>\(escaped($0.name))</dt><dd>\(shown($0.value))</dd></div>" }
      body += "<dl>\n\(items.joined(separator: "\n"))\n</dl>\n"
    }
    if let roc {
      let x = try roc["fpr"].present(Double.self)
      let y = try roc["tpr"].present(Double.self)
      body += "<h2>ROC curve</h2>\n\(rocPlot(zip(x, y).map { (x: $0, y: $1) }))\n"
    }
    if !bars.isEmpty { body += "<h2>\(escaped(barsTitle))</h2>\n\(barPlot(bars))\n" }
    if !notes.isEmpty {
      body += "<h2>Notes</h2>\n" + notes.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n")
    }
    report = File(text: page(title: title, body: body), name: "report.html")
  }

  private func shown(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : fixed(value, 4)
  }
}

private let plugin = Plugin(
  id: "std.report", version: "1.0.0", license: "Apache-2.0", doc: "Results that a person can read.",
  tasks: [HTMLReport.self])

/// Called by the engine.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
