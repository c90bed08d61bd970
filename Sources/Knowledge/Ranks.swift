internal import Numbers

/// How two rows of numbers agree in order. What is +∞ is last; ties share their rank.
package enum Ranks {
  /// The share of pairs that `a` orders as `b` does: 0 to 1. Pairs alike in `b` say nothing; those alike in `a` count half.
  /// Nil when no pair says anything.
  static func agreement(_ a: [Double], _ b: [Double]) -> Double? {
    var (alike, pairs) = (0.0, 0.0)
    for i in a.indices {
      for j in 0..<i where b[i] != b[j] {
        pairs += 1
        if a[i] == a[j] { alike += 0.5 } else if (a[i] < a[j]) == (b[i] < b[j]) { alike += 1 }
      }
    }
    return pairs > 0 ? alike / pairs : nil
  }

  /// Spearman's correlation of ranks; nil when one row is constant.
  package static func correlation(_ a: [Double], _ b: [Double]) -> Double? {
    let (x, y) = (ranks(a), ranks(b))
    let middle = Double(a.count - 1) / 2
    var (xy, xx, yy) = (0.0, 0.0, 0.0)
    for index in a.indices {
      xy += (x[index] - middle) * (y[index] - middle)
      xx += (x[index] - middle) * (x[index] - middle)
      yy += (y[index] - middle) * (y[index] - middle)
    }
    return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : nil
  }

  /// From 0; ties have the mean of their ranks.
  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end - 1) / 2 }
      start = end
    }
    return ranks
  }

  /// How many standard deviations a correlation of `count` pairs is away from none (Fisher 1921; Fieller et al. 1957).
  package static func deviations(_ correlation: Double, _ count: Int) -> Double {
    guard count > 3 else { return 0 }
    let r = min(max(correlation, -0.999999), 0.999999)
    return 0.5 * Elementary.log((1 + r) / (1 - r)) * (Double(count - 3) / 1.06).squareRoot()
  }

  /// How many standard deviations the values of `a` lie above those of `b` (Mann and Whitney 1947). 0 with one value or less.
  static func excess(of a: [Double], over b: [Double]) -> Double {
    guard a.count > 1, b.count > 1 else { return 0 }
    let all = ranks(a + b)
    let (m, n) = (Double(a.count), Double(b.count))
    let sum = all.prefix(a.count).reduce(0, +) - m * (m - 1) / 2
    let middle = Double(all.count - 1) / 2
    // The variance of ranks with their ties.
    let variance = all.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / Double(all.count - 1)
    let deviation = (variance * m * n / (m + n)).squareRoot()
    guard deviation > 0 else { return 0 }
    let off = sum - m * n / 2
    return off.sign == .minus ? min(off + 0.5, 0) / deviation : max(off - 0.5, 0) / deviation
  }
}
