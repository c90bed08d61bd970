/// Trials in the order of their means, with what can be said about that order.
package struct Leaderboard: Sendable {
  package enum Standing: Sendable, Equatable {
    case best
    /// It cannot be told from the best: the difference is within noise.
    case tied
    case worse
    /// Nothing says how far its value would scatter.
    case untested
  }

  package struct Row: Sendable {
    package let trial: Int
    package let summary: Summary
    package let interval: Interval?
    package let cost: Double?
    package let standing: Standing
    /// Against the best: how much worse this one is. Nil of the best, and of what could not be tested.
    package let versusBest: TestResult?
    /// After Holm's correction for all comparisons of the board.
    package let adjustedP: Double?
  }

  /// By which tests trials are compared with the best.
  package enum Method: Sendable {
    /// t tests: paired where folds or seeds agree.
    case means
    /// Wilcoxon's and Mann and Whitney's: for values that are far from normal, and six repeats or more.
    case ranks
  }

  /// The best first.
  package let rows: [Row]
  /// How many tests were made, and corrected for.
  package let comparisons: Int
  /// The trial to choose: of those tied with the best and within one standard error of it (Breiman et al. 1984) the one
  /// that costs least; without costs the best.
  package let winner: Int
  /// Of a typical comparison with the best, and how many repeats it has; nil without pairs.
  private let power: (Power, count: Int)?

  /// - Returns: nil when nothing was measured.
  package init?(
    _ measured: [Measured], _ repeats: Repeats = .independent, by method: Method = .means, level: Double = 0.95
  ) {
    let ordered = measured.compactMap { trial in trial.summary.map { (trial, $0) } }.sorted { a, b in
      a.1.mean != b.1.mean ? a.1.mean < b.1.mean : a.0.trial < b.0.trial
    }
    guard let best = ordered.first else { return nil }
    let noise = Noise(measured)
    let results = ordered.dropFirst().map { other in
      Self.comparison(other, best, noise, repeats, method, level)
    }
    var adjusted = holm(results.compactMap { $0?.p })[...]
    comparisons = adjusted.count
    var rows = [
      Row(
        trial: best.0.trial, summary: best.1, interval: best.1.interval(repeats, level: level), cost: best.0.cost,
        standing: .best, versusBest: nil, adjustedP: nil)
    ]
    for ((trial, summary), result) in zip(ordered.dropFirst(), results) {
      let p = result == nil ? nil : adjusted.popFirst()
      rows.append(
        Row(
          trial: trial.trial, summary: summary, interval: summary.interval(repeats, level: level), cost: trial.cost,
          standing: p.map { $0 < 1 - level ? .worse : .tied } ?? .untested, versusBest: result, adjustedP: p))
    }
    self.rows = rows
    winner = Self.winner(rows, repeats)
    power = Self.power(ordered.map(\.0), repeats, comparisons, level)
  }

  private static func comparison(
    _ other: (Measured, Summary), _ best: (Measured, Summary), _ noise: Noise?, _ repeats: Repeats, _ method: Method,
    _ level: Double
  ) -> TestResult? {
    let differences = other.0.differences(to: best.0)
    let isPaired = differences.count > 1
    if method == .ranks {
      if isPaired { return SignedRank.test(differences) ?? TTest.paired(differences, repeats, level: level) }
      return RankSum(other.0.ordered, best.0.ordered)?.result
    }
    if isPaired { return TTest.paired(differences, repeats, level: level) }
    return TTest.unpaired(other.0.ordered, best.0.ordered, repeats, level: level)
      ?? noise.map { TTest.pooled(other.1, best.1, $0, repeats, level: level) }
  }

  private static func winner(_ rows: [Row], _ repeats: Repeats) -> Int {
    let limit = rows[0].summary.mean + (rows[0].summary.standardError(repeats) ?? 0)
    let eligible = rows.filter { ($0.standing == .best || $0.standing == .tied) && $0.summary.mean <= limit }
    let costs = eligible.compactMap(\.cost)
    guard costs.count == eligible.count, let least = costs.min() else { return rows[0].trial }
    return eligible.first { $0.cost == least }?.trial ?? rows[0].trial
  }

  private static func power(
    _ trials: [Measured], _ repeats: Repeats, _ comparisons: Int, _ level: Double
  ) -> (Power, count: Int)? {
    let summaries = trials.dropFirst().compactMap { Summary($0.differences(to: trials[0])) }
    let variances = summaries.compactMap { $0.deviation.map { $0 * $0 } }
    guard !variances.isEmpty, let count = summaries.map(\.count).min() else { return nil }
    let deviation = (variances.reduce(0, +) / Double(variances.count)).squareRoot()
    return (Power(deviation: deviation, repeats, comparisons: comparisons, level: level), count)
  }

  /// The smallest difference that would have been found with a chance of 0.8.
  package var detectable: Double? { power.flatMap { $0.0.detectable(count: $0.count) } }

  /// Those that cannot be told from the best, itself first.
  package var tied: [Int] { rows.filter { $0.standing == .best || $0.standing == .tied }.map(\.trial) }
}

extension Leaderboard {
  /// The line under the table: who wins, and why.
  package var sentence: String {
    let best = rows[0].trial
    guard tied.count > 1 else {
      return comparisons == 0
        ? "trial \(best) has the best value"
        : "trial \(best) is better than all that could be tested (Holm, \(count(comparisons, "comparison")))"
    }
    let ties = "\(tied.count) trials are statistically tied (Holm, \(count(comparisons, "comparison")))"
    return winner == best
      ? "\(ties); the best mean is that of trial \(best)"
      : "\(ties); the cheapest within one standard error of the best, trial \(best), is trial \(winner)"
  }

  /// What a reader of the table has to know before acting on its order; nil when there is nothing.
  package var warning: String? {
    let untested = rows.count { $0.standing == .untested }
    if untested > 0 {
      return
        "\(count(untested, "trial")) cannot be compared with the best: no trial was measured twice, so nothing says how "
        + "large differences by chance are"
    }
    guard rows.count > 1, tied.count == rows.count else { return nil }
    let spread = rows[rows.count - 1].summary.mean - rows[0].summary.mean
    guard spread > 0 else { return "these \(rows.count) trials measured the same" }
    let limit = detectable.map { "; smaller ones than about \(text($0)) are found rarely with so few repeats" } ?? ""
    return
      "the order of these \(rows.count) trials is within noise: the first is \(text(spread)) better than the last\(limit)"
  }

  /// Why a row stands where it stands.
  package func reason(_ row: Row) -> String {
    guard let result = row.versusBest, let p = row.adjustedP else {
      return row.standing == .best ? "the lowest mean" : "measured once"
    }
    let range = result.interval.map { " [\(text($0.lower)), \(text($0.upper))]" } ?? ""
    return "\(text(result.difference))\(range) behind trial \(rows[0].trial), p \(text(p)) by \(result.method.rawValue)"
      + (comparisons > 1 ? " after Holm over \(comparisons)" : "")
  }
}
