import Numbers
import Spaces
import Testing

@testable import Strategies

@Suite struct ParetoFronts {
  /// Values on a coarse lattice, so that there are ties and copies; some beyond limits, some that do not count.
  static func trials(_ seed: Int, _ count: Int, objectives: Int) -> [Trial] {
    var draws = Draws(seed: UInt64(seed), trial: objectives)
    return (0..<count).map { number in
      let values = (0..<objectives).map { _ in Double(draws.index(below: 8)) }
      let violation = draws.unit() < 0.2 ? Double(draws.index(below: 3)) : 0
      let kind = draws.index(below: 12)
      return Trial(
        number, Point([Double(number)]), kind == 0 ? .failed : kind == 1 ? .running : .finished,
        values: kind == 2 ? [.nan] + values.dropFirst() : kind == 3 ? [] : values, violation: violation)
    }
  }

  /// A trial's front is one more than the longest chain of trials that dominate one another above it.
  @Test(arguments: 0..<20, [1, 2, 3]) func againstBruteForce(_ seed: Int, _ objectives: Int) {
    let trials = Self.trials(seed, 60, objectives: objectives)
    var left = Set(trials.indices.filter { trials[$0].isMeasured })
    var expected: [Set<Int>] = []
    while !left.isEmpty {
      let front = left.filter { index in !left.contains { Pareto.dominates(trials[$0], trials[index]) } }
      expected.append(front)
      left.subtract(front)
    }
    #expect(Pareto.fronts(trials).map(Set.init) == expected)
  }

  @Test func dominance() {
    func trial(_ values: [Double], violation: Double = 0) -> Trial {
      Trial(0, Point([]), .finished, values: values, violation: violation)
    }
    #expect(Pareto.dominates(trial([1, 2]), trial([1, 3])))
    #expect(!Pareto.dominates(trial([1, 2]), trial([1, 2])))
    #expect(!Pareto.dominates(trial([1, 2]), trial([2, 1])))
    // Within limits is better than beyond, whatever the values.
    #expect(Pareto.dominates(trial([9, 9]), trial([0, 0], violation: 1)))
    #expect(Pareto.dominates(trial([9, 9], violation: 1), trial([0, 0], violation: 2)))
  }

  @Test func crowdingByHand() {
    let trials = [[0.0, 10], [1, 6], [4, 4], [10, 0]].enumerated().map {
      Trial($0, Point([]), .finished, values: $1)
    }
    let distances = Pareto.crowding([0, 1, 2, 3], trials)
    #expect(distances[0] == .infinity && distances[3] == .infinity)
    #expect(distances[1].map { ($0 - (0.4 + 0.6)).magnitude < 1e-12 } == true)
    #expect(distances[2].map { ($0 - (0.9 + 0.6)).magnitude < 1e-12 } == true)
  }

  /// Cells of the lattice counted one by one.
  @Test(arguments: 0..<10, [1, 2, 3, 4]) func hypervolumeAgainstCounting(_ seed: Int, _ objectives: Int) {
    var draws = Draws(seed: UInt64(seed), trial: objectives, stream: 9)
    let side = 6
    // Some beyond the reference.
    let points = (0..<8).map { _ in (0..<objectives).map { _ in Double(draws.index(below: side + 2)) } }
    var cells = 0
    for cell in 0..<(0..<objectives).reduce(1, { product, _ in product * side }) {
      let corner = (0..<objectives).map { axis in
        Double((0..<axis).reduce(cell) { rest, _ in rest / side } % side)
      }
      if points.contains(where: { zip($0, corner).allSatisfy { $0 <= $1 } }) { cells += 1 }
    }
    let volume = Pareto.hypervolume(points, reference: [Double](repeating: Double(side), count: objectives))
    #expect((volume - Double(cells)).magnitude < 1e-9)
  }

  @Test func hypervolumeOfLittle() {
    #expect(Pareto.hypervolume([], reference: [1, 1]) == 0)
    #expect(Pareto.hypervolume([[2, 0]], reference: [1, 1]) == 0)
    #expect(Pareto.hypervolume([[0.5, 0.25]], reference: [1, 1]) == 0.375)
    #expect(Pareto.hypervolume([], reference: []) == 0)
  }
}

@Suite struct ManyObjectives {
  /// ZDT1 of Zitzler, Deb and Thiele, in six dimensions: g = 1 on the front.
  static func zdt1(_ trial: inout Trial) {
    let x = trial.point.coordinates
    let g = 1 + 9 * x.dropFirst().reduce(0, +) / Double(x.count - 1)
    trial.state = .finished
    trial.values = [x[0], g * (1 - (x[0] / g).squareRoot())]
  }

  static func volume(_ strategy: any Strategy, seed: UInt64, trials: Int) -> Double {
    var experiment = Experiment(Space((0..<6).map { Parameter("x\($0)", Samples.floats(0, 1)) }), strategy)
    experiment.seed = seed
    experiment.objectives = 2
    experiment.outcome = zdt1
    experiment.run(trials)
    return Pareto.hypervolume(experiment.trials.map(\.values), reference: [1.1, 6])
  }

  @Test func betterThanChance() {
    let wins = (0..<5 as Range<UInt64>).count { seed in
      Self.volume(NonDominatedSorting(population: 20), seed: seed, trials: 120)
        > Self.volume(RandomSearch(), seed: seed, trials: 120)
    }
    #expect(wins >= 4)
  }
}
