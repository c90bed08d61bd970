package import Statistics

/// Words and small drawings of a period for a terminal.
extension Period {
  /// `6 of 9 (35–88 %)`; no percentage of fewer than five.
  package static func words(_ share: Proportion) -> String { Self.share(share) }

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
