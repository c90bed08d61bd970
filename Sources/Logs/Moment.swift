internal import Values

/// Times as event logs write them: ISO 8601, UTC, microseconds. Nanoseconds since 1970.
package enum Moment {
  /// `2026-11-21T10:24:05.000123Z`.
  package static func text(_ nanoseconds: Int64) -> String {
    let day = floored(nanoseconds, 86_400_000_000_000)
    let rest = nanoseconds - day * 86_400_000_000_000
    let seconds = rest / 1_000_000_000
    let fraction = String(1_000_000 + rest % 1_000_000_000 / 1000).dropFirst()
    return CivilDate.text(daysSince1970: day)
      + "T\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(fraction)Z"
  }

  /// Where values hold that never changed: the base value of an attribute in OCEL.
  package static let base = "1970-01-01T00:00:00Z"

  package enum Reading: Equatable, Sendable {
    case time(Int64)
    /// A time of which nobody knows the zone.
    case noOffset
    case wrong
  }

  /// RFC 3339: `2026-11-21T10:24:05.5+01:00`, with a blank for the `T` too. Exact to the nanosecond; years 1678 to 2261.
  package static func read(_ text: String) -> Reading {
    var cursor = Cursor(bytes: Array(text.utf8))
    guard let year = cursor.digits(4), cursor.take("-"), let month = cursor.digits(2), cursor.take("-"),
      let day = cursor.digits(2), cursor.take("T") || cursor.take("t") || cursor.take(" "),
      let hour = cursor.digits(2), cursor.take(":"), let minute = cursor.digits(2), cursor.take(":"),
      let second = cursor.digits(2), (1...12).contains(month), (1...days(month, year)).contains(day), hour < 24,
      minute < 60, second <= 60, (1678...2261).contains(year)
    else { return .wrong }
    var fraction: Int64 = 0
    if cursor.take(".") {
      guard let read = cursor.fraction() else { return .wrong }
      fraction = read
    }
    let seconds = (daysSince1970(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
    if cursor.isAtEnd { return .noOffset }
    guard let offset = cursor.offset(), cursor.isAtEnd else { return .wrong }
    return .time((seconds - offset) * 1_000_000_000 + fraction)
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func floored(_ number: Int64, _ by: Int64) -> Int64 {
    number >= 0 ? number / by : -((-(number + 1)) / by) - 1
  }

  private static func days(_ month: Int64, _ year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The proleptic Gregorian calendar, from a March that begins the year.
  private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = floored(year, 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private struct Cursor {
    let bytes: [UInt8]
    var at = 0
    var isAtEnd: Bool { at == bytes.count }

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
      at += 1
      return true
    }

    mutating func digits(_ count: Int) -> Int64? {
      guard at + count <= bytes.count else { return nil }
      var number: Int64 = 0
      for byte in bytes[at..<at + count] {
        guard (0x30...0x39).contains(byte) else { return nil }
        number = number * 10 + Int64(byte - 0x30)
      }
      at += count
      return number
    }

    /// Nanoseconds; digits behind the ninth are read and dropped.
    mutating func fraction() -> Int64? {
      let start = at
      var number: Int64 = 0
      while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
        if at - start < 9 { number = number * 10 + Int64(bytes[at] - 0x30) }
        at += 1
      }
      guard at > start else { return nil }
      for _ in min(9, at - start)..<9 { number *= 10 }
      return number
    }

    /// Seconds east of Greenwich.
    mutating func offset() -> Int64? {
      if take("Z") || take("z") { return 0 }
      let sign: Int64
      if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
      guard let hours = digits(2), hours < 24 else { return nil }
      _ = take(":")
      guard let minutes = digits(2), minutes < 60 else { return nil }
      return sign * (hours * 3600 + minutes * 60)
    }
  }
}
