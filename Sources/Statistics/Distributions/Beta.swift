internal import Numbers

/// The beta distribution on 0 to 1, with shapes a, b > 0.
struct Beta {
  let a: Double
  let b: Double
  /// ln of 1 / B(a, b).
  private let logScale: Double

  init(a: Double, b: Double) {
    self.a = a
    self.b = b
    logScale = logGamma(a + b) - logGamma(a) - logGamma(b)
  }

  /// Iₓ(a, b), the regularised incomplete beta function: the share of the distribution below x.
  func below(_ x: Double) -> Double { below(x, rest: 1 - x) }

  /// The continued fraction of DLMF 8.17.22, on the side on which it converges fast.
  ///
  /// - Parameter rest: 1 - x, by itself because near x = 1 the difference has no digits left.
  func below(_ x: Double, rest: Double) -> Double {
    guard x > 0 else { return x.isNaN ? x : 0 }
    guard rest > 0 else { return 1 }
    let front = Elementary.exp(logScale + a * Elementary.log(x) + b * Elementary.log(rest))
    return x < (a + 1) / (a + b + 2)
      ? front * Self.fraction(x, a, b) / a : 1 - front * Self.fraction(rest, b, a) / b
  }

  /// The x below which is a share p of the distribution.
  func quantile(_ p: Double) -> Double { bisected(0, 1) { below($0) < p } }

  /// By the modified method of Lentz (Thompson and Barnett, J. Comp. Phys. 64, 1986).
  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    func nonzero(_ value: Double) -> Double { value.magnitude < 1e-300 ? 1e-300 : value }
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
    var result = d
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonzero(1 + even * d)
      c = nonzero(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonzero(1 + odd * d)
      c = nonzero(1 + odd / c)
      result *= d * c
      if (d * c - 1).magnitude < 1e-15 { break }
    }
    return result
  }
}

/// The end of that part of `low` to `high`, beginning at `low`, in which a condition holds: to the last bit.
func bisected(_ low: Double, _ high: Double, while holds: (Double) -> Bool) -> Double {
  var (low, high) = (low, high)
  // Some 60 steps, and at the worst, towards 0, 1,100.
  while true {
    let middle = low + (high - low) / 2
    if middle <= low || middle >= high { return high }
    if holds(middle) { low = middle } else { high = middle }
  }
}
