import Numbers
import Spaces
import Statistics
import Strategies
import Testing
import Values

/// Five parameters of which one exists for one choice alone, and 120 trials without any chance in them.
struct Landscape {
  let space = Space([
    Parameter("x", .axis(Axis(.floats, from: 0, to: 1))),
    Parameter("lr", .axis(Axis(.floats, from: 1e-4, to: 1, isLogarithmic: true))),
    Parameter("k", .axis(Axis(.integers, from: 1, to: 15))),
    Parameter("algo", .choices([.string("a"), .string("b"), .string("c")])),
    Parameter("algo.depth", .axis(Axis(.integers, from: 1, to: 9)), when: .init(parameter: 3, choices: [1])),
  ])

  let history: History

  init(_ value: (_ x: Double, _ u: Double, _ k: Int, _ algo: Int, _ depth: Int, _ trial: Int) -> Double) {
    history = History(
      (0..<120).map { i in
        let x = (Double(i + 1) * 0.6180339887498949).truncatingRemainder(dividingBy: 1)
        let u = (Double(i + 1) * 0.7548776662466927).truncatingRemainder(dividingBy: 1)
        let (k, algo, depth) = (1 + (i * 7) % 15, (i * 5 + i / 3) % 3, 1 + (i * 4) % 9)
        let low = Elementary.log(1e-4)
        let point = Point([
          x, Elementary.exp(low + u * -low), Double(k), Double(algo), algo == 1 ? Double(depth) : Point.inactive,
        ])
        return Trial(i, point, .finished, values: [value(x, u, k, algo, depth, i)])
      })
  }

  static let known = Landscape { x, u, k, algo, depth, _ in
    (x - 0.3) * (x - 0.3) + 0.1 * (u - 0.5).magnitude + 0.001 * Double(k) + (algo == 0 ? 0.2 : 0)
      + (algo == 1 ? 0.02 * Double((depth - 4).magnitude) : 0)
  }

  /// Values that have nothing to do with parameters.
  static func noise(_ seed: Int) -> Landscape {
    Landscape { _, _, _, _, _, trial in
      var draws = Draws(seed: UInt64(seed), trial: trial, stream: 77)
      return draws.normal()
    }
  }
}

@Suite struct ImportanceTests {
  private let draws = Draws(seed: 11, trial: 0)

  /// Optuna 5.0.0, `PedAnovaImportanceEvaluator().evaluate(study)` of the same trials, divided by 0.1 · 0.9, the whole
  /// variance.
  @Test func sharesAreThoseOfOptuna() throws {
    let reference = [
      0.13077921579015858, 0.04705080743303614, 0.0030743648775537124, 0.020710059171535507, 0.06196905133183326,
    ]
    let importance = try #require(Importance(Landscape.known.space, Landscape.known.history, shuffles: 0, draws: draws))
    #expect(importance.rows.map(\.parameter) == [0, 4, 1, 3, 2])
    #expect(importance.best == 12 && importance.trials == 120)
    for row in importance.rows { #expect(isClose(row.share, reference[row.parameter], 1e-9), "\(row)") }
    #expect(isClose(importance.explained, reference.reduce(0, +), 1e-9))
    #expect(importance.rows.allSatisfy { $0.p == nil && $0.chance == 0 })
  }

  @Test func whatMattersStandsOutFromChance() throws {
    let importance = try #require(
      Importance(Landscape.known.space, Landscape.known.history, shuffles: 60, draws: draws))
    let x = try #require(importance.rows.first { $0.parameter == 0 })
    #expect(x.p == 1.0 / 61 && x.share > 2 * x.chance)
    let k = try #require(importance.rows.first { $0.parameter == 2 })
    #expect(try #require(k.p) > 0.2 && k.share < 2 * k.chance)
    #expect(importance.explained < importance.rows.reduce(0) { $0 + $1.share } - x.chance)
    #expect(
      Importance(Landscape.known.space, Landscape.known.history, shuffles: 60, draws: draws)?.rows == importance.rows)
  }

  /// 40 experiments without any effect: one of twenty is expected to pretend to have one.
  @Test func withoutEffectsChanceAloneStandsOutRarely() throws {
    let wrong = try (0..<40).count { seed in
      let landscape = Landscape.noise(seed)
      let importance = try #require(Importance(landscape.space, landscape.history, shuffles: 19, draws: draws))
      return importance.rows.contains { $0.p ?? 1 <= 0.05 }
    }
    #expect(wrong <= 6, "\(wrong) of 40")
  }

  @Test func tooFewOrEqualTrialsSayNothing() {
    let known = Landscape.known
    #expect(Importance(known.space, History(Array(known.history.trials.prefix(9))), draws: draws) == nil)
    #expect(Importance(known.space, Landscape { _, _, _, _, _, _ in 1 }.history, draws: draws) == nil)
  }

  @Test func effectsAreMeansByValue() throws {
    let landscape = Landscape { _, _, _, algo, _, trial in Double(algo) + (trial % 2 == 0 ? 0.5 : -0.5) }
    let effects = Effect.all(landscape.space, landscape.history)
    let algo = effects[3]
    #expect(algo.groups.map(\.name) == ["a", "b", "c"])
    #expect(algo.groups.reduce(0) { $0 + $1.summary.count } == 120)
    for (choice, group) in algo.groups.enumerated() {
      let values = landscape.history.trials.filter { $0.point[3] == Double(choice) }.map(\.value)
      #expect(
        isClose(group.summary.mean, values.reduce(0, +) / Double(values.count)) && group.summary.count == values.count)
    }
    // Between choices 2/3, within them 1/4: 0.73 of the variance.
    #expect((0.70...0.76).contains(algo.explained), "\(algo.explained)")
    #expect(
      effects[0].explained < 0.1
        && effects[0].groups.map(\.name) == ["0 to 0.25", "0.25 to 0.5", "0.5 to 0.75", "0.75 to 1"])
    #expect(effects[1].groups.map(\.name) == ["0.0001 to 0.001", "0.001 to 0.01", "0.01 to 0.1", "0.1 to 1"])
    // Of integers, those that belong there: 8 is nearer to the middle of the third quarter.
    #expect(effects[2].groups.map(\.name) == ["1 to 4", "5 to 7", "8 to 11", "12 to 15"])
    for (group, values) in zip(effects[2].groups, [1...4, 5...7, 8...11, 12...15]) {
      #expect(group.summary.count == landscape.history.trials.count { values.contains(Int($0.point[2])) })
    }
    // Only where it exists.
    #expect(effects[4].groups.reduce(0) { $0 + $1.summary.count } == algo.groups[1].summary.count)
  }
}
