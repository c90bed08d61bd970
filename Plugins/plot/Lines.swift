import AssayKit
import Charts

/// Lines through points.
struct LineChart: AssayTask {
  static let task = TaskInfo(
    "std.plot.line", version: "1.0.0", title: "Line chart", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      A line for each of some columns over another one, as SVG. A missing value breaks the line. Fails with plot.empty, \
      plot.large, table.column or table.type.

      assay> use std.file
      assay> use std.table
      assay> f = file.write_text(text: "epoch,train,valid\\n1,0.9,0.95\\n2,0.5,0.62\\n3,0.3,0.55\\n")
      assay> raw = table.read_csv(path: f.file)
      assay> plot.line(table: raw.table, x: "epoch", y: ["train", "valid"], title: "Loss")
      file:
      | <svg …
      """)

  @In("table", doc: "one row for each point") var table: Table
  @In("x", doc: "a column of numbers") var x: String
  @In("y", doc: "columns of numbers, one line each") var y: [String]
  @In("lower", doc: "columns with the lower ends of bands around the lines, in their order") var lower: [String] = []
  @In("upper", doc: "the upper ends") var upper: [String] = []
  @In("title", doc: "above the chart") var title = ""
  @In("subtitle", doc: "below the title") var subtitle = ""
  @In("x_label", doc: "the column's name when not given") var xLabel: String?
  @In("y_label", doc: "the column's name when not given and there is one") var yLabel: String?
  @In("zero", doc: "the vertical axis begins at 0") var zero = false
  @In("width", doc: "of the picture", unit: "px", in: 200...4000) var width = 640
  @In("height", doc: "of the picture", unit: "px", in: 150...4000) var height = 400
  @Out("file", type: "file<svg>", doc: "light and dark, without scripts") var file: File

  mutating func run(_ context: Context) throws {
    let xs = try table.numbers(x, "x")
    try requireMarks(xs.count * y.count, "table")
    guard lower.count == upper.count, lower.count <= y.count else {
      throw TaskFailure("a band has a lower and an upper end", code: "plot.bands", port: "lower", kind: .input)
    }
    let lines = try y.map { try table.numbers($0, "y") }
    let bands = try zip(lower, upper).map { (try table.numbers($0, "lower"), try table.numbers($1, "upper")) }
    let order = xs.indices.filter { xs[$0].isFinite }.sorted { (xs[$0], $0) < (xs[$1], $1) }
    let (left, right) = extent(xs)
    let (bottom, top) = extent(lines.flatMap { $0 } + bands.flatMap { $0.0 + $0.1 } + (zero ? [0] : []))
    let figure = Figure(
      title: title, subtitle: subtitle, xLabel: xLabel ?? x, yLabel: yLabel ?? (y.count == 1 ? y[0] : ""),
      width: Double(width), height: Double(height), legend: y.count > 1 ? y.enumerated().map { ($0, $1) } : [],
      description: "Line chart of \(y.joined(separator: ", ")) over \(x): \(order.count) points, \(x) from "
        + "\(short(left)) to \(short(right)), values from \(short(bottom)) to \(short(top))")
    let svg = figure.svg { room in
      let axes = Axes(
        Scale(left, right, about: width / 90, isOpen: false), Scale(bottom, top, about: height / 70, isOpen: true),
        in: room)
      var marks = ""
      for (index, band) in bands.enumerated() {
        let there = order.filter { band.0[$0].isFinite && band.1[$0].isFinite }
        let outline =
          there.map { (axes.x[xs[$0]], axes.y[band.1[$0]]) }
          + there.reversed().map { (axes.x[xs[$0]], axes.y[band.0[$0]]) }
        marks += "<path class=\"\(Figure.color(index)) band\" d=\"\(path(outline))Z\"/>\n"
      }
      for (index, values) in lines.enumerated() {
        let points = order.map { (x: axes.x[xs[$0]], y: axes.y[values[$0]]) }
        marks += "<path class=\"\(Figure.color(index)) line\"\(Figure.dash(index)) d=\"\(path(points))\"/>\n"
        guard order.count <= 40 else { continue }
        for point in points where point.y.isFinite {
          marks +=
            "<circle class=\"\(Figure.color(index)) dot ring\" cx=\"\(px(point.x))\" cy=\"\(px(point.y))\" r=\"3.5\"/>\n"
        }
      }
      return axes.around(marks)
    }
    file = File(text: svg, name: "line.svg")
  }
}

/// Points in a plane.
struct ScatterChart: AssayTask {
  static let task = TaskInfo(
    "std.plot.scatter", version: "1.0.0", title: "Scatter plot", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      A point for each row, as SVG; groups differ in colour and shape. Rows in which a number is missing are left out. \
      Fails with plot.empty, plot.large, table.column or table.type.

      assay> use std.file
      assay> use std.table
      assay> f = file.write_text(text: "age,income,team\\n30,40,a\\n40,55,b\\n50,51,a\\n")
      assay> raw = table.read_csv(path: f.file)
      assay> plot.scatter(table: raw.table, x: "age", y: "income", group: "team")
      file:
      | <svg …
      """)

  @In("table", doc: "one row for each point") var table: Table
  @In("x", doc: "a column of numbers") var x: String
  @In("y", doc: "a column of numbers") var y: String
  @In("group", doc: "a column whose values tell groups apart; at most eight") var group: String?
  @In("title", doc: "above the chart") var title = ""
  @In("subtitle", doc: "below the title") var subtitle = ""
  @In("x_label", doc: "the column's name when not given") var xLabel: String?
  @In("y_label", doc: "the column's name when not given") var yLabel: String?
  @In("width", doc: "of the picture", unit: "px", in: 200...4000) var width = 640
  @In("height", doc: "of the picture", unit: "px", in: 150...4000) var height = 440
  @Out("file", type: "file<svg>", doc: "light and dark, without scripts") var file: File

  mutating func run(_ context: Context) throws {
    let (xs, ys) = (try table.numbers(x, "x"), try table.numbers(y, "y"))
    let groups = try group.map { try table.words($0, "group") }
    let rows = xs.indices.filter { xs[$0].isFinite && ys[$0].isFinite }
    try requireMarks(rows.count, "table")
    let names = groups.map { groups in Set(rows.map { groups[$0] }).sorted() } ?? []
    guard names.count <= Figure.colors.count else {
      throw TaskFailure(
        "\(names.count) groups are too many to be told apart", code: "plot.groups", port: "group", kind: .input)
    }
    let (left, right) = extent(rows.map { xs[$0] })
    let (bottom, top) = extent(rows.map { ys[$0] })
    let figure = Figure(
      title: title, subtitle: subtitle, xLabel: xLabel ?? x, yLabel: yLabel ?? y, width: Double(width),
      height: Double(height), legend: names.enumerated().map { ($0, $1) },
      description: "Scatter plot of \(y) over \(x): \(rows.count) points, \(x) from \(short(left)) to \(short(right)), "
        + "\(y) from \(short(bottom)) to \(short(top))")
    let size = rows.count > 2000 ? 2.0 : rows.count > 400 ? 2.8 : 3.8
    let svg = figure.svg { room in
      let axes = Axes(
        Scale(left, right, about: width / 90, isOpen: true), Scale(bottom, top, about: height / 70, isOpen: true),
        in: room,
        verticals: true)
      return axes.around(
        "<g fill-opacity=\"\(rows.count > 400 ? "0.55" : "0.8")\">\n"
          + rows.map { row in
            let color = groups.flatMap { names.firstIndex(of: $0[row]) } ?? 0
            return mark(color, axes.x[xs[row]], axes.y[ys[row]], size)
          }.joined() + "</g>\n")
    }
    file = File(text: svg, name: "scatter.svg")
  }
}
