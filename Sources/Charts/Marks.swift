/// Unbroken runs of points as one path. Points outside of the numbers break it.
package func path(_ points: [(x: Double, y: Double)]) -> String {
  var commands = ""
  var isOpen = false
  for point in points {
    guard point.x.isFinite, point.y.isFinite else {
      isOpen = false
      continue
    }
    commands += (isOpen ? " L" : commands.isEmpty ? "M" : " M") + px(point.x) + " " + px(point.y)
    isOpen = true
  }
  return commands
}

/// Circles, squares, triangles and diamonds.
package func mark(_ color: Int, _ x: Double, _ y: Double, _ r: Double) -> String {
  let style = "class=\"\(Figure.color(color)) dot\""
  switch color % 4 {
  case 0: return "<circle \(style) cx=\"\(px(x))\" cy=\"\(px(y))\" r=\"\(px(r))\"/>\n"
  case 1:
    return
      "<rect \(style) x=\"\(px(x - r * 0.9))\" y=\"\(px(y - r * 0.9))\" width=\"\(px(1.8 * r))\" height=\"\(px(1.8 * r))\"/>\n"
  case 2:
    return "<path \(style) d=\"M\(px(x)) \(px(y - 1.25 * r))l\(px(1.15 * r)) \(px(2.1 * r))h\(px(-2.3 * r))Z\"/>\n"
  default:
    return
      "<path \(style) d=\"M\(px(x)) \(px(y - 1.3 * r))l\(px(1.3 * r)) \(px(1.3 * r))l\(px(-1.3 * r)) \(px(1.3 * r))l\(px(-1.3 * r)) \(px(-1.3 * r))Z\"/>\n"
  }
}

/// Bars that lie below each other, each with its name, its number and, where it is given, its interval.
package struct BarRows {
  package struct Bar {
    package var name: String
    /// Not a number: the place stays empty.
    package var value: Double
    package var lower: Double?
    package var upper: Double?
    /// A line across the bar: what to compare it with.
    package var reference: Double?
    package init(
      name: String, value: Double, lower: Double? = nil, upper: Double? = nil, reference: Double? = nil
    ) {
      self.name = name
      self.value = value
      self.lower = lower
      self.upper = upper
      self.reference = reference
    }
  }

  private let bars: [Bar]
  package init(_ bars: [Bar]) { self.bars = bars }

  package func svg(
    title: String, subtitle: String = "", xLabel: String, width: Double = 640, description: String
  ) -> String {
    let head = (title.isEmpty ? 0.0 : 22) + (subtitle.isEmpty ? 0 : 19)
    let figure = Figure(
      title: title, subtitle: subtitle, xLabel: xLabel, width: width,
      height: head + 26 + Double(bars.count) * 30 + 20 + 36, description: description)
    return figure.svg { draw(in: $0, width) }
  }

  private func draw(in room: Figure.Area, _ size: Double) -> String {
    let longest = min(size * 0.35, bars.map { width($0.name, 12) }.max() ?? 0)
    let (least, most) = extent(bars.flatMap { [$0.value, $0.lower ?? 0, $0.upper ?? 0, $0.reference ?? 0, 0] })
    var area = room
    area.left += longest + 12
    area.right -= 64
    area.bottom -= 20
    var scale = Scale(least, most, about: Int(size) / 110, isOpen: true)
    (scale.from, scale.to) = (area.left, area.right)
    var back = "", front = ""
    for tick in scale.ticks {
      back += line(tick == 0 ? "axis" : "grid", scale[tick], area.top, scale[tick], area.bottom)
      back += text("tick middle", scale[tick], area.bottom + 17, scale.label(tick))
    }
    for (index, bar) in bars.enumerated() {
      let y = area.top + (Double(index) + 0.5) * area.height / Double(bars.count)
      back += text("name end", area.left - 10, y + 4, fitted(bar.name, longest + 2, 12))
      front += bar.value.isFinite ? draw(bar, y, scale) : text("soft", scale[0] + 6, y + 4, "no value")
    }
    return back + front
  }

  private func draw(_ bar: Bar, _ y: Double, _ scale: Scale) -> String {
    let (from, to) = (min(scale[0], scale[bar.value]), max(scale[0], scale[bar.value]))
    var svg =
      "<rect class=\"c0 dot\" x=\"\(px(from))\" y=\"\(px(y - 10))\" width=\"\(px(to - from))\" height=\"20\" rx=\"2\"/>\n"
    var end = max(to, scale[0])
    if let low = bar.lower, let high = bar.upper, low.isFinite, high.isFinite {
      svg +=
        "<rect class=\"gap\" fill-opacity=\"0.65\" x=\"\(px(scale[low]))\" y=\"\(px(y - 2.5))\" width=\"\(px(max(0, min(to, scale[high]) - scale[low])))\" height=\"5\"/>\n"
      svg += line("whisker", scale[low], y, scale[high], y)
      svg +=
        line("whisker", scale[low], y - 5, scale[low], y + 5) + line("whisker", scale[high], y - 5, scale[high], y + 5)
      end = max(end, scale[high])
    }
    if let reference = bar.reference, reference.isFinite {
      svg += line("whisker chance", scale[reference], y - 13, scale[reference], y + 13)
      end = max(end, scale[reference])
    }
    return svg + text("name", end + 7, y + 4, short(bar.value))
  }
}
