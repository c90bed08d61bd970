import Foundation
import Numbers
import Statistics
import Testing

/// The example of docs/statistics.md: every line that it shows is computed here.
@Suite struct WorkedExampleTests {
  private let trials = [
    Measured(trial: 1, [9.6, 8.8, 7.0, 9.6, 6.1], cost: 1),
    Measured(trial: 3, [4.4, 6.1, 2.6, 5.3, 4.4], cost: 41),
    Measured(trial: 4, [7.9, 9.6, 6.1, 8.8, 7.0], cost: 2),
    Measured(trial: 7, [5.3, 6.1, 3.5, 4.4, 4.4], cost: 12),
    Measured(trial: 9, [4.4, 7.0, 3.5, 5.3, 5.3], cost: 1),
  ]

  private func two(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "-" }

  private func three(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }

  private func row(_ row: Leaderboard.Row) -> String {
    let range = row.interval.map { " [\(two($0.lower)), \(two($0.upper))]" } ?? ""
    let against = row.versusBest.map { "\(two($0.difference)) | \(three($0.p)) | \(three(row.adjustedP))" } ?? "| |"
    return "| \(row.trial) | \(two(row.summary.mean))\(range) \(row.summary.count) | \(against) | \(row.standing) |"
  }

  private func lines() throws -> [String] {
    let board = try #require(Leaderboard(trials, .folds(5)))
    let differences = trials[4].differences(to: trials[1])
    let deviation = try #require(Summary(differences)?.deviation)
    let power = Power(deviation: deviation, .folds(5))
    let fresh = Power(deviation: deviation)
    let equivalence = try #require(Equivalence(differences, .folds(5), margin: 1))
    let selection = try #require(Selection(trials, .folds(5), draws: Draws(seed: 0, trial: 0)))
    let control = ControlGroup([9.1, 7.4, 12.0, 8.3, 6.2, 9.9, 15.1, 7.0, 8.8, 5.1])
    let waiting = try #require(control.trials(toReach: 5.2))
    return board.rows.map(row) + [
      board.sentence,
      "a difference of \(two(power.detectable(count: 5))) is found with a chance of 0.8 in 5 folds",
      "folds for 0.3: \(power.needed(for: 0.3).map(String.init) ?? "no number of them")",
      "fresh repeats for 0.3: \(fresh.needed(for: 0.3).map(String.init) ?? "no number of them")",
      "trial 9 is within 1 of trial 3 with probability \(two(equivalence.within)), p of equivalence \(two(equivalence.p))",
      "trial \(selection.trial) claims \(two(selection.claimed)), \(two(selection.corrected)) is to be expected",
      "5.2 takes \(two(waiting.expected)) random trials [\(two(waiting.interval.lower)), \(two(waiting.interval.upper))]",
      "the best of 3 random trials is \(two(control.expectedBest(of: 3))) on average, of 10 \(two(control.expectedBest(of: 10)))",
    ]
  }

  @Test func theDocumentShowsWhatIsComputed() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let document = try String(contentsOf: root.appending(path: "docs/statistics.md"), encoding: .utf8)
    for line in try lines() { #expect(document.contains(line), "docs/statistics.md does not say: \(line)") }
  }
}
