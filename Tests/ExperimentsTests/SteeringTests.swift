import Diagnostics
import Events
import Spaces
import Testing
import Values

@testable import Experiments
@testable import Workflows

/// What people decide while an experiment goes on. Texts are read by a table here: the language has tests of its own.
@Suite struct SteeringTests {
  private static let span = Span(0, 0)

  private static func parameter(_ place: Int) -> Expression { Expression(.input(place), .int(nil), span) }

  private static let texts: [String: Amended] = [
    "x < 40": .constraint(
      .init(
        text: "x < 40",
        condition: Expression(
          .binary(.less, parameter(0), Expression(.literal(.int(40)), .int(nil), span)), .bool, span),
        span: span)),
    "x in int 10..20": .parameter(
      0, all: .integers(10, 20, step: 1, isLogarithmic: false), now: .integers(10, 20, step: 1, isLogarithmic: false)),
    "x in int 0..200": .parameter(
      0, all: .integers(0, 200, step: 1, isLogarithmic: false), now: .integers(0, 200, step: 1, isLogarithmic: false)),
    "size in [1, 3, 4]": .parameter(
      2, all: .choices([1, 2, 4, 3].map { .int($0) }), now: .choices([1, 3, 4].map { .int($0) })),
    "mode in [\"b\", \"c\"]": .parameter(
      3, all: .choices(["a", "b", "c"].map { .string($0) }), now: .choices(["b", "c"].map { .string($0) })),
  ]

  private static func laboratory(
    _ trialled: Trialled, width: Int = 1, log: [Entry] = []
  ) throws -> Laboratory {
    let laboratory = try Laboratory(trialled, width: width)
    laboratory.study = try fresh(trialled)
    for entry in log { laboratory.add(entry) }
    return laboratory
  }

  private static func fresh(_ trialled: Trialled) throws -> Study {
    Study(try Definition(trialled.experiment)) { amendment, _ in
      switch amendment {
      case .constraint(let text), .parameter(let text): return texts[text]
      case .strategy(let stage, let text):
        guard let place = trialled.experiment.stages.firstIndex(where: { $0.name == stage }) else { return nil }
        return .strategy(
          stage: place, .init(strategy: .init(name: text, options: [], span: span), trials: 30))
      }
    }
  }

  private static func mixed(_ strategy: String, _ trials: Int, isStrict: Bool = false) -> Trialled {
    var trialled = Trialled(isStrict: isStrict)
    trialled.parameter("size", .choices([1, 2, 4].map { .int($0) }))
    trialled.parameter("mode", .choices(["a", "b"].map { .string($0) }))
    trialled.stage("search", strategy, trials)
    return trialled
  }

  private func values(_ study: Study) -> [String] { study.trials.map { study.words(at: $0.proposed.point) } }

  @Test func aVetoedConfigurationIsNeitherTriedNorTheBest() throws {
    var trialled = Trialled()
    trialled.experiment.parameters = []
    trialled.parameter("x", .integers(28, 31, step: 1, isLogarithmic: false))
    trialled.parameter("y", .choices([.float(0.5)]))
    trialled.stage("search", "tpe", 50)
    let laboratory = try Self.laboratory(trialled)
    laboratory.decide(.enqueue(Point([30, 0])))
    #expect(!laboratory.run(entries: 6))
    #expect(laboratory.study.ranked().first.map { laboratory.study.trials[$0].proposed.point } == Point([30, 0]))
    laboratory.decide(.veto(Point([30, 0]), true))
    laboratory.decide(.veto(Point([31, 0]), true))
    #expect(laboratory.study.ranked().allSatisfy { laboratory.study.trials[$0].proposed.point != Point([30, 0]) })
    #expect(laboratory.run())
    #expect(!laboratory.points.contains(Point([31, 0])))
    #expect(laboratory.points.count == 3)
    laboratory.decide(.veto(Point([30, 0]), false))
    #expect(laboratory.study.ranked().first.map { laboratory.study.trials[$0].proposed.point } == Point([30, 0]))
  }

  /// What waits in the queue goes with the region in which it is.
  @Test func aForbiddenRegionIsLeft() throws {
    let laboratory = try Self.laboratory(Self.mixed("tpe", 30))
    #expect(!laboratory.run(entries: 20))
    laboratory.decide(.enqueue(Point([50, 0.5, 0, 0])))
    laboratory.decide(.enqueue(Point([20, 0.5, 0, 0])))
    laboratory.decide(.restrict("x < 40"))
    #expect(laboratory.study.queue == [Point([20, 0.5, 0, 0])])
    let known = laboratory.study.trials.count
    #expect(laboratory.run())
    #expect(laboratory.points.dropFirst(known).allSatisfy { $0[0] < 40 })
    #expect(laboratory.points.contains { $0[0] >= 40 })
    laboratory.decide(.lift("x < 40"))
    #expect(laboratory.study.objection(to: Point([50, 0.5, 0, 0])) == nil)
  }

  @Test(arguments: ["tpe", "gp", "random", "sobol", "lhs", "grid", "nsga2"], [0, 1, 2, 3])
  func aPinnedParameterKeepsItsValue(_ strategy: String, _ place: Int) throws {
    let laboratory = try Self.laboratory(Self.mixed(strategy, 40))
    #expect(!laboratory.run(entries: 32))
    let pin = [30, 0.25, 1, 1][place]
    laboratory.decide(.pin(parameter: place, pin))
    let known = laboratory.study.trials.count
    _ = laboratory.run(entries: 56)
    let after = laboratory.points.dropFirst(known)
    #expect(after.count > 8)
    #expect(after.allSatisfy { $0[place] == pin && $0.coordinates.allSatisfy(\.isFinite) })
    laboratory.decide(.pin(parameter: place, nil))
    #expect(laboratory.run())
    if strategy == "random" { #expect(laboratory.points.suffix(10).contains { $0[place] != pin }) }
  }

  /// The coordinates of lists move when something comes between; what was tried keeps its values.
  @Test func widerListsKeepWhatWasTried() throws {
    let laboratory = try Self.laboratory(Self.mixed("random", 40))
    #expect(!laboratory.run(entries: 24))
    let before = values(laboratory.study)
    laboratory.decide(.pin(parameter: 2, 2))
    laboratory.decide(.space("size in [1, 3, 4]"))
    laboratory.decide(.space("mode in [\"b\", \"c\"]"))
    #expect(values(laboratory.study) == before)
    #expect(laboratory.study.words(of: 2) == "in [1, 3, 4]")
    laboratory.decide(.pin(parameter: 2, nil))
    #expect(laboratory.run())
    let after = values(laboratory.study).dropFirst(before.count)
    #expect(after.allSatisfy { !$0.contains("size=2") && !$0.contains("mode=a") })
    #expect(after.contains { $0.contains("size=3") })
    #expect(after.contains { $0.contains("mode=c") })
  }

  @Test func rangesBecomeNarrowerAndWider() throws {
    let laboratory = try Self.laboratory(Self.mixed("tpe", 60))
    #expect(!laboratory.run(entries: 40))
    let known = laboratory.study.trials.count
    laboratory.decide(.space("x in int 10..20"))
    #expect(!laboratory.run(entries: 64))
    #expect(laboratory.points.dropFirst(known).allSatisfy { (10...20).contains($0[0]) })
    laboratory.decide(.space("x in int 0..200"))
    let (share, isExact) = try Self.fresh(Self.mixed("tpe", 60)).removed(by: laboratory.study)
    #expect(share == 0 && !isExact)
    #expect(laboratory.run())
    #expect(laboratory.points.count == 60)
  }

  @Test func anotherStrategyGoesOn() throws {
    let laboratory = try Self.laboratory(Self.mixed("random", 100))
    #expect(!laboratory.run(entries: 21))
    laboratory.decide(.strategy(stage: 0, "tpe"))
    #expect(laboratory.run())
    #expect(laboratory.study.trials.count == 30)
    #expect(laboratory.study.trials.last?.proposed.reason.contains("like the best") == true)
  }

  @Test func whoTakesOverChooses() throws {
    let laboratory = try Self.laboratory(Self.mixed("random", 12))
    #expect(!laboratory.run(entries: 5))
    laboratory.decide(.takeOver(true))
    #expect(!laboratory.run())
    let known = laboratory.study.trials.count
    #expect(laboratory.study.asked(3, now: 0).map(\.trial) == [known + 1, known + 2, known + 3])
    laboratory.decide(.enqueue(Point([30, 0.5, 0, 0])))
    #expect(!laboratory.run())
    #expect(laboratory.study.trials.count == known + 1)
    #expect(laboratory.study.trials.last?.proposed.source == .person)
    laboratory.decide(.takeOver(false))
    #expect(laboratory.run())
    #expect(laboratory.study.trials.count == 12)
  }

  /// With decisions of all kinds in the log, going on from anywhere is the same.
  @Test(arguments: ["tpe", "random", "grid"]) func goingOnIsTheSame(_ strategy: String) throws {
    let whole = try steered(Self.mixed(strategy, 24), width: 1)
    for cut in stride(from: 0, to: whole.log.count, by: 3) {
      let resumed = try Self.laboratory(Self.mixed(strategy, 24), log: Array(whole.log.prefix(cut)))
      for entry in whole.log.dropFirst(cut) {
        if case .decided = entry.fact { resumed.add(entry) } else { _ = resumed.run(entries: resumed.log.count + 1) }
      }
      #expect(values(resumed.study) == values(whole.study), "after \(cut) entries")
    }
  }

  private func steered(_ trialled: Trialled, width: Int) throws -> Laboratory {
    let laboratory = try Self.laboratory(trialled, width: width)
    func run(_ more: Int) { _ = laboratory.run(entries: laboratory.log.count + more, pick: { $0 / 2 }) }
    run(15)
    laboratory.decide(.veto(laboratory.points[2], true))
    run(4)
    laboratory.decide(.space("mode in [\"b\", \"c\"]"))
    laboratory.decide(.enqueue(Point([31, 0.5, 1, 2])))
    run(5)
    laboratory.decide(.space("size in [1, 3, 4]"))
    laboratory.decide(.exclude(trial: 3, true))
    run(6)
    laboratory.decide(.pin(parameter: 0, 30))
    run(8)
    laboratory.decide(.pin(parameter: 0, nil))
    laboratory.decide(.budget("trials", 24))
    #expect(laboratory.run(pick: { $0 / 2 }))
    return laboratory
  }

  @Test(arguments: ["tpe", "gp", "grid"], [false, true])
  func everyProposalIsTheSameWhenAskedAgain(_ strategy: String, _ isStrict: Bool) throws {
    let trialled = Self.mixed(strategy, 24, isStrict: isStrict)
    let laboratory = try steered(trialled, width: 3)
    let replay = StudyReplay(laboratory.log, of: try Self.fresh(trialled))
    #expect(replay.asked == laboratory.study.trials.count)
    #expect(replay.differences.isEmpty, "\(replay.differences.first.map { "\($0)" } ?? "")")
    // Somebody meddled with the tenth trial.
    var log = laboratory.log
    let place = try #require(log.firstIndex { if case .proposed(let one) = $0.fact { one.trial == 10 } else { false } })
    guard case .proposed(var proposed) = log[place].fact else { return }
    proposed.point[1] += 0.125
    log[place].fact = .proposed(proposed)
    #expect(StudyReplay(log, of: try Self.fresh(trialled)).differences.first?.entry == place + 1)
  }

  @Test func withoutADecisionTheRestGoesOn() throws {
    let trialled = Self.mixed("tpe", 20)
    let laboratory = try Self.laboratory(trialled)
    #expect(!laboratory.run(entries: 13))
    laboratory.decide(.note(trial: nil, "nothing"))
    let note = laboratory.log.count
    #expect(!laboratory.run(entries: 24))
    laboratory.decide(.restrict("x < 40"))
    let restricted = laboratory.log.count
    #expect(laboratory.run())
    // A remark changes nothing: all is on record.
    var same = Counterfactual(laboratory.log, of: try Self.fresh(trialled), without: note)
    #expect(same.next() == .over)
    #expect(values(same.study) == values(laboratory.study))
    var other = Counterfactual(laboratory.log, of: try Self.fresh(trialled), without: restricted)
    var ran = 0
    while case .run(let proposed) = other.next() {
      ran += 1
      other.end(Ended(trial: proposed.trial, .finished, metrics: [Trialled.loss(proposed.point)]))
    }
    #expect(ran > 0)
    #expect(other.study.trials.count == 20)
    // As if nobody had ever forbidden it.
    let never = try Self.laboratory(trialled)
    #expect(never.run())
    #expect(values(other.study) == values(never.study))
  }

  @Test(
    arguments: [
      ("x=3 y=0.5 size=2 mode=b", nil), ("x=3 y=0.5 size=2", "mode missing"), ("z=3", "no parameter `z`"),
      ("x=300 y=0.5 size=2 mode=b", "`x` cannot be `300`"), ("x=3 y=1 size=3 mode=b", "`size` cannot be `3`"),
      ("x=3 y=1 size=2 mode=B", "`mode` cannot be `B`"), ("x=3 x=4 y=1 size=2 mode=b", "`x` is given twice"),
      ("x=0.5 y=1 size=2 mode=b", "`x` cannot be `0.5`"), ("x=nan y=1 size=2 mode=b", "`x` cannot be `nan`"),
    ] as [(String, String?)])
  func configurationsAreChecked(_ text: String, _ problem: String?) throws {
    let study = try Self.fresh(Self.mixed("random", 3))
    let settings = text.split(separator: " ").map { word in
      let parts = word.split(separator: "=")
      return (name: String(parts[0]), text: String(parts[1]))
    }
    do {
      let point = try study.point(settings)
      #expect(problem == nil && point == Point([3, 0.5, 1, 1]))
    } catch {
      #expect(problem.map(error.message.contains) == true, "\(error.message)")
    }
  }

  @Test func theBestTrialsSuggestANarrowerSpace() throws {
    let laboratory = try Self.laboratory(Self.mixed("sobol", 64))
    #expect(laboratory.run())
    let lines = laboratory.study.narrowings()
    let x = try #require(lines.first { $0.parameter == "x" })
    #expect(x.before == "x in int 0..99")
    let ends = x.now.dropFirst("x in int ".count).split(separator: ".").compactMap { Int($0) }
    #expect(ends.count == 2 && ends[0] > 0 && ends[0] <= 30 && ends[1] >= 30 && ends[1] < 80)
  }

  @Test func rolesSayWhoMayAnswer() throws {
    let roles = try #require(Roles(["risk-officer=ada,grace", "owner=linus"]))
    #expect(roles.people(in: ["risk-officer", "owner"]) == ["ada", "grace", "linus"])
    #expect(roles.role(of: "grace", among: ["owner", "risk-officer"]) == "risk-officer")
    #expect(roles.role(of: "eve", among: ["owner", "risk-officer"]) == nil)
    // A gate may name a person.
    #expect(roles.role(of: "eve", among: ["eve"]) == "eve")
    // Nobody was given any: whoever is there has them all.
    #expect(Roles([])?.role(of: "eve", among: ["owner", "risk-officer"]) == "owner")
    #expect(Roles(["risk-officer"]) == nil)
    var gate = Experiment.Gate()
    gate.roles = ["owner"]
    gate.escalation = "risk-officer"
    gate.escalatesAfter = .seconds(60)
    let waiting = WaitingGate(stage: 0, name: "g", gate: gate, beganAt: 0, evidence: "")
    #expect(waiting.roles(at: 59_000_000_000) == ["owner"])
    #expect(waiting.roles(at: 60_000_000_000) == ["owner", "risk-officer"])
  }
}
