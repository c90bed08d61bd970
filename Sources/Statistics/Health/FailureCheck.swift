internal import Spaces
internal import Strategies

extension Health {
  private struct Cluster {
    var name: String
    var hits: Int
    var inside: Int
    var p: Double
  }

  /// Whether failures gather where a parameter has some value.
  func failures() -> Finding {
    let ended = history.trials.filter { $0.state == .finished || $0.state == .pruned || $0.state == .failed }
    let failed = ended.count { $0.state == .failed }
    let numbers = ["failed": Double(failed), "trials": Double(ended.count)]
    if failed == 0 {
      return Finding(.failures, ended.isEmpty ? .unknown : .pass, "no trial of \(ended.count) failed", numbers)
    }
    if failed == ended.count { return Finding(.failures, .fail, "all \(count(failed, "trial")) failed", numbers) }
    let clusters = clusters(ended)
    let adjusted = holm(clusters.map(\.p))
    let facts = "\(failed) of \(count(ended.count, "trial")) failed"
    guard let (first, p) = zip(clusters, adjusted).min(by: { $0.1 < $1.1 }), p < Self.alpha else {
      return Finding(.failures, .pass, "\(facts), in no region more than elsewhere", numbers)
    }
    let share = Double(first.hits) / Double(first.inside)
    return Finding(
      .failures, share >= 0.5 ? .fail : .warn,
      "failures cluster at `\(first.name)`: \(first.hits) of \(first.inside) trials there, \(facts) in all "
        + "(Fisher, p \(text(p)) after Holm over \(count(clusters.count, "region")))",
      numbers.merging(["p": p, "share": share]) { $1 })
  }

  /// Each region of each parameter against the rest of the trials in which the parameter exists.
  private func clusters(_ trials: [Trial]) -> [Cluster] {
    space.parameters.indices.flatMap { parameter in
      let regions = Regions(space, parameter)
      let placed = trials.compactMap { trial in regions.region(of: trial.point).map { ($0, trial.state == .failed) } }
      let failed = placed.count { $0.1 }
      return (0..<regions.count).compactMap { region -> Cluster? in
        let inside = placed.filter { $0.0 == region }
        let hits = inside.count { $0.1 }
        guard !inside.isEmpty, inside.count < placed.count else { return nil }
        return Cluster(
          name: "\(space.parameters[parameter].name) = \(regions.name(region))", hits: hits, inside: inside.count,
          p: fisherExact(hits: hits, inside: inside.count, allHits: failed, all: placed.count))
      }
    }
  }
}
