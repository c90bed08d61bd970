import Foundation
import Knowledge
import Numbers
import TuningProblems

/// What is promised of a row: the ratio of medians at most, and the share of data sets on which the mean is better at least.
struct Goal {
  var ratio: Double
  var better: Double?
}

extension Study {
  func row(
    _ name: String, _ cold: Cells, _ warm: Cells, _ regrets: [Double], _ target: String, _ goal: Goal?
  ) -> String {
    let (a, b) = (cold.trials(regrets), warm.trials(regrets))
    let (slow, fast) = (median(a.flatMap { $0 }), median(b.flatMap { $0 }))
    let better = zip(a, b).count { mean($1) < mean($0) }
    let worse = zip(a, b).count { mean($1) > mean($0) }
    var promise = "", isKept = true
    if let goal {
      promise = String(format: "≤ %.2f", goal.ratio)
      isKept = fast / slow <= goal.ratio
      if let share = goal.better {
        promise += String(format: ", better on ≥ %.0f %%", share * 100)
        isKept = isKept && Double(better) >= share * Double(a.count)
      }
    }
    return String(
      format: "| %@ | %@ | %.1f | %.1f | %.2f | %@ | %.2f | %d | %d | %@ | %@ |", name, target, slow, fast, fast / slow,
      interval(a, b), mean(b.flatMap { $0 }) / mean(a.flatMap { $0 }), better, worse, promise,
      goal == nil ? "" : isKept ? "kept" : "missed")
  }

  /// Of the ratio of pooled medians, if other data sets of the kind had been there: 2,000 times as many drawn from these.
  private func interval(_ cold: [[Double]], _ warm: [[Double]]) -> String {
    var draws = Draws(seed: 1, trial: 0)
    let ratios = (0..<2000).map { _ -> Double in
      let drawn = cold.indices.map { _ in draws.index(below: cold.count) }
      return median(drawn.flatMap { warm[$0] }) / median(drawn.flatMap { cold[$0] })
    }.sorted()
    return String(format: "%.2f–%.2f", ratios[50], ratios[1949])
  }

  func curves(_ curve: [(count: Int, cells: Cells)], _ top: [Double]) -> [String] {
    var lines = [
      "", "| earlier experiments | top 1 % | mean | regret 0.2 | regret after 1 | 5 | 10 | 20 | 40 |",
      "|---|---|---|---|---|---|---|---|---|",
    ]
    for (count, cells) in curve {
      let trials = cells.trials(top).flatMap { $0 }
      let regrets = [1, 5, 10, 20, 40].map { String(format: "%.3f", cells.regret(after: $0)) }
      lines.append(
        String(
          format: "| %d | %.1f | %.1f | %.1f | %@ |", count, median(trials), mean(trials),
          median(cells.trials(top.map { _ in 0.2 }).flatMap { $0 }), regrets.joined(separator: " | ")))
    }
    return lines
  }

  /// Mean trials to the target, data set by data set.
  func dataSets(_ cold: Cells, _ warm: Cells, _ top: [Double]) -> [String] {
    let (a, b) = (cold.trials(top), warm.trials(top))
    return ["", "| data set | cold | with the 14 others |", "|---|---|---|"]
      + tables.tables.indices.map {
        String(format: "| %@ | %.1f | %.1f |", tables.tables[$0].name, mean(a[$0]), mean(b[$0]))
      }
  }

  private func verdicts(_ cells: Cells) -> String {
    Outcome.looks.map { count in
      String(
        format: "%d trials harmed %.0f %%, helped %.0f %%", count, 100 * cells.share(.harmed, after: count),
        100 * cells.share(.helped, after: count))
    }.joined(separator: "; ")
  }

  private func efficiency(_ cells: Cells) -> String {
    String(format: "%.1f", median(cells.all.compactMap { $0.efficiency?.ratio }))
  }

  func said(_ name: String, _ warm: Cells) -> [String] {
    [
      "", "\(name): verdict after \(verdicts(warm)).",
      "Random trials for each trial, by the control group, in the median: \(efficiency(warm)).",
    ]
  }

  /// What became of those to which no harm was said.
  private func unsaid(_ cold: Cells, _ misled: Cells) -> String {
    let pairs = zip(cold.all, misled.all).filter { $0.1.verdicts[10] != .harmed }
    func regret(_ outcomes: [Outcome]) -> Double { median(outcomes.map { $0.best[9] }) }
    return String(
      format: "Those of which it was not said after 10 trials (%d of %d) were at regret %.3f then, cold %.3f.",
      pairs.count, misled.all.count, regret(pairs.map(\.1)), regret(pairs.map(\.0)))
  }

  func misleading(_ cold: Cells, _ misled: Cells) -> [String] {
    let ratio = misled.regret(after: 10) / cold.regret(after: 10)
    func beside(_ count: Int) -> String {
      String(format: "%.3f, cold %.3f", misled.regret(after: count), cold.regret(after: count))
    }
    return [
      "",
      "Inverted histories of 14: regret after 10 trials \(beside(10)), ratio \(String(format: "%.2f", ratio)) "
        + "(goal ≤ 1.30: \(ratio <= 1.3 ? "kept" : "missed")); after 20 \(beside(20)); after 40 \(beside(40)).",
      "Verdict after \(verdicts(misled)).",
      unsaid(cold, misled),
      "Random trials for each trial, by the control group, in the median: \(efficiency(misled)).",
    ]
  }
}
