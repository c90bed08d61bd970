/// The ROC curve on the unit square.
func rocPlot(_ points: [(x: Double, y: Double)]) -> String {
  let size = 360.0
  let left = 56.0
  let top = 16.0
  func x(_ value: Double) -> String { fixed(left + value * size, 1) }
  func y(_ value: Double) -> String { fixed(top + (1 - value) * size, 1) }
  var svg = "<svg viewBox=\"0 0 440 430\" role=\"img\" aria-label=\"ROC curve\">\n"
  for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
    svg += line("grid", x(tick), y(0), x(tick), y(1)) + line("grid", x(0), y(tick), x(1), y(tick))
    svg += "<text x=\"\(x(tick))\" y=\"394\" text-anchor=\"middle\">\(fixed(tick, 2))</text>\n"
    svg +=
      "<text x=\"48\" y=\"\(fixed(top + (1 - tick) * size + 4, 1))\" text-anchor=\"end\">\(fixed(tick, 2))</text>\n"
  }
  let path = points.map { "\(x($0.x)),\(y($0.y))" }.joined(separator: " ")
  svg += line("chance", x(0), y(0), x(1), y(1))
  svg += "<polygon class=\"area\" points=\"\(path) \(x(1)),\(y(0)) \(x(0)),\(y(0))\"/>\n"
  svg += "<polyline class=\"curve\" points=\"\(path)\"/>\n"
  svg += "<text x=\"236\" y=\"418\" text-anchor=\"middle\">false positive rate</text>\n"
  svg += "<text transform=\"translate(14 196) rotate(-90)\" text-anchor=\"middle\">true positive rate</text>\n"
  return svg + "</svg>"
}

/// Values with their intervals, one bar each, on a common scale from 0.
func barPlot(_ bars: [Bar]) -> String {
  let most = bars.reduce(1e-9) { max($0, $1.value, $1.upper ?? $1.value) }
  let row = 34.0
  func width(_ value: Double) -> Double { max(0, value) / most * 360 }
  func x(_ value: Double) -> String { fixed(180 + width(value), 1) }
  var svg = "<svg viewBox=\"0 0 640 \(fixed(Double(bars.count) * row + 12, 0))\" role=\"img\" aria-label=\"bars\">\n"
  for (index, bar) in bars.enumerated() {
    let top = Double(index) * row + 6
    func y(_ offset: Double) -> String { fixed(top + offset, 1) }
    svg += "<text class=\"name\" x=\"172\" y=\"\(y(17))\" text-anchor=\"end\">\(escaped(bar.name))</text>\n"
    svg +=
      "<rect class=\"bar\" x=\"180\" y=\"\(y(3))\" width=\"\(fixed(width(bar.value), 1))\" height=\"20\" rx=\"2\"/>\n"
    if let lower = bar.lower, let upper = bar.upper {
      svg += line("whisker", x(lower), y(13), x(upper), y(13))
      svg += line("whisker", x(lower), y(8), x(lower), y(18)) + line("whisker", x(upper), y(8), x(upper), y(18))
    }
    svg += "<text x=\"552\" y=\"\(y(17))\">\(fixed(bar.value, 4))</text>\n"
  }
  return svg + "</svg>"
}

private func line(_ style: String, _ x1: String, _ y1: String, _ x2: String, _ y2: String) -> String {
  "<line class=\"\(style)\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>\n"
}
