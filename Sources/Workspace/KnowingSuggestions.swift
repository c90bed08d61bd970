internal import Experiments
package import Knowledge
internal import Numbers
package import Spaces
internal import Statistics
internal import Strategies
internal import Workflows

/// What earlier experiments suggest to the people of a new one: never done by itself.
package struct Suggestions: Sendable {
  /// The weightiest first.
  package let lines: [String]

  /// Fewer trials of an experiment say nothing about its space.
  private static let enough = 30
  private static let most = 6

  package init(_ learnt: [Learnt], _ space: Space) {
    let told = learnt.filter { $0.observations.count >= Self.enough && $0.fits(space) }
    var lines = Self.idle(told, space)
    for one in told.reversed() {
      let health = Health(space, one.past(space).history, draws: Draws(seed: 0, trial: 1))
      for finding in health.findings()
      where [.failures, .edge].contains(finding.check) && [.warn, .fail].contains(finding.verdict) {
        lines.append("experiment \(one.origin.label) (\(one.origin.name)): \(finding.sentence)")
      }
    }
    self.lines = Array(lines.prefix(Self.most))
  }

  /// Parameters that decided nothing in most experiments that say something of them.
  private static func idle(_ told: [Learnt], _ space: Space) -> [String] {
    var counts: [Int: (idle: Int, all: Int)] = [:]
    for one in told {
      guard let importance = Importance(space, one.past(space).history, draws: Draws(seed: 0, trial: 0)) else {
        continue
      }
      for row in importance.rows {
        counts[row.parameter, default: (0, 0)].all += 1
        if row.share <= row.chance { counts[row.parameter, default: (0, 0)].idle += 1 }
      }
    }
    let idle = counts.filter { 4 * $0.value.idle >= 3 * $0.value.all }.sorted { $0.key < $1.key }
    // When nothing decides, that is no news about one of them.
    guard idle.count < counts.count else { return [] }
    return idle.map { place, count in
      let times = count.all == 1 ? "the earlier experiment" : "\(count.idle) of \(count.all) earlier experiments"
      return "`\(space.parameters[place].name)` decided no more than chance would in \(times): fix it, or leave it out"
    }
  }
}

extension Learnt {
  /// The space was not changed since.
  fileprivate func fits(_ space: Space) -> Bool {
    observations.allSatisfy { $0.point.coordinates.count == space.parameters.count }
  }
}

extension PastExperiment {
  fileprivate var history: History { History(trials) }
}

extension Workspace {
  /// How the log of an experiment would begin, for its plan; nothing where it learns from none.
  func beginning(of definition: Definition, _ prints: Fingerprints) throws(WorkspaceError) -> [Entry] {
    guard !definition.experiment.reuses.isEmpty else { return [] }
    return try opening(definition.experiment, prints.description(), but: -1).facts.map {
      Entry(at: 0, actor: .engine, $0)
    }
  }
}
