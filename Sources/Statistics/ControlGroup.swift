/// Trials drawn at random: what an experiment would find without any strategy.
package struct ControlGroup: Sendable {
  /// Ascending; to be minimised.
  package let values: [Double]

  package init(_ values: [Double]) { self.values = values.filter { $0 == $0 }.sorted() }

  /// How many of them are at least as good; nil without any.
  package func share(reaching target: Double) -> Proportion? {
    values.isEmpty ? nil : Proportion(values.count { $0 <= target }, of: values.count)
  }

  /// How many random trials it takes to reach a value: 1/p, if a share p of them does, with the interval that follows
  /// from that of p. Infinite when none did: then the lower end alone says something.
  package func trials(toReach target: Double, level: Double = 0.95) -> (expected: Double, interval: Interval)? {
    share(reaching: target).map {
      let interval = $0.beta(level: level)
      return (1 / $0.share, Interval(1 / interval.upper, 1 / interval.lower))
    }
  }

  /// The mean of the best of `count` of them, over all choices of so many; nil when there are fewer.
  ///
  /// The smallest is the i-th in C(n - i, k - 1) of C(n, k) choices (David and Nagaraja, Order Statistics, 2003).
  package func expectedBest(of count: Int) -> Double? {
    guard count > 0, count <= values.count else { return nil }
    var weight = Double(count) / Double(values.count)
    var sum = 0.0
    for (index, value) in values.enumerated() where weight > 0 {
      sum += weight * value
      let behind = values.count - index - 1
      weight *= behind > 0 ? Double(max(behind - count + 1, 0)) / Double(behind) : 0
    }
    return sum
  }
}

/// The lowest of the values up to each; infinite before the first number.
package func bestSoFar(_ values: [Double]) -> [Double] {
  var best = Double.infinity
  return values.map { value in
    best = value < best ? value : best
    return best
  }
}
