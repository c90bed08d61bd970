/// How far repeats of one trial scatter: a standard deviation that all trials share.
package struct Noise: Sendable, Equatable {
  package let deviation: Double
  package let freedom: Int

  /// Where all trials have the same folds or seeds, without what a fold does to all trials alike: that moves none of
  /// them past another. Otherwise pooled over the trials.
  ///
  /// - Parameter isPaired: false where what is to be compared has no common folds or seeds: nothing is taken out then.
  /// - Returns: nil when no trial was measured twice.
  package init?(_ measured: [Measured], isPaired: Bool = true) {
    let rows = measured.map(\.ordered)
    let isComplete = isPaired && rows.count > 1 && Set(measured.map { Set($0.values.keys) }).count == 1
    let effects = isComplete ? Self.columnMeans(rows) : nil
    var (squares, freedom) = (0.0, 0)
    for row in rows {
      guard let summary = Summary(effects.map { zip(row, $0).map(-) } ?? row), let deviation = summary.deviation else {
        continue
      }
      squares += deviation * deviation * Double(summary.count - 1)
      freedom += summary.count - 1
    }
    // As many means were taken out as there are folds, one of them free.
    if let effects { freedom -= effects.count - 1 }
    guard freedom > 0 else { return nil }
    deviation = (squares / Double(freedom)).squareRoot()
    self.freedom = freedom
  }

  private static func columnMeans(_ rows: [[Double]]) -> [Double] {
    rows[0].indices.map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
  }
}
