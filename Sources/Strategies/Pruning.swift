/// When a trial that runs is stopped, because what it has shown so far does not look promising. A pure function of the record.
package protocol Pruning: Sendable {
  /// - Parameters:
  ///   - curve: what the trial has shown so far, to be minimised.
  ///   - history: all trials; those that ended have their whole curves.
  /// - Returns: why it is stopped; nil: it goes on.
  func reasonToStop(_ curve: [Double], of trial: Int, _ history: History) -> String?
}

extension Pruning {
  /// What other trials had shown after as many steps, also if they were stopped then or later.
  func others(_ history: History, but trial: Int, at step: Int) -> [Double] {
    history.trials.compactMap { other in
      other.number != trial && other.state != .excluded && other.curve.count >= step
        ? orWorst(other.curve[step - 1]) : nil
    }
  }

  /// What is not a number is worse than any.
  func orWorst(_ value: Double) -> Double { value.isNaN ? .infinity : value }
}

/// Stops what is worse than a share of the others were at the same step; half of them: the median rule of Golovin et al.,
/// "Google Vizier" (2017).
package struct PercentilePruning: Pruning {
  /// The share that may go on, 0 to 1.
  package let share: Double
  /// Trials that have to come before the first is stopped.
  package let startup: Int
  /// Steps that every trial may go.
  package let warmup: Int

  package init(share: Double = 0.5, startup: Int = 5, warmup: Int = 0) {
    self.share = share
    self.startup = startup
    self.warmup = warmup
  }

  package func reasonToStop(_ curve: [Double], of trial: Int, _ history: History) -> String? {
    guard curve.count > warmup, let value = curve.last.map(orWorst) else { return nil }
    let others = others(history, but: trial, at: curve.count).sorted()
    guard others.count >= startup else { return nil }
    let limit = Self.quantile(others, share)
    guard value > limit else { return nil }
    return
      "worse than \(share == 0.5 ? "half" : "\(Int(((1 - share) * 100).rounded())) %") of \(others.count) trials at step \(curve.count)"
  }

  /// Between the two nearest, in proportion.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    let rest = place - Double(below)
    guard rest > 0, sorted[below] < sorted[below + 1] else { return sorted[below] }
    return sorted[below] + (sorted[below + 1] - sorted[below]) * rest
  }
}

/// Stops what is beyond a limit.
package struct ThresholdPruning: Pruning {
  package let limit: Double
  package let warmup: Int
  package init(limit: Double, warmup: Int = 0) {
    self.limit = limit
    self.warmup = warmup
  }

  package func reasonToStop(_ curve: [Double], of trial: Int, _ history: History) -> String? {
    guard curve.count > warmup, let value = curve.last, !(value <= limit) else { return nil }
    return "beyond the limit at step \(curve.count)"
  }
}

/// Stops what has not improved for some steps.
package struct PatiencePruning: Pruning {
  package let steps: Int
  package let improvement: Double
  package init(steps: Int, improvement: Double = 0) {
    self.steps = steps
    self.improvement = improvement
  }

  package func reasonToStop(_ curve: [Double], of trial: Int, _ history: History) -> String? {
    let values = curve.map(orWorst)
    guard values.count > steps, let before = values.dropLast(steps).min(), let since = values.suffix(steps).min() else {
      return nil
    }
    return since < before && since <= before - improvement ? nil : "no better for \(steps) steps"
  }
}

/// Successive halving without waiting: at each rung only the best of those that came so far go on.
///
/// Li et al., "A system for massively parallel hyperparameter tuning" (2020).
package struct SuccessiveHalving: Pruning {
  /// The first rung, in steps.
  package let first: Int
  /// The next rung is that many times as far, and one of that many goes on.
  package let factor: Int

  package init(first: Int = 1, factor: Int = 3) {
    self.first = max(first, 1)
    self.factor = max(factor, 2)
  }

  package func reasonToStop(_ curve: [Double], of trial: Int, _ history: History) -> String? {
    var rung = first
    while rung < curve.count { rung *= factor }
    guard rung == curve.count, let value = curve.last.map(orWorst) else { return nil }
    let others = others(history, but: trial, at: rung)
    let better = others.count { $0 < value }
    let places = (others.count + 1) / factor
    // The first few have nothing to be measured by: with fewer than `factor` only the best goes on.
    guard better >= max(places, 1) else { return nil }
    return "place \(better + 1) of \(others.count + 1) at step \(rung), of which \(max(places, 1)) go on"
  }
}

/// Several rules of successive halving side by side, that begin to stop at different steps: trials take turns, most of them with
/// the earliest. For when it is not known how soon a curve says something. Li et al., "Hyperband" (2018).
package struct Hyperband: Pruning {
  package let longest: Int
  package let factor: Int
  private let brackets: [SuccessiveHalving]

  /// - Parameter longest: the steps of a trial that is never stopped.
  package init(longest: Int, factor: Int = 3) {
    self.longest = longest
    self.factor = max(factor, 2)
    var brackets: [SuccessiveHalving] = []
    var first = 1
    while first <= longest {
      brackets.append(SuccessiveHalving(first: first, factor: self.factor))
      first *= self.factor
    }
    self.brackets = brackets
  }

  package func reasonToStop(_ curve: [Double], of trial: Int, _ history: History) -> String? {
    let mine = bracket(of: trial)
    var peers = History()
    for other in history.trials where bracket(of: other.number) == mine { peers.append(other) }
    return brackets[mine].reasonToStop(curve, of: trial, peers)
  }

  /// Of any `factor`ᵏ + … + 1 trials in a row, bracket 0 has the most.
  private func bracket(of trial: Int) -> Int {
    var sizes: [Int] = []
    for place in brackets.indices {
      sizes.append((0..<(brackets.count - 1 - place)).reduce(1) { size, _ in size * factor })
    }
    var place = trial % sizes.reduce(0, +)
    for (bracket, size) in sizes.enumerated() {
      if place < size { return bracket }
      place -= size
    }
    return 0
  }
}
