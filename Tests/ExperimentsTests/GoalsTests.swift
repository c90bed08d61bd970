import Diagnostics
import Spaces
import Strategies
import Testing
import Values

@testable import Experiments
@testable import Workflows

/// Other objectives, directions, limits and weights while an experiment goes on.
@Suite struct GoalsTests {
  private static func trialled(_ strategy: String, _ trials: Int, isStrict: Bool = false) -> Trialled {
    var trialled = Trialled(isStrict: isStrict)
    trialled.stage("search", strategy, trials)
    return trialled
  }

  /// With a second metric, of which the laboratory says nothing.
  private static func twoMetrics() -> [Experiment.Metric] {
    var other = trialled("random", 1).experiment.metrics[0]
    other.name = "cost"
    other.isWatched = true
    return trialled("random", 1).experiment.metrics + [other]
  }

  private func best(_ study: Study) -> Int? { study.ranked().first.map { study.trials[$0].number } }

  @Test(
    arguments: [
      ("loss minimize limit 0.4", "loss minimize limit 0.4"), ("loss maximize", "loss maximize"), ("loss", "loss"),
      ("  loss   minimize  limit  -1e-3 ", "loss minimize limit -0.001"),
      ("s = loss - 0.1 * cost maximize", "s = loss - 0.1 * cost maximize"),
      ("s=-2*loss+cost minimize limit 3", "s = -2.0 * loss + cost minimize limit 3.0"),
    ])
  func linesAreRead(_ text: String, _ words: String) throws {
    let metrics = Self.twoMetrics()
    let line = try MetricLine(text, metrics)
    var trialled = Self.trialled("random", 1)
    trialled.experiment.metrics = metrics
    let definition = try Definition(trialled.experiment).with(line, rank: nil)
    let place = try #require(definition.experiment.metrics.firstIndex { $0.name == line.name })
    #expect(definition.words(ofMetric: place) == words)
    // What it says is read as what it says.
    #expect(try MetricLine(words, metrics).terms == line.terms)
  }

  @Test(
    arguments: [
      ("", "nothing is written"), ("minimize", "there is no metric `minimize`"), ("lost minimize", "no metric `lost`"),
      ("loss upward", "no `upward`"), ("loss limit 3", "needs a direction"),
      ("loss minimize maximize", "one direction"),
      ("s = 3 loss maximize", "a weight stands before"), ("s = lost maximize", "no metric `lost`"),
      ("s = loss * 2", "no `*`"), ("s = ", "a metric is missing"), ("loss minimize limit x", "a number is missing"),
      ("loss = 2 * cost minimize", "is measured"), ("trials = loss minimize", "is a count"),
      ("loss", "no metric would be optimised"), ("loss minimize limit nan", "a number is missing"),
      ("3 minimize", "the name of a metric"),
    ])
  func mistakesAreSaid(_ text: String, _ message: String) throws {
    var trialled = Self.trialled("random", 1)
    trialled.experiment.metrics = Self.twoMetrics()
    let study = Study(try Definition(trialled.experiment))
    let error = #expect(throws: ConfigurationError.self) { try study.metricLine(text) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func anotherDirectionTurnsTheRanking() throws {
    let laboratory = try Laboratory(Self.trialled("sobol", 12))
    #expect(!laboratory.run(entries: 21))
    let before = laboratory.study.ranked()
    let rescoring = laboratory.study.rescored("loss maximize limit 2.0", rank: nil)
    #expect(rescoring.agreement == 0)
    #expect(rescoring.within == (before.count, rescoring.within.now) && rescoring.within.now < before.count)
    #expect(laboratory.study.ranked() == before)
    laboratory.decide(.metric("loss maximize", rank: nil))
    #expect(laboratory.study.ranked() == before.reversed())
    // Strategies are told what is good now.
    #expect(laboratory.study.history.ranking.first == before.last)
    laboratory.decide(.metric("loss minimize", rank: 0))
    #expect(laboratory.study.ranked() == before)
    // One that means nothing changes nothing.
    laboratory.decide(.metric("lost minimize", rank: 0))
    #expect(laboratory.study.ranked() == before)
  }

  @Test func aMetricThatWeighsOthersIsOfAllTrials() throws {
    let laboratory = try Laboratory(Self.trialled("random", 12))
    #expect(!laboratory.run(entries: 9))
    laboratory.decide(.metric("gain = -2 * loss maximize", rank: 0))
    #expect(laboratory.run())
    #expect(laboratory.study.definition.objectives == [1, 0])
    // What is above all decides, also beside other objectives.
    let other = laboratory.study.rescored("loss maximize", rank: 0)
    #expect(other.agreement == 0 && other.moves.first?.before == other.moves.count)
    for trial in laboratory.study.trials {
      let metrics = try #require(trial.ended?.metrics)
      #expect(metrics.count == 2 && metrics[1] == metrics[0].map { -2 * $0 })
    }
    // What is missing cannot be weighed.
    #expect(laboratory.study.definition.scored([nil]) == [nil, nil])
    #expect(laboratory.study.definition.scored([]) == [nil, nil])
  }

  /// The goal changes in the middle: going on from anywhere is the same, and all proposals are when they are asked for again.
  @Test(arguments: ["tpe", "gp"], [false, true]) func replaysAreExact(_ strategy: String, _ isStrict: Bool) throws {
    let trialled = Self.trialled(strategy, 26, isStrict: isStrict)
    let whole = try Laboratory(trialled, width: 3)
    func run(_ more: Int) { _ = whole.run(entries: whole.log.count + more, pick: { $0 / 2 }) }
    run(27)
    whole.decide(.metric("gain = -1 * loss minimize", rank: 0))
    run(8)
    whole.decide(.prior(StatedPrior(Point([80, Point.inactive]), strength: 10)))
    run(6)
    #expect(whole.run(pick: { $0 / 2 }))
    let replay = StudyReplay(whole.log, of: Study(try Definition(trialled.experiment)))
    #expect(replay.asked == 26)
    #expect(replay.differences.isEmpty)
    // It is the change that made the difference: what is worst is looked for.
    let late = whole.study.trials.suffix(6).map { Trialled.loss($0.proposed.point) }
    let never = try Laboratory(trialled, width: 3)
    #expect(never.run(pick: { $0 / 2 }))
    #expect((late.max() ?? 0) > (never.study.trials.suffix(6).map { Trialled.loss($0.proposed.point) }.max() ?? 9))
  }

  @Test func withoutTheChangeAllIsAsBefore() throws {
    let trialled = Self.trialled("tpe", 20)
    let laboratory = try Laboratory(trialled)
    #expect(!laboratory.run(entries: 30))
    laboratory.decide(.metric("loss maximize", rank: nil))
    let entry = laboratory.log.count
    #expect(laboratory.run())
    var other = Counterfactual(laboratory.log, of: Study(try Definition(trialled.experiment)), without: entry)
    while case .run(let proposed) = other.next() {
      other.end(Ended(trial: proposed.trial, .finished, metrics: [Trialled.loss(proposed.point)]))
    }
    let never = try Laboratory(trialled)
    #expect(never.run())
    #expect(other.study.trials.map(\.proposed.point) == never.points)
  }

  /// Limits of the new goal decide whether the winner is accepted; who judged before judges again.
  @Test func theWinnerIsJudgedAgain() throws {
    var trialled = Self.trialled("random", 6)
    trialled.gate("last", after: [0])
    trialled.experiment.acceptance = .init(
      condition: Trialled.below(0, 100), approvers: ["ada"], span: Span(0, 0))
    let laboratory = try Laboratory(trialled)
    #expect(!laboratory.run())
    laboratory.decide(.answer(stage: 1, "continue"))
    #expect(!laboratory.run())
    let first = laboratory.study.judged?.trial
    #expect(first == best(laboratory.study))
    laboratory.decide(.metric("loss maximize", rank: nil))
    #expect(laboratory.study.judged == nil)
    #expect(!laboratory.run())
    #expect(laboratory.study.judged?.trial == best(laboratory.study) && laboratory.study.judged?.trial != first)
  }

  // MARK: Once more

  @Test func aTrialIsRepeatedWithAnotherSeed() throws {
    let laboratory = try Laboratory(Self.trialled("random", 8))
    #expect(!laboratory.run(entries: 7))
    let point = laboratory.points[1]
    #expect(laboratory.study.freshSeed(at: point) == 1)
    laboratory.decide(.again(trial: 2, seed: 1, true))
    laboratory.decide(.again(trial: 2, seed: 2, true))
    laboratory.decide(.again(trial: 2, seed: 2, false))
    #expect(laboratory.study.freshSeed(at: point) == 2)
    #expect(laboratory.run())
    let repeats = laboratory.study.trials.filter { $0.proposed.source == .repeated }
    #expect(repeats.map(\.proposed.seed) == [1] && repeats.map(\.proposed.point) == [point])
    #expect(laboratory.study.repeats == [])
    // One repeated trial does not rule out the others.
    #expect(laboratory.study.winner()?.place == laboratory.study.ranked().first)
    let replay = StudyReplay(laboratory.log, of: Study(try Definition(Self.trialled("random", 8).experiment)))
    #expect(replay.differences.isEmpty)
  }

  @Test func preferencesAreOfTheirPair() throws {
    let laboratory = try Laboratory(Self.trialled("random", 4))
    #expect(laboratory.run())
    laboratory.decide(.prefer(1, over: 2, true))
    laboratory.decide(.prefer(3, over: 1, true))
    laboratory.decide(.prefer(2, over: 1, true))
    #expect(laboratory.study.preferences.map { [$0.better, $0.worse] } == [[3, 1], [2, 1]])
    #expect(laboratory.study.preferences.allSatisfy { $0.person == "ada" })
    laboratory.decide(.prefer(2, over: 1, false))
    #expect(laboratory.study.preferences.map(\.better) == [3])
  }

  // MARK: Gates

  private func gate(_ change: (inout Experiment.Gate) -> Void) throws -> Laboratory {
    var trialled = Self.trialled("random", 2)
    trialled.gate("review", after: [0], change)
    let laboratory = try Laboratory(trialled)
    #expect(!laboratory.run())
    return laboratory
  }

  private func answer(_ laboratory: Laboratory, _ person: String, _ answer: String) {
    laboratory.add(
      Entry(
        at: laboratory.now, actor: Actor(.person, person),
        .decided(Decision(.answer(stage: 1, answer), reason: "", basis: laboratory.log.count))))
  }

  @Test func severalPeopleHaveToSayTheSame() throws {
    let laboratory = try gate { $0.approvals = 2 }
    answer(laboratory, "ada", "continue")
    answer(laboratory, "ada", "continue")
    #expect(laboratory.study.stages[1].answer == nil && !laboratory.run())
    #expect(laboratory.study.waitingGates.first?.answers.map(\.person) == ["ada"])
    answer(laboratory, "grace", "continue")
    #expect(laboratory.study.stages[1].answer == "continue" && laboratory.run())
    // What anybody refuses is refused.
    let other = try gate { $0.approvals = 2 }
    answer(other, "ada", "continue")
    answer(other, "linus", "stop")
    #expect(other.study.stages[1].answer == "stop")
  }

  @Test func aGateIsHandedOn() throws {
    let roles = try #require(Roles(["officer=ada,grace"]))
    let laboratory = try gate { $0.roles = ["officer"] }
    func role(_ person: String) -> String? {
      laboratory.study.waitingGates.first?.role(of: person, among: ["officer"], roles)
    }
    #expect(role("ada") == "officer" && role("eve") == nil)
    laboratory.decide(.delegate(stage: 1, from: "ada", to: "eve"))
    #expect(role("ada") == nil && role("eve") == "officer" && role("grace") == "officer")
    #expect(laboratory.study.waitingGates.first?.people(in: ["officer"], roles) == ["eve", "grace"])
    laboratory.decide(.delegate(stage: 1, from: "ada", to: nil))
    #expect(role("ada") == "officer" && role("eve") == nil)
  }

  private static let form = Form([
    .init(name: "n", domain: .integers(1, 9, step: 2, isLogarithmic: false)),
    .init(name: "x", domain: .floats(0, 1, step: 0.25, isLogarithmic: false)),
    .init(name: "site", domain: .choices([.string("north"), .int(3)])), .init(name: "why", domain: nil),
  ])

  @Test(
    arguments: [
      ("n=3 x=0.75 site=north why=so", nil), ("n=4 x=0.75 site=north why=so", "`n` cannot be `4`"),
      ("n=3 x=0.7 site=3 why=so", "`x` cannot be `0.7`"), ("n=3 x=0 site=east why=so", "`site` cannot be `east`"),
      ("n=3 x=0 site=3", "why missing"), ("n=3 n=3 x=0 site=3 why=so", "`n` is given twice"),
      ("m=3", "the form has no field `m`"), ("n=3 x=nan site=3 why=so", "`x` cannot be `nan`"),
    ] as [(String, String?)])
  func formsAreFilledInAsTheyAreDeclared(_ text: String, _ problem: String?) {
    let settings = text.split(separator: " ").map { word in
      let parts = word.split(separator: "=")
      return (name: String(parts[0]), text: String(parts[1]))
    }
    do throws(ConfigurationError) {
      let form = try Self.form.filled(settings)
      #expect(problem == nil && form.compact == #"{"n":3,"x":0.75,"site":"north","why":"so"}"#)
    } catch {
      #expect(problem.map(error.message.contains) == true, "\(error.message)")
    }
  }
}
