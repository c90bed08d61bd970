internal import ArgumentParser
internal import Glibc
internal import Values

/// A moment in the past: `5m` (ago), `10:24` or `10:24:05` (today), `2026-11-21 10:24:05` (local; with `Z` at its end: UTC).
struct MomentArgument: ExpressibleByArgument {
  /// Unix.
  var nanoseconds: Int64

  init?(argument: String) { self.init(argument, now: Times.unixNow()) }

  init?(_ text: String, now: Int64) {
    if let ago = DurationLiteral.parse(text) {
      nanoseconds = now - ago.nanoseconds
      return
    }
    let form = /(?:(\d{4})-(\d\d)-(\d\d))?[ T]?(?:(\d\d):(\d\d)(?::(\d\d))?)?(Z?)/
    guard let match = text.wholeMatch(of: form)?.output, match.1 != nil || match.4 != nil else { return nil }
    let isUTC = match.7 == "Z"
    var seconds = time_t(now / 1_000_000_000)
    var parts = tm()
    if isUTC { gmtime_r(&seconds, &parts) } else { localtime_r(&seconds, &parts) }
    func number(_ digits: Substring?) -> Int32? { digits.flatMap { Int32($0) } }
    if let year = number(match.1), let month = number(match.2), let day = number(match.3) {
      (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, month - 1, day)
    }
    let (hour, minute, second) = (number(match.4) ?? 0, number(match.5) ?? 0, number(match.6) ?? 0)
    guard (0..<12).contains(parts.tm_mon), (1...31).contains(parts.tm_mday), hour < 24, minute < 60, second < 60 else {
      return nil
    }
    (parts.tm_hour, parts.tm_min, parts.tm_sec, parts.tm_isdst) = (hour, minute, second, -1)
    let (moment, overflow) = Int64(isUTC ? timegm(&parts) : mktime(&parts)).multipliedReportingOverflow(
      by: 1_000_000_000)
    guard !overflow else { return nil }
    nanoseconds = moment
  }
}
