/// From numbers to places, with ticks at round numbers.
package struct Scale {
  package let low: Double
  package let high: Double
  /// Where `low` and `high` lie.
  package var from = 0.0
  package var to = 1.0
  package let ticks: [Double]
  private let decimals: Int

  /// A scale that shows all of `low ... high`. With `isOpen` it ends at ticks, else exactly there.
  package init(_ low: Double, _ high: Double, about count: Int, isOpen: Bool) {
    var (low, high) = (min(low, high), max(low, high))
    (low, high) = (max(low, -4e307), min(high, 4e307))  // so that differences are numbers
    if !low.isFinite || !high.isFinite { (low, high) = (0, 1) }
    if high - low <= max(low.magnitude, high.magnitude) * 1e-12 {
      let margin = low == 0 ? 1 : low.magnitude * 0.1
      (low, high) = (low - margin, high + margin)
    }
    let (step, decimals) = Self.step((high - low) / Double(max(1, count)))
    let slack = 1e-9
    let first = isOpen ? (low / step + slack).rounded(.down) : (low / step - slack).rounded(.up)
    let last = isOpen ? (high / step - slack).rounded(.up) : (high / step + slack).rounded(.down)
    self.decimals = decimals
    self.low = isOpen ? first * step : low
    self.high = isOpen ? last * step : high
    let steps = last >= first && last - first < 100 ? Int(last - first) : 0
    ticks = (0...steps).map { (first + Double($0)) * step }
  }

  /// 1, 2, 2.5 or 5 times a power of ten, at least as large; and the decimals that its multiples need.
  private static func step(_ rough: Double) -> (step: Double, decimals: Int) {
    let exponent = exponent(of: rough)
    let power = power(ofTen: exponent)
    for (factor, more) in [(1.0, 0), (2.0, 0), (2.5, 1), (5.0, 0), (10.0, -1)]
    where factor * power >= rough * (1 - 1e-9) {
      return (factor * power, max(0, -exponent + more))
    }
    return (10 * power, max(0, -exponent - 1))
  }

  package subscript(value: Double) -> Double { from + (value - low) / (high - low) * (to - from) }

  package func label(_ tick: Double) -> String {
    let most = max(low.magnitude, high.magnitude)
    return most >= 1e7 || most < 1e-4 ? scientific(tick) : decimal(tick, decimals)
  }
}

/// The finite ones of some numbers, as a range; 0 … 1 of none.
package func extent(_ values: [Double]) -> (low: Double, high: Double) {
  let finite = values.filter(\.isFinite)
  guard let low = finite.min(), let high = finite.max() else { return (0, 1) }
  return (low, high)
}
