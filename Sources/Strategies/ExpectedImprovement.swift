internal import Numbers
internal import Spaces

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
    guard ranking.count >= min(startup, 2 + 2 * question.space.parameters.count) else { return Sobol().ask(question) }
    guard let search = Search(question, used(ranking)) else {
      return question.answer(question.untried(near: nil), "drawn at random: the model has no answer")
    }
    let (point, mean, deviation) = search.best(of: candidates)
    let fresh = point ?? question.untried(near: history.trials[ranking[0]].point)
    return question.answer(
      fresh, memo: search.settings.memo,
      "expected \(rounded(mean)) ± \(rounded(deviation)), best so far \(rounded(history.trials[ranking[0]].value))")
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
  private let model: GaussianProcess
  private let incumbents: [Point]
  private let lowest: Double
  private let scaling: (center: Double, spread: Double)

  init?(_ question: Question, _ used: [Int]) {
    self.question = question
    let trials = question.history.trials
    let embedding = Embedding(question.space)
    let points = used.map { trials[$0].point }
    scaling = Self.scaling(used.map { trials[$0].value })
    var values = used.map { [scaling] in ($0, scaling) }.map { Self.scaled(trials[$0.0].value, $0.1) }
    lowest = values.min() ?? 0
    let last = trials.last { $0.memo.count == embedding.width + 1 }
    let known = last.flatMap { GaussianProcess.Settings(memo: $0.memo[...], parameters: embedding.width) }
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
    let order = points.indices.sorted { values[$0] != values[$1] ? values[$0] < values[$1] : $0 < $1 }
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
    let (mean, deviation) = model.predict(point)
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

  /// The logarithm of the expected improvement, also where that is too small for a number.
  private func score(_ point: Point) -> Double {
    let (mean, deviation) = model.predict(point)
    let z = (lowest - mean) / deviation
    let logDeviation = Elementary.log(deviation)
    if z > -5 {
      let density = Elementary.exp(-0.5 * z * z) * 0.3989422804014327
      return logDeviation + Elementary.log(max(density + z * Elementary.normal(below: z), 1e-300))
    }
    return logDeviation - 0.5 * z * z - 0.9189385332046727 - 2 * Elementary.log(-z)
  }
}
