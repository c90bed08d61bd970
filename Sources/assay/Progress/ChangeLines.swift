internal import Events
internal import Tasks
internal import Values

/// What changed in a run, as lines for people.
struct ChangeLines: Sendable {
  var paint: Paint
  var glyphs: Glyphs

  func lines(_ change: RunModel.Change, _ model: RunModel) -> [String] {
    switch change {
    case .started(let step): return [line(glyphs.running, "started", model.steps[step].plan.path, .active)]
    case .ended(let step): return [ended(model.steps[step])]
    case .failed(let node, let attempt, let failure):
      let number = attempt > 1 ? "attempt \(attempt): " : ""
      return [line(glyphs.failed, "failed", "\(model.name(node)): \(number)\(failure.words)", .bad)]
    case .retrying(let node, let attempt, let delay):
      let wait = Times.duration(nanoseconds: delay.nanoseconds)
      return [line(glyphs.retrying, "retrying", "\(model.name(node)): attempt \(attempt) in \(wait)", .warning)]
    case .log(let step, let item, let level, let text):
      let name = step.map { model.steps[$0].plan.path + item } ?? "run"
      let mark = level >= .warning ? "\(level.word): " : ""
      return Text.harmless(text, lines: true).split(separator: "\n", omittingEmptySubsequences: false).map {
        paint(name + " |", .faint) + " " + paint(mark + $0, level.style)
      }
    }
  }

  private func ended(_ step: RunModel.Step) -> String {
    let path = step.plan.path
    if step.skipped == step.ended, step.ended > 0 {
      return line(glyphs.skipped, "skipped", "\(path)\(step.why.map { ": " + $0.words } ?? "")", .faint)
    }
    let count = step.ended > 1 || step.announced != nil ? " \(step.complete)/\(step.total ?? step.ended)" : ""
    if step.done == 0, step.reused > 0 { return line(glyphs.reused, "reused", path + count, .faint) }
    var notes: [String] = []
    if let start = step.startedAt, let end = step.endedAt { notes.append(Times.duration(nanoseconds: end - start)) }
    if step.reused > 0 { notes.append("\(step.reused) reused") }
    if step.stopped > 0 { notes.append("\(step.stopped) stopped") }
    if step.skipped > 0 { notes.append("\(step.skipped) skipped") }
    let text = notes.isEmpty ? "" : "  (" + notes.joined(separator: ", ") + ")"
    if step.isStopped { return line(glyphs.skipped, "stopped", path + count + text, .warning) }
    return line(glyphs.done, "done", path + count + text, .good)
  }

  private func line(_ glyph: String, _ word: String, _ text: String, _ style: Style) -> String {
    paint("\(glyph) \(Text.pad(word, 8))", style) + " " + Text.harmless(text)
  }
}
