import Comparisons
import Events
import Tasks
import Testing
import Values

@Suite struct LadderTests {
  private let noon: Int64 = 1_795_262_400_000_000_000  // 2026-11-21 12:00 UTC

  private func ladder(
    _ before: Value, _ after: Value, port: String = "y", facts: ([Fact], [Fact]) = ([], []),
    usage: Usage = Usage(), later: Int64 = 3_600_000_000_000
  ) -> Ladder {
    func side(_ run: Int64, _ facts: [Fact], _ at: Int64) -> Ladder.Side {
      let record = chain(run: run) { $0.circumstances.facts = facts }.record
      return Ladder.Side(record: record, step: record.steps[0], components: [], startedAt: at, usage: usage)
    }
    return Ladder(
      side(1, facts.0, noon), side(2, facts.1, noon + later),
      outputs: [
        OutputComparison(port: port, comparison: ValueComparison(before, after), before: before, after: after)
      ])
  }

  @Test(arguments: [
    (Value.int(1_795_262_400), Value.int(1_795_266_000), "seconds"),
    (.float(1_795_262_400_123.5), .float(1_795_266_001_000), "milliseconds"),
    (.list([.int(1), .int(1_795_262_401_000_000)]), .list([.int(1), .int(1_795_266_000_000_001)]), "microseconds"),
    (.string("run-1795262400000000001.csv"), .string("run-1795266000000000001.csv"), "nanoseconds"),
    (.string("made on 2026-11-21, 12:00"), .string("made on 2026-11-21, 13:00"), "date"),
    (.string("21.11.2026 a"), .string("21.11.2026 b"), "date"),
  ])
  func theTimeOfTheCallIsRecognised(before: Value, after: Value, word: String) throws {
    let top = try #require(ladder(before, after).rungs.first)
    #expect(top.cause == .clock && top.weight == .likely)
    #expect(top.evidence.contains { $0.contains(word) }, "\(top.evidence)")
  }

  @Test func aNumberThatIsNoTimeIsNotTakenForOne() {
    #expect(ladder(.int(1_795_262_400), .int(1_795_262_400 + 86_400 * 30)).rungs[0].cause != .clock)
    #expect(ladder(.int(17), .int(18)).rungs[0].cause == .seed)
  }

  @Test func aMeasuredTimeIsKnownByItsName() {
    #expect(ladder(.float(0.25), .float(0.75), port: "fit_seconds").rungs[0].cause == .clock)
    #expect(ladder(.float(0.25), .float(0.75), port: "auc").rungs[0].cause == .seed)
  }

  @Test func lastDigitsPointAtThreads() {
    let (x, y) = (Value.float(0.1 + 0.2), Value.float(0.3))
    #expect(ladder(x, y).rungs[0].cause == .threads)
    let busy = Usage(wallNanoseconds: 1_000_000_000, cpuNanoseconds: 3_600_000_000)
    let top = ladder(x, y, usage: busy).rungs[0]
    #expect(top.cause == .threads && top.evidence.contains { $0.contains("3.6 processors") }, "\(top.evidence)")
    #expect(ladder(x, .float(0.4)).rungs[0].cause != .threads)
  }

  @Test func factsPointAtTheirGroup() {
    func changed(_ group: Fact.Group, _ name: String) -> ([Fact], [Fact]) {
      ([Fact(group, name, "a")], [Fact(group, name, "b")])
    }
    #expect(ladder(.string("x"), .string("y"), facts: changed(.variable, "MODE")).rungs[0].cause == .environment)
    #expect(ladder(.string("1,5"), .string("1.5"), facts: changed(.locale, "LC_ALL")).rungs[0].cause == .locale)
    #expect(
      ladder(.float(1), .float(1.0000000001), facts: changed(.threads, "OMP_NUM_THREADS")).rungs[0].cause == .threads)
    #expect(
      ladder(.float(1), .float(1.0000000001), facts: changed(.machine, "processor")).rungs[0].cause == .environment)
  }

  @Test func whatNothingExplainsIsMemory() {
    #expect(ladder(.int(0x7F12_3456_7890), .int(0x7FFE_0000_1000)).rungs[0].cause == .memory)
    #expect(ladder(.string("a\nb\nc"), .string("c\na\nb")).rungs[0].cause == .memory)
    #expect(ladder(.string("{a, b}"), .string("{b, c}")).rungs[0].cause == .memory)
    #expect(Set(ladder(.int(1), .int(2)).rungs.map(\.cause)) == Set(Ladder.Cause.allCases))
  }
}
