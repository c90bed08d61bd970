import Events
import Experiments
import Knowledge
import Spaces
import Strategies
import Testing
import Values
import Workflows

/// An experiment that begins with what others left behind.
@Suite struct InformingTests {
  /// That of `Trialled`, with more than the log of a laboratory needs.
  static let described: Description = {
    var description = Description(
      metrics: [.init("loss", isMaximized: false, limit: 3.5), .init("seen", isMaximized: true, isWatched: true)],
      space: Space([
        Parameter("x", .axis(Axis(.integers, from: 0, to: 99))), Parameter("y", .axis(Axis(.floats, from: 0, to: 1))),
        Parameter("kind", .choices([.string("a"), .int(3), .bool(true)])),
        Parameter(
          "rate", .axis(Axis(.floats, from: 0.001, to: 1, isLogarithmic: true)),
          when: .init(parameter: 2, choices: [0, 2])),
        Parameter("k", .axis(Axis(listed: [.int(1), .int(5), .float(7.5)]))),
        Parameter("s", .axis(Axis(.floats, from: 0, to: 1, step: 0.25))),
      ]))
    description.intent = "see"
    description.tags = ["a", "b"]
    description.workflow = WorkflowPrint(tasks: ["t.a", "t.b"], wiring: "sha256:11")
    var data = DataPrint(name: "data", origin: "raw/churn", digest: "sha256:22", bytes: 9)
    (data.columns, data.rows, data.features) = ([.init("age", "number")], 4, ["skew": 0.25])
    description.data = [data]
    return description
  }()

  /// Forty trials of an experiment whose valley lies `shift` beside.
  static func learnt(
    from label: Int, shift: Double = 0, isInverted: Bool = false, _ relation: PastExperiment.Relation = .sameProblem,
    uses: PastExperiment.Uses = .all
  ) -> Learnt {
    let observations = (0..<40).map { place -> Learnt.Observation in
      let point = Point([Double((place * 37 + label * 11) % 100), Double((place * 29 + label * 7) % 41) / 40])
      let moved = Point([point[0] - shift, point[1]])
      let loss = Trialled.loss(moved)
      return Learnt.Observation(place + 1, point, isInverted ? -loss : loss)
    }
    return Learnt(
      Learnt.Origin(label: "\(label)", name: "old", uid: "u\(label)", entries: 90, digest: "sha256:33"), relation, uses,
      similarity: 0.75, features: ["skew": 0.5], observations: observations, leftOut: 2)
  }

  private static func laboratory(
    _ strategy: String, _ trials: Int, _ learnt: [Learnt], seed: UInt64 = 11
  ) throws -> Laboratory {
    var trialled = Trialled()
    trialled.experiment.seed = seed
    trialled.stage("search", strategy, trials)
    return try Laboratory(trialled, log: learnt.map { Entry(at: 0, actor: .engine, .learnt($0)) })
  }

  @Test func goingOnAtAnyPointIsTheSame() throws {
    let whole = try Self.laboratory("tpe", 16, [Self.learnt(from: 1, shift: 3)])
    #expect(whole.run())
    var trialled = Trialled()
    trialled.stage("search", "tpe", 16)
    for cut in stride(from: 1, to: whole.log.count, by: 5) {
      // From rows, as after a restart: the store it came from is not asked.
      let log = whole.log.prefix(cut).compactMap { Entry($0.row) }
      let resumed = try Laboratory(trialled, log: log)
      #expect(resumed.run())
      #expect(resumed.points == whole.points, "after \(cut) entries")
    }
  }

  @Test func proposalsSayWhereTheyCameFrom() throws {
    let informed = try Self.laboratory("gp", 14, [Self.learnt(from: 12, shift: 3)])
    #expect(informed.run())
    let proposals = informed.study.trials.map(\.proposed)
    #expect(proposals[0].source == .past)
    #expect(proposals[0].reason.hasPrefix("trial ") && proposals[0].reason.contains("of experiment 12"))
    #expect(proposals[1].source == .control)
    #expect(proposals.count { $0.source == .past } == 3)
    #expect(proposals.contains { $0.reason.contains("model with experiment 12 (agrees in") })
    // Old values are not those of this experiment.
    #expect(informed.study.trials.allSatisfy { $0.ended?.metrics == [Trialled.loss($0.proposed.point)] })
  }

  /// Random search begins with proven configurations, and all that it draws is a control group.
  @Test func randomSearchBeginsWithTheProven() throws {
    let informed = try Self.laboratory("random", 8, [Self.learnt(from: 1)])
    #expect(informed.run())
    let proposals = informed.study.trials.map(\.proposed)
    #expect(proposals.map(\.source) == [.past, .past, .past] + [Proposed.Source](repeating: .control, count: 5))
    #expect(proposals[0].reason.hasSuffix("of experiment 1"))
    #expect(informed.study.assessment()?.verdict.counts.control == 5)
    #expect(informed.study.assessment()?.efficiency?.controls == 5)
    let plain = try Self.laboratory("random", 8, [])
    #expect(plain.run() && plain.study.trials.allSatisfy { $0.proposed.source == .strategy })
  }

  @Test(arguments: ["sobol", "grid", "lhs"]) func coveringStrategiesDoAsTheyAreTold(_ strategy: String) throws {
    let informed = try Self.laboratory(strategy, 6, [Self.learnt(from: 1)])
    let plain = try Self.laboratory(strategy, 6, [])
    #expect(informed.run() && plain.run())
    #expect(informed.points == plain.points)
  }

  @Test func whatIsUsedIsWhatWasAskedFor() throws {
    let queue = try Self.laboratory("tpe", 12, [Self.learnt(from: 1, uses: .queue)])
    #expect(queue.run())
    #expect(queue.study.trials.map(\.proposed).count { $0.source == .past } == 3)
    #expect(queue.study.trials.allSatisfy { !$0.proposed.reason.contains("model with") })
    let prior = try Self.laboratory("tpe", 12, [Self.learnt(from: 1, uses: .prior)])
    #expect(prior.run())
    #expect(prior.study.trials.allSatisfy { $0.proposed.source != .past })
    #expect(prior.study.trials.contains { $0.proposed.reason.contains("model with") })
    let trials = try Self.laboratory("tpe", 12, [Self.learnt(from: 1, uses: [.queue, .trials])])
    #expect(trials.run())
    #expect(trials.study.trials.map(\.proposed).count { $0.source == .past } == 10)
  }

  /// The same valley, three to the side: fewer trials until it is found.
  @Test func aSecondExperimentIsCheaper() throws {
    func trials(_ learnt: [Learnt], _ seed: UInt64) throws -> Int {
      let laboratory = try Self.laboratory("tpe", 40, learnt, seed: seed)
      #expect(laboratory.run())
      return (laboratory.points.firstIndex { Trialled.loss($0) < 0.03 } ?? 40) + 1
    }
    let seeds = 1...8 as ClosedRange<UInt64>
    let cold = try seeds.map { try trials([], $0) }.reduce(0, +)
    let warm = try seeds.map { try trials([Self.learnt(from: 1, shift: 3)], $0) }.reduce(0, +)
    #expect(2 * warm < cold, "\(warm) trials instead of \(cold)")
  }

  @Test func aMisleadingPastIsSwitchedOffAndNamed() throws {
    let misled = try Self.laboratory("tpe", 30, [Self.learnt(from: 1, isInverted: true)])
    #expect(misled.run())
    let reasons = misled.study.trials.map(\.proposed.reason)
    #expect(reasons.count { $0.contains("without past experiments") } > 20)
    let assessment = try #require(misled.study.assessment())
    #expect(assessment.verdict.kind == .harmed)
    let helped = try Self.laboratory("tpe", 30, [Self.learnt(from: 1, shift: 1)])
    #expect(helped.run())
    let worth = try #require(helped.study.assessment())
    #expect(worth.verdict.kind == .helped)
    let efficiency = try #require(worth.efficiency)
    #expect(efficiency.low < efficiency.ratio && efficiency.ratio < efficiency.high)
    #expect(try Self.laboratory("tpe", 3, []).study.assessment() == nil)
  }

  // MARK: Logs as the past

  @Test func aPastStudyLeavesOutWhatIsNotToBeTrusted() throws {
    var trialled = Trialled()
    trialled.stage("search", "random", 8)
    let laboratory = try Laboratory(trialled)
    #expect(laboratory.run(outcome: { $0.trial == 2 ? .failed : .finished }))
    laboratory.decide(.exclude(trial: 3, true))
    laboratory.decide(.exclude(trial: 4, true))
    laboratory.decide(.exclude(trial: 4, false))
    var description = Description(
      metrics: [.init("loss", isMaximized: false)], space: laboratory.study.definition.space)
    let past = try #require(PastStudy(laboratory.log, described: description))
    let (found, leftOut) = try #require(past.observations(of: description.metrics, without: [5]))
    #expect(found.map(\.trial) == [1, 2, 4, 6, 7, 8])
    #expect(leftOut == 2)
    #expect(found[1].value == .infinity)
    #expect(found[0].value == Trialled.loss(laboratory.points[0]))
    // Beyond a limit of the new experiment it is as good as failed.
    let limit = found.map(\.value).filter(\.isFinite).sorted()[2]
    description.metrics[0].limit = limit
    let limited = try #require(past.observations(of: description.metrics, without: [5]))
    #expect(limited.found.count { $0.value == .infinity } == 3)
    // Another objective, or the other direction: nothing.
    #expect(past.observations(of: [.init("loss", isMaximized: true)], without: []) == nil)
    #expect(past.observations(of: [.init("gain", isMaximized: false)], without: []) == nil)
    #expect(PastStudy(laboratory.log) == nil)
    #expect(!past.isForgotten)
    laboratory.decide(.forget(true))
    #expect(PastStudy(laboratory.log, described: description)?.isForgotten == true)
    laboratory.decide(.forget(false))
    #expect(PastStudy(laboratory.log, described: description)?.isForgotten == false)
  }

  @Test(arguments: [[0], [0, 2], [.nan, 0.5], [100, 0.5], [-1, 0.5], [0.5, 0.5], [3, 7]] as [[Double]])
  func pointsOutsideOfTheSpaceAreNoTrials(_ coordinates: [Double]) throws {
    let description = Description(
      metrics: [.init("loss", isMaximized: false)], space: try Definition(Trialled().experiment).space)
    let entry = Entry(
      at: 0, actor: .engine, .proposed(Proposed(trial: 1, stage: 0, point: Point(coordinates), reason: "")))
    #expect(PastStudy([entry], described: description)?.trials.isEmpty == true)
  }
}
