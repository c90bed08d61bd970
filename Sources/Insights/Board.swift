internal import Experiments
internal import Numbers
package import Spaces
package import Statistics
internal import Workflows

/// The configurations of an experiment, best first, with what can be said about that order.
package struct Board: Sendable {
  package enum Standing: String, Sendable {
    case best
    /// Not to be told from the best by the tests that were made.
    case tied
    case worse
    /// It was measured once, or nothing was measured twice: no test says anything about it.
    case once
    /// A metric is beyond its limit.
    case beyond
  }

  package struct Row: Sendable {
    /// The trial that stands for the configuration, and those whose values count.
    package let trial: Int
    package let counted: [Int]
    package let point: Point
    package let stage: Int
    package let run: Int64?
    /// The mean, as measured.
    package let value: Double
    package let interval: Interval?
    package let count: Int
    package let standing: Standing
    /// By how much the mean is worse than that of the best, and where the true difference lies.
    package let behind: Double?
    package let behindInterval: Interval?
    /// After Holm's correction over all comparisons of the board.
    package let p: Double?
    package let method: TestResult.Method?
    /// The means of all metrics.
    package let metrics: [Double?]

    /// Better than others as far as anybody can tell: it shares the first place.
    package var isTop: Bool { standing == .best || standing == .tied }
  }

  /// What the best promises, and what is to be expected of it.
  package struct Promise: Sendable {
    package let trial: Int
    package let claimed: Double
    package let expected: Double
    /// In words: by which method.
    package let method: String
  }

  /// The place of the metric.
  package let metric: Int
  package let rows: [Row]
  /// How many tests were made, and corrected for.
  package let comparisons: Int
  /// The trial to choose; nil without trials.
  package let winner: Int?
  package let promises: [Promise]
  /// Who wins, and why.
  package let sentence: String?
  /// What a reader has to know before acting on the order.
  package let warnings: [String]
  /// The smallest difference that would have been found with a chance of 0.8.
  package let detectable: Double?
  /// How far one value scatters; nil when nothing was measured twice.
  package let noise: Double?
  package let repeats: Repeats

  /// So many of the best are compared with the best: no one chooses among more.
  package static let compared = 100

  /// - Parameters:
  ///   - metric: by which trials are put in order; it has a direction, or less counts as better.
  ///   - cost: a metric by which one of those that are tied is chosen.
  package init(_ evidence: Evidence, metric: Int, cost: Int? = nil) {
    let study = evidence.study
    let repeats = evidence.repeats(of: metric)
    let known = evidence.candidates.compactMap { candidate -> (Evidence.Candidate, Measured)? in
      let measured = evidence.measured(candidate, metric, cost: cost)
      return measured.values.isEmpty ? nil : (candidate, measured)
    }
    let within = known.filter { $0.0.violation == 0 }
    let again = within.filter { $0.1.values.count > 1 }
    let maker = RowMaker(evidence: evidence, metric: metric, sign: study.sign(metric))

    let tested = Self.leaders(again)
    let board = Leaderboard(tested.map(\.1), repeats)
    var rows = maker.rows(tested, board)
    let inBoard = Set(tested.map(\.0.place))
    let rest = (again + within.filter { $0.1.values.count == 1 }).filter { !inBoard.contains($0.0.place) }
    rows += maker.sorted(rest).map { maker.row($0, .once) }
    rows += known.filter { $0.0.violation > 0 }.sorted { $0.0.violation < $1.0.violation }.map {
      maker.row($0, .beyond)
    }
    self.metric = metric
    self.rows = rows
    self.repeats = repeats
    comparisons = board?.comparisons ?? 0
    winner = board?.winner ?? rows.first { $0.standing != .beyond }?.trial
    sentence = board.flatMap { $0.rows.count > 1 ? $0.sentence : nil }
    detectable = board?.detectable
    noise = Noise(again.map(\.1))?.deviation
    promises = maker.promises(again, repeats)
    warnings = Self.warnings(rows, board, again.count, rest.count)
  }

  /// The best by their means.
  private static func leaders(_ known: [(Evidence.Candidate, Measured)]) -> [(Evidence.Candidate, Measured)] {
    guard known.count > compared else { return known }
    let means = known.map { $0.1.summary?.mean ?? .infinity }
    return known.indices.sorted { (means[$0], $0) < (means[$1], $1) }.prefix(compared).map { known[$0] }
  }

  private static func warnings(_ rows: [Row], _ board: Leaderboard?, _ again: Int, _ rest: Int) -> [String] {
    var warnings: [String] = []
    if let warning = board?.warning { warnings.append(warning) }
    let once = rows.count { $0.standing == .once && $0.count == 1 }
    if once > 1, again == 0 {
      warnings.append(
        "each configuration was measured once: nothing says how large differences by chance are; "
          + "a stage `repeat(best(3), seeds: [1, 2, 3, 4, 5])` would")
    } else if once > 0, again > 0 {
      warnings.append(
        "\(Words.count(once, "configuration")) \(once == 1 ? "was" : "were") measured once and "
          + "\(once == 1 ? "is" : "are") not compared")
    }
    if again > compared { warnings.append("only the first \(compared) of \(again) are compared with the best") }
    return warnings
  }

  /// The warning and the promises, a line each.
  package func notes(_ name: String) -> [String] {
    var notes: [String] = []
    if let sentence { notes.append(sentence) }
    for promise in promises {
      notes.append(
        "trial \(promise.trial) claims \(name) \(Words.number(promise.claimed)), "
          + "\(Words.number(promise.expected)) is to be expected (\(promise.method))")
    }
    return notes
  }
}

/// Turns measurements into rows.
private struct RowMaker {
  let evidence: Evidence
  let metric: Int
  let sign: Double
  private var study: Study { evidence.study }

  func sorted(_ known: [(Evidence.Candidate, Measured)]) -> [(Evidence.Candidate, Measured)] {
    let means = known.map { $0.1.summary?.mean ?? .infinity }
    return known.indices.sorted { (means[$0], $0) < (means[$1], $1) }.map { known[$0] }
  }

  func rows(_ tested: [(Evidence.Candidate, Measured)], _ board: Leaderboard?) -> [Board.Row] {
    let byTrial = Dictionary(tested.map { ($0.1.trial, $0) }) { first, _ in first }
    return (board?.rows ?? []).compactMap { row in
      guard let known = byTrial[row.trial] else { return nil }
      let standing: Board.Standing =
        switch row.standing {
        case .best: .best
        case .tied: .tied
        case .worse: .worse
        case .untested: .once
        }
      return self.row(known, standing, row)
    }
  }

  func row(
    _ known: (Evidence.Candidate, Measured), _ standing: Board.Standing, _ tested: Leaderboard.Row? = nil
  ) -> Board.Row {
    let (candidate, measured) = known
    let trial = study.trials[candidate.place]
    let interval = tested?.interval ?? measured.summary?.interval(evidence.repeats(of: metric))
    return Board.Row(
      trial: trial.number, counted: candidate.counted.map { study.trials[$0].number }, point: candidate.point,
      stage: trial.proposed.stage, run: trial.ended?.run ?? study.trials[candidate.counted[0]].ended?.run,
      value: (measured.summary?.mean ?? .nan) * sign, interval: interval.map(turned), count: measured.values.count,
      standing: standing, behind: tested?.versusBest?.difference, behindInterval: tested?.versusBest?.interval,
      p: tested?.adjustedP, method: tested?.versusBest?.method, metrics: candidate.metrics)
  }

  private func turned(_ interval: Interval) -> Interval {
    sign > 0 ? interval : Interval(-interval.upper, -interval.lower)
  }

  /// Of the best of those that were measured several times: what its luck is worth, and what it had promised before.
  func promises(_ again: [(Evidence.Candidate, Measured)], _ repeats: Repeats) -> [Board.Promise] {
    var promises: [Board.Promise] = []
    guard let best = sorted(again).first else { return [] }
    let (candidate, measured) = best
    let first = study.trials[candidate.place]
    if first.proposed.source != .repeated, !candidate.counted.contains(candidate.place),
      let claimed = first.ended?.metrics[at: metric] ?? nil, let mean = measured.summary?.mean
    {
      promises.append(
        Board.Promise(
          trial: first.number, claimed: claimed, expected: mean * sign,
          method: "its \(Words.count(candidate.counted.count, "repeat")) say"))
    }
    let values = again.reduce(0) { $0 + $1.1.values.count }
    let draws = Draws(seed: study.definition.experiment.seed, trial: 0, stream: 100)
    // So that a hundred thousand trials take a moment, too.
    let count = min(1000, max(50, 2_000_000 / max(values, 1)))
    if let selection = Selection(again.map(\.1), repeats, draws: draws, count: count), selection.optimism > 0 {
      promises.append(
        Board.Promise(
          trial: selection.trial, claimed: selection.claimed * sign, expected: selection.corrected * sign,
          method: "\(selection.method.rawValue): the best of \(again.count) is lucky, too"))
    }
    return promises
  }
}
