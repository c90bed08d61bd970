internal import Charts
internal import Experiments
internal import Statistics
package import Values
internal import Workflows

extension Card {
  // MARK: Markdown

  /// For repositories and wikis: without pictures.
  package var markdown: String {
    var out = "# \(Self.inline(title))\n"
    if !intent.isEmpty { out += "\n\(Self.inline(intent))\n" }
    for section in sections {
      out += "\n## \(section.title)\n"
      for block in section.blocks { out += Self.markdown(block) }
    }
    return out
  }

  private static func markdown(_ block: Block) -> String {
    switch block {
    case .facts(let facts):
      return "\n" + table([("", false), ("", false)], facts.map { ["**\(inline($0.name))**", inline($0.value)] })
    case .table(let columns, let rows):
      let used = columns.indices.filter { column in rows.contains { !$0[column].isEmpty } }
      return "\n" + table(used.map { columns[$0] }, rows.map { row in used.map { inline(row[$0]) } })
    case .list(let items): return "\n" + items.map { "- \(inline($0))\n" }.joined()
    case .text(let text): return "\n\(inline(text))\n"
    case .figure: return ""
    }
  }

  private static func table(_ columns: [(title: String, isNumber: Bool)], _ rows: [[String]]) -> String {
    var out = "| " + columns.map { inline($0.title) }.joined(separator: " | ") + " |\n|"
    out += columns.map { $0.isNumber ? "---:|" : "---|" }.joined() + "\n"
    for row in rows { out += "| " + row.joined(separator: " | ") + " |\n" }
    return out
  }

  /// Text that means nothing to Markdown, on one line.
  private static func inline(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "\n", "\r", "\r\n": out += " "
      case "|", "`", "<", ">", "\\": out += "\\\(character)"
      default: out.append(character)
      }
    }
    return out
  }

  // MARK: HTML

  /// One file with its pictures: light and dark, no scripts, nothing from elsewhere. What other programs read is in it as
  /// JSON-LD.
  package var html: String {
    var body = "<h1>\(escaped(title))</h1>\n"
    if !intent.isEmpty { body += "<p class=\"lead\">\(escaped(intent))</p>\n" }
    for section in sections {
      body += "<section>\n<h2>\(escaped(section.title))</h2>\n"
      for block in section.blocks { body += Self.html(block) }
      body += "</section>\n"
    }
    // A text in the data must not end the element.
    let data = jsonLD.compact.replacing("<", with: "\\u003c")
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escaped(title))</title>
      <style>
      \(Self.style)
      </style>
      <script type="application/ld+json">\(data)</script>
      </head>
      <body>
      \(body)</body>
      </html>

      """
  }

  private static func html(_ block: Block) -> String {
    switch block {
    case .facts(let facts):
      let rows = facts.map { "<dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd>\n" }
      return "<dl>\n\(rows.joined())</dl>\n"
    case .table(let columns, let rows):
      let used = columns.indices.filter { column in rows.contains { !$0[column].isEmpty } }
      let style = { (column: Int) in columns[column].isNumber ? " class=\"number\"" : "" }
      let head = used.map { "<th\(style($0))>\(escaped(columns[$0].title))</th>" }.joined()
      let lines = rows.map { row in
        "<tr>" + used.map { "<td\(style($0))>\(escaped(row[$0]))</td>" }.joined() + "</tr>\n"
      }
      return
        "<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(lines.joined())</tbody>\n</table></div>\n"
    case .list(let items): return "<ul>\n" + items.map { "<li>\(escaped($0))</li>\n" }.joined() + "</ul>\n"
    case .text(let text): return "<p>\(escaped(text))</p>\n"
    case .figure(let svg, let caption):
      return "<figure>\n\(svg)<figcaption>\(escaped(caption))</figcaption>\n</figure>\n"
    }
  }

  private static let style = """
    :root { color-scheme: light dark; --ink: #1d2129; --soft: #5b6470; --line: #e3e6eb; --paper: #ffffff; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e6e9ee; --soft: #9aa3b0; --line: #2b313a; --paper: #14171c; }
    }
    body { margin: 2.5rem auto; max-width: 60rem; padding: 0 1.25rem; background: var(--paper); color: var(--ink);
           font: 16px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .4rem; }
    h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
    p.lead { color: var(--soft); margin: 0 0 1.6rem; font-size: 1.05rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: 0; }
    dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
    th { text-align: left; color: var(--soft); font-weight: 500; }
    th, td { padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
    .number { text-align: right; white-space: nowrap; }
    figure { margin: 1rem 0; } svg { width: 100%; max-width: 44rem; height: auto; display: block; }
    figcaption { color: var(--soft); font-size: .85rem; }
    """

  // MARK: JSON-LD

  /// The experiment as an action of schema.org, as RO-Crate describes runs: who did what with which data, and what came of it.
  package var jsonLD: JSON {
    var members: [JSON.Member] = [
      .init("@context", "https://schema.org"), .init("@type", "CreateAction"),
      .init("@id", .string("urn:assay:experiment:\(source.uid)")), .init("name", .string(title)),
    ]
    func add(_ name: String, _ text: String) {
      if !text.isEmpty { members.append(.init(name, .string(text))) }
    }
    add("description", intent)
    add("startTime", source.started)
    add("endTime", source.ended)
    add("actionStatus", "https://schema.org/" + status)
    if !source.user.isEmpty { members.append(.init("agent", ["@type": "Person", "name": .string(source.user)])) }
    if !source.engine.isEmpty {
      members.append(
        .init(
          "instrument",
          ["@type": "SoftwareApplication", "name": "Assay", "softwareVersion": .string(source.engine)]))
    }
    var objects: [JSON] = []
    if !source.documents.isEmpty {
      objects.append([
        "@type": "SoftwareSourceCode", "name": .string(source.file), "identifier": .string(source.documents),
      ])
    }
    for datum in source.data {
      var one: [JSON.Member] = [
        .init("@type", "Dataset"), .init("name", .string(datum.name)), .init("description", .string(datum.text)),
      ]
      if let digest = datum.digest { one.append(.init("identifier", .string("sha256:\(digest.hex)"))) }
      objects.append(.object(one))
    }
    if !objects.isEmpty { members.append(.init("object", .array(objects))) }
    if let result { members.append(.init("result", result)) }
    return .object(members)
  }

  private var status: String {
    switch study.closing?.status {
    case nil: "ActiveActionStatus"
    case .failed: "FailedActionStatus"
    default: "CompletedActionStatus"
    }
  }

  /// The best configuration: its parameters, and its metrics with their intervals.
  private var result: JSON? {
    guard let board, let best = board.rows.first else { return nil }
    let settings = Words.settings(best.point, of: study.definition).map { setting -> JSON in
      ["@type": "PropertyValue", "name": .string(setting.name), "value": .string(setting.value)]
    }
    let metrics = study.definition.experiment.metrics.enumerated().compactMap { place, metric -> JSON? in
      guard let value = best.metrics[place] else { return nil }
      var one: [JSON.Member] = [
        .init("@type", "PropertyValue"), .init("name", .string(metric.name)), .init("value", .float(value)),
      ]
      if place == board.metric, let interval = best.interval {
        one += [.init("minValue", .float(interval.lower)), .init("maxValue", .float(interval.upper))]
      }
      return .object(one)
    }
    return [
      "@type": "CreativeWork", "name": .string("trial \(best.trial)"), "additionalProperty": .array(settings),
      "variableMeasured": .array(metrics),
    ]
  }
}
