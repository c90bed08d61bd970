internal import Comparisons
internal import Events
internal import Values

/// The difference of two runs, for people and for programs.
struct RunDifferenceText {
  let result: RunDifference
  init(_ result: RunDifference) { self.result = result }

  /// Rows of a section that are shown.
  private static let rows = 20

  func text(_ paint: Paint, _ columns: Int?) -> String {
    var text = paint("run \(result.before.run) and run \(result.after.run)", .strong)
    let sameOutputs = result.outputs.isEmpty && result.steps.isEmpty
    text += result.isSame ? ": the same inputs, code and outputs\n" : sameOutputs ? ": the same outputs\n" : "\n"
    text += section("inputs", result.inputs.map { ($0.name, content($0.before), content($0.after)) }, paint)
    text += section("variants", result.variants.map { ($0.name, $0.before ?? "default", $0.after ?? "default") }, paint)
    text += section("settings", result.settings.map { ($0.name, $0.before ?? "none", $0.after ?? "none") }, paint)
    text += documents(paint)
    text += section("tasks", result.tasks.map { ($0.name, $0.before ?? "", $0.after ?? "") }, paint)
    text += code(paint)
    text += section("environment", result.facts.map { ($0.name, $0.before ?? "not set", $0.after ?? "not set") }, paint)
    text += section("outputs", result.outputs.map { ($0.port, first($0).0, first($0).1) }, paint)
    text += steps(paint)
    return text + durations(paint, columns)
  }

  private func section(_ title: String, _ rows: [(String, String, String)], _ paint: Paint) -> String {
    guard !rows.isEmpty else { return "" }
    let width = rows.map { Text.width(Text.harmless($0.0)) }.max() ?? 0
    var text = "\n" + paint(title, .strong) + "\n"
    for (name, before, after) in rows.prefix(Self.rows) {
      text += "  " + Text.pad(Text.harmless(name), width) + "  " + Text.harmless("\(before) → \(after)") + "\n"
    }
    return text + more(rows.count)
  }

  private func more(_ count: Int) -> String { count > Self.rows ? "  and \(count - Self.rows) more\n" : "" }

  private func content(_ content: NamedContent?) -> String {
    guard let content else { return "not there" }
    return content.origin.isEmpty ? content.text : "\(Text.near(content.origin)) (\(content.text))"
  }

  private func documents(_ paint: Paint) -> String {
    result.documents.map { document in
      "\n" + LineDiff.unified(document.before ?? "", document.after ?? "", path: document.name, paint: paint)
    }.joined()
  }

  private func code(_ paint: Paint) -> String {
    guard !result.code.isEmpty else { return "" }
    var text = "\n" + paint("code", .strong) + "\n"
    for code in result.code {
      let names = code.steps.prefix(6).joined(separator: ", ") + (code.steps.count > 6 ? ", …" : "")
      let lines = CauseText.lines(code.difference)
      text += "  " + Text.harmless("\(lines[0]), which \(names) run\(code.steps.count == 1 ? "s" : "")") + "\n"
      for line in lines.dropFirst() { text += "    " + Text.harmless(line) + "\n" }
    }
    return text
  }

  /// Before and after of the first place that differs.
  private func first(_ output: OutputComparison) -> (String, String) {
    guard let first = output.comparison.first else { return ("", "") }
    var after = first.after
    if let deviation = first.deviation, deviation > 0, let x = Double(first.before), let y = Double(first.after) {
      after += "  (\(y < x ? "-" : "+")\(ReproductionText.short(abs(y - x))))"
    }
    if output.comparison.count > 1 { after += "  (\(output.comparison.count) places)" }
    return (first.place.isEmpty ? first.before : "\(first.place): \(first.before)", after)
  }

  private func steps(_ paint: Paint) -> String {
    var text = ""
    for (title, paths) in [
      ("only in run \(result.before.run)", result.onlyBefore), ("only in run \(result.after.run)", result.onlyAfter),
    ] where !paths.isEmpty {
      text += "\n" + paint(title, .strong) + "\n"
      for path in paths.prefix(Self.rows) { text += "  \(Text.harmless(path))\n" }
      text += more(paths.count)
    }
    guard !result.steps.isEmpty else { return text }
    text += "\n" + paint("steps with other results", .strong) + "\n"
    let width = result.steps.map { Text.width($0.path) }.max() ?? 0
    for step in result.steps.prefix(Self.rows) {
      var notes: [String] = []
      if step.calls.before != step.calls.after { notes.append("\(step.calls.before) → \(step.calls.after) calls") }
      if step.different > 0, step.calls.before > 1 { notes.append("\(step.different) of \(step.calls.before) differ") }
      if let first = step.first {
        let at = first.name.item
        for output in first.outputs.prefix(2) {
          let (before, after) = self.first(output)
          notes.append("\(at.isEmpty ? "" : at + ".")\(output.port): \(before) → \(after)")
        }
        if first.outputs.isEmpty { notes.append("\(first.name) ended in another way") }
      }
      text +=
        "  " + Text.pad(Text.harmless(step.path), width) + "  " + Text.harmless(notes.joined(separator: "; ")) + "\n"
    }
    return text + more(result.steps.count)
  }

  private func durations(_ paint: Paint, _ columns: Int?) -> String {
    var text = "\n" + paint("durations", .strong) + "\n"
    var table = TextTable([
      .init(title: "STEP", isElastic: true), .init(title: "RUN \(result.before.run)", isNumber: true),
      .init(title: "RUN \(result.after.run)", isNumber: true), .init(title: ""),
    ])
    table.add(row("the run", result.total, words: ""))
    for duration in result.durations.prefix(Self.rows) {
      table.add(row(duration.path, duration.comparison, words: nil))
    }
    for line in table.text(paint: paint, available: columns).split(separator: "\n") { text += "  \(line)\n" }
    return text + more(result.durations.count)
  }

  private func row(_ name: String, _ comparison: DurationComparison, words: String?) -> [TextTable.Cell] {
    let style: Style? =
      switch comparison.verdict {
      case .slower: .warning
      case .faster: .good
      default: .faint
      }
    return [
      .init(name), .init(Times.duration(nanoseconds: comparison.before)),
      .init(Times.duration(nanoseconds: comparison.after)), .init(words ?? self.words(comparison), style),
    ]
  }

  private func words(_ comparison: DurationComparison) -> String {
    switch comparison.verdict {
    case .slower: "slower, \(factor(comparison.after, comparison.before)) times"
    case .faster: "faster, \(factor(comparison.before, comparison.after)) times"
    case .noise: "within noise"
    case .unknown: "too few measurements to say"
    }
  }

  private func factor(_ long: Int64, _ short: Int64) -> String {
    let tenths = Int64(Double(long) / Double(max(1, short)) * 10 + 0.5)
    return "\(tenths / 10).\(tenths % 10)"
  }

  // MARK: JSON

  var members: [JSON.Member] {
    [
      .init("before", .int(result.before.run)), .init("after", .int(result.after.run)),
      .init("same", .bool(result.isSame)),
      .init(
        "inputs",
        .array(
          result.inputs.map {
            .object([
              .init("name", .string($0.name)), .init("before", $0.before?.json ?? .null),
              .init("after", $0.after?.json ?? .null),
            ])
          })), .init("variants", json(result.variants)), .init("settings", json(result.settings)),
      .init("documents", json(result.documents)), .init("tasks", json(result.tasks)),
      .init(
        "code",
        .array(
          result.code.map { code in
            .object([
              .init("steps", .array(code.steps.map { .string($0) })), .init("path", .string(code.difference.path)),
              .init("before", .string("sha256:" + code.difference.before.hex)),
              .init("after", .string("sha256:" + code.difference.after.hex)),
              .init("parts", .array(code.difference.parts.map(\.json))),
            ])
          })),
      .init(
        "environment",
        .array(
          result.facts.map {
            .object([
              .init("group", .string($0.group.rawValue)), .init("name", .string($0.name)),
              .init("before", $0.before.map { .string($0) } ?? .null),
              .init("after", $0.after.map { .string($0) } ?? .null),
            ])
          })), .init("outputs", .array(result.outputs.map(\.json))),
      .init("steps", .array(result.steps.map(json))),
      .init("only_before", .array(result.onlyBefore.map { .string($0) })),
      .init("only_after", .array(result.onlyAfter.map { .string($0) })),
      .init("total", .object(json(result.total))),
      .init(
        "durations", .array(result.durations.map { .object([.init("step", .string($0.path))] + json($0.comparison)) })),
    ]
  }

  private func json(_ texts: [RunDifference.Text]) -> JSON {
    .array(
      texts.map {
        .object([
          .init("name", .string($0.name)), .init("before", $0.before.map { .string($0) } ?? .null),
          .init("after", $0.after.map { .string($0) } ?? .null),
        ])
      })
  }

  private func json(_ step: RunDifference.Step) -> JSON {
    .object([
      .init("path", .string(step.path)), .init("different", .int(Int64(step.different))),
      .init("calls_before", .int(Int64(step.calls.before))), .init("calls_after", .int(Int64(step.calls.after))),
      .init("first", step.first.map { .string($0.name.description) } ?? .null),
      .init("outputs", .array(step.first?.outputs.map(\.json) ?? [])),
    ])
  }

  private func json(_ comparison: DurationComparison) -> [JSON.Member] {
    [
      .init("before_seconds", .float(Double(comparison.before) / 1e9)),
      .init("after_seconds", .float(Double(comparison.after) / 1e9)),
      .init("verdict", .string(comparison.verdict.rawValue)),
    ]
  }
}
