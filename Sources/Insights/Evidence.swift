package import Experiments
package import Spaces
package import Statistics
internal import Workflows

/// What was measured of each configuration: once by the trial that tried it, or again by those that repeated it.
///
/// A configuration that was repeated is judged by its repeats alone: the value by which it was chosen is among the best
/// because of luck, too.
package struct Evidence: Sendable {
  package struct Candidate: Sendable {
    /// The place, in the study, of the trial that stands for it: the first at its point.
    package let place: Int
    /// Places of the trials whose values count.
    package let counted: [Int]
    package let point: Point
    /// The means of all metrics.
    package let metrics: [Double?]
    package let violation: Double
  }

  package let candidates: [Candidate]
  /// How the values of one configuration hang together.
  package let repeats: Repeats
  package let study: Study
  /// Metrics of which all repeats of each configuration gave the same value: what was varied does not reach them, and
  /// nothing is known about noise. Places.
  package let blind: Set<Int>

  /// - Parameter stage: only of what was tried there.
  package init(_ study: Study, stage: Int? = nil) {
    self.study = study
    var groups: [(first: Int, once: [Int], again: [Int])] = []
    var known: [Point: Int] = [:]
    for (place, trial) in study.trials.enumerated() {
      let group = known.place(of: trial.proposed.point, next: groups.count)
      if group == groups.count { groups.append((place, [], [])) }
      guard trial.ended?.outcome == .finished, !trial.isExcluded, stage == nil || trial.proposed.stage == stage else {
        continue
      }
      if trial.proposed.source == .repeated {
        groups[group].again.append(place)
      } else {
        groups[group].once.append(place)
      }
    }
    candidates = groups.compactMap { group in
      // One that a person repeats was not chosen among many for its result: that counts, too.
      let isByStage = group.again.contains { study.isOfRepeatStage(study.trials[$0]) }
      let counted = isByStage ? group.again : group.once + group.again
      guard !counted.isEmpty else { return nil }
      let metrics = Self.means(counted, study)
      return Candidate(
        place: group.first, counted: counted, point: study.trials[group.first].proposed.point, metrics: metrics,
        violation: study.definition.violation(metrics))
    }
    let folds = study.definition.objectives.first.map { metric in
      study.trials.lazy.compactMap { Self.items(of: $0, metric, study)?.count }.first { _ in true } ?? 1
    }
    repeats = folds.map { $0 > 1 ? .folds($0) : .independent } ?? .independent
    let again = candidates.filter { $0.counted.count > 1 }.map(\.counted)
    blind = Set(study.definition.experiment.metrics.indices.filter { !again.isEmpty && Self.isSame($0, again, study) })
  }

  private static func isSame(_ metric: Int, _ groups: [[Int]], _ study: Study) -> Bool {
    groups.allSatisfy { places in
      let values = places.compactMap { study.trials[$0].ended?.metrics[at: metric] ?? nil }
      guard let low = values.min(), let high = values.max() else { return true }
      // Sums in another order are no noise.
      return high - low <= 1e-12 * max(low.magnitude, high.magnitude)
    }
  }

  private static func means(_ places: [Int], _ study: Study) -> [Double?] {
    study.definition.experiment.metrics.indices.map { metric in
      let values = places.compactMap { study.trials[$0].ended?.metrics[at: metric] ?? nil }
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
  }

  /// The items of a `foreach` whose mean the metric is; nil where they are not on record. The curve of a trial has their
  /// mean after each of them; one of another kind, such as a value for each epoch, seldom ends at the metric.
  private static func items(of trial: StudyTrial, _ metric: Int, _ study: Study) -> [Double]? {
    guard metric == study.definition.objectives.first, study.definition.experiment.metrics[metric].items != nil,
      let ended = trial.ended, ended.outcome == .finished, ended.curve.count > 1, let last = ended.curve.last,
      let value = ended.metrics[at: metric] ?? nil, (last - value).magnitude <= 1e-9 * max(1, value.magnitude)
    else { return nil }
    var before = 0.0
    return ended.curve.enumerated().map { index, mean in
      let sum = mean * Double(index + 1)
      defer { before = sum }
      return sum - before
    }
  }

  /// The values of one metric, turned so that less is better; by the name of seed and fold.
  package func measured(_ candidate: Candidate, _ metric: Int, cost: Int? = nil) -> Measured {
    let sign = study.sign(metric)
    var values: [String: Double] = [:]
    for place in blind.contains(metric) ? candidate.counted.prefix(1) : candidate.counted[...] {
      let trial = study.trials[place]
      let seed = trial.proposed.seed.map { "seed \($0)" } ?? "once"
      if let items = Self.items(of: trial, metric, study) {
        for (index, item) in items.enumerated() { values["\(seed), fold \(index + 1)"] = item * sign }
      } else if let value = trial.ended?.metrics[at: metric] ?? nil {
        values[seed] = value * sign
      }
    }
    let price = cost.flatMap { metric in candidate.metrics[at: metric].flatMap { $0 }.map { $0 * study.sign(metric) } }
    return Measured(trial: study.trials[candidate.place].number, values: values, cost: price)
  }

  /// The value of a metric, turned so that less is better, of a configuration that has one value only; nil of others. Most of
  /// a long experiment is of this kind.
  func single(_ candidate: Candidate, _ metric: Int) -> Double? {
    guard candidate.counted.count == 1 || blind.contains(metric), let place = candidate.counted.first,
      Self.items(of: study.trials[place], metric, study) == nil
    else { return nil }
    return (study.trials[place].ended?.metrics[at: metric] ?? nil).map { $0 * study.sign(metric) }
  }

  /// How the values of this metric hang together: only the first objective has folds.
  package func repeats(of metric: Int) -> Repeats {
    metric == study.definition.objectives.first ? repeats : .independent
  }

  /// What was measured of a configuration by one of its trials.
  package func candidate(of trial: Int) -> Candidate? {
    guard let point = study.trials.first(where: { $0.number == trial })?.proposed.point else { return nil }
    return candidates.first { $0.point == point }
  }
}

extension Study {
  /// What turns a metric so that less is better.
  func sign(_ metric: Int) -> Double { definition.experiment.metrics[metric].isMaximized ? -1 : 1 }
}

extension Array {
  subscript(at index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

extension [Point: Int] {
  /// The number of a point; `next` of one that is new. One look into the dictionary.
  fileprivate mutating func place(of point: Point, next: Int) -> Int {
    func found(_ place: inout Int) -> Int { place }
    return found(&self[point, default: next])
  }
}
