package import Knowledge
internal import Spaces
package import Strategies
internal import Workflows

/// An experiment of which only the log is known: neither its documents nor their plugins need to be there.
package struct PastStudy: Sendable {
  package struct PastTrial: Sendable {
    package let proposed: Proposed
    package internal(set) var ended: Ended?
    package internal(set) var isExcluded = false
    package var number: Int { proposed.trial }
  }

  package let description: Description
  package private(set) var trials: [PastTrial] = []
  package private(set) var decisions: [(at: Int64, actor: Actor, decision: Decision)] = []
  package private(set) var learnt: [Learnt] = []
  package private(set) var closing: Closing?
  package private(set) var imported: Imported?
  package private(set) var isForgotten = false
  /// Why, as the person said.
  package private(set) var forgottenBecause = ""
  /// What people declared it to be to later experiments, by their names.
  package private(set) var relations: [String: (relation: PastExperiment.Relation, by: String)] = [:]
  package let count: Int
  private var places: [Int: Int] = [:]

  /// - Parameter fallback: of logs that do not say what they are about.
  /// - Returns: nil when nothing says it.
  package init?(_ entries: [Entry], described fallback: Description? = nil) {
    let described = entries.lazy.compactMap { entry -> Description? in
      if case .described(let description) = entry.fact { description } else { nil }
    }.first
    guard let description = described ?? fallback else { return nil }
    self.description = description
    count = entries.count
    for entry in entries { apply(entry) }
  }

  private mutating func apply(_ entry: Entry) {
    switch entry.fact {
    case .proposed(let proposed):
      guard places[proposed.trial] == nil, description.contains(proposed.point) else { return }
      places[proposed.trial] = trials.count
      trials.append(PastTrial(proposed: proposed))
    case .ended(let ended):
      if let place = places[ended.trial], trials[place].ended == nil { trials[place].ended = ended }
    case .decided(let decision):
      decisions.append((entry.at, entry.actor, decision))
      switch decision.operation {
      case .exclude(let trial, let isExcluded): if let place = places[trial] { trials[place].isExcluded = isExcluded }
      case .forget(let isForgotten):
        self.isForgotten = isForgotten
        forgottenBecause = isForgotten ? decision.reason : ""
      case .relate(let name, let relation): relations[name] = relation.map { ($0, entry.actor.name) }
      default: break
      }
    case .closed(let closing): self.closing = closing
    case .learnt(var learnt):
      learnt.observations.removeAll { !description.contains($0.point) }
      self.learnt.append(learnt)
    case .imported(let imported): self.imported = imported
    default: break
    }
  }

  /// The trials from which something is to be learnt about an objective.
  ///
  /// - Parameters:
  ///   - metrics: of the new experiment: which one is optimised, and what the limits are.
  ///   - tainted: numbers of trials that are not to be trusted.
  /// - Returns: points of the description's space, with the value to be minimised; and how many were left out. Nil when it never
  ///   measured that objective, or in the other direction.
  package func observations(
    of metrics: [Description.Metric], without tainted: Set<Int>
  ) -> (found: [Learnt.Observation], leftOut: Int)? {
    guard let objective = metrics.first(where: { !$0.isWatched }),
      let place = description.metrics.firstIndex(where: { $0.name == objective.name }),
      description.metrics[place].isWatched || description.metrics[place].isMaximized == objective.isMaximized
    else { return nil }
    let limits = metrics.compactMap { metric -> (place: Int, metric: Description.Metric)? in
      guard metric.limit != nil else { return nil }
      return description.metrics.firstIndex { $0.name == metric.name }.map { ($0, metric) }
    }
    var found: [Learnt.Observation] = []
    var leftOut = 0
    for trial in trials {
      guard let ended = trial.ended, ended.outcome == .finished || ended.outcome == .failed else { continue }
      guard !trial.isExcluded, !tainted.contains(trial.number) else {
        leftOut += 1
        continue
      }
      guard ended.outcome == .finished, ended.metrics.indices.contains(place), let value = ended.metrics[place],
        value.isFinite, limits.allSatisfy({ Self.keeps(ended, $0.place, $0.metric) })
      else {
        found.append(Learnt.Observation(trial.number, trial.proposed.point, .infinity))
        continue
      }
      found.append(Learnt.Observation(trial.number, trial.proposed.point, objective.isMaximized ? -value : value))
    }
    return (found, leftOut)
  }

  private static func keeps(_ ended: Ended, _ place: Int, _ metric: Description.Metric) -> Bool {
    guard let limit = metric.limit, ended.metrics.indices.contains(place), let value = ended.metrics[place] else {
      return true
    }
    return metric.isMaximized ? value >= limit : value <= limit
  }

  /// As strategies and statistics see it, by its own objective.
  package var history: History {
    guard let objective = description.objective,
      let place = description.metrics.firstIndex(where: { $0.name == objective.name })
    else { return History() }
    return History(
      trials.map { trial in
        var told = Trial(trial.number, trial.proposed.point, memo: trial.proposed.memo)
        guard !trial.isExcluded, let ended = trial.ended else {
          if trial.isExcluded { told.state = .excluded }
          return told
        }
        switch ended.outcome {
        case .finished:
          guard ended.metrics.indices.contains(place), let value = ended.metrics[place], value.isFinite else {
            told.state = .failed
            break
          }
          told.state = .finished
          told.values = [objective.isMaximized ? -value : value]
          let exceeded = description.metrics.enumerated().count { !Self.keeps(ended, $0.offset, $0.element) }
          told.violation = Double(exceeded)
        case .pruned: told.state = .pruned
        case .failed: told.state = .failed
        case .cancelled: told.state = .excluded
        }
        return told
      })
  }
}

extension Definition {
  /// As far as the definition itself goes: without data and wiring.
  package var described: Description {
    var description = Description(
      metrics: experiment.metrics.map {
        Description.Metric($0.name, isMaximized: $0.isMaximized, isWatched: $0.isWatched, limit: $0.limit)
      }, space: space)
    description.intent = experiment.intent
    description.tags = experiment.tags
    return description
  }
}
