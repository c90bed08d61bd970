/// What all charts have in common: title, legend, axes, and what is said to those who cannot see it.
package struct Figure {
  package var title = ""
  /// One line or several.
  package var subtitle = ""
  package var xLabel = ""
  package var yLabel = ""
  package var width = 640.0
  package var height = 400.0
  /// The number of the colour, and the name.
  package var legend: [(color: Int, name: String)] = []
  /// In one or two sentences.
  package var description = ""

  package init(
    title: String = "", subtitle: String = "", xLabel: String = "", yLabel: String = "", width: Double = 640,
    height: Double = 400, legend: [(color: Int, name: String)] = [], description: String = ""
  ) {
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.width = width
    self.height = height
    self.legend = legend
    self.description = description
  }

  /// Colours told apart by people with any kind of colour blindness (after Okabe and Ito); lighter on dark paper.
  package static let colors: [(light: String, dark: String)] = [
    ("#0072b2", "#5ab0e8"), ("#d55e00", "#f58b4c"), ("#009e73", "#3cc79b"), ("#b8578f", "#e39ac6"),
    ("#c98a00", "#f2bd4e"), ("#3f9fd6", "#a3dafc"), ("#6b5b95", "#b3a5dd"), ("#5c6670", "#c3ccd6"),
  ]
  package static func color(_ index: Int) -> String { "c\(index % colors.count)" }
  /// So that more lines than colours can be told apart, and grey prints read.
  package static func dash(_ index: Int) -> String {
    let dashes = ["", "7 3", "2 3", "9 3 2 3"]
    let dash = dashes[(index / colors.count) % dashes.count]
    return dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
  }

  /// The room that is left for the chart itself, without tick labels.
  package struct Area {
    package var left, top, right, bottom: Double
    package var width: Double { right - left }
    package var height: Double { bottom - top }
  }

  /// `draw` gets the room below title and legend.
  package func svg(_ draw: (Area) -> String) -> String {
    var y = 14.0
    var head = ""
    if !title.isEmpty {
      y += 16
      head += text("title", 16, y, fitted(title, width - 32, 15))
      y += 6
    }
    for line in subtitle.split(separator: "\n") {
      y += 13
      head += text("soft", 16, y, fitted(String(line), width - 32, 12))
      y += 6
    }
    head += legendRows(&y)
    if !yLabel.isEmpty {
      y += 16
      head += text("soft", 16, y, fitted(yLabel, width - 32, 12))
    }
    let bottom = height - (xLabel.isEmpty ? 14 : 30)
    let body = draw(Area(left: 16, top: y + 15, right: width - 16, bottom: bottom))
    let label = xLabel.isEmpty ? "" : text("soft end", width - 16, height - 12, fitted(xLabel, width - 32, 12))
    let spoken = [title, description].filter { !$0.isEmpty }.joined(separator: ". ")
    return """
      <svg xmlns="http://www.w3.org/2000/svg" class="assay-plot" viewBox="0 0 \(px(width)) \(px(height))" \
      width="\(px(width))" height="\(px(height))" role="img" aria-label="\(escaped(spoken))">
      <title>\(escaped(title.isEmpty ? description : title))</title>
      <desc>\(escaped(description))</desc>
      <style>
      \(Self.style)
      </style>
      <rect class="paper" width="100%" height="100%"/>
      \(head)\(body)\(label)</svg>

      """
  }

  private func legendRows(_ y: inout Double) -> String {
    guard !legend.isEmpty else { return "" }
    var x = 16.0
    y += 18
    var rows = ""
    for entry in legend {
      let name = fitted(entry.name, self.width - 60, 12)
      let room = 18 + plot_width(name, 12) + 16
      if x > 16, x + room > self.width - 8 { (x, y) = (16, y + 18) }
      rows +=
        "<rect class=\"\(Self.color(entry.color)) dot\" x=\"\(px(x))\" y=\"\(px(y - 9))\" width=\"12\" height=\"9\" rx=\"2\"/>\n"
      rows += text("name", x + 17, y, name)
      x += room
    }
    y += 4
    return rows
  }

  private static let style: String = {
    func rules(_ paper: String, _ ink: String, _ soft: String, _ line: String, _ colors: [String]) -> String {
      let scope = ".assay-plot"
      var css = "\(scope) .paper, \(scope) .gap { fill: \(paper); } "
      css += "\(scope) .ring, \(scope) .halo { stroke: \(paper); }\n"
      css +=
        "\(scope) .title, \(scope) .name { fill: \(ink); } \(scope) .inverse { fill: \(paper); } \(scope) .soft, \(scope) .tick { fill: \(soft); }\n"
      css += "\(scope) .grid { stroke: \(line); } \(scope) .axis, \(scope) .whisker { stroke: \(soft); }\n"
      return css + colors.enumerated().map { "\(scope) .c\($0) { color: \($1); }" }.joined(separator: " ") + "\n"
    }
    let light = rules("#ffffff", "#1d2129", "#5b6470", "#e3e6eb", colors.map(\.light))
    let dark = rules("#14171c", "#e6e9ee", "#9aa3b0", "#2b313a", colors.map(\.dark))
    return light + """
      .assay-plot text { font: 12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
      .assay-plot .title { font-size: 15px; font-weight: 600; } .assay-plot .tick { font-size: 11px; }
      .assay-plot .middle { text-anchor: middle; } .assay-plot .end { text-anchor: end; }
      .assay-plot .line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
      .assay-plot .dot { fill: currentColor; } .assay-plot .band { fill: currentColor; fill-opacity: 0.14; }
      .assay-plot .grid { stroke-width: 1; } .assay-plot .axis { stroke-width: 1; } .assay-plot .whisker { stroke-width: 1.5; }
      .assay-plot .chance { stroke-dasharray: 4 4; } .assay-plot .ring { stroke-width: 1; }
      .assay-plot .halo { paint-order: stroke; stroke-width: 4; stroke-linejoin: round; }
      @media (prefers-color-scheme: dark) {

      """ + dark + "}"
  }()
}

/// Not the property of that name.
private func plot_width(_ text: String, _ size: Double) -> Double { width(text, size) }

package func text(_ style: String, _ x: Double, _ y: Double, _ words: String) -> String {
  "<text class=\"\(style)\" x=\"\(px(x))\" y=\"\(px(y))\">\(escaped(words))</text>\n"
}

package func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
  "<line class=\"\(style)\" x1=\"\(px(x1))\" y1=\"\(px(y1))\" x2=\"\(px(x2))\" y2=\"\(px(y2))\"/>\n"
}

/// A horizontal and a vertical scale in their places, and how they are drawn.
package struct Axes {
  package var x: Scale
  package var y: Scale
  package let area: Figure.Area
  private let grid: String
  private let front: String

  /// - Parameter square: a unit of x is as long as one of y.
  package init(_ x: Scale, _ y: Scale, in room: Figure.Area, square: Bool = false, verticals: Bool = false) {
    let labels = y.ticks.map(y.label)
    var area = room
    area.left += (labels.map { width($0, 11) }.max() ?? 0) + 8
    area.right -= (x.ticks.last.map { width(x.label($0), 11) } ?? 0) / 2
    area.bottom -= 20
    if square {
      let side = min(area.width, area.height)
      area.right = area.left + side
      area.top = area.bottom - side
    }
    self.area = area
    (self.x, self.y) = (x, y)
    (self.x.from, self.x.to) = (area.left, area.right)
    (self.y.from, self.y.to) = (area.bottom, area.top)
    var grid = ""
    for (tick, label) in zip(y.ticks, labels) {
      let place = self.y[tick]
      grid += line("grid", area.left, place, area.right, place) + text("tick end", area.left - 8, place + 4, label)
    }
    var last = -Double.infinity
    for tick in x.ticks {
      let place = self.x[tick]
      if verticals { grid += line("grid", place, area.top, place, area.bottom) }
      let label = x.label(tick)
      let half = width(label, 11) / 2
      guard place - half > last + 6 else { continue }
      last = place + half
      grid += line("axis", place, area.bottom, place, area.bottom + 4)
      grid += text("tick middle", place, area.bottom + 17, label)
    }
    self.grid = grid
    front = line("axis", area.left, area.bottom, area.right, area.bottom)
  }

  /// The chart between grid and axis.
  package func around(_ marks: String) -> String { grid + marks + front }
}
