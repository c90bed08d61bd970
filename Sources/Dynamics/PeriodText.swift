package import Statistics

/// Words and small drawings of a period for a terminal.
extension Period {
  /// `6 of 9 (35–88 %)`; no percentage of fewer than five.
  package static func words(_ share: Proportion) -> String { Self.share(share) }

  /// How often people went back, and what that cost.
  package var summary: String {
    let matrix = RevisitMatrix(self)
    var words = "\(Self.count(matrix.backward, "return")) to earlier phases, \(matrix.itself) within one"
    if matrix.forward > 0 { words += ", \(matrix.forward) forward" }
    words += " in \(Self.count(runs, "run"))"
    let logged = legs.count - runs
    if logged > 0 { words += " and \(Self.count(logged, "logged work"))" }
    let trials = legs.count { $0.run.isExploration }
    if trials > 0 { words += "; \(Self.count(trials, "run")) of trials look around: neither rework nor return" }
    let (tasks, people) = (Rework(self, isLogged: false), Rework(self, isLogged: true))
    if let ratio = tasks.ratio {
      words +=
        "; \(Int((ratio * 100).rounded())) % of the \(Self.duration(tasks.all)) of tasks was rework "
        + "(\(Self.duration(tasks.intentional)) changed, \(Self.duration(tasks.echo)) only because of that)"
    }
    if people.all > 0 {
      words +=
        "; \(Self.duration(people.again)) of \(Self.duration(people.all)) that people logged went back to something done"
    }
    return words
  }

  package static func count(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

  /// A lane for each phase, a sign for each visit: `●` first, `◆` gone back to, `■` changed, `·` only because of a change
  /// before it. The newest visits, as many as fit.
  package func lanes(columns: Int) -> [(phase: Int, signs: String)] {
    let visits = visits.filter { $0.kind != .exploration }.suffix(max(1, columns))
    return Set(visits.map(\.phase)).sorted().map { phase in
      let signs = visits.map { visit -> String in
        guard visit.phase == phase else { return "─" }
        return switch visit.kind {
        case .first: "●"
        case .back: "◆"
        case .itself, .forward, .exploration: "■"
        case .echo: "·"
        }
      }
      return (phase, signs.joined())
    }
  }
}
