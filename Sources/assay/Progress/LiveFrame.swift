/// Draws a run's state as rows of text: one per step as far as they fit, then a line of sums.
struct LiveFrame: Sendable {
  var paint: Paint
  var glyphs: Glyphs

  /// Less than this is not worth saying.
  private static let shortest: Int64 = 1_000_000_000

  /// At most `size.rows - 1` rows, none wider than `size.columns - 1`.
  func rows(_ model: RunModel, now: Int64, size: TerminalSize) -> [String] {
    let room = max(0, min(size.rows - 3, 30))
    let wanted = model.order.filter { isShown(model.steps[$0]) }
    let chosen = choose(wanted, model, room)
    let shown = wanted.filter(chosen.contains)
    let nameWidth = min(
      max(4, shown.map { Text.width(model.steps[$0].plan.path) }.max() ?? 0), max(8, size.columns / 3))
    var rows = shown.map { row(model.steps[$0], nameWidth, now, size.columns - 1) }
    rows.append(total(model, hidden: wanted.count - shown.count, now, size.columns - 1))
    return rows
  }

  /// Steps that `--until` leaves out are of no interest.
  private func isShown(_ step: RunModel.Step) -> Bool { step.plan.isWanted || step.ended > step.skipped }

  /// The most interesting ones.
  private func choose(_ candidates: [Int], _ model: RunModel, _ room: Int) -> Set<Int> {
    guard candidates.count > room else { return Set(candidates) }
    func rank(_ step: RunModel.Step) -> Int {
      if step.failed > 0 { return 0 }
      if step.running > 0 { return 1 }
      if !step.retrying.isEmpty { return 2 }
      if step.isComplete { return 5 }
      return step.ended > 0 ? 3 : 4
    }
    let ordered = candidates.sorted { a, b in
      let (x, y) = (rank(model.steps[a]), rank(model.steps[b]))
      if x != y { return x < y }
      // Of those that have ended the latest are worth more, of those that wait the next ones.
      if x == 5 { return (model.steps[a].endedAt ?? 0, a) > (model.steps[b].endedAt ?? 0, b) }
      return a < b
    }
    return Set(ordered.prefix(room))
  }

  private func row(_ step: RunModel.Step, _ nameWidth: Int, _ now: Int64, _ columns: Int) -> String {
    let look = look(step, now)
    let name = Text.pad(Text.middle(Text.harmless(step.plan.path), nameWidth, ellipsis: glyphs.ellipsis), nameWidth)
    let count = Text.padLeft(count(step), 7)
    let time = Text.padLeft(elapsed(step, now), 7)
    var plain = "\(look.glyph) \(name)  \(Text.pad(look.word, 10)) \(count) \(time)"
    let lead = Text.width(plain)
    let detail = Text.harmless(detail(step, now))
    guard lead <= columns else { return Text.head(plain, columns, ellipsis: glyphs.ellipsis) }
    plain = paint(look.glyph, look.style) + " \(name)  " + paint(Text.pad(look.word, 10), look.style) + " \(count) "
    plain += paint(time, .faint)
    if !detail.isEmpty, columns - lead > 6 {
      plain += "  " + Text.head(detail, columns - lead - 2, ellipsis: glyphs.ellipsis)
    }
    return plain
  }

  private func look(_ step: RunModel.Step, _ now: Int64) -> (glyph: String, word: String, style: Style) {
    if step.running > 0 { return (glyphs.running, "running", .active) }
    if !step.retrying.isEmpty { return (glyphs.retrying, "retrying", .warning) }
    if step.failed > 0 { return (glyphs.failed, "failed", .bad) }
    if step.isStopped { return (glyphs.skipped, "stopped", .warning) }
    if step.isComplete {
      if step.skipped == step.ended, step.ended > 0 { return (glyphs.skipped, "skipped", .faint) }
      if step.reused > 0, step.done == 0 { return (glyphs.reused, "reused", .faint) }
      return (glyphs.done, "done", .good)
    }
    if step.isOver { return (glyphs.skipped, "not run", .faint) }
    return step.ended > 0 ? (glyphs.running, "partly", .active) : (glyphs.waiting, "waiting", .faint)
  }

  private func count(_ step: RunModel.Step) -> String {
    if let total = step.total { return total == 1 && step.announced == nil ? "" : "\(step.complete)/\(total)" }
    return step.complete > 0 ? "\(step.complete)" : ""
  }

  private func elapsed(_ step: RunModel.Step, _ now: Int64) -> String {
    guard let start = step.startedAt else { return "" }
    let isOver = step.running == 0 && step.retrying.isEmpty
    let nanoseconds = (isOver ? step.endedAt ?? now : now) - start
    return isOver ? Times.duration(nanoseconds: nanoseconds) : Times.clock(seconds: nanoseconds / 1_000_000_000)
  }

  private func detail(_ step: RunModel.Step, _ now: Int64) -> String {
    var parts: [String] = []
    if let progress = step.progress, step.running > 0 { parts.append(LiveFrame.progress(progress)) }
    if let next = step.retrying.values.min(by: { $0.due < $1.due }) {
      let seconds = max(0, next.due - now + 999_999_999) / 1_000_000_000
      parts.append("attempt \(next.attempt) in \(Times.clock(seconds: seconds)) (\(next.code))")
    }
    if step.running > 1 { parts.append("\(step.running) at once") }
    if step.failed > 0 { parts.append("\(step.failed) failed") }
    if step.stopped > 0 { parts.append("\(step.stopped) stopped") }
    if step.reused > 0, step.done > 0 || step.running > 0 { parts.append("\(step.reused) reused") }
    if step.skipped > 0 {
      if let why = step.why, step.skipped == step.ended {
        parts.append(why.words)
      } else {
        parts.append("\(step.skipped) skipped")
      }
    }
    return parts.joined(separator: glyphs.separator)
  }

  /// `3/10 epoch`, `41% reading`, `reading`.
  static func progress(_ progress: (done: Double, total: Double, what: String)) -> String {
    guard progress.total > 0, progress.done.isFinite, progress.total.isFinite else { return progress.what }
    let isWhole = progress.done == progress.done.rounded() && progress.total == progress.total.rounded()
    let isCount = isWhole && progress.total > 1 && progress.total < 1_000_000 && abs(progress.done) < 1_000_000
    let share = max(0, min(100, (progress.done / progress.total * 100).rounded(.down)))
    let number = isCount ? "\(Int(progress.done))/\(Int(progress.total))" : "\(Int(share))%"
    return progress.what.isEmpty ? number : number + " " + progress.what
  }

  private func total(_ model: RunModel, hidden: Int, _ now: Int64, _ columns: Int) -> String {
    let counts = model.counts
    var parts = ["\(counts.done) done"]
    if counts.reused > 0 { parts.append("\(counts.reused) reused") }
    if counts.running > 0 { parts.append("\(counts.running) running") }
    if counts.retrying > 0 { parts.append("\(counts.retrying) retrying") }
    if counts.skipped > 0 { parts.append("\(counts.skipped) skipped") }
    if counts.failed > 0 { parts.append("\(counts.failed) failed") }
    if counts.stopped > 0 { parts.append("\(counts.stopped) stopped") }
    if counts.waiting > 0 { parts.append("\(counts.waiting) waiting") }
    parts.append(Times.clock(seconds: (now - model.startedAt) / 1_000_000_000))
    if let forecast = model.forecast(now: now), forecast.nanoseconds >= Self.shortest { parts.append(forecast.words) }
    if hidden > 0 { parts.append("\(Text.count(hidden, "step")) not shown") }
    let line = "\(Text.harmless(model.title))  \(parts.joined(separator: glyphs.separator))"
    return paint(Text.head(line, columns, ellipsis: glyphs.ellipsis), .strong)
  }
}
