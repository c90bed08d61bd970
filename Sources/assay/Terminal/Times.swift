internal import Glibc
internal import Workspace

/// Durations and dates for people.
enum Times {
  /// `0.4s`, `12s`, `3m 04s`, `2h 05m`, `3d 04h`.
  static func duration(nanoseconds: Int64) -> String {
    let nanoseconds = max(0, nanoseconds)
    if nanoseconds < 1_000_000 { return "\(nanoseconds / 1000)µs" }
    if nanoseconds < 1_000_000_000 { return "\(nanoseconds / 1_000_000)ms" }
    if nanoseconds < 10_000_000_000 {
      let tenths = nanoseconds / 100_000_000
      return "\(tenths / 10).\(tenths % 10)s"
    }
    return clock(seconds: nanoseconds / 1_000_000_000)
  }

  /// Whole seconds: does not dance while it is watched.
  static func clock(seconds: Int64) -> String {
    let seconds = max(0, seconds)
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3600 { return "\(seconds / 60)m \(two(seconds % 60))s" }
    if seconds < 86400 { return "\(seconds / 3600)h \(two(seconds / 60 % 60))m" }
    return "\(seconds / 86400)d \(two(seconds / 3600 % 24))h"
  }

  /// `now`, `12m`, `5h`, `3d`, `2y`.
  static func age(nanoseconds: Int64) -> String {
    let minutes = max(0, nanoseconds / 60_000_000_000)
    if minutes < 1 { return "now" }
    if minutes < 120 { return "\(minutes)m" }
    if minutes < 48 * 60 { return "\(minutes / 60)h" }
    if minutes < 730 * 1440 { return "\(minutes / 1440)d" }
    return "\(minutes / 525_600)y"
  }

  /// `2026-11-21 10:24:05` in the local time zone.
  static func local(unixNanoseconds: Int64) -> String {
    var seconds = time_t(unixNanoseconds / 1_000_000_000)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return "?" }
    return date(parts) + " " + time(parts)
  }

  /// `10:24:05` in the local time zone.
  static func timeOfDay(unixNanoseconds: Int64) -> String {
    var seconds = time_t(unixNanoseconds / 1_000_000_000)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return "?" }
    return time(parts)
  }

  /// `2026-11-21T10:24:05.123Z`.
  static func iso(unixNanoseconds: Int64) -> String { Moment.iso(unixNanoseconds) }

  private static func date(_ parts: tm) -> String {
    "\(Int(parts.tm_year) + 1900)-\(two(Int64(parts.tm_mon) + 1))-\(two(Int64(parts.tm_mday)))"
  }

  private static func time(_ parts: tm) -> String {
    "\(two(Int64(parts.tm_hour))):\(two(Int64(parts.tm_min))):\(two(Int64(parts.tm_sec)))"
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

  static func unixNow() -> Int64 { read(CLOCK_REALTIME) }
  static func monotonicNow() -> Int64 { read(CLOCK_MONOTONIC) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    clock_gettime(clock, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}
