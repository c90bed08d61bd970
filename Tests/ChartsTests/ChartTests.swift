import Charts
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ChartTests {
  @Test func aStepLineAndDotsInBraille() {
    var plot = TextPlot(x: (0, 10), y: (0, 1), columns: 30, rows: 7)
    plot.steps([(0, 0), (5, 0.5), (10, 1)])
    plot.mark(10, 0, "●")
    #expect(
      plot.lines() == [
        "1.0 ┤                        ⢸",
        "    │                        ⢸",
        "0.5 ┤            ⢠⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠼",
        "    │            ⢸",
        "0.0 ┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣸           ●",
        "    └─────────────────────────",
        "     0           5          10",
      ])
  }

  @Test(arguments: [24, 40, 100], [4, 9, 30]) func plotsKeepToTheirRoom(columns: Int, rows: Int) {
    for isASCII in [true, false] {
      var plot = TextPlot(x: (-1e9, 3e12), y: (1e-9, 5e-9), columns: columns, rows: rows, isASCII: isASCII)
      plot.steps([(.nan, 1), (0, 2e-9), (.infinity, 3e-9), (1e12, 4e-9), (1e300, -1e300)])
      plot.dot(0, .nan)
      let lines = plot.lines()
      #expect(lines.count == max(4, rows) && lines.allSatisfy { $0.count <= max(columns, 24) }, "\(lines)")
      #expect(
        !isASCII
          || lines.joined().unicodeScalars.allSatisfy { $0.value < 0x80 || "×⁻¹²³⁰⁴⁵⁶⁷⁸⁹−".unicodeScalars.contains($0) }
      )
    }
  }

  @Test(arguments: [(0.0, "----"), (0.5, "##--"), (1, "####"), (7, "####"), (-1, "----"), (.nan, "----")])
  func bars(share: Double, expected: String) { #expect(textBar(share, columns: 4, full: "#", empty: "-") == expected) }

  @Test(arguments: [
    ProgressChart(title: "<&>", yLabel: "\"y\"", trials: [(1, .nan), (2, 1e300), (3, -1e300)], best: [(2, 1e300)])
      .svg(),
    ProgressChart(title: "", yLabel: "y", trials: [], best: []).svg(),
    FrontChart(title: "", xLabel: "x", yLabel: "y", points: [.init(number: 1, x: 0, y: 0, isFront: true)]).svg(),
    ParallelChart(
      title: "</svg>", axes: [.init(name: "<a>", ticks: [(0.5, "&")]), .init(name: "b", ticks: [])],
      lines: [.init(places: [nil, 0.2], isBest: true), .init(places: [], isBest: false)]
    ).svg(),
    BarRows([
      .init(name: "a\u{1}", value: .nan), .init(name: "b", value: 1, lower: 0, upper: .infinity, reference: .nan),
    ])
    .svg(title: "", xLabel: "", description: ""),
  ]) func picturesOfOddThingsAreWellFormed(svg: String) {
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError)): \(svg)")
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  /// A few trials that went wrong do not squeeze the others into a line.
  @Test func theWindowShowsTheManyAndTheBest() {
    let values = (0..<100).map { $0 % 33 == 0 ? 1e6 : Double($0 % 10) }
    let window = ProgressChart.window(values, [9, 3, 0])
    #expect(window.low == 0 && window.high == 9)
  }
}
