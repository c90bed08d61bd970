internal import Numbers
internal import Spaces

/// Sobol's sequence with Owen's scrambling: any number of points covers the space evenly, so that it can be stopped anywhere.
///
/// Sobol (1967); direction numbers of Joe and Kuo, "Constructing Sobol sequences with better two-dimensional projections",
/// SIAM J. Sci. Comput. 30 (2008); scrambling by hashing, Burley, "Practical hash-based Owen scrambling", JCGT 9 (2020).
package struct Sobol: Strategy {
  package init() {}
  package var capabilities: Capabilities {
    var all = Capabilities()
    all.objectives = .max
    all.parameters = SobolSequence.dimensions
    return all
  }

  package func ask(_ question: Question) -> Answer {
    let sequence = SobolSequence(dimensions: question.space.parameters.count, seed: question.seed)
    let next = question.next(of: .sequence)
    // Where constraints or small spaces leave little, most of the sequence is passed over.
    for place in next..<(next + 1000) {
      let point = question.space.point { sequence.unit(place, dimension: $0) }
      if question.admits(point) {
        return question.answer(point, memo: Question.Order.sequence.memo(place), "point \(place + 1) of the sequence")
      }
    }
    return question.answer(
      question.untried(near: nil), memo: Question.Order.sequence.memo(next + 999), "drawn at random")
  }
}

/// Points of the unit cube, each by its place in the sequence alone.
package struct SobolSequence: Sendable {
  private let directions: [[UInt32]]
  private let seeds: [UInt32]

  /// The most dimensions.
  package static var dimensions: Int { table.count + 1 }

  /// - Parameter dimensions: beyond the most, dimensions are scrambled copies of earlier ones.
  package init(dimensions: Int, seed: UInt64) {
    directions = (0..<dimensions).map { Self.directions($0 % Self.dimensions) }
    seeds = (0..<dimensions).map { dimension in
      var draws = Draws(seed: seed, trial: dimension, stream: 0x50B0)
      return UInt32(truncatingIfNeeded: draws.next())
    }
  }

  /// In [0, 1). O(log place).
  package func unit(_ place: Int, dimension: Int) -> Double {
    Double(Self.scrambled(bits(place, dimension: dimension), seeds[dimension])) * 0x1p-32
  }

  /// Before it is scrambled.
  func bits(_ place: Int, dimension: Int) -> UInt32 {
    var index = UInt32(truncatingIfNeeded: place)
    var bits: UInt32 = 0
    var bit = 0
    while index != 0 {
      if index & 1 == 1 { bits ^= directions[dimension][bit] }
      index >>= 1
      bit += 1
    }
    return bits
  }

  /// A random permutation of each half, quarter, eighth …: nested, as Owen's. The hash of Laine and Karras works upwards from
  /// the lowest bit, hence the reversals.
  private static func scrambled(_ bits: UInt32, _ seed: UInt32) -> UInt32 {
    var x = reversed(bits) &+ seed
    x ^= x &* 0x6C50_B47C
    x ^= x &* 0xB82F_1E52
    x ^= x &* 0xC7AF_E638
    x ^= x &* 0x8D22_F6E6
    return reversed(x)
  }

  private static func reversed(_ bits: UInt32) -> UInt32 {
    var x = bits.byteSwapped
    x = (x & 0x0F0F_0F0F) << 4 | (x >> 4) & 0x0F0F_0F0F
    x = (x & 0x3333_3333) << 2 | (x >> 2) & 0x3333_3333
    return (x & 0x5555_5555) << 1 | (x >> 1) & 0x5555_5555
  }

  private static func directions(_ dimension: Int) -> [UInt32] {
    guard dimension > 0 else { return (0..<32).map { 1 << (31 - UInt32($0)) } }
    let (polynomial, initial) = table[dimension - 1]
    let degree = initial.count
    var numbers = initial.enumerated().map { $1 << (31 - UInt32($0)) }
    for index in degree..<32 {
      var number = numbers[index - degree] ^ (numbers[index - degree] >> UInt32(degree))
      for k in 1..<max(degree, 1) where polynomial >> UInt32(degree - k) & 1 == 1 { number ^= numbers[index - k] }
      numbers.append(number)
    }
    return numbers
  }

  /// For each dimension behind the first: a primitive polynomial over GF(2) as bits, and the first direction numbers.
  private static let table: [(polynomial: UInt32, initial: [UInt32])] = [
    (3, [1]),
    (7, [1, 3]),
    (11, [1, 3, 1]),
    (13, [1, 1, 1]),
    (19, [1, 1, 3, 3]),
    (25, [1, 3, 5, 13]),
    (37, [1, 1, 5, 5, 17]),
    (41, [1, 1, 5, 5, 5]),
    (47, [1, 1, 7, 11, 19]),
    (55, [1, 1, 5, 1, 1]),
    (59, [1, 1, 1, 3, 11]),
    (61, [1, 3, 5, 5, 31]),
    (67, [1, 3, 3, 9, 7, 49]),
    (91, [1, 1, 1, 15, 21, 21]),
    (97, [1, 3, 1, 13, 27, 49]),
    (103, [1, 1, 1, 15, 7, 5]),
    (109, [1, 3, 1, 15, 13, 25]),
    (115, [1, 1, 5, 5, 19, 61]),
    (131, [1, 3, 7, 11, 23, 15, 103]),
    (137, [1, 3, 7, 13, 13, 15, 69]),
    (143, [1, 1, 3, 13, 7, 35, 63]),
    (145, [1, 3, 5, 9, 1, 25, 53]),
    (157, [1, 3, 1, 13, 9, 35, 107]),
    (167, [1, 3, 1, 5, 27, 61, 31]),
    (171, [1, 1, 5, 11, 19, 41, 61]),
    (185, [1, 3, 5, 3, 3, 13, 69]),
    (191, [1, 1, 7, 13, 1, 19, 1]),
    (193, [1, 3, 7, 5, 13, 19, 59]),
    (203, [1, 1, 3, 9, 25, 29, 41]),
    (211, [1, 3, 5, 13, 23, 1, 55]),
    (213, [1, 3, 7, 3, 13, 59, 17]),
    (229, [1, 3, 1, 3, 5, 53, 69]),
    (239, [1, 1, 5, 5, 23, 33, 13]),
    (241, [1, 1, 7, 7, 1, 61, 123]),
    (247, [1, 1, 7, 9, 13, 61, 49]),
    (253, [1, 3, 3, 5, 3, 55, 33]),
    (285, [1, 3, 1, 15, 31, 13, 49, 245]),
    (299, [1, 3, 5, 15, 31, 59, 63, 97]),
    (301, [1, 3, 1, 11, 11, 11, 77, 249]),
    (333, [1, 3, 1, 11, 27, 43, 71, 9]),
    (351, [1, 1, 7, 15, 21, 11, 81, 45]),
    (355, [1, 3, 7, 3, 25, 31, 65, 79]),
    (357, [1, 3, 1, 1, 19, 11, 3, 205]),
    (361, [1, 1, 5, 9, 19, 21, 29, 157]),
    (369, [1, 3, 7, 11, 1, 33, 89, 185]),
    (391, [1, 3, 3, 3, 15, 9, 79, 71]),
    (397, [1, 3, 7, 11, 15, 39, 119, 27]),
    (425, [1, 1, 3, 1, 11, 31, 97, 225]),
    (451, [1, 1, 1, 3, 23, 43, 57, 177]),
    (463, [1, 3, 7, 7, 17, 17, 37, 71]),
    (487, [1, 3, 1, 5, 27, 63, 123, 213]),
    (501, [1, 1, 3, 5, 11, 43, 53, 133]),
    (529, [1, 3, 5, 5, 29, 17, 47, 173, 479]),
    (539, [1, 3, 3, 11, 3, 1, 109, 9, 69]),
    (545, [1, 1, 1, 5, 17, 39, 23, 5, 343]),
    (557, [1, 3, 1, 5, 25, 15, 31, 103, 499]),
    (563, [1, 1, 1, 11, 11, 17, 63, 105, 183]),
    (601, [1, 1, 5, 11, 9, 29, 97, 231, 363]),
    (607, [1, 1, 5, 15, 19, 45, 41, 7, 383]),
    (617, [1, 3, 7, 7, 31, 19, 83, 137, 221]),
    (623, [1, 1, 1, 3, 23, 15, 111, 223, 83]),
    (631, [1, 1, 5, 13, 31, 15, 55, 25, 161]),
    (637, [1, 1, 3, 13, 25, 47, 39, 87, 257]),
  ]
}
