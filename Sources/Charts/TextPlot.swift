/// A plane of characters: points and steps between round numbers, for terminals. Each cell has two by four dots where the
/// terminal knows braille, and one mark where it does not.
package struct TextPlot {
  /// Columns and rows of the plane itself, without axes.
  private let columns: Int
  private let rows: Int
  private let isASCII: Bool
  private let x: Scale
  private let y: Scale
  /// Dots by cell, as braille counts them.
  private var dots: [UInt32]
  /// What is written over the dots.
  private var marks: [Int: Character] = [:]

  /// - Parameters:
  ///   - columns: of the whole plot with its axes; at least 24.
  ///   - rows: of the whole plot with its axes; at least 4.
  package init(
    x: (low: Double, high: Double), y: (low: Double, high: Double), columns: Int, rows: Int, isASCII: Bool = false
  ) {
    let rows = max(rows - 2, 2)
    var y = Scale(y.low, y.high, about: max(2, rows / 3), isOpen: true)
    let labels = y.ticks.map { y.label($0).count }.max() ?? 0
    let columns = max(columns - labels - 2, 10)
    var x = Scale(x.low, x.high, about: max(2, columns / 14), isOpen: false)
    // To the middles of the first and the last dot.
    (x.from, x.to) = (0, Double(columns * 2 - 1))
    (y.from, y.to) = (Double(rows * 4 - 1), 0)
    (self.columns, self.rows, self.isASCII, self.x, self.y) = (columns, rows, isASCII, x, y)
    dots = Array(repeating: 0, count: columns * rows)
  }

  /// A dot. Values outside of the plane, and those that are no numbers, are left out.
  package mutating func dot(_ x: Double, _ y: Double) {
    guard let place = place(x, y) else { return }
    light(place.0, place.1)
  }

  /// A mark that hides the dots of its cell.
  package mutating func mark(_ x: Double, _ y: Double, _ mark: Character) {
    guard let place = place(x, y) else { return }
    marks[place.1 / 4 * columns + place.0 / 2] = mark
  }

  /// A line that keeps its value up to the next point, as what is best so far does.
  package mutating func steps(_ points: [(x: Double, y: Double)]) {
    for (index, point) in points.enumerated() {
      guard let from = place(point.x, point.y) else { continue }
      let next = index + 1 < points.count ? place(points[index + 1].x, points[index + 1].y) : nil
      let to = next ?? from
      for column in min(from.0, to.0)...max(from.0, to.0) { light(column, from.1) }
      for row in min(from.1, to.1)...max(from.1, to.1) { light(to.0, row) }
    }
  }

  private func place(_ x: Double, _ y: Double) -> (Int, Int)? {
    let (column, row) = (self.x[x], self.y[y])
    guard column.isFinite, row.isFinite else { return nil }
    let place = (Int(min(max(column, -9), 1e6).rounded()), Int(min(max(row, -9), 1e6).rounded()))
    guard (0..<columns * 2).contains(place.0), (0..<rows * 4).contains(place.1) else { return nil }
    return place
  }

  private static let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

  private mutating func light(_ column: Int, _ row: Int) {
    dots[row / 4 * columns + column / 2] |= Self.bits[row % 4][column % 2]
  }

  /// The plot with its axes, row by row; none is longer than `columns`.
  package func lines() -> [String] {
    let ticks = Dictionary(
      y.ticks.map { (min(Int(y[$0].rounded()) / 4, rows - 1), y.label($0)) }, uniquingKeysWith: { first, _ in first })
    let width = y.ticks.map { y.label($0).count }.max() ?? 0
    var lines: [String] = []
    for row in 0..<rows {
      let label = ticks[row] ?? ""
      let pad = String(repeating: " ", count: width - label.count)
      let axis = isASCII ? (ticks[row] == nil ? "|" : "+") : (ticks[row] == nil ? "│" : "┤")
      lines.append(trimmed(pad + label + " " + axis + (0..<columns).map { String(cell($0, row)) }.joined()))
    }
    let corner = isASCII ? "+" : "└"
    lines.append(String(repeating: " ", count: width + 1) + corner + String(repeating: isASCII ? "-" : "─", count: columns))
    lines.append(trimmed(String(repeating: " ", count: width + 2) + below()))
    return lines
  }

  private func cell(_ column: Int, _ row: Int) -> Character {
    let index = row * columns + column
    if let mark = marks[index] { return mark }
    guard dots[index] != 0 else { return " " }
    if isASCII { return "*" }
    return Unicode.Scalar(0x2800 + dots[index]).map(Character.init) ?? "*"
  }

  /// Numbers below the horizontal axis, as far as they have room.
  private func below() -> String {
    var line = [Character](repeating: " ", count: columns)
    var free = 0
    for tick in x.ticks {
      let label = Array(x.label(tick))
      let middle = Int(x[tick].rounded()) / 2
      let start = min(max(middle - label.count / 2, 0), columns - label.count)
      guard start >= free, start >= 0 else { continue }
      line.replaceSubrange(start..<start + label.count, with: label)
      free = start + label.count + 1
    }
    return String(line)
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}

/// A bar of a row of characters: `━━━━───`, of the share 0 … 1.
package func textBar(_ share: Double, columns: Int, full: String = "━", empty: String = "─") -> String {
  let filled = share.isFinite ? min(columns, max(0, Int((share * Double(columns)).rounded()))) : 0
  return String(repeating: full, count: filled) + String(repeating: empty, count: columns - filled)
}
