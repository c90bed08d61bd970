internal import Strategies
internal import Workflows

/// Other objectives, directions, limits and weights while an experiment goes on: what was measured is seen in another way.
extension Definition {
  /// - Parameter rank: where the metric stands among those that are optimised; nil: where it is, or last.
  func with(_ line: MetricLine, rank: Int?) -> Definition {
    var changed = self
    let place: Int
    if let known = experiment.metrics.firstIndex(where: { $0.name == line.name }) {
      place = known
    } else {
      guard !line.terms.isEmpty, var added = experiment.metrics.first else { return self }
      place = experiment.metrics.count
      (added.name, added.doc, added.output, added.items) = (line.name, "", "metric.\(line.name)", nil)
      added.isReported = false
      changed.experiment.metrics.append(added)
    }
    if !line.terms.isEmpty { changed.weights[place] = line.terms }
    changed.experiment.metrics[place].isMaximized = line.isMaximized
    changed.experiment.metrics[place].isWatched = line.isWatched
    changed.experiment.metrics[place].limit = line.limit
    let before = objectives.firstIndex(of: place)
    changed.objectives.removeAll { $0 == place }
    if !line.isWatched {
      changed.objectives.insert(place, at: min(max(rank ?? before ?? .max, 0), changed.objectives.count))
    }
    return changed
  }

  /// What a trial measured, and what follows from it by weights. A metric that weighs one that is missing is missing.
  func scored(_ measured: [Double?]) -> [Double?] {
    guard experiment.metrics.count > declared else { return measured }
    var all = Array(measured.prefix(declared))
    while all.count < declared { all.append(nil) }
    for place in declared..<experiment.metrics.count {
      var sum: Double? = 0
      for term in weights[place] ?? [] {
        sum = sum.flatMap { sum in all[term.metric].map { sum + term.weight * $0 } }
      }
      all.append(sum.flatMap { $0.isFinite ? $0 : nil })
    }
    return all
  }

  /// What is best is what the document says is best: what past experiments know speaks of that.
  var goalIsAsWritten: Bool { objectives.first == writtenGoal.metric && isFirstMaximised == writtenGoal.isMaximized }
}

extension Study {
  /// A line of metrics, checked against those that there are.
  package func metricLine(_ text: String) throws(ConfigurationError) -> MetricLine {
    let line = try MetricLine(text, definition.experiment.metrics)
    let known = definition.experiment.metrics.firstIndex { $0.name == line.name }
    if known == nil, line.terms.isEmpty {
      throw ConfigurationError(
        message: "there is no metric `\(line.name)`",
        help: "metrics: \(definition.experiment.metrics.map(\.name).joined(separator: ", ")); a new one weighs them: "
          + "`\(line.name) = 0.5 * \(definition.experiment.metrics.first?.name ?? "NAME") + … maximize`")
    }
    if let known, !line.terms.isEmpty {
      guard definition.weights[known] != nil else {
        throw ConfigurationError(
          message: "`\(line.name)` is measured: it cannot be made of others", help: "give the new metric another name")
      }
      if line.terms.contains(where: { $0.metric >= known }) {
        throw ConfigurationError(message: "`\(line.name)` weighs metrics that were there before it alone")
      }
    }
    if known == nil, ["trials", "failures"].contains(line.name) {
      throw ConfigurationError(message: "`\(line.name)` is a count, not a metric")
    }
    let left = definition.with(line, rank: nil).objectives
    guard !left.isEmpty else {
      throw ConfigurationError(
        message: "then no metric would be optimised", help: "give another one a direction first: `NAME minimize`")
    }
    return line
  }

  mutating func rescore(_ text: String, rank: Int?) {
    guard let line = try? metricLine(text) else { return }
    let first = definition.objectives.first
    definition = definition.with(line, rank: rank)
    // Intermediate values so far are of another metric.
    if definition.objectives.first != first { curvesFrom = nextTrial }
    for place in trials.indices {
      if let measured = trials[place].ended?.metrics { trials[place].ended?.metrics = definition.scored(measured) }
    }
    lessons = nil
    forgetHistories()
    judgeAgain()
  }

  /// How a change of metrics moves finished trials; nothing is applied.
  package func rescored(_ text: String, rank: Int?) -> Rescoring {
    var after = self
    after.rescore(text, rank: rank)
    return Rescoring(self, after)
  }
}

/// Two rankings of the same trials, by the first objective of each within the limits.
package struct Rescoring: Sendable {
  package struct Move: Sendable {
    package let trial: Int
    /// From 1; nil: it has no place in this ranking.
    package let before: Int?
    package let now: Int?
  }

  /// All that have a place in one of them, by the new one.
  package let moves: [Move]
  /// The share of pairs that both put in the same order; nil with less than two trials in both.
  package let agreement: Double?
  /// Trials that keep to the limits, before and now.
  package let within: (before: Int, now: Int)

  package init(_ before: Study, _ after: Study) {
    func places(_ study: Study) -> [Int: Int] {
      Dictionary(
        uniqueKeysWithValues: study.ranked(isByFirst: true).enumerated().map { (study.trials[$1].number, $0 + 1) })
    }
    let (old, new) = (places(before), places(after))
    moves = Set(old.keys).union(new.keys).map { Move(trial: $0, before: old[$0], now: new[$0]) }
      .sorted { ($0.now ?? .max, $0.before ?? .max, $0.trial) < ($1.now ?? .max, $1.before ?? .max, $1.trial) }
    var (same, pairs) = (0, 0)
    // Among more, which of two bad trials is worse is of no interest.
    let both = moves.compactMap { $0.now == nil ? nil : $0.before }.prefix(1000)
    for (index, place) in both.enumerated() {
      for later in both.dropFirst(index + 1) {
        pairs += 1
        if place < later { same += 1 }
      }
    }
    agreement = pairs > 0 ? Double(same) / Double(pairs) : nil
    func within(_ study: Study) -> Int {
      study.ranked().count { study.definition.violation(study.trials[$0].ended?.metrics ?? []) == 0 }
    }
    self.within = (within(before), within(after))
  }

  /// Trials whose place is another one now.
  package var moved: Int { moves.count { $0.before != $0.now } }
}
