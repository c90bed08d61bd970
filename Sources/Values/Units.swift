/// Literals of time: `250ms`, `5m`, `48h`, `1.5s`.
package enum DurationLiteral {
  /// Unit words and what they are worth in nanoseconds, largest first.
  private static let units: [(word: String, nanoseconds: Int64)] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
    ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
  ]

  /// Reads one number with one unit; nil for anything else, for a negative number and for more than 292 years.
  package static func parse(_ text: String) -> Duration? {
    guard let (number, word) = splitLiteral(text), let unit = units.first(where: { $0.word == word }) else {
      return nil
    }
    return scaled(number, by: unit.nanoseconds).map { .nanoseconds($0) }
  }

  /// The shortest exact literal, in the largest unit of which it is a whole number: `90s`, `2h`, `0s`.
  package static func text(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return "\(seconds)s" }
    let nanoseconds = whole + attoseconds / 1_000_000_000
    guard nanoseconds != 0 else { return "0s" }
    for unit in units where nanoseconds % unit.nanoseconds == 0 {
      return "\(nanoseconds / unit.nanoseconds)\(unit.word)"
    }
    return "\(nanoseconds)ns"
  }
}

/// Literals of memory and files: `2GiB`, `512MB`, `64KiB`, `100B`.
package enum ByteSize {
  private static let units: [(word: String, bytes: Int64)] = [
    ("TiB", 1 << 40), ("TB", 1_000_000_000_000), ("GiB", 1 << 30), ("GB", 1_000_000_000), ("MiB", 1 << 20),
    ("MB", 1_000_000), ("KiB", 1 << 10), ("kB", 1_000), ("KB", 1_000), ("B", 1),
  ]

  /// Reads one number with one unit; nil for anything else and for more than 2^63 - 1 bytes.
  package static func parse(_ text: String) -> Int64? {
    guard let (number, word) = splitLiteral(text), let unit = units.first(where: { $0.word == word }) else {
      return nil
    }
    return scaled(number, by: unit.bytes)
  }

  /// An exact literal in the largest unit of which it is a whole number: `2GiB`, `512MB`, `1234567B`.
  package static func literal(_ bytes: Int64) -> String {
    guard bytes != 0 else { return "0B" }
    for unit in units where bytes % unit.bytes == 0 { return "\(bytes / unit.bytes)\(unit.word)" }
    return "\(bytes)B"
  }

  /// Rounded for people: `1.4 MiB`, `812 B`.
  package static func text(_ bytes: Int64) -> String {
    for (word, size) in units where word.hasSuffix("iB") && bytes >= size {
      let tenths = (Double(bytes) / Double(size) * 10).rounded() / 10
      return "\(ValueType.number(tenths)) \(word)"
    }
    return "\(bytes) B"
  }
}

/// Digits with an optional fraction, and the word behind them.
private func splitLiteral(_ text: String) -> (number: String, word: String)? {
  let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
  guard let first = digits.first, first != ".", digits.last != ".", digits.utf8.filter({ $0 == 0x2E }).count <= 1 else {
    return nil
  }
  return (String(digits), String(text.dropFirst(digits.count)))
}

/// Whole numbers exactly, fractions rounded to the unit 1.
private func scaled(_ number: String, by unit: Int64) -> Int64? {
  if let whole = Int64(number) {
    let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
    return overflow ? nil : product
  }
  guard let fraction = Double(number) else { return nil }
  return Int64(exactly: (fraction * Double(unit)).rounded())
}
