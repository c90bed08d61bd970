/// Random numbers that depend on nothing but a seed, a trial and a stream: each number is a function of its place in the
/// sequence, so any proposal can be drawn again without those before it.
///
/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
package struct Draws: Sendable {
  private let key: (UInt32, UInt32)
  private let place: (trial: UInt64, stream: UInt32)
  private var counter: UInt32 = 0
  private var spare: UInt64?

  /// - Parameter stream: keeps apart what is drawn for different purposes within a trial.
  package init(seed: UInt64, trial: Int, stream: UInt32 = 0) {
    key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    place = (UInt64(bitPattern: Int64(trial)), stream)
  }

  /// 64 random bits.
  package mutating func next() -> UInt64 {
    if let spare {
      self.spare = nil
      return spare
    }
    let block = Self.philox(
      (counter, place.stream, UInt32(truncatingIfNeeded: place.trial), UInt32(truncatingIfNeeded: place.trial >> 32)),
      key: key)
    counter &+= 1
    spare = UInt64(block.3) << 32 | UInt64(block.2)
    return UInt64(block.1) << 32 | UInt64(block.0)
  }

  /// Uniform in [0, 1), a multiple of 2⁻⁵³.
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in 0 ..< `count`, which is at least 1. Without bias (Lemire 2019).
  package mutating func index(below count: Int) -> Int { Int(number(below: UInt64(count))) }

  package mutating func number(below count: UInt64) -> UInt64 {
    var product = next().multipliedFullWidth(by: count)
    if product.low < count {
      let threshold = (0 &- count) % count
      while product.low < threshold { product = next().multipliedFullWidth(by: count) }
    }
    return product.high
  }

  /// Standard normal.
  package mutating func normal() -> Double { Elementary.normalQuantile((Double(next() >> 12) + 0.5) * 0x1p-52) }

  static func philox(
    _ counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for _ in 0..<10 {
      let a = c0.multipliedFullWidth(by: 0xD251_1F53)
      let b = c2.multipliedFullWidth(by: 0xCD9E_8D57)
      (c0, c1, c2, c3) = (b.high ^ c1 ^ k0, b.low, a.high ^ c3 ^ k1, a.low)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }
}

/// A random order of 0 ..< `count` of which any element can be asked for: no list is ever made.
///
/// A balanced Feistel network over the next power of four, walked until the number is in range (Black and Rogaway,
/// "Ciphers with arbitrary finite domains", CT-RSA 2002). O(1) expected.
package struct Shuffle: Sendable {
  package let count: UInt64
  private let seed: UInt64
  private let stream: UInt32
  private let halfBits: UInt64

  package init(count: UInt64, seed: UInt64, stream: UInt32) {
    self.count = count
    self.seed = seed
    self.stream = stream
    let bits = 64 - UInt64((max(count, 2) - 1).leadingZeroBitCount)
    halfBits = (bits + 1) / 2
  }

  package subscript(index: UInt64) -> UInt64 {
    guard count > 1 else { return index }
    var value = index
    repeat { value = encrypted(value) } while value >= count
    return value
  }

  private func encrypted(_ value: UInt64) -> UInt64 {
    let mask = halfBits >= 64 ? UInt64.max : (1 << halfBits) - 1
    var left = value >> halfBits & mask
    var right = value & mask
    for round in 0..<6 as Range<UInt32> {
      let block = Draws.philox(
        (UInt32(truncatingIfNeeded: right), UInt32(truncatingIfNeeded: right >> 32), round, stream),
        key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
      (left, right) = (right, left ^ (UInt64(block.1) << 32 | UInt64(block.0)) & mask)
    }
    return left << halfBits | right
  }
}
