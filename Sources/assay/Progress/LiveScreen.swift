/// Keeps a few rows at the bottom of a terminal up to date while other text scrolls above them.
///
/// Pure: it returns the bytes to write and remembers what is on the screen. The cursor rests at the beginning of the
/// line below the rows.
struct LiveScreen: Sendable {
  private var drawn: [String] = []
  private var columns = 0

  /// Bytes that put `log` (whole lines) above and `rows` below. Empty when nothing changes.
  mutating func draw(log: [String] = [], rows: [String], size: TerminalSize) -> String {
    guard !log.isEmpty || rows != drawn || size.columns != columns else { return "" }
    // A terminal that became narrower has wrapped what was drawn.
    let height = drawn.reduce(0) { sum, row in sum + max(1, (Text.width(row) + size.columns - 1) / max(1, size.columns))
    }
    var out = up(min(height, size.rows - 1))
    if log.isEmpty, columns == size.columns, rows.count == drawn.count {
      for (old, new) in zip(drawn, rows) { out += old == new ? "\n" : "\u{1B}[2K\(new)\n" }
    } else {
      out += "\u{1B}[J"
      for line in log { out += line + "\n" }
      for row in rows { out += row + "\n" }
    }
    drawn = rows
    columns = size.columns
    return out
  }

  /// Bytes that take the rows away; the next ones are drawn where the cursor is then.
  mutating func clear(size: TerminalSize) -> String { drawn.isEmpty ? "" : draw(rows: [], size: size) }

  private func up(_ rows: Int) -> String { rows > 0 ? "\r\u{1B}[\(rows)A" : "\r" }
}
