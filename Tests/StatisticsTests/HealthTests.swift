import Numbers
import Spaces
import Statistics
import Strategies
import Testing
import Values

private let draws = Draws(seed: 12, trial: 0)

private func finding(
  _ check: Finding.Check, _ trials: [Trial], in space: Space = space, controls: Set<Int> = [],
  _ measured: [Measured] = [],
  _ repeats: Repeats = .independent
) throws -> Finding {
  let health = Health(space, History(trials), controls: controls, measured: measured, repeats, draws: draws)
  return try #require(health.findings().first { $0.check == check })
}

private let space = Space([
  Parameter("rate", .axis(Axis(.floats, from: 0.001, to: 1, isLogarithmic: true))),
  Parameter("model", .choices([.string("forest"), .string("boost"), .string("logit")])),
])

/// 60 points spread evenly over the space.
private let points = (0..<60).map { i in
  space.point { $0 == 0 ? (Double(i) * 0.618034).truncatingRemainder(dividingBy: 1) : (Double(i % 3) + 0.5) / 3 }
}

private func trials(_ state: (Int) -> Trial.State = { _ in .finished }, _ value: (Int, Point) -> Double) -> [Trial] {
  points.enumerated().map { i, point in
    Trial(i, point, state(i), values: state(i) == .finished ? [value(i, point)] : [])
  }
}

private func random(_ trial: Int) -> Double {
  var draws = Draws(seed: 13, trial: trial)
  return draws.normal()
}

@Suite struct HealthTests {
  @Test func eachCheckAnswersOnceEvenWithNothingToLookAt() {
    let findings = Health(space, History(), draws: draws).findings()
    #expect(findings.map(\.check) == Finding.Check.allCases)
    #expect(findings.allSatisfy { $0.verdict == .unknown && !$0.sentence.isEmpty })
  }

  @Test func effects() throws {
    let good = try finding(.effects, trials { i, point in point[1] + 0.2 * random(i) })
    #expect(good.verdict == .pass && good.sentence.contains("`model` the largest: its values explain 9"))
    let none = try finding(.effects, trials { i, _ in random(i) })
    #expect(none.verdict == .fail && none.sentence.hasPrefix("no parameter has an effect that 60 trials show"))
    #expect(try #require(none.numbers["p"]) >= 0.05)
  }

  @Test func theEdgeOfTheSpace() throws {
    let edge = try finding(.edge, trials { _, point in Elementary.log(point[0]) })
    #expect(edge.verdict == .warn && edge.sentence.contains("`rate` (low end"))
    #expect(try finding(.edge, trials { _, point in (Elementary.log(point[0]) + 3.5).magnitude }).verdict == .pass)
    // Choices have no order, and two values are nothing but ends.
    let pair = Space([Parameter("flag", .axis(Axis(.integers, from: 0, to: 1)))])
    let ends = (0..<20).map { Trial($0, Point([Double($0 % 2)]), .finished, values: [Double($0 % 2)]) }
    #expect(try finding(.edge, ends, in: pair).verdict == .pass)
  }

  @Test func theControlGroup() throws {
    let controls = Set(0..<12)
    let better = try finding(.control, trials { i, _ in random(i) - (i < 12 ? 0 : 2) }, controls: controls)
    #expect(better.verdict == .pass && better.sentence.hasPrefix("the strategy is better than random"))
    let worse = try finding(.control, trials { i, _ in random(i) + (i < 12 ? 0 : 1) }, controls: controls)
    #expect(worse.verdict == .fail && worse.numbers["controls"] == 12)
    #expect(try finding(.control, trials { i, _ in random(i) }, controls: [0, 1]).verdict == .unknown)
  }

  @Test func failuresThatCluster() throws {
    let clustered = try finding(
      .failures,
      trials { i in
        i % 3 == 1 && i % 4 != 0 ? .failed : .finished
      } _: { i, _ in
        random(i)
      })
    #expect(clustered.verdict == .fail)
    #expect(
      clustered.sentence.hasPrefix("failures cluster at `model = boost`: 15 of 20 trials there, 15 of 60 trials failed")
    )
    let scattered = try finding(
      .failures,
      trials { i in
        i % 10 == 0 ? .failed : .finished
      } _: { i, _ in
        random(i)
      })
    #expect(
      scattered.verdict == .pass && scattered.sentence == "6 of 60 trials failed, in no region more than elsewhere")
    #expect(
      try finding(
        .failures,
        trials { _ in
          .failed
        } _: { _, _ in
          0
        }
      ).verdict == .fail)
    #expect(try finding(.failures, trials { i, _ in random(i) }).sentence == "no trial of 60 failed")
  }

  private func measured(spread: Double, noise: Double) -> [Measured] {
    (0..<20).map { trial in
      Measured(trial: trial, (0..<4).map { spread * Double(trial) / 10 + noise * random(trial * 4 + $0) })
    }
  }

  @Test func noiseAndLuck() throws {
    let clear = measured(spread: 10, noise: 0.5)
    let noisy = measured(spread: 0.01, noise: 1)
    #expect(try finding(.noise, [], clear).verdict == .pass)
    #expect(try finding(.noise, [], noisy).verdict != .pass)
    #expect(try finding(.selection, [], clear).verdict == .pass)
    let luck = try finding(.selection, [], noisy)
    #expect(luck.verdict == .fail && luck.sentence.hasPrefix("the best of 20 trials claims"))
    // Overlapping folds know the mean worse.
    let overlapping = try #require(try finding(.noise, [], noisy, .folds(4)).numbers["error"])
    #expect(overlapping > 1.4 * (try #require(try finding(.noise, [], noisy).numbers["error"])))
  }
}
