internal import Charts
internal import Experiments
internal import Insights
internal import Workflows

/// Draws an experiment that goes on as rows of text: budget, the best so far as a curve, the leaderboard, what runs and who
/// is waited for.
struct StudyFrame: Sendable {
  var paint: Paint
  var glyphs: Glyphs

  private static let curveRows = 9

  /// At most `size.rows - 1` rows, none wider than `size.columns - 1`.
  func rows(_ study: Study, number: Int, elapsed: Double, now: Int64, size: TerminalSize) -> [String] {
    let columns = max(20, size.columns - 1)
    let course = Course(study, elapsed: elapsed)
    let gates = Self.gates(study, course, number)
    var room = max(1, size.rows - 1)
    var head = [title(study, number, columns)]
    head += budget(course, columns)
    head = Array(head.prefix(room))
    room -= head.count
    let waiting = gates.prefix(max(0, min(2, room))).map {
      paint(Text.head(Text.harmless("waits at \($0)"), columns, ellipsis: glyphs.ellipsis), .warning)
    }
    room -= waiting.count
    let running = self.running(study, course, now, columns, room: min(4, room))
    room -= running.count
    let board = self.board(study, columns, room: room - (room >= 14 ? Self.curveRows : 0))
    room -= board.count
    return head + (room >= 6 ? curve(study, course, columns, rows: min(Self.curveRows, room)) : []) + board + running
      + waiting
  }

  private func title(_ study: Study, _ number: Int, _ columns: Int) -> String {
    let stages = zip(study.definition.experiment.stages, study.stages).filter { $0.1.status == .running }
    let where_ = stages.map(\.0.name).joined(separator: ", ")
    let text = [
      "\(study.definition.experiment.name)", "experiment \(number)", study.word,
      where_.isEmpty ? "" : "stage \(where_)",
    ].filter { !$0.isEmpty }.joined(separator: glyphs.separator)
    return paint(Text.head(Text.harmless(text), columns, ellipsis: glyphs.ellipsis), .strong)
  }

  static func bar(_ share: Double, _ columns: Int, _ glyphs: Glyphs) -> String {
    textBar(share, columns: columns, full: glyphs.bar.full, empty: glyphs.bar.empty)
  }

  /// Side by side as far as they fit.
  private func budget(_ course: Course, _ columns: Int) -> [String] {
    var parts = course.budget.filter { $0.used > 0 || $0.limit != nil }.map { part in
      "\(part.name) " + (part.share.map { Self.bar($0, 12, glyphs) + " " } ?? "") + part.words
    }
    if course.failed > 0, !course.budget.contains(where: { $0.name == "failures" }) {
      parts.append("\(course.failed) failed")
    }
    if course.pruned > 0 { parts.append("\(course.pruned) pruned") }
    var lines: [String] = []
    for part in parts {
      if let last = lines.last, Text.width(last) + Text.width(part) + 3 <= columns {
        lines[lines.count - 1] = last + "   " + part
      } else {
        lines.append(Text.head(part, columns, ellipsis: glyphs.ellipsis))
      }
    }
    return lines
  }

  private func curve(_ study: Study, _ course: Course, _ columns: Int, rows: Int) -> [String] {
    guard let metric = study.definition.objectives.first, let best = course.improvements.last else { return [] }
    let name = study.definition.experiment.metrics[metric].name
    let words = "\(name): best so far \(Words.number(best.value)), trial \(best.trial)"
    return [paint(Text.head(words, columns, ellipsis: glyphs.ellipsis), .faint)]
      + Self.plot(study, course, columns: columns, rows: rows - 1, isASCII: glyphs == .ascii)
  }

  /// Trials as dots, and the best so far as a line.
  static func plot(_ study: Study, _ course: Course, columns: Int, rows: Int, isASCII: Bool) -> [String] {
    let values = course.values.compactMap { $0 }
    guard let last = course.improvements.last else { return [] }
    let shown = ProgressChart.window(values, course.improvements.map(\.value))
    let end = Double(max(2, study.trials.count))
    var plot = TextPlot(x: (1, end), y: shown, columns: min(columns, 100), rows: rows, isASCII: isASCII)
    // More dots than the plane has say nothing more.
    let step = max(1, course.values.count / 2000)
    for place in stride(from: 0, to: course.values.count, by: step) {
      if let value = course.values[place] { plot.dot(Double(place + 1), value) }
    }
    let steps = course.improvements.map { (x: Double($0.place), y: min(max($0.value, shown.low), shown.high)) }
    plot.steps(steps + [(end, last.value)])
    return plot.lines()
  }

  private func board(_ study: Study, _ columns: Int, room: Int) -> [String] {
    guard room >= 2, let text = BoardText(study), !text.board.rows.isEmpty else { return [] }
    let table = text.table(limit: min(5, room - 1)).text(paint: paint, available: columns)
    return table.split(separator: "\n").map(String.init)
  }

  private func running(_ study: Study, _ course: Course, _ now: Int64, _ columns: Int, room: Int) -> [String] {
    guard room > 0 else { return [] }
    let shown = course.running.prefix(course.running.count > room ? max(0, room - 1) : room)
    var lines = shown.map { place in
      let trial = study.trials[place]
      let time = Times.clock(seconds: max(0, now - trial.startedAt) / 1_000_000_000)
      let text =
        "\(glyphs.running) trial \(trial.number)  \(Text.padLeft(time, 4))  "
        + Words.configuration(trial.proposed.point, of: study.definition)
      return paint(Text.head(Text.harmless(text), columns, ellipsis: glyphs.ellipsis), .active)
    }
    let hidden = course.running.count - shown.count
    if hidden > 0 {
      lines.append(paint("\(glyphs.running) \(hidden) \(shown.isEmpty ? "trials run" : "more run")", .active))
    }
    return lines
  }

  /// Gates that wait, and what to type.
  static func gates(_ study: Study, _ course: Course, _ number: Int) -> [String] {
    course.gates.compactMap { place in
      let stage = study.definition.experiment.stages[place]
      guard case .gate(let gate) = stage.kind else { return nil }
      let question = gate.question.isEmpty ? "" : "\(gate.question)  "
      return
        "gate \(stage.name): \(question)(assay exp answer \(number) \(stage.name) \(gate.answers.joined(separator: "|")))"
    }
  }
}
