import AssayKit
import Charts

/// Cells of a grid, each as strong as its number.
private struct Grid {
  var values: [[Double]]
  var rows: [String]
  var columns: [String]
  var labels: [[String]]
  /// 0 ... 1, or -1 ... 1 for numbers around zero.
  var strength: [[Double]]

  /// - Parameter above: what the columns are, written over them.
  func draw(_ room: Figure.Area, above: String, beside: String) -> String {
    let names = min(room.width * 0.3, (rows.map { width($0, 12) }.max() ?? 0)) + 10
    let left = room.left + names
    let top = room.top + 22 + (above.isEmpty ? 0 : 18)
    let cell = (width: (room.right - left) / Double(columns.count), height: (room.bottom - top) / Double(rows.count))
    var svg = ""
    if !above.isEmpty { svg += text("soft", left + 2, room.top + 6, above) }
    if !beside.isEmpty { svg += text("soft end", left - 10, room.top + 6, beside) }
    for (column, name) in columns.enumerated() {
      svg += text("name middle", left + (Double(column) + 0.5) * cell.width, top - 7, fitted(name, cell.width - 4, 12))
    }
    for (row, name) in rows.enumerated() {
      let y = top + Double(row) * cell.height
      svg += text("name end", left - 8, y + cell.height / 2 + 4, fitted(name, names - 8, 12))
      for column in columns.indices {
        let x = left + Double(column) * cell.width
        let power = strength[row][column]
        let color = power < 0 ? "c1" : "c0"
        let opacity = power.isFinite ? 0.06 + 0.84 * power.magnitude : 0
        svg +=
          "<rect class=\"\(color) dot\" fill-opacity=\"\(px(opacity))\" x=\"\(px(x + 1))\" y=\"\(px(y + 1))\" width=\"\(px(max(0.5, cell.width - 2)))\" height=\"\(px(max(0.5, cell.height - 2)))\" rx=\"2\"/>\n"
        let words = labels[row][column]
        guard !words.isEmpty, cell.height >= 14, width(words, 12) < cell.width - 2 else { continue }
        let style = opacity > 0.68 ? "inverse middle" : "name middle"
        svg += text(style, x + cell.width / 2, y + cell.height / 2 + 4, words)
      }
    }
    return svg
  }
}

/// A confusion matrix.
struct ConfusionChart: AssayTask {
  static let task = TaskInfo(
    "std.plot.confusion", version: "1.0.0", title: "Confusion matrix", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      How often each class was taken for each, as SVG, with the share of the row. Fails with plot.shape.

      assay> plot.confusion(counts: [[50, 3], [5, 42]], classes: ["benign", "malignant"])
      file:
      | <svg …
      """)

  @In("counts", doc: "a row for each true class, a column for each predicted one") var counts: [[Int]]
  @In("classes", doc: "their names, in order") var classes: [String]
  @In("title", doc: "above the chart") var title = "Confusion matrix"
  @In("subtitle", doc: "below the title") var subtitle = ""
  @In("size", doc: "width of the picture", unit: "px", in: 200...4000) var size = 420
  @Out("file", type: "file<svg>", doc: "light and dark, without scripts") var file: File

  mutating func run(_ context: Context) throws {
    let count = classes.count
    guard (1...100).contains(count), counts.count == count, counts.allSatisfy({ $0.count == count }) else {
      throw TaskFailure(
        "\(count) classes need \(count) rows of \(count) counts (at most 100)", code: "plot.shape", port: "counts",
        kind: .input)
    }
    guard counts.allSatisfy({ $0.allSatisfy { (0...1 << 50).contains($0) } }) else {
      throw TaskFailure("a count is negative or too large", code: "plot.shape", port: "counts", kind: .input)
    }
    let shares = counts.map { row in
      let sum = row.reduce(0, +)
      return row.map { sum == 0 ? 0 : Double($0) / Double(sum) }
    }
    let labels = zip(counts, shares).map { zip($0, $1).map { "\(decimal(Double($0), 0)) · \(decimal($1 * 100, 0))%" } }
    let right = classes.indices.reduce(0) { $0 + counts[$1][$1] }
    let figure = Figure(
      title: title, subtitle: subtitle, width: Double(size),
      height: Double(size) * 0.8 + (title.isEmpty ? 0 : 22) + (subtitle.isEmpty ? 0 : 19),
      description: "Confusion matrix of \(classes.joined(separator: ", ")): \(right) of "
        + "\(counts.joined().reduce(0, +)) right")
    let grid = Grid(
      values: shares, rows: classes, columns: classes, labels: labels,
      strength: shares.enumerated().map { row, shares in
        shares.enumerated().map { column, share in row == column ? share : -share }
      })
    file = File(text: figure.svg { grid.draw($0, above: "predicted →", beside: "true ↓") }, name: "confusion.svg")
  }
}

/// A matrix in colours.
struct HeatMap: AssayTask {
  static let task = TaskInfo(
    "std.plot.heat_map", version: "1.0.0", title: "Heat map", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      A matrix as coloured cells, as SVG. Where there are numbers below and above zero (correlations), the two sides have \
      colours of their own. Fails with plot.shape or plot.large.

      assay> use std.file
      assay> use std.table
      assay> f = file.write_text(text: "a,b\\n1.0,0.4\\n-0.3,1.0\\n")
      assay> raw = table.read_csv(path: f.file)
      assay> m = table.matrix(table: raw.table)
      assay> plot.heat_map(matrix: m.features, columns: m.names, rows: m.names)
      file:
      | <svg …
      """)

  @In("matrix", type: "tensor<f64>[n, m]", doc: "at most 40000 cells; NaN is left empty") var matrix: Tensor<Double>
  @In("rows", doc: "names, from above; numbers from 1 when not given") var rows: [String]?
  @In("columns", doc: "names; numbers from 1 when not given") var columns: [String]?
  @In("title", doc: "above the chart") var title = ""
  @In("subtitle", doc: "below the title") var subtitle = ""
  @In("width", doc: "of the picture", unit: "px", in: 200...4000) var width = 560
  @In("height", doc: "of the picture", unit: "px", in: 150...4000) var height = 460
  @Out("file", type: "file<svg>", doc: "light and dark, without scripts") var file: File

  mutating func run(_ context: Context) throws {
    guard matrix.shape.count == 2, matrix.count > 0, matrix.count <= 40_000 else {
      throw TaskFailure(
        "\(matrix.count) cells: there have to be 1 to 40000", code: "plot.large", port: "matrix", kind: .input)
    }
    let (n, m) = (matrix.shape[0], matrix.shape[1])
    let rowNames = rows ?? (1...n).map(String.init)
    let columnNames = columns ?? (1...m).map(String.init)
    guard rowNames.count == n, columnNames.count == m else {
      throw TaskFailure(
        "a matrix of \(n) × \(m) with \(rowNames.count) and \(columnNames.count) names", code: "plot.shape",
        port: "rows",
        kind: .input)
    }
    let elements = Array(matrix.elements)
    let (least, most) = extent(elements)
    let isSigned = least < 0 && most > 0
    let reach = max(least.magnitude, most.magnitude)
    func strength(_ value: Double) -> Double {
      guard value.isFinite else { return .nan }
      if isSigned { return value / reach }
      return most > least ? (value - least) / (most - least) : 0.5
    }
    let values = (0..<n).map { row in Array(elements[row * m..<(row + 1) * m]) }
    let figure = Figure(
      title: title, subtitle: subtitle.isEmpty ? "from \(short(least)) to \(short(most))" : subtitle,
      width: Double(width), height: Double(height),
      description: "Heat map of \(n) rows and \(m) columns, values from \(short(least)) to \(short(most))")
    let grid = Grid(
      values: values, rows: rowNames, columns: columnNames,
      labels: values.map { $0.map { $0.isFinite ? decimal($0, reach >= 100 ? 0 : 2) : "" } },
      strength: values.map { $0.map(strength) })
    file = File(text: figure.svg { grid.draw($0, above: "", beside: "") }, name: "heat-map.svg")
  }
}
