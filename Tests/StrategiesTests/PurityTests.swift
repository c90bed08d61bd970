import Spaces
import Strategies
import Testing

/// `ask` is a function of its question: what makes going on after a stop, replay and forks one operation.
@Suite struct Purity {
  static let spaces = [Samples.square, Samples.nested, Samples.mixed]

  @Test(arguments: Samples.strategies, spaces) func resumedIsUninterrupted(_ named: Samples.Named, _ space: Space) {
    for parallel in [0, 3] where parallel == 0 || space.parameters.count == 5 {
      var whole = Experiment(space, named.strategy)
      whole.parallel = parallel
      whole.outcome = eventful
      whole.run(20)
      #expect(whole.trials.count == 20)
      for cut in whole.trials.indices {
        // Another process that has nothing but the record.
        var resumed = Experiment(space, named.strategy)
        resumed.parallel = parallel
        resumed.trials = Array(whole.trials[..<cut])
        guard case .propose(let proposal) = resumed.ask(cut) else {
          Issue.record("nothing is proposed at \(cut)")
          continue
        }
        #expect(proposal.point == whole.trials[cut].point && proposal.memo == whole.trials[cut].memo, "at \(cut)")
      }
    }
  }

  @Test(arguments: Samples.strategies) func theSeedDecides(_ named: Samples.Named) {
    var (a, b) = (Experiment(Samples.square, named.strategy), Experiment(Samples.square, named.strategy))
    b.seed = 2
    a.run(15)
    b.run(15)
    guard named.testDescription != "grid in order" else { return }
    #expect(a.trials.map(\.point) != b.trials.map(\.point))
  }

  /// Stages hand over to each other: the memos of one are nothing to the next.
  @Test(arguments: Samples.strategies, Samples.strategies)
  func afterAnother(_ first: Samples.Named, _ second: Samples.Named) {
    var experiment = Experiment(Samples.nested, first.strategy)
    experiment.run(8)
    var next = Experiment(Samples.nested, second.strategy)
    next.trials = experiment.trials
    next.run(50)
    #expect(next.trials.count == 42)
    #expect(Set(next.trials.map(\.point)).count == 42)
  }

  /// The order that a strategy goes through begins at its beginning, whatever was tried before.
  @Test func ordersAreTheirOwn() {
    for strategy in [Sobol(), LatinHypercube(trials: 20), Grid(levels: 50)] as [any Strategy] {
      var alone = Experiment(Samples.square, strategy)
      alone.run(5)
      var model = Experiment(Samples.square, TreeParzen(startup: 5))
      model.run(10)
      var later = Experiment(Samples.square, strategy)
      later.trials = model.trials
      later.run(1)
      if !(strategy is LatinHypercube) { #expect(later.trials[10].point == alone.trials[0].point) }
      #expect(later.trials[10].memo == alone.trials[0].memo)
    }
  }

  /// The same on every machine and in every process. A change here changes what experiments propose: it is worth a line in
  /// CHANGELOG.md.
  @Test func theSameEverywhere() {
    func tenth(_ strategy: any Strategy) -> [Double] {
      var experiment = Experiment(Samples.square, strategy)
      experiment.run(10)
      return experiment.trials.last?.point.coordinates ?? []
    }
    #expect(tenth(RandomSearch()) == [0.7393289895309451, 0.8688108612605845])
    #expect(tenth(Sobol()) == [0.8551911327522248, 0.37291751126758754])
    #expect(tenth(TreeParzen(startup: 5)) == [0.38994296156564257, 0.2075357365843739])
  }
}
