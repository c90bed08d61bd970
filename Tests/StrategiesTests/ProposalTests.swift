import Plans
import Spaces
import Strategies
import Testing
import Values

/// What holds of all strategies.
@Suite struct Proposals {
  @Test(arguments: Samples.strategies, [Samples.nested, Samples.triangle])
  func finiteSpacesAreUsedUpExactly(_ named: Samples.Named, _ space: Space) throws {
    let all = try #require(Enumeration(space))
    let allowed = Set((0..<all.count).map { all[$0] }.filter(space.allows))
    var experiment = Experiment(space, named.strategy)
    experiment.outcome = eventful
    experiment.run(allowed.count + 5)
    #expect(experiment.trials.count == allowed.count)
    #expect(Set(experiment.trials.map(\.point)) == allowed)
    #expect(experiment.ask(experiment.trials.count) == .exhausted)
  }

  @Test(arguments: Samples.strategies, [Samples.mixed, Samples.square])
  func onlyNewPointsOfTheSpace(_ named: Samples.Named, _ space: Space) {
    for seed in 0..<4 as Range<UInt64> {
      var experiment = Experiment(space, named.strategy)
      experiment.seed = seed
      experiment.parallel = Int(seed)
      experiment.run(24)
      #expect(experiment.trials.count == 24)
      #expect(experiment.trials.allSatisfy { isOf(space, $0.point) })
      #expect(Set(experiment.trials.map(\.point)).count == experiment.trials.count)
    }
  }

  /// Nothing to learn from, or nonsense.
  @Test(
    arguments: Samples.strategies,
    [[], [.nan], [.infinity], [-.infinity], [7], [1e308], [-1e308], [0x1p-1074]] as [[Double]])
  func whateverComesOut(_ named: Samples.Named, _ values: [Double]) {
    var experiment = Experiment(Samples.mixed, named.strategy)
    experiment.outcome = { trial in
      trial.state = values.isEmpty ? .failed : .finished
      trial.values = values.isEmpty || trial.number % 4 == 1 ? [Double(trial.number) * 1e307] : values
      trial.violation = trial.number % 5 == 4 ? .nan : 0
    }
    experiment.run(20)
    #expect(experiment.trials.count == 20)
    #expect(experiment.trials.allSatisfy { isOf(Samples.mixed, $0.point) })
  }

  @Test(arguments: Samples.strategies) func allFail(_ named: Samples.Named) {
    for state in [Trial.State.failed, .pruned, .excluded, .running] {
      var experiment = Experiment(Samples.square, named.strategy)
      experiment.outcome = { $0.state = state }
      experiment.run(20)
      #expect(Set(experiment.trials.map(\.point)).count == 20)
    }
  }

  @Test(arguments: Samples.strategies) func narrowSpaces(_ named: Samples.Named) {
    let spaces: [(Space, Int)] = [
      (Space([]), 1), (Space([Parameter("a", Samples.names(1))]), 1),
      (Space([Parameter("a", Samples.floats(2, 2))]), 1),
      (Space([Parameter("a", Samples.names(2))]), 2), (Space([Parameter("n", Samples.steps(0, 6))]), 7),
      // A choice without parameters of its own, one whose parameter has one value, and one that is never there.
      (
        Space([
          Parameter("a", Samples.names(3)), Parameter("b", Samples.names(1), when: Samples.when(0, 1)),
          Parameter("c", Samples.steps(1, 3), when: Samples.when(0, 2)),
          Parameter("never", Samples.steps(1, 9), when: Samples.when(0, 7)),
        ]), 5
      ),
    ]
    for (space, count) in spaces {
      var experiment = Experiment(space, named.strategy)
      experiment.run(count + 3)
      #expect(Set(experiment.trials.map(\.point)).count == count && experiment.trials.count == count)
    }
  }

  @Test(arguments: Samples.strategies) func nothingIsAllowed(_ named: Samples.Named) {
    let never = Samples.nested.with(constraints: [Constraint("false", .constant(.bool(false)))])
    #expect(Experiment(never, named.strategy).ask(0) == .exhausted)
  }

  @Test(arguments: Samples.strategies) func manyParameters(_ named: Samples.Named) {
    let space = Space((0..<70).map { Parameter("p\($0)", $0 % 3 == 0 ? Samples.names(4) : Samples.floats(-1, 1)) })
    guard !(named.strategy is Grid) else { return #expect(Experiment(space, named.strategy).ask(0) == .exhausted) }
    var experiment = Experiment(space, named.strategy)
    experiment.run(12)
    #expect(Set(experiment.trials.map(\.point)).count == 12)
    #expect(experiment.trials.allSatisfy { isOf(space, $0.point) })
  }

  @Test func whatCannotBeExpressedIsSaid() {
    #expect(Sobol().capabilities.parameters == 64)
    #expect(TreeParzen().capabilities.objectives == 1)
    #expect(NonDominatedSorting().capabilities.objectives > 1)
  }

  @Test(arguments: Samples.strategies) func tenThousandTrials(_ named: Samples.Named) {
    var named = named
    if named.strategy is ExpectedImprovement {
      named = Samples.Named("GP", ExpectedImprovement(startup: 4, observations: 40, candidates: 60))
    }
    var history = History()
    for number in 0..<10_000 {
      let point = Point([Double(number) / 10_000, Double(number * 7 % 10_000) / 10_000])
      history.append(Trial(number, point, .finished, values: [bowl(point)]))
    }
    let answer = named.strategy.ask(Question(Samples.square, seed: 1, trial: 10_000, history))
    guard case .propose(let proposal) = answer else {
      Issue.record("nothing is proposed")
      return
    }
    #expect(isOf(Samples.square, proposal.point) && !history.contains(proposal.point))
  }

  /// Two of forty million, without a list of them.
  @Test func largeGrids() {
    let space = Space([
      Parameter("a", Samples.steps(1, 1000)), Parameter("b", Samples.steps(1, 1000)),
      Parameter("c", Samples.steps(1, 40)),
    ])
    for strategy in [RandomSearch(), Grid()] as [any Strategy] {
      var experiment = Experiment(space, strategy)
      experiment.run(2)
      #expect(Set(experiment.trials.map(\.point)).count == 2)
    }
  }

  @Test func gridsInOrderAreInOrder() throws {
    let all = try #require(Enumeration(Samples.nested))
    var experiment = Experiment(Samples.nested, Grid(isShuffled: false))
    experiment.run(42)
    #expect(experiment.trials.map(\.point) == (0..<42).map { all[$0] })
    var shuffled = Experiment(Samples.nested, Grid())
    shuffled.run(42)
    #expect(shuffled.trials.map(\.point) != experiment.trials.map(\.point))
  }

  @Test(arguments: [10, 33]) func latinHypercubesUseEachStratumOnce(_ count: Int) {
    var experiment = Experiment(Samples.square, LatinHypercube(trials: count))
    experiment.run(count + 5)
    #expect(experiment.trials.count == count)
    for parameter in 0..<2 {
      let strata = experiment.trials.map { Int($0.point[parameter] * Double(count)) }
      #expect(Set(strata).count == count)
    }
  }
}

@Suite struct Histories {
  @Test func theRankingGoesFromBestToWorst() {
    func trial(
      _ number: Int, _ state: Trial.State, _ value: Double? = nil, violation: Double = 0, steps: Int = 0
    ) -> Trial {
      Trial(
        number, Point([Double(number)]), state, values: value.map { [$0] } ?? [], violation: violation,
        curve: [Double](repeating: 0, count: steps))
    }
    let history = History([
      trial(0, .failed), trial(1, .pruned, steps: 1), trial(2, .finished, 3), trial(3, .finished, 1, violation: 2),
      trial(4, .running), trial(5, .excluded, 0), trial(6, .finished, .nan), trial(7, .finished, 2),
      trial(8, .pruned, steps: 4),
      trial(9, .finished, 0, violation: 1), trial(10, .finished, 2), trial(11, .finished, -.infinity),
    ])
    #expect(history.ranking == [7, 10, 2, 9, 3, 8, 1, 0, 6, 11])
    #expect(history.failed == 3)
  }

  @Test func pointsAreKnownWhateverBecameOfThem() {
    let states: [Trial.State] = [.running, .finished, .pruned, .failed, .excluded]
    var history = History(states.enumerated().map { Trial($0, Point([Double($0)]), $1) })
    history.update(1) { $0.state = .excluded }
    #expect((0..<5).allSatisfy { history.contains(Point([Double($0)])) })
    #expect(!history.contains(Point([5])))
    #expect(history.contains(Point([-0.0])))
  }
}
