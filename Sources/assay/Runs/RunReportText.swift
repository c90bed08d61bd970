internal import Events
internal import Tasks
internal import Timelines
internal import Traces
internal import Values
internal import Workspace

/// A recorded run as a report for people.
struct RunReportText {
  var report: RunReport
  init(_ report: RunReport) { self.report = report }

  private var run: RunSummary { report.detail.summary }

  /// Longer chains are shown from their longest part.
  private static let shownLinks = 12
  private static let shownSlowest = 5

  func text(_ paint: Paint, _ glyphs: Glyphs, columns: Int?, now: Int64) -> String {
    var text = heading(paint, glyphs, now: now)
    text += section("inputs", report.inputs.map { ($0.name, ValueText.words($0.value)) }, paint)
    text += section(
      "artifacts",
      report.artifacts.map { artifact in
        let value = artifact.value.map(ValueText.words) ?? "no longer in the store"
        return (artifact.name, artifact.name == artifact.version ? value : "\(artifact.version): \(value)")
      }, paint)
    text += section("variants", report.detail.variants.map { ($0.step, $0.variant) }, paint)
    text += section("outputs", report.outputs.map { ($0.name, ValueText.words($0.value)) }, paint)
    text += "\n" + paint("steps", .strong) + "\n" + steps(glyphs).text(paint: paint, available: columns)
    return text + criticalPath(paint, columns) + slowest(paint, columns) + sums(paint) + gone(paint)
      + warnings(paint) + tainted(paint) + failures(paint)
  }

  private func gone(_ paint: Paint) -> String {
    guard !report.gone.isEmpty else { return "" }
    return "\n" + paint("gone", .strong) + "  \(Text.harmless(report.gone.joined(separator: ", "))): "
      + "no longer in the store (`assay artifact log`)\n"
  }

  private static let shownWarnings = 10

  /// What tasks warned of, also when their results come from another run.
  private func warnings(_ paint: Paint) -> String {
    let all = report.taskWarnings
    guard !all.isEmpty else { return "" }
    let lines = all.prefix(Self.shownWarnings).map { warning in
      paint("warning", .warning) + ": step `\(warning.path)`: \(Text.harmless(warning.text))"
        + (warning.run == run.run ? "" : " (in run \(warning.run))") + "\n"
    }
    let more = all.count - lines.count
    return "\n" + lines.joined()
      + (more > 0 ? "\(Text.count(more, "more warning")): assay runs logs \(run.run)\n" : "")
  }

  private func tainted(_ paint: Paint) -> String {
    report.changedInputs.map { change in
      "\n" + paint("tainted", .bad)
        + ": input `\(change.input)` of `\(report.timeline.path(change.node))\(change.node.item)` (artifact "
        + "\(change.artifact.short)) changed while it was used; what the run made since then is not reused\n"
    }.joined()
  }

  private func heading(_ paint: Paint, _ glyphs: Glyphs, now: Int64) -> String {
    let glyph: String =
      switch run.status {
      case .succeeded: glyphs.done
      case .running: glyphs.running
      case .failed, .cancelled, .interrupted: glyphs.failed
      }
    let took = RunText.took(run, now: now)
    var text = paint("\(glyph) run \(run.run) \(run.status.rawValue)", run.status.style)
    text += (took.isEmpty ? "" : (run.status == .running ? " for " : " in ") + took) + "\n"
    var facts: [(String, String)] = [
      ("workflow", "\(run.workflow) in \(run.file)"), ("started", Times.local(unixNanoseconds: run.startedAt)),
      ("by", run.user.isEmpty ? run.host : "\(run.user)@\(run.host)"), ("why", run.reason),
      ("resumes", run.resumes.map { "run \($0)" } ?? ""), ("repeats", run.reproduces.map { "run \($0)" } ?? ""),
      ("seed", String(run.seed)), ("engine", run.engine),
      ("uid", run.uid),
    ]
    facts.removeAll { $0.1.isEmpty }
    for (name, value) in facts { text += paint(Text.pad(name, 10), .faint) + Text.harmless(value) + "\n" }
    return text
  }

  private func section(_ title: String, _ rows: [(String, String)], _ paint: Paint) -> String {
    guard !rows.isEmpty else { return "" }
    let width = rows.map { Text.width($0.0) }.max() ?? 0
    let lines = rows.map { Text.pad(Text.harmless($0.0), width) + " = " + Text.harmless($0.1) + "\n" }.joined()
    return "\n" + paint(title, .strong) + "\n" + lines
  }

  // MARK: Steps

  private func steps(_ glyphs: Glyphs) -> TextTable {
    var table = TextTable([
      .init(title: "STEP", isElastic: true), .init(title: "STATE"), .init(title: "CALLS", isNumber: true),
      .init(title: "TIME", isNumber: true), .init(title: "TASK", rank: 1, isElastic: true),
      .init(title: "PHASE", rank: 3), .init(title: "WHY", rank: 2, isElastic: true),
    ])
    for index in report.timeline.order() {
      let step = report.detail.steps[index]
      let (glyph, word, style) = look(step.counts, glyphs)
      let time = step.wallNanoseconds > 0 ? Times.duration(nanoseconds: step.wallNanoseconds) : ""
      table.add([
        .init(step.step.path), .init("\(glyph) \(word)", style), .init(String(step.counts.total)), .init(time),
        .init(step.step.task), .init(step.step.phase), .init(why(index, step.counts), .faint),
      ])
    }
    return table
  }

  private func look(_ counts: StepCounts, _ glyphs: Glyphs) -> (String, String, Style) {
    if counts.failed > 0 {
      return (glyphs.failed, counts.failed == counts.total ? "failed" : "\(counts.failed) failed", .bad)
    }
    if counts.running > 0 {
      return run.status == .running ? (glyphs.running, "running", .active) : (glyphs.waiting, "cut off", .warning)
    }
    if counts.total == 0 { return (glyphs.waiting, "not run", .faint) }
    if counts.skipped == counts.total { return (glyphs.skipped, "skipped", .faint) }
    if counts.succeeded == 0, counts.reused > 0 { return (glyphs.reused, "reused", .good) }
    return (glyphs.done, "ran", .good)
  }

  /// Where results came from, why nothing was done.
  private func why(_ step: Int, _ counts: StepCounts) -> String {
    var notes: [String] = []
    let sources = Set(report.reused.lazy.filter { $0.node.step == step }.map(\.source)).sorted()
    if !sources.isEmpty {
      notes.append((counts.succeeded > 0 ? "\(counts.reused) reused " : "") + "from \(Self.runs(sources))")
    }
    if counts.skipped > 0, let skipped = report.skipped.first(where: { $0.node.step == step }) {
      notes.append((counts.skipped < counts.total ? "\(counts.skipped) skipped: " : "") + skipped.why.words)
    }
    if counts.retries > 0 { notes.append(counts.retries == 1 ? "1 retry" : "\(counts.retries) retries") }
    return notes.joined(separator: "; ")
  }

  private static func runs(_ numbers: [RunNumber]) -> String {
    numbers.count == 1 ? "run \(numbers[0])" : "runs " + numbers.map { String($0) }.joined(separator: ", ")
  }

  // MARK: Time

  /// What made the run as long as it was. Nothing where there is nothing to choose from.
  private func criticalPath(_ paint: Paint, _ columns: Int?) -> String {
    let path = report.timeline.criticalPath()
    guard path.count > 1 else { return "" }
    var table = TextTable([
      .init(title: "CALL", isElastic: true), .init(title: "TOOK", isNumber: true),
      .init(title: "WAITED", isNumber: true), .init(title: "ENDED AT", isNumber: true),
    ])
    let threshold = path.map { $0.endedAt - $0.startedAt }.sorted(by: >).prefix(Self.shownLinks).last ?? 0
    let shown = path.filter { $0.endedAt - $0.startedAt >= threshold }.prefix(Self.shownLinks)
    for link in shown {
      table.add([
        .init(report.timeline.name(link.node)), .init(Times.duration(nanoseconds: link.endedAt - link.startedAt)),
        .init(Times.duration(nanoseconds: link.waited), .faint),
        .init(Times.duration(nanoseconds: link.endedAt - run.startedAt), .faint),
      ])
    }
    let busy = path.reduce(0) { $0 + $1.endedAt - $1.startedAt }
    var title = "critical path  " + Times.duration(nanoseconds: busy)
    if let end = run.finishedAt { title += " of work in " + Times.duration(nanoseconds: end - run.startedAt) }
    if shown.count < path.count { title += ", the longest \(shown.count) of \(Text.count(path.count, "call"))" }
    return "\n" + paint(title, .strong) + "\n" + table.text(paint: paint, available: columns)
  }

  private func slowest(_ paint: Paint, _ columns: Int?) -> String {
    let attempts = report.timeline.slowest(Self.shownSlowest)
    guard report.timeline.attempts.count > 1 else { return "" }
    var table = TextTable([
      .init(title: "CALL", isElastic: true), .init(title: "TOOK", isNumber: true), .init(title: "CPU", isNumber: true),
      .init(title: "MEMORY", isNumber: true, rank: 1), .init(title: "PROCESS", isNumber: true, rank: 2),
    ])
    for attempt in attempts {
      let number = attempt.number > 1 || attempt.failure != nil ? " (attempt \(attempt.number))" : ""
      table.add([
        .init(report.timeline.name(attempt.node) + number),
        .init(Times.duration(nanoseconds: attempt.usage.wallNanoseconds)),
        .init(Times.duration(nanoseconds: attempt.usage.cpuNanoseconds)),
        .init(attempt.usage.peakMemoryBytes > 0 ? ByteSize.text(attempt.usage.peakMemoryBytes) : ""),
        .init(attempt.usage.process == 0 ? "engine" : String(attempt.usage.process), .faint),
      ])
    }
    return "\n" + paint("slowest calls", .strong) + "\n" + table.text(paint: paint, available: columns)
  }

  /// What was reused, what was used.
  private func sums(_ paint: Paint) -> String {
    var rows: [(String, String)] = []
    let calls = report.detail.steps.reduce(0) { $0 + $1.counts.total }
    if !report.reused.isEmpty {
      let sources = Self.runs(Set(report.reused.map(\.source)).sorted())
      let saved = report.savedNanoseconds > 0 ? "; saved \(Times.duration(nanoseconds: report.savedNanoseconds))" : ""
      rows.append(("reused", "\(report.reused.count) of \(Text.count(calls, "call")), from \(sources)\(saved)"))
    }
    let use = report.timeline.resources
    if use.wallNanoseconds > 0 {
      var parts = ["\(Times.duration(nanoseconds: use.cpuNanoseconds)) of CPU time"]
      if use.peakMemoryBytes > 0 { parts.append("at most \(ByteSize.text(use.peakMemoryBytes)) of memory") }
      parts.append(use.parallel == 1 ? "one call at a time" : "up to \(use.parallel) calls at a time")
      if use.processes > 0 { parts.append("\(use.processes) worker process\(use.processes == 1 ? "" : "es")") }
      rows.append(("used", parts.joined(separator: ", ")))
    }
    guard !rows.isEmpty else { return "" }
    return "\n" + rows.map { paint(Text.pad($0.0, 8), .strong) + $0.1 + "\n" }.joined()
  }

  // MARK: Failures

  /// The last failure of each step that failed.
  private func failures(_ paint: Paint) -> String {
    var last: [Int: (AttemptRecord, Failure)] = [:]
    for attempt in report.failures {
      guard case .failure(let failure) = attempt.result, failure.kind != .cancelled else { continue }
      last[attempt.node.step] = (attempt, failure)
    }
    var text = ""
    for (index, step) in report.detail.steps.enumerated() where step.counts.failed > 0 {
      guard let (attempt, failure) = last[index] else { continue }
      let name = step.step.path + attempt.node.item
      let attempts = attempt.attempt > 1 ? " after \(attempt.attempt) attempts" : ""
      text += "\n" + paint("error", .bad) + ": step `\(name)` failed\(attempts): \(Text.harmless(failure.words))\n"
      for line in failure.log.suffix(10) { text += paint("  | ", .faint) + Text.harmless(line) + "\n" }
      text += "logs: assay runs logs \(run.run) \(step.step.path)\n"
    }
    if text.isEmpty, !run.message.isEmpty, run.status != .succeeded {
      text = "\n" + paint("error", .bad) + ": " + Text.harmless(run.message) + "\n"
    }
    return text
  }
}
