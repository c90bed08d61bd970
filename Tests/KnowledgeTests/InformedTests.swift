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
    // The nearest four, the nearest first; one control early, so that there is contrast, one behind.
    #expect(strategy.queue.map(\.experiment) == ["e4", "e3", "e2", "e1"])
    #expect(roles.prefix(7) == [.queue, .control, .queue, .queue, .queue, .control, .model])
    let controls = roles.indices.filter { roles[$0] == .control }
    #expect(controls == [1, 5, 15])
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

@Suite struct GuardTests {
  private let line = Space([Parameter("x", Samples.integers(0, 9))])

  private func trials(_ values: [(x: Double, value: Double)], _ roles: [Role]) -> History {
    History(
      values.enumerated().map {
        Trial(
          $0.offset, Point([$0.element.x]), .finished, values: [$0.element.value], memo: [roles[$0.offset].rawValue])
      })
  }

  private func next(_ strategy: Informed, _ history: History) -> Source? {
    strategy.suggest(Question(line, seed: 1, trial: history.count, history)).source
  }

  private var rising: [PastExperiment] { (0..<4).map { Samples.past("e\($0)", line) { $0[0] } } }

  /// Controls are there, the queue is not at its end: what decides is whether the past is contradicted.
  @Test(arguments: [
    // As the past says, the other way round, and no order at all: a correlation of 0 is no agreement.
    ([0.0, 1, 2, 3], false), ([3.0, 2, 1, 0], true), ([1.0, 2, 2, 1], true), ([1.0, 1, 1, 1], false),
  ])
  func thePastIsLeftWhileItOrdersTrialsNoBetterThanChance(_ values: [Double], _ isLeft: Bool) {
    let strategy = Informed(rising, for: line)
    // Far enough apart that each forest tells them apart.
    let history = trials(zip([0.0, 3, 6, 9], values).map { ($0, $1) }, [.queue, .control, .control, .alone])
    let source = next(strategy, history)
    #expect((source == .alone(.contradicted)) == isLeft, "\(String(describing: source))")
    if !isLeft, case .queue = source { return }
    #expect(isLeft, "the queue goes on while nothing speaks against it")
  }

  @Test func thePastComesBackWhenTrialsAgreeAgain() {
    let strategy = Informed(rising, for: line)
    let all: [(x: Double, value: Double)] = [(0, 9), (9, 0), (3, 5), (6, 7), (1, 3), (2, 4)]
    let roles: [Role] = [.queue, .control, .control, .alone, .alone, .alone]
    #expect(next(strategy, trials(Array(all.prefix(4)), roles)) == .alone(.contradicted))
    let recovered = [(0, 1), (9, 9), (3, 5), (6, 7), (1, 3), (2, 4)].map { (x: Double($0.0), value: Double($0.1)) }
    if case .alone = next(strategy, trials(recovered, roles)) { Issue.record("the past stays away") }
  }

  /// Two at the start, then one in ten, also where the past is left.
  @Test(arguments: [false, true]) func randomTrialsAreDrawnWhateverThePastIsWorth(_ isInverted: Bool) {
    let strategy = Informed(Samples.alike(Samples.finite, isInverted: isInverted), for: Samples.finite)
    let history = Samples.run(strategy, Samples.finite, to: 30, Samples.cost(Samples.finite))
    let controls = history.trials.indices.filter { Role(memo: history.trials[$0].memo) == .control }
    #expect(controls.count == 4 && controls.prefix(2).allSatisfy { $0 < 10 })
    #expect(zip(controls.dropFirst(), controls.dropFirst(2)).allSatisfy { $1 - $0 == 10 })
  }

  /// Nothing is learnt from what has nothing to do with it, and what was excluded or never ended says nothing.
  @Test func unrelatedExperimentsAndExcludedTrialsLendNothing() {
    let none = (0..<5).map { Samples.past("e\($0)", line, .none) { $0[0] } }
    #expect(Informed(none, for: line).queue.isEmpty && Informed(none, for: line).lessons.isEmpty)
    let values: [Double] = [0, 5, 6, 7, 8, 9]
    let states: [Trial.State] = [.excluded, .finished, .finished, .finished, .finished, .running]
    let told = zip(values, states).enumerated().map {
      Trial($0.offset, Point([$0.element.0]), $0.element.1, values: [$0.element.0])
    }
    let queue = Informed([PastExperiment(id: "a", space: line, trials: told, relation: .sameProblem)], for: line).queue
    #expect(queue.map(\.trial).first == 1 && !queue.contains { $0.trial == 0 || $0.trial == 5 })
  }

  /// A past of values that cannot be reached here: they are never taken for what was seen.
  @Test func oldValuesAreNeverTold() {
    let space = Samples.finite
    let past = Samples.alike(space).map { past in
      PastExperiment(
        id: past.id, space: space,
        trials: past.trials.map { Trial($0.number, $0.point, .finished, values: [$0.value - 1000]) }, relation: .related
      )
    }
    let here = Samples.run(Informed(Samples.alike(space), for: space), space, to: 20, Samples.cost(space))
    let there = Samples.run(Informed(past, for: space), space, to: 20, Samples.cost(space))
    #expect(here.trials.map(\.point) == there.trials.map(\.point))
    guard case .propose(let proposal) = Informed(past, for: space).ask(Question(space, seed: 1, trial: 20, there))
    else {
      return
    }
    #expect(proposal.reason.contains("best so far") || proposal.reason.contains("random"))
    #expect(!proposal.reason.contains("-9") && !proposal.reason.contains("-1000"))
  }
}
