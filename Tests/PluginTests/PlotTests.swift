import Foundation
import PluginHarness
import Tasks
import Testing
import Values

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct PlotTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private static let rows: JSON = [
    ["a": 1.0, "b": 2.0, "c": "x"], ["a": 2.0, "b": nil, "c": "<y> & \"z\""], ["a": 3.5, "b": -1e9, "c": nil],
  ]
  private static let curve: JSON = [
    [
      "name": "</svg>",
      "points": [
        ["fpr": 0.0, "tpr": 0.0, "predicted": 0.1, "observed": 0.2],
        ["fpr": 1.0, "tpr": 1.0, "predicted": 0.9, "observed": 0.7],
      ],
    ]
  ]
  private static let charts: [(String, [String: JSON])] = [
    ("line", ["table": rows, "x": "a", "y": ["b", "a"]]),
    ("scatter", ["table": rows, "x": "a", "y": "b", "group": "c"]),
    ("histogram", ["table": rows, "column": "b"]), ("bar", ["table": rows, "label": "c", "value": "b"]),
    ("roc", ["curves": curve]), ("calibration", ["curves": curve]),
    ("confusion", ["counts": [[0, 0], [1, 2]], "classes": ["<a>", "b\u{1}"]]),
    ("heat_map", ["matrix": [[1.0, "nan"], [-2.0, 0.0]], "columns": ["&", "b"]]),
  ]

  private func draw(_ chart: String, _ inputs: [String: JSON]) throws -> String {
    let outputs = try bench.json("std.plot." + chart, inputs)
    return try String(contentsOfFile: try #require(outputs["file"]?.asString), encoding: .utf8)
  }

  @Test(arguments: charts) func chartsAreWellFormedAndRepeatable(chart: String, inputs: [String: JSON]) throws {
    let title: [String: JSON] = ["title": "<script>alert(1)</script> & more"]
    let svg = try draw(chart, inputs.merging(title) { $1 })
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError)): \(svg)")
    #expect(!svg.contains("<script") && !svg.contains("nan") && !svg.contains("inf"), "\(svg)")
    #expect(svg.contains("role=\"img\"") && svg.contains("<title>") && svg.contains("<desc>"))
    #expect(svg.contains("prefers-color-scheme: dark"))
    #expect(try draw(chart, inputs.merging(title) { $1 }) == svg)
  }

  @Test(
    arguments: [
      ("line", ["table": [], "x": "a", "y": ["b"]], "table.column"),
      ("line", ["table": rows, "x": "c", "y": ["b"]], "table.type"),
      ("line", ["table": rows, "x": "a", "y": []], "plot.empty"),
      ("bar", ["table": rows, "label": "d", "value": "b"], "table.column"),
      ("roc", ["curves": []], "plot.empty"), ("confusion", ["counts": [[1]], "classes": ["a", "b"]], "plot.shape"),
      ("confusion", ["counts": [[-1]], "classes": ["a"]], "plot.shape"),
      ("heat_map", ["matrix": [[1.0]], "rows": ["a", "b"]], "plot.shape"),
    ] as [(String, [String: JSON], String)])
  func whatCannotBeDrawnIsRefused(chart: String, inputs: [String: JSON], code: String) throws {
    let failure = try bench.failure("std.plot." + chart, inputs)
    #expect(failure.code == code, "\(failure)")
  }

  /// Ticks at round numbers, whatever the range.
  @Test(arguments: [
    ([0.0, 1.0], ["0.0", "0.2", "1.0"]), ([0.0, 0.0003], ["0.0001"]), ([-5.0, 5.0], ["−4", "0", "4"]),
    ([1000.0, 9000.0], ["2,000", "8,000"]), ([1e12, 3e12], ["2×10¹²"]), ([7.0, 7.0], ["7.0"]),
    ([1e-9, 5e-9], ["2×10⁻⁹"]),
    ([1e308, -1e308], ["0"]),
  ])
  func ticksAreRound(values: [Double], labels: [String]) throws {
    let rows = JSON.array(values.map { ["x": 1.0, "y": .float($0)] })
    let svg = try draw("line", ["table": rows, "x": "x", "y": ["y"]])
    for label in labels { #expect(svg.contains(">\(label)</text>"), "\(label): \(svg)") }
  }
}
