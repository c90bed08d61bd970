internal import Events
internal import Tasks
internal import Traces
internal import Values
internal import Workspace

/// A recorded run as the command line shows it.
struct RunReportText {
  var report: RunReport
  init(_ report: RunReport) { self.report = report }

  private var run: RunSummary { report.detail.summary }

  func text(_ paint: Paint, _ glyphs: Glyphs, columns: Int?, now: Int64) -> String {
    var text = paint("run \(run.run)", .strong) + "  " + paint(run.status.rawValue, run.status.style) + "\n"
    var facts: [(String, String)] = [
      ("workflow", "\(run.workflow) in \(run.file)"), ("started", Times.local(unixNanoseconds: run.startedAt)),
      ("took", RunText.took(run, now: now)), ("seed", String(run.seed)),
      ("by", run.user.isEmpty ? run.host : "\(run.user)@\(run.host)"), ("engine", run.engine),
    ]
    if let resumed = run.resumes { facts.append(("resumes", "run \(resumed)")) }
    if !run.reason.isEmpty { facts.append(("reason", run.reason)) }
    facts.append(("uid", run.uid))
    for (name, value) in facts where !value.isEmpty { text += Text.pad(name, 10) + Text.harmless(value) + "\n" }
    text += section("inputs", report.inputs.map { ($0.name, ValueText.words($0.value)) }, paint)
    text += section("variants", report.detail.variants.map { ($0.step, $0.variant) }, paint)
    text += "\n" + paint("steps", .strong) + "\n" + steps(glyphs).text(paint: paint, available: columns)
    text += section("outputs", report.outputs.map { ($0.name, ValueText.words($0.value)) }, paint)
    return text + failures(paint)
  }

  private func section(_ title: String, _ rows: [(String, String)], _ paint: Paint) -> String {
    guard !rows.isEmpty else { return "" }
    let width = rows.map { Text.width($0.0) }.max() ?? 0
    let lines = rows.map { Text.pad(Text.harmless($0.0), width) + " = " + Text.harmless($0.1) + "\n" }.joined()
    return "\n" + paint(title, .strong) + "\n" + lines
  }

  private func steps(_ glyphs: Glyphs) -> TextTable {
    var table = TextTable([
      .init(title: "STEP", isElastic: true), .init(title: "STATE"), .init(title: "CALLS", isNumber: true),
      .init(title: "TIME", isNumber: true), .init(title: "TASK", rank: 1, isElastic: true),
      .init(title: "PHASE", rank: 2), .init(title: "WHY", rank: 3, isElastic: true),
    ])
    for (index, step) in report.detail.steps.enumerated() {
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
    return (glyphs.done, "done", .good)
  }

  /// Where results came from, why nothing was done.
  private func why(_ step: Int, _ counts: StepCounts) -> String {
    var notes: [String] = []
    let sources = Set(report.reused.lazy.filter { $0.node.step == step }.map(\.source)).sorted()
    if let source = sources.first {
      let runs = sources.count == 1 ? "run \(source)" : "runs " + sources.map { String($0) }.joined(separator: ", ")
      notes.append((counts.succeeded > 0 ? "\(counts.reused) reused " : "") + "from \(runs)")
    }
    if counts.skipped > 0, let skipped = report.skipped.first(where: { $0.node.step == step }) {
      notes.append((counts.skipped < counts.total ? "\(counts.skipped) skipped: " : "") + skipped.why.words)
    }
    if counts.retries > 0 { notes.append(counts.retries == 1 ? "1 retry" : "\(counts.retries) retries") }
    return notes.joined(separator: "; ")
  }

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

  var members: [JSON.Member] {
    var members = RunText.members(run)
    members.append(.init("inputs", .object(report.inputs.map { .init($0.name, ValueText.json($0.value)) })))
    members.append(.init("variants", .object(report.detail.variants.map { .init($0.step, .string($0.variant)) })))
    members.append(.init("steps", .array(report.detail.steps.map(\.json))))
    members.append(.init("outputs", .object(report.outputs.map { .init($0.name, ValueText.json($0.value)) })))
    let failures = report.failures.compactMap { attempt -> JSON? in
      guard case .failure(let failure) = attempt.result else { return nil }
      return .object([
        .init("step", .string(path(attempt.node))), .init("item", .string(attempt.node.item)),
        .init("attempt", .int(Int64(attempt.attempt))), .init("failure", failure.json),
      ])
    }
    members.append(.init("failed_attempts", .array(failures)))
    return members
  }

  private func path(_ node: NodeReference) -> String {
    report.detail.steps.indices.contains(node.step) ? report.detail.steps[node.step].step.path : String(node.step)
  }
}

extension StepSummary {
  var json: JSON {
    .object([
      .init("path", .string(step.path)), .init("task", .string(step.task)), .init("version", .string(step.version)),
      .init("phase", .string(step.phase)), .init("isolation", .string(step.isolation.rawValue)),
      .init("code", .string("sha256:" + step.code.hex)), .init("ran", .int(Int64(counts.succeeded))),
      .init("reused", .int(Int64(counts.reused))), .init("skipped", .int(Int64(counts.skipped))),
      .init("failed", .int(Int64(counts.failed))), .init("running", .int(Int64(counts.running))),
      .init("retries", .int(Int64(counts.retries))), .init("wall_seconds", .float(Double(wallNanoseconds) / 1e9)),
      .init("cpu_seconds", .float(Double(cpuNanoseconds) / 1e9)),
    ])
  }
}
