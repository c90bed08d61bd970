package import Events

/// What people put on record about the phases of a project. By name: the list of phases may change later.
package enum PhaseNote: Sendable, Equatable {
  /// Work outside the engine.
  case work(phase: String, seconds: Double, Reason.Category, why: String)
  /// What is worked on: from then on, or in one run alone. Empty: nothing in particular.
  case focus(phase: String, run: Int64?)
  /// Why a run was made.
  case reason(run: Int64, Reason.Category, String)

  package func row(at: Int64, actor: String) -> LogRow {
    switch self {
    case .work(let phase, let seconds, let category, let why):
      LogRow(
        at: at, actor: actor, kind: "phase.work", numbers: [seconds],
        text: "\(category.rawValue)\n\(phase)\n\(why)")
    case .focus(let phase, let run):
      LogRow(at: at, actor: actor, kind: "phase.focus", numbers: run.map { [Double($0)] } ?? [], text: phase)
    case .reason(let run, let category, let text):
      LogRow(
        at: at, actor: actor, kind: "phase.reason", numbers: [Double(run)], text: "\(category.rawValue)\n\(text)")
    }
  }

  /// Nil: of another kind, or of no sense.
  package init?(_ row: LogRow) {
    func parts(_ count: Int) -> [String]? {
      let parts = row.text.split(separator: "\n", maxSplits: count - 1, omittingEmptySubsequences: false)
      return parts.count == count ? parts.map(String.init) : nil
    }
    switch row.kind {
    case "phase.work":
      guard let parts = parts(3), let seconds = row.numbers.first, seconds.isFinite, seconds >= 0,
        let category = Reason.Category(rawValue: parts[0])
      else { return nil }
      self = .work(phase: parts[1], seconds: seconds, category, why: parts[2])
    case "phase.focus":
      let run = row.numbers.first.flatMap { Int64(exactly: $0) }
      guard row.numbers.isEmpty || run != nil else { return nil }
      self = .focus(phase: row.text, run: run)
    case "phase.reason":
      guard let parts = parts(2), let run = row.numbers.first.flatMap({ Int64(exactly: $0) }),
        let category = Reason.Category(rawValue: parts[0])
      else { return nil }
      self = .reason(run: run, category, parts[1])
    default: return nil
    }
  }
}

/// Notes in the order in which they were made, as runs are told of them.
package struct PhaseNotes: Sendable {
  package struct Entry: Sendable, Equatable {
    package var at: Int64
    package var actor: String
    package var note: PhaseNote
    package init(at: Int64, actor: String, _ note: PhaseNote) {
      self.at = at
      self.actor = actor
      self.note = note
    }
  }
  package let entries: [Entry]
  /// By run the last that was said of it.
  private var reasons: [Int64: Reason] = [:]
  private var focuses: [Int64: String] = [:]
  /// What holds from then on, by time.
  private var sticky: [(at: Int64, phase: String)] = []

  package init(_ rows: [LogRow]) {
    entries = rows.compactMap { row in PhaseNote(row).map { Entry(at: row.at, actor: row.actor, $0) } }
    for entry in entries {
      switch entry.note {
      case .work: break
      case .focus(let phase, let run?): focuses[run] = phase
      case .focus(let phase, nil): sticky.append((entry.at, phase))
      case .reason(let run, let category, let text): reasons[run] = Reason(category, text, .human)
      }
    }
    sticky.sort { $0.at < $1.at }
  }

  /// What a run that began then was made for: what was last said of it, or else the last that was said before it.
  package func focus(of run: Int64, at start: Int64) -> String? {
    let said = focuses[run] ?? sticky(at: start)
    return said.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func sticky(at time: Int64) -> String? {
    var (low, high) = (0, sticky.count)
    while low < high {
      let middle = (low + high) / 2
      if sticky[middle].at <= time { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : sticky[low - 1].phase
  }

  /// The last that was said of it.
  package func reason(of run: Int64) -> Reason? { reasons[run] }

  /// Work outside the engine as runs; their numbers are negative, and their line is to be set.
  package func work(_ phases: Phases) -> [WorkRun] {
    var number = 0
    return entries.compactMap { entry in
      guard case .work(let name, let seconds, let category, let why) = entry.note, let phase = phases.place(name) else {
        return nil
      }
      number -= 1
      let start = entry.at - Int64(min(seconds, 1e9) * 1e9)
      var run = WorkRun(
        number: number, line: "", startedAt: start, finishedAt: entry.at,
        executions: [
          Execution(
            task: "work on \(name)", phase: phase, startedAt: start, finishedAt: entry.at, isLogged: true)
        ])
      if !why.isEmpty || category != .unstated { run.reason = Reason(category, why, .human) }
      return run
    }
  }
}
