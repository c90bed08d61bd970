#if canImport(Glibc)
  internal import Glibc
#endif

/// A documented, portable source of randomness: the same seed gives the same numbers on each machine and with each
/// version of Swift (which the standard library does not promise for `shuffle` or `Double.random`).
///
/// xoshiro256** (Blackman and Vigna); integer seeds and all-zero states are expanded with SplitMix64.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// A generator for a seed given by a user.
  public init(seed: Int) {
    var mixer = UInt64(bitPattern: Int64(seed))
    func next() -> UInt64 {
      mixer &+= 0x9E37_79B9_7F4A_7C15
      var z = mixer
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (next(), next(), next(), next())
  }

  /// The attempt's own 256 bits.
  init(words: [UInt64]) {
    if words.count == 4, words.contains(where: { $0 != 0 }) {
      state = (words[0], words[1], words[2], words[3])
    } else {
      self = SeededGenerator(seed: 0)
    }
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotate(state.1 &* 5, 7) &* 9
    let t = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= t
    state.3 = rotate(state.3, 45)
    return result
  }

  /// Uniform in [0, 1), 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in 0..<bound without bias (rejection). `bound` is at least 1.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "the bound is at least 1")
    let bound = UInt64(bound)
    let limit = UInt64.max - UInt64.max % bound
    while true {
      let x = next()
      if x < limit { return Int(x % bound) }
    }
  }

  /// Standard normal (Box and Muller).
  public mutating func normal() -> Double {
    let u = 1 - uniform()
    let v = uniform()
    return (-2 * log(u)).squareRoot() * cos(2 * Double.pi * v)
  }

  /// A random order (Fisher and Yates, from the end).
  public mutating func shuffled<T>(_ items: [T]) -> [T] {
    var items = items
    for last in stride(from: items.count - 1, to: 0, by: -1) { items.swapAt(last, below(last + 1)) }
    return items
  }
}
