import Numbers
import Spaces
import Testing

@testable import Strategies

/// Models find in some trials what chance does not.
@Suite struct Learning {
  private func best(_ space: Space, _ strategy: any Strategy, _ trials: Int, seed: UInt64) -> Double {
    var experiment = Experiment(space, strategy)
    experiment.seed = seed
    experiment.run(trials)
    return experiment.trials.map(\.value).min() ?? .infinity
  }

  @Test(arguments: [
    Samples.Named("TPE", TreeParzen()), Samples.Named("GP", ExpectedImprovement(startup: 5, candidates: 150)),
  ])
  func betterThanChance(_ named: Samples.Named) {
    let trials = named.strategy is TreeParzen ? 60 : 25
    let wins = (0..<8 as Range<UInt64>).count { seed in
      best(Samples.square, named.strategy, trials, seed: seed)
        < best(Samples.square, RandomSearch(), trials, seed: seed)
    }
    #expect(wins >= 7)
  }

  @Test func gaussianProcessesFindTheBottomOfABowl() {
    #expect(
      (0..<4 as Range<UInt64>).allSatisfy {
        best(Samples.square, ExpectedImprovement(startup: 5, candidates: 150), 25, seed: $0) < 1e-3
      }
    )
  }

  /// What runs counts, so that parallel trials do not crowd.
  @Test(arguments: [
    Samples.Named("TPE", TreeParzen(startup: 5)), Samples.Named("GP", ExpectedImprovement(startup: 5, candidates: 150)),
  ])
  func parallelTrialsSpread(_ named: Samples.Named) {
    var experiment = Experiment(Samples.square, named.strategy)
    experiment.run(20)
    experiment.parallel = 100
    let start = experiment.trials
    var history = History(start)
    var points: [Point] = []
    for number in 20..<26 {
      guard case .propose(let proposal) = named.strategy.ask(Question(Samples.square, seed: 1, trial: number, history))
      else { continue }
      history.append(Trial(number, proposal.point, memo: proposal.memo))
      points.append(proposal.point)
    }
    #expect(Set(points).count == 6)
    for (index, a) in points.enumerated() {
      #expect(points[..<index].allSatisfy { ($0[0] - a[0]).magnitude + ($0[1] - a[1]).magnitude > 1e-6 })
    }
  }

  /// Half of the space fails: models learn to stay out of it.
  @Test func failuresAreAvoided() {
    var experiment = Experiment(Samples.square, TreeParzen())
    experiment.outcome = { trial in
      trial.state = trial.point[0] > 0.5 ? .failed : .finished
      trial.values = trial.point[0] > 0.5 ? [] : [1 - trial.point[0]]
    }
    experiment.run(80)
    let late = experiment.trials.suffix(40).count { $0.state == .failed }
    #expect(late < 20)
    // Where all fail, what is unlike the failures is tried.
    var hopeless = Experiment(Samples.square, TreeParzen(startup: 5))
    hopeless.outcome = { $0.state = .failed }
    hopeless.run(40)
    let corners = Set(hopeless.trials.map { Int($0.point[0] * 2) * 2 + Int($0.point[1] * 2) })
    #expect(corners.count == 4)
  }

  @Test func reasonsAreForPeople() {
    var experiment = Experiment(Samples.square, ExpectedImprovement(startup: 5, candidates: 150))
    experiment.run(12)
    guard case .propose(let proposal) = experiment.ask(12) else { return #expect(Bool(false)) }
    #expect(proposal.reason.hasPrefix("expected ") && proposal.reason.contains("best so far"))
    #expect(rounded(123456) == 123500 && rounded(-0.000123456) == -0.0001235 && rounded(0) == 0)
  }
}

@Suite struct Densities {
  /// What is drawn is distributed as the density says, and the density is one: of steps and choices exactly.
  @Test func drawsAreAsTheDensity() throws {
    let space = Space([Parameter("n", Samples.steps(0, 5)), Parameter("c", Samples.names(3))])
    let points = [Point([1, 0]), Point([1, 2]), Point([4, 2])]
    let parzen = Parzen(space, [0, 1], points, weights: [1, 1, 1])
    let all = try #require(Enumeration(space))
    let shares = (0..<all.count).map { Elementary.exp(parzen.logarithm(at: all[$0])) }
    #expect((shares.reduce(0, +) - 1).magnitude < 1e-9)
    var draws = Draws(seed: 1, trial: 0)
    var counts: [Point: Int] = [:]
    for _ in 0..<20_000 {
      var point = all[0]
      parzen.draw(into: &point, &draws)
      counts[point, default: 0] += 1
    }
    for (index, share) in shares.enumerated() {
      let expected = share * 20_000
      #expect((Double(counts[all[UInt64(index)], default: 0]) - expected).magnitude < 5 * expected.squareRoot() + 5)
    }
  }

  @Test(arguments: [false, true]) func continuaIntegrateToOne(_ isLogarithmic: Bool) {
    let axis = Axis(.floats, from: 0.01, to: 2, isLogarithmic: isLogarithmic)
    let space = Space([Parameter("x", .axis(axis))])
    let parzen = Parzen(space, [0], [Point([0.01]), Point([0.5]), Point([0.51])], weights: [0.2, 1, 1])
    let (low, high) = axis.bounds
    let steps = 20_000
    let sum = (0..<steps).reduce(0.0) { sum, step in
      let place = low + (Double(step) + 0.5) / Double(steps) * (high - low)
      return sum + Elementary.exp(parzen.logarithm(at: Point([axis.coordinate(warped: place)])))
    }
    #expect((sum * (high - low) / Double(steps) - 1).magnitude < 1e-3)
  }
}

@Suite struct GaussianProcesses {
  @Test(arguments: [1, 2, 5, 17]) func factorsMultiplyBack(_ size: Int) throws {
    var draws = Draws(seed: 1, trial: size)
    let a = (0..<size * size).map { _ in draws.normal() }
    var matrix = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0..<size {
        matrix[row * size + column] =
          (0..<size).reduce(row == column ? 0.5 : 0) { $0 + a[row * size + $1] * a[column * size + $1] }
      }
    }
    let cholesky = try #require(Cholesky(matrix, size: size))
    let b = (0..<size).map { _ in draws.normal() }
    let x = cholesky.solve(b)
    let inverse = cholesky.inverse()
    for row in 0..<size {
      let product = (0..<size).reduce(0) { $0 + matrix[row * size + $1] * x[$1] }
      #expect((product - b[row]).magnitude < 1e-9)
      for column in 0..<size {
        let cell = (0..<size).reduce(0) { $0 + matrix[row * size + $1] * inverse[$1 * size + column] }
        #expect((cell - (row == column ? 1 : 0)).magnitude < 1e-9)
      }
    }
    if size == 2 {
      let determinant = matrix[0] * matrix[3] - matrix[1] * matrix[2]
      #expect((cholesky.logDeterminant - Elementary.log(determinant)).magnitude < 1e-12)
    }
  }

  @Test func whatIsNotPositiveIsRefused() {
    #expect(Cholesky([1, 2, 2, 1], size: 2) == nil)
    #expect(Cholesky([0], size: 1) == nil)
    #expect(Cholesky([.nan], size: 1) == nil)
  }

  private static let points = (0..<6).map { Point([Double($0) / 5, Double($0 * $0 % 5) / 5]) }

  @Test func itGoesThroughWhatWasSeen() throws {
    let values = Self.points.map { $0[0] * 3 + $0[1] }
    let embedding = Embedding(Samples.square)
    var settings = GaussianProcess.Settings(parameters: 2)
    settings.noise = -16
    let process = try #require(GaussianProcess(embedding, Self.points, values, settings))
    for (point, value) in zip(Self.points, values) {
      let (mean, deviation) = process.predict(point)
      #expect((mean - value).magnitude < 1e-4 && deviation < 0.01)
      #expect((process.mean(at: point) - mean).magnitude < 1e-12)
    }
    #expect(process.predict(Point([0.5, 0.99])).deviation > 0.05)
  }

  /// Settings after a few steps explain the values better: the parameter that does nothing gets a long length.
  @Test func lengthsFollowTheValues() {
    var draws = Draws(seed: 2, trial: 0)
    let points = (0..<25).map { _ in Samples.square.randomPoint(&draws) }
    let values = points.map { Elementary.exp(-20 * ($0[0] - 0.5) * ($0[0] - 0.5)) }
    let settings = GaussianProcess.improved(
      GaussianProcess.Settings(parameters: 2), Embedding(Samples.square), points, values, steps: 30)
    #expect(settings.lengths[1] > settings.lengths[0] + 0.5)
    #expect(settings.noise < -6)
  }

  @Test func distancesOfMixedPoints() {
    let embedding = Embedding(Samples.nested)
    let (a, b) = (
      embedding.place(Point([0, 1, Point.inactive, Point.inactive, 0])), embedding.place(Point([2, 1, 1, 2, 0]))
    )
    #expect(embedding.square(a[0], b[0], 0) == 1)
    #expect(embedding.square(a[1], b[1], 1) == 0)
    #expect(embedding.square(a[2], b[2], 2) == 0.2)
    #expect(embedding.square(a[4], b[4], 4) == 0)
  }
}
