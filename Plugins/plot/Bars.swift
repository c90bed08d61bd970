import AssayKit
import Charts

/// How often values come.
struct Histogram: AssayTask {
  static let task = TaskInfo(
    "std.plot.histogram", version: "1.0.0", title: "Histogram", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Counts the values of a column in intervals of equal, round width, as SVG. Fails with plot.empty, table.column or \
      table.type.

      assay> use std.file
      assay> use std.table
      assay> f = file.write_text(text: "age\\n31\\n35\\n47\\n52\\n")
      assay> raw = table.read_csv(path: f.file)
      assay> plot.histogram(table: raw.table, column: "age")
      file:
      | <svg …
      """)

  @In("table", doc: "any table") var table: Table
  @In("column", doc: "a column of numbers; missing ones are left out") var column: String
  @In("bins", doc: "about so many intervals; by Freedman and Diaconis when not given") var bins: Int?
  @In("title", doc: "above the chart") var title = ""
  @In("subtitle", doc: "below the title") var subtitle = ""
  @In("x_label", doc: "the column's name when not given") var xLabel: String?
  @In("y_label", doc: "what is counted") var yLabel = "rows"
  @In("width", doc: "of the picture", unit: "px", in: 200...4000) var width = 640
  @In("height", doc: "of the picture", unit: "px", in: 150...4000) var height = 400
  @Out("file", type: "file<svg>", doc: "light and dark, without scripts") var file: File

  mutating func run(_ context: Context) throws {
    let values = try table.numbers(column, "column").filter(\.isFinite).sorted()
    guard let least = values.first, let most = values.last else {
      throw TaskFailure("there is nothing to draw", code: "plot.empty", port: "table", kind: .input)
    }
    let intervals = Scale(least, most, about: min(200, max(1, bins ?? Self.count(values))), isOpen: true)
    let edges = intervals.ticks
    var counts = [Int](repeating: 0, count: max(1, edges.count - 1))
    for value in values {
      let share = (value - intervals.low) / (intervals.high - intervals.low)
      counts[min(counts.count - 1, max(0, Int(share * Double(counts.count))))] += 1
    }
    let highest = Double(counts.max() ?? 1)
    let figure = Figure(
      title: title, subtitle: subtitle, xLabel: xLabel ?? column, yLabel: yLabel, width: Double(width),
      height: Double(height),
      description: "Histogram of \(column): \(values.count) values from \(short(least)) to \(short(most)) in "
        + "\(counts.count) intervals, at most \(Int(highest)) in one")
    let svg = figure.svg { room in
      let axes = Axes(
        Scale(intervals.low, intervals.high, about: width / 90, isOpen: false),
        Scale(0, highest, about: min(Int(highest), height / 70), isOpen: true), in: room)
      let bars = counts.enumerated().map { index, count in
        let share = (intervals.high - intervals.low) / Double(counts.count)
        let left = axes.x[intervals.low + Double(index) * share]
        let right = axes.x[intervals.low + Double(index + 1) * share]
        return bar(0, left + 0.5, right - 0.5, axes.y[Double(count)], axes.area.bottom)
      }
      return axes.around(bars.joined())
    }
    file = File(text: svg, name: "histogram.svg")
  }

  /// Freedman and Diaconis (1981).
  private static func count(_ sorted: [Double]) -> Int {
    func quartile(_ share: Double) -> Double { sorted[Int(share * Double(sorted.count - 1))] }
    let interval = 2 * (quartile(0.75) - quartile(0.25)) / cubeRoot(Double(sorted.count))
    guard interval > 0, let least = sorted.first, let most = sorted.last else { return 10 }
    return Int(min(60, max(5, ((most - least) / interval).rounded(.up))))
  }

  private static func cubeRoot(_ value: Double) -> Double {
    var root = max(1, value / 3)
    for _ in 0..<60 { root = (2 * root + value / (root * root)) / 3 }
    return root
  }
}

/// Square below, rounded above.
private func bar(_ color: Int, _ left: Double, _ right: Double, _ top: Double, _ bottom: Double) -> String {
  guard bottom - top > 0.01, right > left else { return "" }
  let r = min(2, (right - left) / 2, bottom - top)
  return
    "<path class=\"\(Figure.color(color)) dot\" d=\"M\(px(left)) \(px(bottom))V\(px(top + r))q0 \(px(-r)) \(px(r)) \(px(-r))H\(px(right - r))q\(px(r)) 0 \(px(r)) \(px(r))V\(px(bottom))Z\"/>\n"
}

/// A number for each of some names.
struct BarChart: AssayTask {
  static let task = TaskInfo(
    "std.plot.bar", version: "1.0.0", title: "Bar chart", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      A bar for each row, lying, with its number, as SVG; with an interval where its ends are given. Fails with \
      plot.empty, plot.large, table.column or table.type.

      assay> use std.file
      assay> use std.table
      assay> f = file.write_text(text: "model,auc,low,high\\nforest,0.91,0.88,0.93\\nlogit,0.87,0.84,0.90\\n")
      assay> raw = table.read_csv(path: f.file)
      assay> plot.bar(table: raw.table, label: "model", value: "auc", lower: "low", upper: "high")
      file:
      | <svg …
      """)

  @In("table", doc: "one row for each bar, from above") var table: Table
  @In("label", doc: "a column that names the bars") var label: String
  @In("value", doc: "a column of numbers") var value: String
  @In("lower", doc: "a column with the lower ends of intervals") var lower: String?
  @In("upper", doc: "a column with the upper ends of intervals") var upper: String?
  @In("title", doc: "above the chart") var title = ""
  @In("subtitle", doc: "below the title") var subtitle = ""
  @In("x_label", doc: "the column's name when not given") var xLabel: String?
  @In("width", doc: "of the picture", unit: "px", in: 200...4000) var width = 640
  @Out("file", type: "file<svg>", doc: "light and dark, without scripts") var file: File

  mutating func run(_ context: Context) throws {
    let names = try table.words(label, "label")
    let values = try table.numbers(value, "value")
    try requireMarks(values.count, "table")
    guard values.count <= 500 else {
      throw TaskFailure(
        "\(values.count) bars are too many: at most 500", code: "plot.large", port: "table", kind: .input)
    }
    let lows = try lower.map { try table.numbers($0, "lower") }
    let highs = try upper.map { try table.numbers($0, "upper") }
    let bars = values.indices.map { index in
      BarRows.Bar(name: names[index], value: values[index], lower: lows?[index], upper: highs?[index])
    }
    let svg = BarRows(bars).svg(
      title: title, subtitle: subtitle, xLabel: xLabel ?? value, width: Double(width),
      description: "Bar chart of \(value) by \(label): "
        + zip(names, values).prefix(8).map { "\($0) \($1.isFinite ? short($1) : "no value")" }.joined(separator: ", ")
        + (names.count > 8 ? ", …" : ""))
    file = File(text: svg, name: "bar.svg")
  }
}
