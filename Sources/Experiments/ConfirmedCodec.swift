package import Events

/// Looks at what was held out, as rows of the ledger. Numbers: the look, rows that overlap and of how many (not a number: not
/// compared), the metrics. Text: `confirm`, the run and the seals, why it failed.
extension Entry {
  static func put(_ confirmed: Confirmed, into row: inout LogRow) {
    row.kind = Confirmed.kind
    row.trial = confirmed.trial
    row.numbers =
      [
        Double(confirmed.look), confirmed.overlap.map { Double($0.rows) } ?? .nan,
        confirmed.overlap.map { Double($0.of) } ?? .nan,
      ] + confirmed.metrics.map { $0 ?? .nan }
    let run = confirmed.run.map { "\($0)" } ?? "-"
    row.text = ["confirm", ([run] + confirmed.seals).joined(separator: " "), confirmed.message].joined(separator: "\n")
  }
}

extension Confirmed {
  /// Of its rows.
  package static let kind = "confirmed"

  /// Nil for a row that is none.
  package init?(_ row: LogRow) {
    let parts = row.text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard row.kind == Self.kind, parts.count == 3, let trial = row.trial, row.numbers.count >= 3,
      let look = Int(exactly: row.numbers[0])
    else { return nil }
    let words = parts[1].split(separator: " ").map(String.init)
    guard let run = words.first, run == "-" || Int64(run) != nil else { return nil }
    var overlap: Overlap?
    if let rows = Int(exactly: row.numbers[1]), let all = Int(exactly: row.numbers[2]) {
      overlap = Overlap(rows: rows, of: all)
    }
    self.init(
      trial: trial, run: Int64(run), metrics: row.numbers[3...].map { $0.isNaN ? nil : $0 },
      seals: Array(words.dropFirst()), look: look, overlap: overlap, message: parts[2])
  }
}
