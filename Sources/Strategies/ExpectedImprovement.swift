internal import Numbers
package import Spaces

/// Bayesian optimisation: a Gaussian process of what was seen, and the point that promises the most improvement under it.
///
/// Jones, Schonlau and Welch, "Efficient global optimization of expensive black-box functions" (1998). Points that run count as
/// if they had come out as expected (Ginsbourger et al. 2010), so that parallel trials spread. The settings of the process are
/// the memo: the next ask begins where this one ended.
package struct ExpectedImprovement: Strategy {
  package let startup: Int
  /// The most observations that the model uses: the best and the latest.
  package let observations: Int
  /// Points at random among which the search for the most promising one begins.
  package let candidates: Int

  package init(startup: Int = 10, observations: Int = 300, candidates: Int = 1200) {
    self.startup = startup
    self.observations = observations
    self.candidates = candidates
  }

  package var capabilities: Capabilities { Capabilities() }

  package func ask(_ question: Question) -> Answer {
    let history = question.history
    let ranking = history.ranking.filter { history.trials[$0].isMeasured }
    guard ranking.count >= min(startup, 2 + 2 * question.space.parameters.count) else {
      return question.prior?.startup(question) ?? Sobol().ask(question)
    }
    let parameters = question.space.parameters.count
    let memo = history.trials.last { $0.memo.count == parameters + 1 }?.memo
    guard let finding = find(question, settings: memo) else {
      return question.answer(question.untried(near: nil), "drawn at random: the model has no answer")
    }
    return question.answer(finding.point, memo: finding.settings, finding.expectation)
  }

  /// What a search under the model found.
  package struct Finding: Sendable {
    /// Nil when all points were tried.
    package let point: Point?
    /// What is expected of the point, for a person.
    package let expectation: String
    /// By how much the expected value moves with what was believed before, in standard deviations of both; 0 without it.
    package let slope: Double
    /// Settings of the model, for the next search.
    package let settings: [Double]
  }

  /// - Parameters:
  ///   - belief: what was believed before any point was tried here: lower is better, in any unit. The model then describes
  ///     how values differ from that.
  ///   - others: points that are looked at besides those that the search finds.
  ///   - settings: of the search before.
  /// - Returns: nil when there is nothing to model, or no model of it.
  package func find(
    _ question: Question, believing belief: ((Point) -> Double)? = nil, besides others: [Point] = [],
    settings: [Double]? = nil
  ) -> Finding? {
    let trials = question.history.trials
    let ranking = question.history.ranking.filter { trials[$0].isMeasured }
    guard let best = ranking.first,
      let search = Search(question, used(ranking), belief, others, settings)
    else { return nil }
    let (point, mean, deviation) = search.best(of: candidates)
    return Finding(
      point: point ?? question.untried(near: trials[best].point),
      expectation:
        "expected \(rounded(mean)) ± \(rounded(deviation)), best so far \(rounded(trials[best].value))",
      slope: search.slope, settings: search.settings.memo)
  }

  private func used(_ ranking: [Int]) -> [Int] {
    guard ranking.count > observations else { return ranking.sorted() }
    let best = ranking.prefix(observations / 3)
    let latest = ranking.dropFirst(observations / 3).sorted().suffix(observations - best.count)
    return (best + latest).sorted()
  }
}

/// Four significant digits.
func rounded(_ value: Double) -> Double {
  guard value != 0, value.isFinite else { return value }
  let digits = 3 - Int((Elementary.log(value.magnitude) / 2.302585092994046).rounded(.down))
  guard digits.magnitude < 300 else { return value }
  let power = (0..<digits.magnitude).reduce(1.0) { product, _ in product * 10 }
  return digits >= 0 ? (value * power).rounded() / power : (value / power).rounded() * power
}

/// One ask: the model and the search over it.
private struct Search {
  let question: Question
  let settings: GaussianProcess.Settings
  private let belief: Belief?
  private let model: GaussianProcess
  private let others: [Point]
  private let incumbents: [Point]
  private let lowest: Double
  private let scaling: (center: Double, spread: Double)

  var slope: Double { belief?.slope ?? 0 }

  init?(
    _ question: Question, _ used: [Int], _ believed: ((Point) -> Double)?, _ others: [Point], _ memo: [Double]?
  ) {
    self.question = question
    self.others = others
    let trials = question.history.trials
    let embedding = Embedding(question.space)
    let points = used.map { trials[$0].point }
    scaling = Self.scaling(used.map { trials[$0].value })
    let scaled = used.map { [scaling] in ($0, scaling) }.map { Self.scaled(trials[$0.0].value, $0.1) }
    lowest = scaled.min() ?? 0
    let belief = believed.map { Belief($0, points, scaled) }
    self.belief = belief
    var values = zip(points, scaled).map { point, value in value - (belief?.mean(at: point) ?? 0) }
    let known = memo.flatMap { GaussianProcess.Settings(memo: $0[...], parameters: embedding.width) }
    settings = GaussianProcess.improved(
      known ?? GaussianProcess.Settings(parameters: embedding.width), embedding, points, values,
      steps: known == nil ? 25 : 6)
    guard let model = GaussianProcess(embedding, points, values, settings) else { return nil }
    let running = trials.filter { $0.state == .running }.map(\.point)
    if running.isEmpty {
      self.model = model
    } else {
      values += running.map(model.mean(at:))
      guard let believer = GaussianProcess(embedding, points + running, values, settings) else { return nil }
      self.model = believer
    }
    let order = points.indices.sorted { scaled[$0] != scaled[$1] ? scaled[$0] < scaled[$1] : $0 < $1 }
    incumbents = order.prefix(5).map { points[$0] }
  }

  /// Half of the values decide the scale; far worse ones are all alike, so that they do not flatten the rest.
  private static func scaling(_ values: [Double]) -> (center: Double, spread: Double) {
    let sorted = values.sorted()
    let center = sorted[sorted.count / 2]
    let spread = center - sorted[0]
    return (center, spread > 0 ? spread : max(center.magnitude * 1e-9, 1e-300))
  }

  private static func scaled(_ value: Double, _ scaling: (center: Double, spread: Double)) -> Double {
    let z = (value - scaling.center) / scaling.spread
    return z <= 1 ? z : 1 + Elementary.log(z)
  }

  /// The most promising point that may be proposed, with what is expected of it, in the units of the metric.
  func best(of count: Int) -> (Point?, mean: Double, deviation: Double) {
    var draws = question.draws(.acquisition)
    var candidates: [(point: Point, score: Double)] = []
    func consider(_ point: Point) { candidates.append((point, score(point))) }
    if let all = Enumeration(question.space), all.count <= 2000 {
      for index in 0..<all.count { consider(all[index]) }
    } else {
      for _ in 0..<count { consider(question.space.randomPoint(&draws)) }
      for point in others { consider(point) }
      if let prior = question.prior {
        for point in prior.points(count / 6, question.space, &draws) { consider(point) }
      }
      for incumbent in incumbents {
        for _ in 0..<10 { consider(question.space.neighbor(of: incumbent, &draws)) }
      }
      refine(&candidates, steps: count / 15)
    }
    let order = candidates.indices.sorted { a, b in
      candidates[a].score != candidates[b].score ? candidates[a].score > candidates[b].score : a < b
    }
    guard let place = order.first(where: { question.admits(candidates[$0].point) }) else { return (nil, 0, 0) }
    let point = candidates[place].point
    let (mean, deviation) = predict(point)
    return (point, scaling.center + mean * scaling.spread, deviation * scaling.spread)
  }

  /// Climbs from the best candidates with steps that get shorter.
  private func refine(_ candidates: inout [(point: Point, score: Double)], steps: Int) {
    var draws = question.draws(.refinement)
    let order = candidates.indices.sorted { a, b in
      candidates[a].score != candidates[b].score ? candidates[a].score > candidates[b].score : a < b
    }
    for start in order.prefix(4).map({ candidates[$0] }) {
      var current = start
      var radius = 0.1
      for _ in 0..<steps {
        let point = moved(current.point, radius, &draws)
        let found = score(point)
        if found > current.score {
          current = (point, found)
          radius = min(radius * 1.5, 0.2)
        } else {
          radius = max(radius * 0.9, 1e-4)
        }
      }
      candidates.append(current)
    }
  }

  /// Some of the axes moved a little; steps and choices by neighbours.
  private func moved(_ point: Point, _ radius: Double, _ draws: inout Draws) -> Point {
    var result = point
    var isMoved = false
    for (index, parameter) in question.space.parameters.enumerated() {
      guard case .axis(let axis) = parameter.domain, axis.step == nil, point[index] != Point.inactive else { continue }
      let normal = draws.normal()
      guard draws.unit() < 0.5 else { continue }
      let (low, high) = axis.bounds
      result[index] = axis.coordinate(warped: axis.warped(point[index]) + normal * radius * (high - low))
      isMoved = true
    }
    return isMoved ? result : question.space.neighbor(of: point, &draws)
  }

  private func predict(_ point: Point) -> (mean: Double, deviation: Double) {
    let (rest, deviation) = model.predict(point)
    return (rest + (belief?.mean(at: point) ?? 0), deviation)
  }

  /// What is chosen by: the expected improvement, and what a person believes.
  private func score(_ point: Point) -> Double {
    guard let prior = question.prior else { return improvement(point) }
    return improvement(point) + prior.weight * prior.logarithm(at: point, in: question.space)
  }

  /// The logarithm of the expected improvement, also where that is too small for a number.
  private func improvement(_ point: Point) -> Double {
    let (mean, deviation) = predict(point)
    let z = (lowest - mean) / deviation
    let logDeviation = Elementary.log(deviation)
    if z > -5 {
      let density = Elementary.exp(-0.5 * z * z) * 0.3989422804014327
      return logDeviation + Elementary.log(max(density + z * Elementary.normal(below: z), 1e-300))
    }
    return logDeviation - 0.5 * z * z - 0.9189385332046727 - 2 * Elementary.log(-z)
  }
}

/// What was believed before, on the scale of what was seen: its slope is fitted, and shrinks towards a half.
private struct Belief {
  let slope: Double
  private let believed: (Point) -> Double
  private let center: Double
  private let spread: Double

  init(_ believed: @escaping (Point) -> Double, _ points: [Point], _ values: [Double]) {
    func deviations(_ values: [Double]) -> (center: Double, off: [Double]) {
      let center = values.reduce(0, +) / Double(max(values.count, 1))
      return (center, values.map { $0 - center })
    }
    self.believed = believed
    let (center, off) = deviations(points.map(believed))
    let spread = (off.reduce(0) { $0 + $1 * $1 } / Double(max(off.count, 1))).squareRoot()
    self.center = center
    self.spread = max(spread, 1e-9)
    // Points of which the same was believed show nothing of how far belief goes.
    guard spread > 1e-9 else {
      slope = 0
      return
    }
    let wanted = deviations(values).off
    let common = zip(off, wanted).reduce(0) { $0 + $1.0 * $1.1 } / self.spread
    let own = off.reduce(0) { $0 + $1 * $1 } / (self.spread * self.spread)
    slope = max(0, (common + 1) / (own + 2))
  }

  func mean(at point: Point) -> Double { slope * (believed(point) - center) / spread }
}
