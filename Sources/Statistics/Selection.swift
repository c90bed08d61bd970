package import Numbers

/// What the best of many trials will be worth, after what it owes to luck: the winner's curse.
package struct Selection: Sendable, Equatable {
  package enum Method: String, Sendable {
    /// By how much the winner is worse, on average, than the best of each single fold: Tibshirani and Tibshirani, "A
    /// bias correction for the minimum error rate in cross-validation", Annals of Applied Statistics 3 (2009).
    case folds
    /// By how much the best of resampled trials looks better than it is (Efron and Tibshirani 1993).
    case bootstrap
    /// All trials drawn towards their mean, as far as their spread is noise: Efron and Morris, JASA 70 (1975).
    case shrinkage
  }

  /// The trial with the lowest mean.
  package let trial: Int
  package let claimed: Double
  package let corrected: Double
  package let method: Method

  /// What the claimed value promises too much.
  package var optimism: Double { corrected - claimed }

  /// - Parameters:
  ///   - measured: all trials among which the best was chosen.
  ///   - noise: from elsewhere, when no trial was measured twice.
  /// - Returns: nil for fewer than two trials, and when nothing is known of noise.
  package init?(
    _ measured: [Measured], _ repeats: Repeats = .independent, noise: Noise? = nil, draws: Draws, count: Int = 1000
  ) {
    let measured = measured.filter { !$0.values.isEmpty }
    let trials = measured.map { (trial: $0.trial, values: $0.ordered) }
    let means = trials.compactMap { Summary($0.values)?.mean }
    guard trials.count > 1, let best = Self.lowest(means) else { return nil }
    let isComplete = Set(measured.map { Set($0.values.keys) }).count == 1
    let fewest = trials.map(\.values.count).min() ?? 0
    trial = trials[best].trial
    claimed = means[best]
    if isComplete, fewest > 1, repeats != .independent {
      method = .folds
      corrected = claimed + Self.foldBias(trials.map(\.values), best)
    } else if fewest > 1 {
      method = .bootstrap
      corrected = claimed + Self.bootstrapBias(trials.map(\.values), means, isComplete, draws, count)
    } else if let noise = noise ?? Noise(measured) {
      method = .shrinkage
      corrected = Self.shrunk(best, means, trials.map { noise.deviation * noise.deviation / Double($0.values.count) })
    } else {
      return nil
    }
  }

  /// The first of the lowest.
  private static func lowest(_ values: [Double]) -> Int? { values.indices.min { values[$0] < values[$1] } }

  private static func foldBias(_ rows: [[Double]], _ best: Int) -> Double {
    let biases = rows[best].indices.map { fold in rows[best][fold] - (rows.map { $0[fold] }.min() ?? 0) }
    return biases.reduce(0, +) / Double(biases.count)
  }

  /// The mean, over resamples of the repeats, of how much worse the winner of the resample is than it looks there.
  /// Common folds or seeds are drawn for all trials together. O(count × values).
  private static func bootstrapBias(
    _ rows: [[Double]], _ means: [Double], _ isComplete: Bool, _ draws: Draws, _ count: Int
  ) -> Double {
    var draws = draws
    var sum = 0.0
    for _ in 0..<count {
      var places = rows[0].indices.map { _ in draws.index(below: rows[0].count) }
      let resampled = rows.indices.map { row in
        let values = rows[row]
        if !isComplete { places = values.indices.map { _ in draws.index(below: values.count) } }
        let mean = places.reduce(0) { $0 + values[$1] } / Double(values.count)
        // Resampled means of n values scatter less than means of n new ones, by √(1 - 1/n).
        return means[row] + (mean - means[row]) * (Double(values.count) / Double(values.count - 1)).squareRoot()
      }
      if let best = lowest(resampled) { sum += means[best] - resampled[best] }
    }
    return sum / Double(count)
  }

  /// - Parameter variances: of each mean, by noise alone.
  private static func shrunk(_ best: Int, _ means: [Double], _ variances: [Double]) -> Double {
    let center = means.reduce(0, +) / Double(means.count)
    let spread = means.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    let noise = variances.reduce(0, +) / Double(variances.count)
    // Of the variance of means, what noise does not explain.
    let signal = max(0, spread / Double(max(means.count - 3, 1)) - noise)
    guard signal + variances[best] > 0 else { return means[best] }
    return center + (means[best] - center) * signal / (signal + variances[best])
  }
}
