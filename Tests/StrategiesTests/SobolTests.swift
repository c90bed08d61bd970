import Testing

@testable import Strategies

@Suite struct SobolSequences {
  /// Against SciPy's `qmc.Sobol`, which has the same numbers of Joe and Kuo.
  @Test(
    arguments: [
      (
        0xFFFFF,
        [
          0xFFFF_F000, 0x1001_1000, 0x4F4F_B000, 0xBD08_D000, 0x749C_3000, 0x5011_9000, 0x6170_3000, 0xD8DE_F000,
          0x172E_F000, 0x5C2A_D000, 0x0D3B_9000, 0x1003_7000, 0xDEDB_B000, 0x94FA_D000, 0x4243_B000, 0x4853_3000,
          0x5104_1000, 0x491C_B000, 0x1E4D_5000, 0x54B6_5000, 0xC32C_9000, 0xF567_1000, 0xE300_7000, 0xEBB1_D000,
          0x1AD1_7000, 0xFC00_B000, 0xCF1E_F000, 0x9FFD_D000, 0xB811_9000, 0xD5C1_F000, 0xA54F_F000, 0xF477_1000,
          0x39B7_F000, 0xA424_F000, 0x2513_F000, 0xEA12_7000, 0x0503_1000, 0xFDAB_9000, 0xF0B7_1000, 0x226B_D000,
          0x7ED0_D000, 0x38C0_D000, 0x4244_9000, 0x5864_7000, 0x375C_F000, 0xE06C_1000, 0x9653_5000, 0x3557_5000,
          0x4879_7000, 0xCD8C_1000, 0x17E4_9000, 0x3450_7000, 0x6740_3000, 0x9818_5000, 0x5766_D000, 0xAF7E_7000,
          0xD86E_5000, 0x95DC_7000, 0xBFFC_7000, 0xDB89_7000, 0x1C40_D000, 0xDE14_7000, 0xDE3B_F000, 0x2674_F000,
        ]
      ),
      (
        0x9A5C3,
        [
          0xC3A5_9000, 0x7613_7000, 0xF039_1000, 0xD23F_B000, 0x0CAA_5000, 0xF27F_B000, 0x4C5C_5000, 0xBFAA_1000,
          0xAB10_9000, 0xBC7C_F000, 0x480E_3000, 0x4E0C_1000, 0xA181_1000, 0xDB2C_B000, 0x0ECB_5000, 0xB53F_9000,
          0x590A_B000, 0xC12C_1000, 0x7C86_7000, 0x3C7C_7000, 0xE2A4_7000, 0x1EAE_B000, 0xC9C0_1000, 0xD211_B000,
          0xAA27_5000, 0x347C_1000, 0x32BA_5000, 0xBA6A_B000, 0x7A8D_F000, 0xF734_1000, 0x41CB_D000, 0x52DA_F000,
          0x3BEE_1000, 0xD01E_D000, 0x2B62_9000, 0x5DE1_1000, 0x3032_B000, 0xA881_7000, 0xD439_7000, 0xC9C1_3000,
          0xC0C4_3000, 0x7C84_7000, 0x67E8_B000, 0xBE78_9000, 0x2138_1000, 0x2FD8_3000, 0x80BE_7000, 0x664E_F000,
          0x1FB6_D000, 0x7AED_F000, 0x8B93_3000, 0xFEE5_1000, 0xE5B5_9000, 0xFE1D_B000, 0xB5B5_B000, 0x2A19_9000,
          0x2DA0_B000, 0x436F_9000, 0x44FE_9000, 0xA5CE_9000, 0x018B_B000, 0xFBBC_9000, 0xC1F7_9000, 0xB758_9000,
        ]
      ),
    ] as [(Int, [UInt32])])
  func directionNumbers(_ place: Int, _ expected: [UInt32]) {
    let sequence = SobolSequence(dimensions: 64, seed: 0)
    #expect((0..<64).map { sequence.bits(place, dimension: $0) } == expected)
  }

  @Test func theFirstPoints() {
    let sequence = SobolSequence(dimensions: 2, seed: 0)
    let points = (0..<4).map { place in (0..<2).map { Double(sequence.bits(place, dimension: $0)) * 0x1p-32 } }
    #expect(points == [[0, 0], [0.5, 0.5], [0.25, 0.75], [0.75, 0.25]])
  }

  /// In each block of 2ᵏ points, wherever it begins, one in each of 2ᵏ strata, in each dimension; scrambling keeps that.
  @Test(arguments: [1, 77] as [UInt64]) func oneInEachStratum(_ seed: UInt64) {
    let sequence = SobolSequence(dimensions: 64, seed: seed)
    for bits in [1, 3, 6] {
      let count = 1 << bits
      for block in [0, 1, 5] {
        for dimension in 0..<64 {
          let strata = Set(
            (0..<count).map { Int(sequence.unit(block * count + $0, dimension: dimension) * Double(count)) })
          #expect(strata.count == count, "block \(block) of \(count), dimension \(dimension)")
        }
      }
    }
  }

  /// The first two dimensions together: one point in each box of 2ᵃ by 2ᵇ.
  @Test(arguments: [0, 3] as [UInt64]) func oneInEachBox(_ seed: UInt64) {
    let sequence = SobolSequence(dimensions: 2, seed: seed)
    for a in 0...6 {
      let boxes = Set(
        (0..<64).map { place in
          [
            Int(sequence.unit(place, dimension: 0) * Double(1 << a)),
            Int(sequence.unit(place, dimension: 1) * Double(1 << (6 - a))),
          ]
        })
      #expect(boxes.count == 64)
    }
  }

  @Test func scramblingDiffersByDimensionAndSeed() {
    let (a, b) = (SobolSequence(dimensions: 2, seed: 1), SobolSequence(dimensions: 2, seed: 2))
    #expect(a.unit(0, dimension: 0) != a.unit(0, dimension: 1))
    #expect(a.unit(0, dimension: 0) != b.unit(0, dimension: 0))
  }
}
