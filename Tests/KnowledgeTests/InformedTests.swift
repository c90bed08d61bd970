import Knowledge
import Spaces
import Strategies
import Testing
import Values

@Suite struct InformedTests {
  static let spaces = [Samples.finite, Samples.continuous]

  private func roles(_ history: History) -> [Role?] { history.trials.map { Role(memo: $0.memo) } }

  @Test(arguments: spaces) func resumedIsUninterrupted(_ space: Space) {
    let cost = Samples.cost(space)
    let whole = Samples.run(Informed(Samples.alike(space), for: space), space, to: 16, cost)
    #expect(whole.count == 16)
    #expect(Set(whole.trials.map(\.point)).count == 16)
    for cut in stride(from: 0, to: 16, by: 5) {
      // Another process, which has learnt anew.
      let resumed = Samples.run(
        Informed(Samples.alike(space), for: space), space, from: History(Array(whole.trials.prefix(cut))),
        to: min(cut + 2, 16), cost)
      #expect(resumed.trials == Array(whole.trials.prefix(min(cut + 2, 16))), "at \(cut)")
    }
  }

  @Test(arguments: spaces) func provenFirstThenControlsAndTheModel(_ space: Space) {
    let strategy = Informed(Samples.alike(space), for: space, features: ["shift": 0.09])
    let history = Samples.run(strategy, space, to: 23, Samples.cost(space, shift: 0.09))
    let roles = roles(history)
    // The nearest four, the nearest first; one control early, so that there is contrast.
    #expect(strategy.queue.map(\.experiment) == ["e4", "e3", "e2", "e1"])
    #expect(roles.prefix(7) == [.queue, .control, .queue, .queue, .queue, .model, .model])
    let controls = roles.indices.filter { roles[$0] == .control }
    #expect(controls == [1, 11, 21])
    #expect(!roles.contains(.alone))
  }

  @Test func knowledgeFindsTheBestSooner() {
    let space = Samples.finite
    let cost = Samples.cost(space, shift: 0.02)
    let all = Enumeration(space).map { all in (0..<all.count).map { cost(all[$0]) } } ?? []
    let best = all.min() ?? 0
    func trials(_ strategy: any Strategy, _ seed: UInt64) -> Int {
      let history = Samples.run(strategy, space, to: 40, seed: seed, cost)
      return (history.trials.firstIndex { $0.value == best } ?? 40) + 1
    }
    let strategy = Informed(Samples.alike(space), for: space, features: ["shift": 0.02])
    let warm = (0..<5).map { trials(strategy, $0) }.sorted()[2]
    let cold = (0..<5).map { trials(TreeParzen(), $0) }.sorted()[2]
    #expect(3 * warm <= cold, "\(warm) against \(cold)")
  }

  @Test(arguments: spaces) func aPastThatIsWrongIsLeftAndSaid(_ space: Space) {
    let strategy = Informed(Samples.alike(space, isInverted: true), for: space)
    let history = Samples.run(strategy, space, to: 20, Samples.cost(space))
    let roles = roles(history)
    #expect(roles.count { $0 == .queue } <= 2)
    #expect(!roles.contains(.model))
    #expect(Verdict(strategy, history).kind == .harmed)
    guard let correlation = Verdict(strategy, history).correlation else {
      Issue.record("nothing was compared")
      return
    }
    #expect(correlation < -0.4)
    let (_, source) = strategy.suggest(Question(space, seed: 1, trial: 20, history))
    #expect(source == .alone(.contradicted))
  }

  @Test func aPastThatIsRightIsSaidToHaveHelped() {
    let space = Samples.finite
    let strategy = Informed(Samples.alike(space), for: space)
    let history = Samples.run(strategy, space, to: 30, Samples.cost(space))
    #expect(Verdict(strategy, history).kind == .helped)
    #expect(Verdict(strategy, History()).kind == .none)
  }

  /// The plain strategy goes on as if it had been alone with these trials.
  @Test func fewRelatedGiveAShortQueueAndThePlainStrategy() {
    let space = Samples.finite
    let strategy = Informed(Array(Samples.alike(space).prefix(3)), for: space)
    #expect(strategy.queue.count == 3)
    let history = Samples.run(strategy, space, to: 20, Samples.cost(space))
    #expect(roles(history) == [Role?](repeating: .queue, count: 3) + [Role?](repeating: .alone, count: 17))
    let bare = History(history.trials.map { Trial($0.number, $0.point, $0.state, values: $0.values) })
    guard case .propose(let alone) = TreeParzen().ask(Question(space, seed: 1, trial: 20, bare)),
      case .propose(let informed) = strategy.ask(Question(space, seed: 1, trial: 20, history))
    else {
      Issue.record("nothing is proposed")
      return
    }
    #expect(informed.point == alone.point)
    let nothing = Samples.run(Informed([PastExperiment](), for: space), space, to: 12, Samples.cost(space))
    #expect(
      nothing.trials.map(\.point) == Samples.run(TreeParzen(), space, to: 12, Samples.cost(space)).trials.map(\.point))
  }

  @Test func sourcesAreToldWithEvidence() {
    let space = Samples.finite
    let cost = Samples.cost(space)
    let strategy = Informed(Samples.alike(space), for: space, features: ["shift": 0])
    func source(after count: Int) -> Source? {
      let history = Samples.run(strategy, space, to: count, cost)
      return strategy.suggest(Question(space, seed: 1, trial: count, history)).source
    }
    let first = strategy.queue[0]
    #expect(source(after: 0) == .queue(experiment: "e2", trial: first.trial, agreement: nil))
    #expect(source(after: 0)?.text == "trial \(first.trial) of experiment e2")
    #expect(source(after: 1) == .control)
    guard case .queue(_, _, let agreement?) = source(after: 3) else {
      Issue.record("no agreement")
      return
    }
    #expect(agreement > 0.5)
    #expect(
      source(after: 3)?.text.hasSuffix("which agrees with this data in \(Int((agreement * 100).rounded())) % of pairs")
        == true)
    guard case .model(let influences, let slope) = source(after: 7) else {
      Issue.record("no model")
      return
    }
    #expect(influences.count == 3 && slope > 0)
    #expect(zip(influences, influences.dropFirst()).allSatisfy { $0.weight >= $1.weight })
    #expect(influences.reduce(0) { $0 + $1.weight } <= 1 + 1e-12)
  }

  @Test func constraintsAndTriedPointsAreRespected() {
    let space = Samples.finite
    let strategy = Informed(Samples.alike(space), for: space)
    let history = History([Trial(0, strategy.queue[0].point, .running), Trial(1, strategy.queue[1].point, .failed)])
    guard case .propose(let proposal) = strategy.ask(Question(space, seed: 1, trial: 2, history)) else {
      Issue.record("nothing is proposed")
      return
    }
    #expect(proposal.point == strategy.queue[2].point)
  }

  @Test func aSmallSpaceIsExhausted() {
    let space = Space([Parameter("x", Samples.integers(0, 9))])
    let past = Samples.past("1", space, .sameProblem) { $0[0] * $0[0] }
    let history = Samples.run(Informed([past], for: space), space, to: 20) { $0[0] }
    #expect(Set(history.trials.map(\.point)).count == 10 && history.count == 10)
  }
}
