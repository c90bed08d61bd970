// What is computed from samples.

#if canImport(Glibc)
  import Glibc
#endif

package func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// With n - 1; NaN for fewer than two values.
package func variance(_ values: [Double]) -> Double {
  let center = mean(values)
  return values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count - 1)
}

/// Linear interpolation between order statistics (numpy's default).
package func quantile(_ sorted: [Double], _ share: Double) -> Double {
  let position = share * Double(sorted.count - 1)
  let index = min(max(Int(position), 0), sorted.count - 1)
  let next = min(index + 1, sorted.count - 1)
  return sorted[index] + (position - Double(index)) * (sorted[next] - sorted[index])
}

/// Ranks from 1; equal values share the mean of theirs. Also the sum of t³ - t over groups of equal values.
package func ranks(_ values: [Double]) -> (ranks: [Double], ties: Double) {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var ties = 0.0
  var start = 0
  while start < order.count {
    var end = start
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for position in start..<end { ranks[order[position]] = Double(start + end + 1) / 2 }
    let size = Double(end - start)
    ties += size * size * size - size
    start = end
  }
  return (ranks, ties)
}

/// Pearson's coefficient; NaN where one of them is constant.
package func correlation(_ x: [Double], _ y: [Double]) -> Double {
  let (mx, my) = (mean(x), mean(y))
  var (xx, yy, xy) = (0.0, 0.0, 0.0)
  for (a, b) in zip(x, y) {
    xx += (a - mx) * (a - mx)
    yy += (b - my) * (b - my)
    xy += (a - mx) * (b - my)
  }
  let r = xy / (xx.squareRoot() * yy.squareRoot())
  return r.isNaN ? r : min(1, max(-1, r))
}

/// Wilson's score interval of a share.
package func wilson(_ successes: Int, of trials: Int, level: Double) -> (lower: Double, upper: Double) {
  let z = Normal.central(level)
  let n = Double(trials)
  let p = Double(successes) / n
  let center = (p + z * z / (2 * n)) / (1 + z * z / n)
  let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
  return (successes == 0 ? 0 : max(0, center - half), successes == trials ? 1 : min(1, center + half))
}
