import Spaces
import Strategies
import Testing

@testable import Experiments
@testable import Workflows

/// What people believe about where good configurations are: (30, 0.5) are.
@Suite struct StatedPriorTests {
  private static let right = StatedPrior(Point([32, 0.45]), strength: 10)
  private static let wrong = StatedPrior(Point([95, 0.95]), strength: 10)

  /// After some trials at random a prior is stated; the best of the next ten.
  private func best(_ strategy: String, _ prior: StatedPrior?, seed: UInt64) throws -> (loss: Double, study: Study) {
    var trialled = Trialled()
    trialled.experiment.seed = seed
    trialled.stage("search", strategy, 16)
    let laboratory = try Laboratory(trialled)
    #expect(!laboratory.run(entries: 9))
    if let prior { laboratory.decide(.prior(prior)) }
    let known = laboratory.points.count
    #expect(laboratory.run())
    return (laboratory.points.dropFirst(known).map(Trialled.loss).min() ?? .infinity, laboratory.study)
  }

  @Test(arguments: ["tpe", "gp"]) func aRightPriorHelpsAndAWrongOneIsRejected(_ strategy: String) throws {
    let seeds = 1...(strategy == "tpe" ? 12 : 5) as ClosedRange<UInt64>
    var (helped, better, rejected) = (0, 0, 0)
    for seed in seeds {
      let plain = try best(strategy, nil, seed: seed)
      let steered = try best(strategy, Self.right, seed: seed)
      let misled = try best(strategy, Self.wrong, seed: seed)
      if steered.loss < plain.loss { better += 1 }
      if steered.study.prior?.weighed?.verdict == .helped { helped += 1 }
      if misled.study.prior?.weighed?.verdict == .harmed { rejected += 1 }
      #expect(steered.study.prior?.weighed?.verdict != .harmed)
    }
    let most = seeds.count * 3 / 4
    #expect(better >= most && helped >= most && rejected >= most, "\(better) \(helped) \(rejected) of \(seeds.count)")
  }

  /// Its weight is its strength divided by how many trials followed it; one that was rejected has none.
  @Test func itWearsOff() throws {
    let (_, study) = try best("tpe", Self.wrong, seed: 3)
    let prior = try #require(study.prior)
    guard case .search(let search) = study.definition.experiment.stages[0].kind else { return }
    #expect(prior.weighed?.verdict == .harmed)
    #expect(study.expertPrior(search, trial: 99) == nil)
    var undecided = study
    undecided.prior?.weighed = nil
    #expect(undecided.expertPrior(search, trial: prior.from)?.weight == 10)
    #expect(undecided.expertPrior(search, trial: prior.from + 3)?.weight == 2.5)
    let reasons = study.trials.map(\.proposed.reason)
    #expect(reasons[prior.from - 1].hasSuffix("at random, drawn by a person's prior (weight 10.0)"))
    #expect(reasons.prefix(prior.from - 1).allSatisfy { !$0.contains("prior") })
    // A strategy that knows nothing of better and worse is not told.
    var other = search
    other.strategy.name = "sobol"
    #expect(undecided.expertPrior(other, trial: prior.from) == nil)
  }

  /// With a prior in the log, going on from anywhere is the same.
  @Test(arguments: ["tpe", "gp"]) func goingOnIsTheSame(_ strategy: String) throws {
    var trialled = Trialled()
    trialled.stage("search", strategy, 18)
    let whole = try Laboratory(trialled)
    _ = whole.run(entries: 9)
    whole.decide(.prior(Self.right))
    #expect(whole.run())
    for cut in stride(from: 9, to: whole.log.count, by: 4) {
      let resumed = try Laboratory(trialled, log: Array(whole.log.prefix(cut)))
      if cut == 9 { resumed.decide(.prior(Self.right)) }
      #expect(resumed.run())
      #expect(resumed.points == whole.points, "after \(cut) entries")
    }
  }

  @Test func damagedPriorsAreNone() throws {
    var trialled = Trialled()
    trialled.stage("search", "tpe", 12)
    let laboratory = try Laboratory(trialled)
    for stated in [
      StatedPrior(Point([]), strength: 10), StatedPrior(Point([500, 0.5]), strength: 10),
      StatedPrior(Point([30, .nan]), strength: 10), StatedPrior(Point([30, 0.5]), strength: -1),
      StatedPrior(Point([30, 0.5]), region: "unreadable", strength: 1),
    ] { laboratory.decide(.prior(stated)) }
    #expect(laboratory.study.prior == nil)
    #expect(laboratory.run())
  }
}
