/// Student's t distribution. Degrees of freedom are greater than 0, and need not be whole.
struct StudentT {
  private let freedom: Double
  private let beta: Beta

  init(freedom: Double) {
    self.freedom = freedom
    beta = Beta(a: freedom / 2, b: 0.5)
  }

  /// P(T > t).
  func above(_ t: Double) -> Double {
    let outside = outside(t)
    return t >= 0 ? outside / 2 : 1 - outside / 2
  }

  /// P(|T| > |t|), by the incomplete beta function (DLMF 8.17).
  func outside(_ t: Double) -> Double {
    if t.isInfinite { return 0 }
    let sum = freedom + t * t
    return beta.below(freedom / sum, rest: t * t / sum)
  }

  /// The t for which P(|T| ≤ t) = `level`.
  func central(_ level: Double) -> Double {
    var upper = 1.0
    while outside(upper) > 1 - level, upper < 1e150 { upper *= 2 }
    return bisected(0, upper) { outside($0) > 1 - level }
  }
}
