package import Experiments
internal import Knowledge
internal import Numbers
internal import Spaces
internal import Statistics
internal import Strategies

/// What an experiment taught: for people, from its log alone.
package struct Lessons: Sendable {
  package struct Parameter: Sendable {
    package let name: String
    /// Of the variance of "is among the best".
    package let share: Double
    package let chance: Double
    package let p: Double?
  }

  /// The most important first; empty with fewer than ten finished trials.
  package let importance: [Parameter]
  /// What stands out: where trials failed, best trials at the edge of the space, parameters without effect.
  package let findings: [(check: String, sentence: String)]
  /// Parameters that explain no more than chance would; empty where there are too few trials to say so.
  package let unimportant: [String]
  /// By trial number: those that no other beats in all objectives; empty with one objective.
  package let front: [Int]
  /// From best to worst, by the first objective.
  package let ranking: [Int]
  /// What earlier experiments were worth to it; nil when it learnt nothing.
  package let assessment: Assessment?

  /// Of finished trials.
  private static let enough = 30

  package init(_ study: PastStudy) {
    let (space, history) = (study.description.space, study.history)
    let importance = Importance(space, history, draws: Draws(seed: 0, trial: 0))
    self.importance = (importance?.rows ?? []).map {
      Parameter(name: space.parameters[$0.parameter].name, share: $0.share, chance: $0.chance, p: $0.p)
    }
    let isEnough = (importance?.trials ?? 0) >= Self.enough
    unimportant = isEnough ? self.importance.filter { $0.share <= $0.chance }.map(\.name) : []
    let controls = Set(history.trials.filter { Role(memo: $0.memo) == .control }.map(\.number))
    let health = Health(space, history, controls: controls, draws: Draws(seed: 0, trial: 1))
    findings = health.findings().filter {
      [.failures, .edge, .effects].contains($0.check) && ($0.verdict == .warn || $0.verdict == .fail)
    }.map { ($0.check.rawValue, $0.sentence) }
    front = study.front
    ranking = history.ranking.map { history.trials[$0] }.filter(\.isMeasured).map(\.number)
    assessment = study.assessment(history)
  }
}

extension PastStudy {
  fileprivate var front: [Int] {
    let places = description.metrics.indices.filter { !description.metrics[$0].isWatched }
    guard places.count > 1 else { return [] }
    let told = trials.compactMap { trial -> Trial? in
      guard !trial.isExcluded, let ended = trial.ended, ended.outcome == .finished else { return nil }
      let values = places.compactMap { place -> Double? in
        guard ended.metrics.indices.contains(place), let value = ended.metrics[place], value.isFinite else {
          return nil
        }
        return description.metrics[place].isMaximized ? -value : value
      }
      return values.count == places.count
        ? Trial(trial.number, trial.proposed.point, .finished, values: values) : nil
    }
    return Pareto.fronts(told).first?.map { told[$0].number } ?? []
  }

  fileprivate func assessment(_ history: History) -> Assessment? {
    guard !learnt.isEmpty else { return nil }
    let informed = Informed(
      learnt.map { $0.past(description.space) }, for: description.space, features: description.data.features)
    return Assessment(informed, history)
  }
}
