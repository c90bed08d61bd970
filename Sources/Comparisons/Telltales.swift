internal import Values

// What values look like that come from the clock, from a locale, from memory.

enum ClockTrace {
  /// How far from the beginning of its call a time may be: clocks are read late, and tasks take a while.
  private static let slack = 120.0

  /// Whether both sides have the time of their call in them: as a number in some unit, or as a date.
  static func find(_ difference: ValueComparison.Difference, _ before: Int64, _ after: Int64) -> String? {
    if let unit = unit(of: difference.before, near: before), unit == self.unit(of: difference.after, near: after) {
      return "the value is the time of the call, in \(unit)"
    }
    let dates = (dates(of: before), dates(of: after))
    guard dates.0.contains(where: difference.before.contains), dates.1.contains(where: difference.after.contains) else {
      return nil
    }
    return "the value has the date of the call in it"
  }

  private static let units: [(name: String, perSecond: Double)] = [
    ("seconds", 1), ("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9),
  ]

  private static func unit(of text: String, near nanoseconds: Int64) -> String? {
    let time = Double(nanoseconds) / 1e9
    for word in text.split(whereSeparator: { !"0123456789.e+".contains($0) }) where word.utf8.count >= 10 {
      guard let number = Double(word) else { continue }
      for unit in units where abs(number / unit.perSecond - time) < slack { return unit.name }
    }
    return nil
  }

  /// The day in UTC and its neighbours, `2026-11-21` and `21.11.2026` and `20261121` and `11/21/2026`.
  private static func dates(of nanoseconds: Int64) -> [String] {
    let day = nanoseconds / 86_400_000_000_000
    return (day - 1...day + 1).flatMap { day -> [String] in
      let date = CivilDate.text(daysSince1970: day)
      let parts = date.split(separator: "-")
      guard parts.count == 3 else { return [date] }
      let (y, m, d) = (parts[0], parts[1], parts[2])
      return [date, "\(d).\(m).\(y)", "\(y)\(m)\(d)", "\(m)/\(d)/\(y)", "\(d)/\(m)/\(y)"]
    }
  }

  private static let durations: Set<String> = [
    "seconds", "secs", "ms", "us", "ns", "duration", "elapsed", "latency", "took", "time", "walltime", "runtime",
  ]

  /// Whether a name is that of something measured with a clock.
  static func isDuration(_ name: String) -> Bool {
    let words = name.lowercased().split { !$0.isLetter }
    return words.contains { durations.contains(String($0)) }
  }
}

enum LocaleTrace {
  /// How two texts differ that differ as languages do.
  static func find(_ before: String, _ after: String) -> String? {
    if before.lowercased() == after.lowercased() { return "only upper and lower case differ" }
    let marks: Set<Character> = [".", ",", "'", "\u{A0}", "\u{202F}"]
    if before.filter({ !marks.contains($0) }) == after.filter({ !marks.contains($0) }) {
      return "only decimal and thousands separators differ"
    }
    return isReordered(before, after) ? "the same lines in another order" : nil
  }

  static func isReordered(_ before: String, _ after: String) -> Bool {
    let (old, new) = (before.split(separator: "\n"), after.split(separator: "\n"))
    return old.count > 1 && old.sorted() == new.sorted()
  }
}

enum AddressTrace {
  /// Whether both sides are numbers where Linux puts heaps, stacks and libraries.
  static func find(_ difference: ValueComparison.Difference) -> Bool {
    guard let before = number(difference.before), let after = number(difference.after) else { return false }
    return isAddress(before) && isAddress(after)
  }

  private static func number(_ text: String) -> UInt64? {
    if let number = UInt64(text) { return number }
    guard let range = text.firstRange(of: "0x") else { return nil }
    return UInt64(text[range.upperBound...].prefix { $0.isHexDigit }, radix: 16)
  }

  private static func isAddress(_ number: UInt64) -> Bool {
    // As it is, or without its last 12 bits: the allocator's own links are hidden with a shifted address.
    [number, number << 12].contains { [0x55, 0x56, 0x7E, 0x7F].contains($0 >> 40) }
  }
}
