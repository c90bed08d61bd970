// The distributions that intervals and tests need. Relative accuracy about 1e-13; every loop is bounded.

#if canImport(Glibc)
  import Glibc
#endif

package enum Normal {
  /// P(Z > z).
  package static func above(_ z: Double) -> Double { erfc(z / 2.0.squareRoot()) / 2 }
  /// P(|Z| > |z|).
  package static func outside(_ z: Double) -> Double { erfc(z.magnitude / 2.0.squareRoot()) }
  /// The z with P(|Z| <= z) = level.
  package static func central(_ level: Double) -> Double {
    solve(0, 40) { 1 - outside($0) < level }
  }
}

package enum StudentT {
  /// P(|T| > |t|): the incomplete beta function (DLMF 8.17).
  package static func outside(_ t: Double, _ freedom: Double) -> Double {
    if t.isInfinite { return 0 }
    return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
  }
  /// The t with P(|T| <= t) = level.
  package static func central(_ level: Double, _ freedom: Double) -> Double {
    var upper = 1.0
    while outside(upper, freedom) > 1 - level, upper < 1e300 { upper *= 2 }
    return solve(0, upper) { outside($0, freedom) > 1 - level }
  }
}

/// Bisection: the end of the part of `low ... high` in which the condition holds.
package func solve(_ low: Double, _ high: Double, _ isBelow: (Double) -> Bool) -> Double {
  var (low, high) = (low, high)
  for _ in 0..<200 {
    let middle = low + (high - low) / 2
    if middle <= low || middle >= high { break }
    if isBelow(middle) { low = middle } else { high = middle }
  }
  return high
}

/// I_x(a, b) by the continued fraction of DLMF 8.17.22, evaluated with Lentz's method.
package func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
  return x < (a + 1) / (a + b + 2) ? front * fraction(x, a, b) / a : 1 - front * fraction(1 - x, b, a) / b
}

private func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  func clamped(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / clamped(1 - (a + b) * x / (a + 1))
  var result = d
  for step in 1...10_000 {
    let m = Double(step)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / clamped(1 + even * d)
    c = clamped(1 + even / c)
    result *= d * c
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / clamped(1 + odd * d)
    c = clamped(1 + odd / c)
    result *= d * c
    if (d * c - 1).magnitude < 1e-15 { break }
  }
  return result
}

/// log of n over k.
package func logChoose(_ n: Double, _ k: Double) -> Double { lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) }

/// P(X <= k) for X binomial with n tries and probability 1/2. O(k).
package func binomialHalf(atMost k: Int, of n: Int) -> Double {
  var sum = 0.0
  for i in stride(from: k, through: 0, by: -1) {
    let term = exp(logChoose(Double(n), Double(i)) - Double(n) * log(2))
    sum += term
    if term < sum * 1e-18 { break }
  }
  return min(1, sum)
}
