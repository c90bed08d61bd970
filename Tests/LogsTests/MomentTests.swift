import Logs
import Testing

@Suite struct MomentTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
    (1_795_301_467_123_456_789, "2026-11-21T22:51:07.123456Z"),
    (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
  ])
  func timesAreWrittenAndReadAgain(_ nanoseconds: Int64, _ text: String) {
    #expect(Moment.text(nanoseconds) == text)
    guard case .time(let again) = Moment.read(text) else {
      Issue.record("\(text) is not read")
      return
    }
    #expect(abs(again - nanoseconds) < 1000)
  }

  @Test func everyDayIsReadAsItIsWritten() {
    for day in stride(from: Int64(-106_000), to: 106_000, by: 17) {
      let at = day * 86_400_000_000_000 + 12_345_678_901_000
      #expect(Moment.read(Moment.text(at)) == .time(at))
    }
  }

  @Test(arguments: [
    ("2026-01-05T08:10:00Z", Moment.Reading.time(1_767_600_600_000_000_000)),
    ("2026-01-05 09:10:00+01:00", .time(1_767_600_600_000_000_000)),
    ("2026-01-05T07:40:00.5-0030", .time(1_767_600_600_500_000_000)),
    ("2026-01-05T08:10:00.123456789123Z", .time(1_767_600_600_123_456_789)), ("2026-01-05T08:10:00", .noOffset),
    ("yesterday", .wrong), ("", .wrong), ("2026-02-29T00:00:00Z", .wrong), ("2026-13-01T00:00:00Z", .wrong),
    ("2026-01-05T24:00:00Z", .wrong), ("2026-01-05T08:10:00.Z", .wrong), ("2026-01-05T08:10:00Zx", .wrong),
    ("2026-01-05", .wrong), ("9999-01-05T08:10:00Z", .wrong),
  ])
  func timesOfOthers(_ text: String, _ expected: Moment.Reading) { #expect(Moment.read(text) == expected) }
}
