import Tasks
import Testing
import Values
import Workers

@Suite struct MixTests {
  /// Any mix of well-behaved and hostile attempts: each gets the outcome that it has alone.
  @Test func randomMixes() throws {
    let house = try FakeHouse()
    var random = SplitMix(state: 2026)
    let kinds: [(node: String, kind: Failure.Kind?)] = [
      ("add", nil), ("add", nil), ("add", nil), ("add", nil), ("flush", nil), ("add", nil), ("segv", .crash),
      ("exit 0", .crash), ("garbage", .contract), ("fail", .transient), ("none", .contract), ("status -3", .input),
    ]
    for _ in 0..<200 {
      let picks = (0..<Int(random.next() % 12 + 1)).map { _ in kinds[Int(random.next() % UInt64(kinds.count))] }
      // Crashes cost a process each; most mixes have few of them.
      var hostile = 0
      let chosen = picks.map { pick in
        guard pick.kind == .crash || pick.kind == .contract && pick.node == "garbage" else { return pick }
        hostile += 1
        return hostile > 1 || random.next() % 4 != 0 ? kinds[0] : pick
      }
      let outcomes = house.run(chosen.map { house.call($0.node, [.int(1)]) })
      for (pick, outcome) in zip(chosen, outcomes) {
        #expect(outcome.failure?.kind == pick.kind, "\(chosen.map(\.node)): \(pick.node) gave \(outcome.result)")
        if pick.kind == nil { #expect(outcome.value == .int(2)) }
      }
    }
  }
}

struct SplitMix {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
