internal import Numbers

/// What a table is like, in a few numbers that mean the same for every table.
package struct TableMeasures: Sendable {
  /// Rows that are looked at; of more, so many evenly spread ones.
  static let mostRows = 5000
  /// Columns whose correlations are looked at.
  private static let mostColumns = 20
  /// Differences that are much.
  static let scales: [String: Double] = [
    "log_rows": 1.5, "log_columns": 1, "numeric": 0.3, "missing": 0.2, "skew": 1, "tails": 1, "correlation": 0.2,
    "spread": 2, "classes": 1, "entropy": 0.5, "majority": 0.2,
  ]

  package private(set) var columns: [DataPrint.Column] = []
  package private(set) var rows: Int
  package private(set) var features: [String: Double] = [:]
  private var hasTarget = false

  /// - Parameters:
  ///   - cells: by column; nil or an empty text: missing.
  ///   - hints: texts that the study speaks of: a column of such a name is taken for what is to be predicted.
  package init(names: [String], cells: [[String?]], hints: Set<String> = []) {
    rows = cells.first?.count ?? 0
    guard rows > 0, !names.isEmpty else { return }
    let step = max(1, rows / Self.mostRows)
    var numbers: [[Double]] = []
    var (missing, seen) = (0, 0)
    for (name, column) in zip(names, cells) {
      let part = stride(from: 0, to: column.count, by: step).map { Self.present(column[$0]) }
      let present = part.compactMap { $0 }
      seen += part.count
      missing += part.count - present.count
      let parsed = present.compactMap(Double.init).filter(\.isFinite)
      let isNumber = !present.isEmpty && parsed.count == present.count
      columns.append(DataPrint.Column(name, isNumber ? "number" : "text"))
      if isNumber, present.count == part.count { numbers.append(parsed) }
      if !isNumber || hints.contains(name) { classes(present, isTarget: hints.contains(name)) }
    }
    features["log_rows"] = Elementary.log(Double(rows))
    features["log_columns"] = Elementary.log(Double(names.count))
    features["numeric"] = Double(columns.count { $0.kind == "number" }) / Double(columns.count)
    features["missing"] = Double(missing) / Double(max(seen, 1))
    shapes(numbers)
  }

  private static func present(_ cell: String?) -> String? {
    guard let cell else { return nil }
    return ["", "NA", "NaN", "nan", "null"].contains(cell) ? nil : cell
  }

  /// Of the target; without one, of the last column of few words.
  private mutating func classes(_ words: [String], isTarget: Bool) {
    if !isTarget, hasTarget { return }
    var counts: [String: Int] = [:]
    for word in words {
      counts[word, default: 0] += 1
      if counts.count > 50 { return }
    }
    guard counts.count > 1 else { return }
    let shares = counts.values.map { Double($0) / Double(words.count) }.sorted()
    features["classes"] = Elementary.log(Double(counts.count)) / Elementary.log(2)
    features["entropy"] = -shares.reduce(0) { $0 + $1 * Elementary.log($1) } / Elementary.log(Double(counts.count))
    features["majority"] = shares.last
    if isTarget { hasTarget = true }
  }

  private mutating func shapes(_ columns: [[Double]]) {
    let scaled = columns.compactMap(Scaled.init)
    guard !scaled.isEmpty else { return }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    features["skew"] = mean(scaled.map { min($0.moment(3).magnitude, 10) })
    features["tails"] = mean(scaled.map { Elementary.log(max($0.moment(4), 1)) })
    let deviations = scaled.map { Elementary.log($0.deviation) / Elementary.log(10) }
    features["spread"] = min((deviations.max() ?? 0) - (deviations.min() ?? 0), 12)
    let part = scaled.prefix(Self.mostColumns)
    var correlations: [Double] = []
    for (place, a) in part.enumerated() {
      for b in part.prefix(place) {
        correlations.append(mean(zip(a.values, b.values).map { $0 * $1 }).magnitude)
      }
    }
    if !correlations.isEmpty { features["correlation"] = mean(correlations) }
  }

  /// A column with mean 0 and deviation 1; nil for a constant.
  private struct Scaled {
    let values: [Double]
    let deviation: Double

    init?(_ column: [Double]) {
      let center = column.reduce(0, +) / Double(column.count)
      let variance = column.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(column.count)
      guard variance > 0, variance.isFinite else { return nil }
      let deviation = variance.squareRoot()
      self.deviation = deviation
      values = column.map { ($0 - center) / deviation }
    }

    func moment(_ power: Int) -> Double {
      values.reduce(0) { sum, value in sum + (0..<power).reduce(1) { product, _ in product * value } }
        / Double(values.count)
    }
  }
}
