import Diagnostics
import Events
import Experiments
import Spaces
import Strategies
import Testing
import Values

@testable import Workflows

/// Experiments made without a document, and an engine that measures by arithmetic.
struct Trialled {
  var experiment: Experiment
  private static let file = SourceFile(path: "test.assay", text: "")
  private static let span = Span(0, 0)

  init(parallel: Int? = nil, isStrict: Bool = false) {
    experiment = Experiment(name: "test", file: Self.file, nameSpan: Self.span)
    experiment.isStrict = isStrict
    experiment.seed = 11
    experiment.budget.parallel = parallel
    parameter("x", .integers(0, 99, step: 1, isLogarithmic: false))
    parameter("y", .floats(0, 1, step: nil, isLogarithmic: false))
    experiment.metrics.append(
      .init(
        name: "loss", doc: "", isMaximized: false, limit: nil, isWatched: false, output: "metric.loss", items: nil,
        span: Self.span))
  }

  mutating func parameter(_ name: String, _ domain: Experiment.Domain) {
    experiment.parameters.append(
      .init(name: name, target: .input(name), domain: domain, condition: nil, span: Self.span))
  }

  mutating func stage(
    _ name: String, _ strategy: String, _ trials: Int?, after: [Int] = [], condition: Expression? = nil,
    _ change: (inout Experiment.Search) -> Void = { _ in }
  ) {
    var search = Experiment.Search(strategy: .init(name: strategy, options: [], span: Self.span), trials: trials)
    change(&search)
    experiment.stages.append(
      .init(name: name, doc: "", kind: .search(search), after: after, condition: condition, span: Self.span))
  }

  mutating func gate(_ name: String, after: [Int], _ change: (inout Experiment.Gate) -> Void = { _ in }) {
    var gate = Experiment.Gate()
    change(&gate)
    experiment.stages.append(.init(name: name, doc: "", kind: .gate(gate), after: after, span: Self.span))
  }

  static func loss(_ point: Point) -> Double {
    (point[0] - 30) * (point[0] - 30) / 1000 + (point[1] - 0.5) * (point[1] - 0.5)
  }

  /// Whether a metric (by place) is below a number.
  static func below(_ place: Int, _ limit: Double) -> Expression {
    Expression(
      .binary(
        .less, Expression(.input(place), .float(nil), span), Expression(.literal(.float(limit)), .float(nil), span)),
      .bool, span)
  }
}

/// An engine that ends trials in whatever order `pick` says, and keeps the log.
final class Laboratory {
  var study: Study
  var log: [Entry] = []
  var running: [Proposed] = []
  var now: Int64 = 0
  let width: Int
  /// What a strategy of a plugin answers, and how often it was asked.
  var plugin: (Asking) -> Answer = { _ in .exhausted }
  var asked = 0
  /// How much more the first metric is on what was held out.
  var sealedShift = 0.0

  init(_ trialled: Trialled, width: Int = 1, log: [Entry] = []) throws {
    study = Study(try Definition(trialled.experiment))
    self.width = width
    for entry in log { add(entry) }
  }

  func add(_ entry: Entry) {
    log.append(entry)
    study.apply(entry)
    switch entry.fact {
    case .proposed(let proposed): running.append(proposed)
    case .ended(let ended): running.removeAll { $0.trial == ended.trial }
    default: break
    }
  }

  func decide(_ operation: Decision.Operation) {
    now += 1
    add(Entry(at: now, actor: Actor(.person, "ada"), .decided(Decision(operation, reason: "", basis: log.count))))
  }

  /// Until a person is needed, all is over, or so many entries are there.
  func run(
    entries: Int = .max, elapsed: Duration = .zero, outcome: (Proposed) -> Ended.Outcome = { _ in .finished },
    pick: (Int) -> Int = { _ in 0 }
  ) -> Bool {
    while log.count < entries {
      now += 1_000_000
      switch study.next(parallel: width, elapsed: elapsed, now: now) {
      case .over: return true
      case .record(let fact): add(Entry(at: now, actor: .engine, fact))
      case .ask(let asking):
        asked += 1
        if let fact = study.asked(asking, plugin(asking)) { add(Entry(at: now, actor: .engine, fact)) }
      case .confirm(let trial):
        let metrics = study.trials[trial - 1].ended?.metrics.map { $0.map { $0 + sealedShift } } ?? []
        add(
          Entry(
            at: now, actor: .engine,
            .confirmed(Confirmed(trial: trial, run: 7, metrics: metrics, seals: ["s"], look: 1))))
      case .wait:
        guard !running.isEmpty else { return false }
        let proposed = running[pick(running.count)]
        let state = outcome(proposed)
        add(
          Entry(
            at: now, actor: .engine,
            .ended(
              Ended(
                trial: proposed.trial, state, metrics: [state == .finished ? Trialled.loss(proposed.point) : nil],
                taskSeconds: 2))))
      }
    }
    return false
  }

  var points: [Point] { study.trials.map(\.proposed.point) }
}

@Suite struct StudyTests {
  @Test(arguments: ["tpe", "gp", "random", "sobol", "lhs", "grid", "nsga2"])
  func goingOnAtAnyPointIsTheSame(_ strategy: String) throws {
    var trialled = Trialled()
    trialled.stage("search", strategy, 24)
    let whole = try Laboratory(trialled)
    #expect(whole.run())
    #expect(whole.points.count == 24)
    #expect(Set(whole.points).count == 24)
    for cut in 0..<whole.log.count {
      let resumed = try Laboratory(trialled, log: Array(whole.log.prefix(cut)))
      #expect(resumed.run())
      #expect(resumed.points == whole.points, "after \(cut) entries")
    }
  }

  /// In strict order it does not matter which trial ends first.
  @Test(arguments: ["tpe", "random", "sobol"]) func strictOrderKnowsNoRaces(_ strategy: String) throws {
    var trialled = Trialled(isStrict: true)
    trialled.stage("search", strategy, 30)
    let first = try Laboratory(trialled, width: 4)
    let last = try Laboratory(trialled, width: 4)
    #expect(first.run())
    #expect(last.run(pick: { $0 - 1 }))
    #expect(first.points == last.points)
    #expect(first.study.trials.count == 30)
  }

  @Test func withoutItTheOrderOfEndsCounts() throws {
    var trialled = Trialled()
    trialled.stage("search", "tpe", 40)
    let first = try Laboratory(trialled, width: 4)
    let last = try Laboratory(trialled, width: 4)
    #expect(first.run())
    #expect(last.run(pick: { $0 - 1 }))
    #expect(first.points != last.points)
  }

  @Test func stagesFollowEachOtherAndGatesWait() throws {
    var trialled = Trialled()
    trialled.stage("screen", "sobol", 6)
    trialled.gate("review", after: [0])
    trialled.stage("refine", "tpe", 5, after: [1])
    let laboratory = try Laboratory(trialled, width: 2)
    #expect(!laboratory.run())
    #expect(laboratory.study.trials.count == 6)
    #expect(laboratory.study.stages[1].status == .running)
    #expect(laboratory.study.stages[1].evidence.contains("loss="))
    laboratory.decide(.answer(stage: 1, "continue"))
    // The first answer counts.
    laboratory.decide(.answer(stage: 1, "stop"))
    #expect(laboratory.run())
    #expect(laboratory.study.trials.map(\.proposed.stage) == [0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2])
    #expect(laboratory.study.closing?.status == .finished)
  }

  @Test func aGateIsHeardAlthoughTheBudgetIsUsedUp() throws {
    var trialled = Trialled()
    trialled.stage("screen", "sobol", 4)
    trialled.gate("review", after: [0])
    trialled.experiment.budget.trials = 4
    let laboratory = try Laboratory(trialled)
    #expect(!laboratory.run())
    #expect(laboratory.study.closing == nil)
    laboratory.decide(.answer(stage: 1, "continue"))
    #expect(laboratory.run())
    #expect(laboratory.study.closing?.status == .finished)
  }

  @Test func aGateStopsOrAnswersInTime() throws {
    var trialled = Trialled()
    trialled.stage("screen", "sobol", 2)
    trialled.gate("review", after: [0]) {
      $0.timeout = .seconds(60)
      $0.fallback = "stop"
    }
    trialled.stage("refine", "tpe", 5, after: [1])
    let stopped = try Laboratory(trialled)
    #expect(!stopped.run())
    stopped.decide(.answer(stage: 1, "stop"))
    #expect(stopped.run())
    #expect(stopped.study.closing?.status == .stopped)
    #expect(stopped.study.trials.count == 2)
    let late = try Laboratory(trialled)
    #expect(!late.run())
    late.now += 61_000_000_000
    #expect(late.run())
    #expect(late.study.closing?.reason.contains("nobody answered in time") == true)
  }

  @Test func conditionsAndRoundsLookAtTheBest() throws {
    var trialled = Trialled()
    trialled.stage("screen", "sobol", 4)
    trialled.stage("never", "random", 4, after: [0], condition: Trialled.below(0, -1))
    trialled.stage("always", "random", 4, after: [1], condition: Trialled.below(0, 1e9)) {
      $0.again = (most: 2, condition: Trialled.below(0, 1e9))
    }
    let laboratory = try Laboratory(trialled)
    #expect(laboratory.run())
    #expect(laboratory.study.stages[1].status == .skipped("its condition does not hold"))
    #expect(laboratory.study.trials.map(\.proposed.stage).filter { $0 == 2 }.count == 12)
    #expect(laboratory.study.stages[2].round == 2)
  }

  @Test func pausesAndStopsAreObeyed() throws {
    var trialled = Trialled()
    trialled.stage("search", "random", 20)
    let laboratory = try Laboratory(trialled, width: 3)
    #expect(!laboratory.run(entries: 12))
    laboratory.decide(.pause)
    let trials = laboratory.study.trials.count
    #expect(!laboratory.run())
    #expect(laboratory.running.isEmpty)
    #expect(laboratory.study.trials.count == trials)
    laboratory.decide(.resume)
    #expect(!laboratory.run(entries: 20))
    laboratory.decide(.stop(isHard: false))
    #expect(laboratory.run())
    #expect(laboratory.study.trials.count < 20)
    #expect(laboratory.study.closing?.status == .stopped)
  }

  @Test func budgetsEndTheSearch() throws {
    var trialled = Trialled()
    trialled.stage("search", "random", 20)
    trialled.experiment.budget.trials = 7
    let laboratory = try Laboratory(trialled)
    #expect(laboratory.run())
    #expect(laboratory.study.trials.count == 7)
    #expect(laboratory.study.closing?.status == .exhausted)
    trialled.experiment.budget = .init()
    trialled.experiment.budget.work = .seconds(9)
    let worked = try Laboratory(trialled)
    #expect(worked.run())
    #expect(worked.study.trials.count == 5)
    trialled.experiment.budget = .init()
    trialled.experiment.budget.wall = .seconds(9)
    let late = try Laboratory(trialled)
    #expect(late.run(elapsed: .seconds(9)))
    #expect(late.study.trials.isEmpty)
    trialled.experiment.budget = .init()
    trialled.experiment.budget.failures = 2
    let failing = try Laboratory(trialled)
    #expect(failing.run(outcome: { _ in .failed }))
    #expect(failing.study.trials.count == 3)
  }

  /// A person may move the end while it goes on.
  @Test func budgetsCanBeChanged() throws {
    var trialled = Trialled()
    trialled.stage("search", "random", 20)
    trialled.experiment.budget.trials = 3
    let laboratory = try Laboratory(trialled)
    #expect(!laboratory.run(entries: 4))
    laboratory.decide(.budget("trials", 9))
    #expect(laboratory.run())
    #expect(laboratory.study.trials.count == 9)
  }

  @Test func failedTrialsAreCountedAndNeverTheBest() throws {
    var trialled = Trialled()
    trialled.stage("search", "tpe", 30)
    let laboratory = try Laboratory(trialled)
    #expect(laboratory.run(outcome: { $0.point[0] < 50 ? .failed : .finished }))
    #expect(laboratory.study.trials.count == 30)
    #expect(laboratory.study.ranked().allSatisfy { laboratory.study.trials[$0].proposed.point[0] >= 50 })
    // The model learns where failures are.
    let late = laboratory.study.trials.suffix(10).count { $0.ended?.outcome == .failed }
    let early = laboratory.study.trials.prefix(10).count { $0.ended?.outcome == .failed }
    #expect(late < early)
  }

  @Test func whatAPersonTakesOutIsNotTheBestAndNotTriedAgain() throws {
    var trialled = Trialled()
    trialled.stage("search", "random", 10)
    let laboratory = try Laboratory(trialled)
    #expect(!laboratory.run(entries: 15))
    let best = laboratory.study.trials[laboratory.study.ranked()[0]]
    laboratory.decide(.exclude(trial: best.number, true))
    #expect(laboratory.study.ranked().allSatisfy { laboratory.study.trials[$0].number != best.number })
    #expect(laboratory.run())
    #expect(Set(laboratory.points).count == 10)
    laboratory.decide(.exclude(trial: best.number, false))
    #expect(laboratory.study.ranked().contains { laboratory.study.trials[$0].number == best.number })
  }

  @Test func whatAPersonAsksForComesNext() throws {
    var trialled = Trialled()
    trialled.stage("search", "random", 6)
    let laboratory = try Laboratory(trialled)
    #expect(!laboratory.run(entries: 3))
    laboratory.decide(.enqueue(Point([30, 0.5])))
    #expect(laboratory.run())
    let asked = laboratory.study.trials.filter { $0.proposed.source == .person }
    #expect(asked.map(\.proposed.point) == [Point([30, 0.5])])
    #expect(laboratory.study.queue.isEmpty)
    #expect(laboratory.study.trials.count == 6)
    #expect(laboratory.study.ranked().first.map { laboratory.study.trials[$0].proposed.source } == .person)
  }

  @Test func whatPeopleAskForTakesNoSeedOfARepetition() throws {
    var trialled = Trialled()
    trialled.stage("search", "random", 4)
    trialled.stage("confirm", "repeat", nil, after: [0]) {
      $0.strategy.options = [("seeds", .list([5, 6, 7].map { .int($0) }))]
      $0.strategy.source = .init(count: 1, stage: 0)
    }
    let laboratory = try Laboratory(trialled)
    for _ in 0..<100 where laboratory.study.stages[1].proposed == 0 {
      #expect(!laboratory.run(entries: laboratory.log.count + 1))
    }
    laboratory.decide(.enqueue(Point([30, 0.5])))
    #expect(laboratory.run())
    let confirmed = laboratory.study.trials.filter { $0.proposed.stage == 1 }
    #expect(confirmed.count == 4)
    #expect(confirmed.filter { $0.proposed.source == .repeated }.map(\.proposed.seed) == [5, 6, 7])
  }

  @Test func theBestAreRepeatedWithOtherSeeds() throws {
    var trialled = Trialled()
    trialled.stage("search", "random", 8)
    trialled.stage("confirm", "repeat", nil, after: [0]) {
      $0.strategy.options = [("seeds", .list([5, 6, 7].map { .int($0) }))]
      $0.strategy.source = .init(count: 2, stage: 0)
    }
    let laboratory = try Laboratory(trialled)
    #expect(laboratory.run())
    let best = laboratory.study.ranked(stage: 0).prefix(2).map { laboratory.study.trials[$0].proposed.point }
    let repeated = laboratory.study.trials.filter { $0.proposed.stage == 1 }
    #expect(repeated.map(\.proposed.seed) == [5, 6, 7, 5, 6, 7])
    #expect(repeated.map(\.proposed.point) == [best[0], best[0], best[0], best[1], best[1], best[1]])
    // They are not ranked twice.
    #expect(laboratory.study.ranked().count == 8)
  }

  @Test func aSmallSpaceIsUsedUp() throws {
    var trialled = Trialled()
    trialled.experiment.parameters = []
    trialled.parameter("k", .integers(1, 3, step: 1, isLogarithmic: false))
    trialled.parameter("mode", .choices([.string("a"), .string("b")]))
    trialled.stage("search", "tpe", 50)
    let laboratory = try Laboratory(trialled)
    #expect(laboratory.run(outcome: { _ in .failed }))
    #expect(Set(laboratory.points).count == 6)
    #expect(laboratory.study.stages[0].status == .ended("every allowed configuration was tried"))
  }

  /// Limits come before values.
  @Test func limitsAreObeyed() throws {
    var trialled = Trialled()
    trialled.experiment.metrics[0].limit = 0.2
    trialled.experiment.metrics[0].isMaximized = true
    trialled.stage("search", "random", 30)
    let laboratory = try Laboratory(trialled)
    #expect(laboratory.run())
    let ranked = laboratory.study.ranked().map { laboratory.study.trials[$0].ended?.metrics[0] ?? 0 }
    #expect(ranked.count == 30)
    #expect(ranked == ranked.sorted(by: >))
  }
}
