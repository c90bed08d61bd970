/// From where to where something lies, with a stated confidence.
package struct Interval: Sendable, Equatable {
  package let lower: Double
  package let upper: Double
  package init(_ lower: Double, _ upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  package func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}

/// What a table shows of several values of one thing: mean, how far they scatter, how many they are.
package struct Summary: Sendable, Equatable {
  package let count: Int
  package let mean: Double
  /// With n - 1; nil of one value, which says nothing of how far others would lie from it.
  package let deviation: Double?

  /// Nil without values.
  package init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    count = values.count
    let center = values.reduce(0, +) / Double(count)
    mean = center
    let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    deviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
  }

  private init(count: Int, mean: Double, deviation: Double?) {
    self.count = count
    self.mean = mean
    self.deviation = deviation
  }

  /// Of the same values with the other sign.
  package var turned: Summary { Summary(count: count, mean: -mean, deviation: deviation) }

  /// Of the estimated mean; nil of one value.
  package func standardError(_ repeats: Repeats = .independent) -> Double? {
    deviation.map { $0 * repeats.varianceFactor(count).squareRoot() }
  }

  /// Student's t interval of the true mean; nil of one value.
  package func interval(_ repeats: Repeats = .independent, level: Double = 0.95) -> Interval? {
    standardError(repeats).map {
      let half = StudentT(freedom: Double(count - 1)).central(level) * $0
      return Interval(mean - half, mean + half)
    }
  }
}
