import AssayKit
import Numerics

/// A number with its interval.
struct Estimate: AssayRecord {
  @Field("value") var value: Double
  @Field("lower") var lower: Double
  @Field("upper") var upper: Double
}

extension Estimate {
  init(_ value: Double, _ lower: Double, _ upper: Double) {
    self.init()
    self.value = value
    self.lower = lower
    self.upper = upper
  }
}

/// Percentile bootstrap over cases: draws them with replacement, and takes the quantiles of what comes out.
struct Bootstrap {
  var rounds: Int
  var level: Double
  var seed: Int
  var context: Context

  /// The intervals of several measures at once. `measure` is given how often each case was drawn; a measure that is not
  /// defined for a draw (NaN) does not count there. O(rounds × (cases + the measure)).
  func intervals(
    _ cases: Int, _ values: [Double], _ measure: ([Int]) -> [Double]
  ) throws -> [Estimate] {
    guard rounds > 0 else { return values.map { Estimate($0, $0, $0) } }
    var random = SeededGenerator(seed: seed)
    var drawn = values.map { _ in [Double]() }
    for round in 0..<rounds {
      if round % 20 == 0 {
        try context.checkCancelled()
        context.progress(Double(round), of: Double(rounds), "bootstrap")
      }
      var weights = [Int](repeating: 0, count: cases)
      for _ in 0..<cases { weights[random.below(cases)] += 1 }
      for (index, value) in measure(weights).enumerated() where !value.isNaN { drawn[index].append(value) }
    }
    return zip(values, drawn).map { value, drawn in
      let sorted = drawn.sorted()
      guard !sorted.isEmpty else { return Estimate(value, value, value) }
      return Estimate(value, quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2))
    }
  }

  /// Of a mean of one number per case.
  func mean(_ terms: [Double]) throws -> Estimate {
    let value = terms.reduce(0, +) / Double(terms.count)
    return try intervals(terms.count, [value]) { weights in
      var sum = 0.0
      for (index, weight) in weights.enumerated() where weight > 0 { sum += Double(weight) * terms[index] }
      return [sum / Double(terms.count)]
    }[0]
  }
}
