import Testing

@testable import Numbers

@Suite struct RandomNumbers {
  /// The known answers of Random123, the library of the method's authors.
  @Test func philox() {
    let zero = Draws.philox((0, 0, 0, 0), key: (0, 0))
    #expect([zero.0, zero.1, zero.2, zero.3] == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
    let all = Draws.philox((.max, .max, .max, .max), key: (.max, .max))
    #expect([all.0, all.1, all.2, all.3] == [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD])
    let pi = Draws.philox(
      (0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), key: (0xA409_3822, 0x299F_31D0))
    #expect([pi.0, pi.1, pi.2, pi.3] == [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1])
  }

  /// These numbers are part of every record: a change here changes what experiments propose.
  @Test func theSameForever() {
    var draws = Draws(seed: 42, trial: 7, stream: 3)
    let first = (0..<4).map { _ in draws.next() }
    var again = Draws(seed: 42, trial: 7, stream: 3)
    #expect(first == (0..<4).map { _ in again.next() })
    let block = Draws.philox((0, 3, 7, 0), key: (42, 0))
    #expect(first[0] == UInt64(block.1) << 32 | UInt64(block.0))
    #expect(first[1] == UInt64(block.3) << 32 | UInt64(block.2))
  }

  @Test func seedsTrialsAndStreamsAreApart() {
    var seen: Set<UInt64> = []
    for seed in [0, 1, 1 << 32, UInt64.max] {
      for trial in [0, 1, 1 << 40] {
        for stream in 0..<5 as Range<UInt32> {
          var draws = Draws(seed: seed, trial: trial, stream: stream)
          for _ in 0..<10 { seen.insert(draws.next()) }
        }
      }
    }
    #expect(seen.count == 4 * 3 * 5 * 10)
  }

  @Test func unitsAreUniform() {
    var draws = Draws(seed: 9, trial: 1)
    var bins = [Int](repeating: 0, count: 20)
    for _ in 0..<20_000 {
      let unit = draws.unit()
      #expect(unit >= 0 && unit < 1)
      bins[Int(unit * 20)] += 1
    }
    // χ² with 19 degrees of freedom: 43.8 is passed once in a thousand.
    #expect(bins.reduce(0.0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 } < 43.8)
  }

  @Test func normalsAreNormal() {
    var draws = Draws(seed: 2, trial: 0)
    let values = (0..<20_000).map { _ in draws.normal() }
    let mean = values.reduce(0, +) / 20_000
    #expect(mean.magnitude < 0.03)
    #expect((values.reduce(0) { $0 + $1 * $1 } / 20_000 - 1).magnitude < 0.04)
    #expect((Double(values.count { $0 > 1.96 }) / 20_000 - 0.025).magnitude < 0.005)
  }

  @Test(arguments: [1, 2, 3, 7, 1000]) func indicesAreFair(_ count: Int) {
    var draws = Draws(seed: 5, trial: count)
    var bins = [Int](repeating: 0, count: count)
    for _ in 0..<(count * 100) { bins[draws.index(below: count)] += 1 }
    #expect(bins.allSatisfy { $0 > 40 && $0 < 170 })
  }

  /// Two thirds of all numbers: without rejection a third of the indices would come out twice as often.
  @Test func largeRangesAreFair() {
    let count: UInt64 = 0xAAAA_AAAA_AAAA_AAAA
    var draws = Draws(seed: 6, trial: 0)
    let low = (0..<3000).count { _ in draws.number(below: count) < count / 2 }
    #expect((low - 1500).magnitude < 150)
  }
}

@Suite struct Shuffles {
  /// All counts to 500, and some to 4,100, among them those around powers of four, where the network gets wider.
  @Test func everyCountIsAPermutation() {
    for count in Array(1...500 as ClosedRange<UInt64>) + [1023, 1024, 1025, 1999, 2048, 2049, 4095, 4096, 4097] {
      let shuffle = Shuffle(count: count, seed: count &* 0x9E37_79B9_7F4A_7C15, stream: 1)
      var seen = [Bool](repeating: false, count: Int(count))
      for index in 0..<count {
        let value = shuffle[index]
        guard value < count, !seen[Int(value)] else {
          Issue.record("\(count): \(index) gives \(value)")
          return
        }
        seen[Int(value)] = true
      }
    }
  }

  @Test(arguments: [40_007_520, 1 << 32, (1 << 32) + 1, 1 << 62, (1 << 63) - 25, .max] as [UInt64])
  func largeOnesDoNotRepeat(_ count: UInt64) {
    let shuffle = Shuffle(count: count, seed: 3, stream: 2)
    let values = (0..<2000 as Range<UInt64>).map { shuffle[$0 * (count / 2000)] }
    #expect(values.allSatisfy { $0 < count })
    #expect(Set(values).count == 2000)
    // As many above the middle as below it, about.
    #expect((values.count { $0 < count / 2 } - 1000).magnitude < 150)
  }

  /// First elements under many seeds hit everything equally often.
  @Test func itIsRandom() {
    var bins = [Int](repeating: 0, count: 10)
    var fixed = 0
    for seed in 0..<2000 as Range<UInt64> {
      let shuffle = Shuffle(count: 10, seed: seed, stream: 0)
      bins[Int(shuffle[0])] += 1
      fixed += (0..<10 as Range<UInt64>).count { shuffle[$0] == $0 }
    }
    #expect(bins.allSatisfy { $0 > 140 && $0 < 260 })
    // A random permutation has one fixed point on average.
    #expect((fixed - 2000).magnitude < 200)
  }
}
