import AssayKit
import Charts

/// The unit square with a diagonal, for ROC and calibration curves.
private func unitSquare(
  _ figure: Figure, _ curves: [[(x: Double, y: Double)]], dots: Bool, area: Bool
) -> String {
  figure.svg { room in
    let axes = Axes(
      Scale(0, 1, about: 5, isOpen: true), Scale(0, 1, about: 5, isOpen: true), in: room, square: true, verticals: true)
    var marks = line("axis chance", axes.x[0], axes.y[0], axes.x[1], axes.y[1])
    for (index, curve) in curves.enumerated() {
      let points = curve.map { (x: axes.x[$0.x], y: axes.y[$0.y]) }
      if area, curves.count == 1 {
        let closed = points + [(axes.x[1], axes.y[0]), (axes.x[0], axes.y[0])]
        marks += "<path class=\"\(Figure.color(index)) band\" d=\"\(path(closed))Z\"/>\n"
      }
      marks += "<path class=\"\(Figure.color(index)) line\"\(Figure.dash(index)) d=\"\(path(points))\"/>\n"
      guard dots else { continue }
      for point in points {
        marks +=
          "<circle class=\"\(Figure.color(index)) dot ring\" cx=\"\(px(point.x))\" cy=\"\(px(point.y))\" r=\"4\"/>\n"
      }
    }
    return axes.around(marks)
  }
}

private func points(_ curves: [Curve], _ x: String, _ y: String) throws -> [[(x: Double, y: Double)]] {
  try requireMarks(curves.reduce(0) { $0 + $1.points.rowCount }, "curves")
  return try curves.map { curve in
    zip(try curve.points.numbers(x, "curves"), try curve.points.numbers(y, "curves")).map { (x: $0, y: $1) }
  }
}

/// A square chart with the legend above.
private func square(_ title: String, _ subtitle: String, _ names: [String], _ size: Int) -> Figure {
  var figure = Figure(title: title, subtitle: subtitle, width: Double(size))
  if names.count > 1 || names.first?.isEmpty == false { figure.legend = names.enumerated().map { ($0, $1) } }
  var rows = 0.0
  var x = 16.0
  for entry in figure.legend {
    let room = 34 + width(entry.name, 12)
    if rows == 0 || x + room > Double(size) - 8 { (x, rows) = (16, rows + 1) }
    x += room
  }
  figure.height =
    Double(size) - 20 + (title.isEmpty ? 0 : 22) + (subtitle.isEmpty ? 0 : 19) + rows * 18 + (rows > 0 ? 4 : 0) + 38
  return figure
}

/// ROC curves.
struct ROCChart: AssayTask {
  static let task = TaskInfo(
    "std.plot.roc", version: "1.0.0", title: "ROC curves", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      ROC curves in the unit square, as SVG; the name of each is followed by the area under it.

      assay> use std.eval
      assay> use std.table
      assay> p = table.tensor(values: [0.9, 0.8, 0.3, 0.6, 0.2])
      assay> y = table.tensor(values: [1.0, 1.0, 1.0, 0.0, 0.0])
      assay> curve = eval.roc(scores: p.tensor, labels: y.tensor)
      assay> plot.roc(curves: [{name: "forest", points: curve.points}])
      file:
      | <svg …
      """)

  @In("curves", doc: "tables with the columns `fpr` and `tpr`, as std.eval.roc makes them") var curves: [Curve]
  @In("title", doc: "above the chart") var title = "ROC"
  @In("subtitle", doc: "below the title") var subtitle = ""
  @In("size", doc: "width of the picture", unit: "px", in: 200...4000) var size = 420
  @Out("file", type: "file<svg>", doc: "light and dark, without scripts") var file: File

  mutating func run(_ context: Context) throws {
    let lines = try points(curves, "fpr", "tpr")
    let areas = lines.map { line in
      zip(line, line.dropFirst()).reduce(0) { $0 + ($1.1.x - $1.0.x) * ($1.1.y + $1.0.y) / 2 }
    }
    let names = zip(curves, areas).map { ($0.name.isEmpty ? "" : $0.name + " ") + "AUC \(decimal($1, 3))" }
    var figure = square(title, subtitle, names, size)
    figure.xLabel = "false positive rate"
    figure.yLabel = "true positive rate"
    figure.description = "ROC curves: \(names.joined(separator: ", "))"
    file = File(text: unitSquare(figure, lines, dots: false, area: true), name: "roc.svg")
  }
}

/// Calibration curves.
struct CalibrationChart: AssayTask {
  static let task = TaskInfo(
    "std.plot.calibration", version: "1.0.0", title: "Calibration curves", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      How often label 1 comes over how probable it was said to be, as SVG. On the diagonal probabilities mean what they say.

      assay> use std.eval
      assay> use std.table
      assay> p = table.tensor(values: [0.1, 0.15, 0.8, 0.9])
      assay> y = table.tensor(values: [0.0, 0.0, 1.0, 0.0])
      assay> bins = eval.calibration(scores: p.tensor, labels: y.tensor, bins: 2)
      assay> plot.calibration(curves: [{name: "forest", points: bins.points}])
      file:
      | <svg …
      """)

  @In("curves", doc: "tables with the columns `predicted` and `observed`, as std.eval.calibration makes them")
  var curves: [Curve]
  @In("title", doc: "above the chart") var title = "Calibration"
  @In("subtitle", doc: "below the title") var subtitle = ""
  @In("size", doc: "width of the picture", unit: "px", in: 200...4000) var size = 420
  @Out("file", type: "file<svg>", doc: "light and dark, without scripts") var file: File

  mutating func run(_ context: Context) throws {
    let lines = try points(curves, "predicted", "observed")
    var figure = square(title, subtitle, curves.map(\.name), size)
    figure.xLabel = "mean predicted probability"
    figure.yLabel = "share of label 1"
    figure.description =
      "Calibration curves: \(curves.map { "\($0.name) with \($0.points.rowCount) bins" }.joined(separator: ", "))"
    file = File(text: unitSquare(figure, lines, dots: true, area: false), name: "calibration.svg")
  }
}
