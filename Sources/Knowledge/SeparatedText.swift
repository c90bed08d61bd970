/// Texts in columns: comma, semicolon or tab; with quotes as RFC 4180 has them. The first row has the names.
package struct SeparatedText: Sendable {
  package private(set) var names: [String] = []
  /// By column.
  package private(set) var cells: [[String?]] = []

  /// Nil when it is no such text: not UTF-8, no names, fewer than two rows, or rows of another width than the first.
  package init?(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    let utf8 = Array(text.utf8)
    let start = utf8.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let head = utf8[start...].prefix { $0 != 10 }
    let separators: [UInt8] = [44, 59, 9]
    guard let separator = separators.max(by: { a, b in head.count { $0 == a } < head.count { $0 == b } }) else {
      return nil
    }
    var row: [String] = []
    var cell: [UInt8] = []
    var (isQuoted, wasQuote) = (false, false)
    for byte in utf8[start...] {
      if isQuoted {
        if byte != 34 { cell.append(byte) } else { (isQuoted, wasQuote) = (false, true) }
        continue
      }
      switch byte {
      case 34:
        // Two in a row are one of the text.
        if wasQuote { cell.append(34) }
        isQuoted = true
      case separator:
        row.append(String(decoding: cell, as: UTF8.self))
        cell = []
      case 13: break
      case 10:
        row.append(String(decoding: cell, as: UTF8.self))
        cell = []
        guard add(row) else { return nil }
        row = []
      default: cell.append(byte)
      }
      wasQuote = false
    }
    if !row.isEmpty || !cell.isEmpty {
      guard !isQuoted, add(row + [String(decoding: cell, as: UTF8.self)]) else { return nil }
    }
    guard cells.first?.isEmpty == false else { return nil }
  }

  private mutating func add(_ row: [String]) -> Bool {
    if names.isEmpty {
      names = row
      cells = row.map { _ in [] }
      return row != [""]
    }
    // An empty line is none.
    if row == [""], names.count > 1 { return true }
    guard row.count == names.count else { return false }
    for (place, cell) in row.enumerated() { cells[place].append(cell.isEmpty ? nil : cell) }
    return true
  }
}
