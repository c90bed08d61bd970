internal import Numbers

/// The noncentral t distribution: what the statistic of a t test follows when there is a difference.
struct NoncentralT {
  private let freedom: Double
  /// The true difference in units of the standard error of its estimate.
  private let shift: Double
  private let logScale: Double

  init(freedom: Double, shift: Double) {
    self.freedom = freedom
    self.shift = shift
    let half = freedom / 2
    logScale = 0.6931471805599453 + half * Elementary.log(half) - logGamma(half)
  }

  /// P(|T| > t) for t > 0: the normal distribution, averaged over that of the estimated standard deviation by Simpson's
  /// rule. About 9 digits.
  func outside(_ t: Double) -> Double {
    let width = 12 / (2 * freedom).squareRoot()
    let low = max(0, 1 - width)
    // Beyond 9 standard deviations nothing is left of the normal distribution.
    let high = max(low, min(1 + width, (shift.magnitude + 9) / t))
    let count = 400
    let step = (high - low) / Double(count)
    var sum = 0.0
    for index in 0...count {
      let ratio = low + Double(index) * step
      let weight = index == 0 || index == count ? 1.0 : index % 2 == 1 ? 4 : 2
      let beyond = Elementary.normal(below: shift - t * ratio) + Elementary.normal(below: -shift - t * ratio)
      sum += weight * density(ratio) * beyond
    }
    return sum * step / 3
  }

  /// Of an estimated standard deviation, in units of the true one: √(χ² / freedom).
  private func density(_ ratio: Double) -> Double {
    if ratio <= 0 { return freedom == 1 ? 0.7978845608028654 : 0 }
    return Elementary.exp(logScale + (freedom - 1) * Elementary.log(ratio) - freedom / 2 * ratio * ratio)
  }
}
