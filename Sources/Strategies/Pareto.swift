/// Trials with several objectives, all to be minimised.
package enum Pareto {
  /// No worse in each, better in one. Trials beyond limits are worse than those within (Deb 2000).
  package static func dominates(_ a: Trial, _ b: Trial) -> Bool {
    if a.violation != b.violation { return a.violation < b.violation }
    var isBetter = false
    for (x, y) in zip(a.values, b.values) {
      if x > y { return false }
      if x < y { isBetter = true }
    }
    return isBetter
  }

  /// Places of trials that were measured, by front: the first is dominated by nothing, the second by the first alone, and so on.
  ///
  /// Binary search of Zhang et al., "An efficient approach to nondominated sorting" (2015).
  package static func fronts(_ trials: [Trial]) -> [[Int]] {
    let objectives = trials.lazy.filter(\.isMeasured).map(\.values.count).max() ?? 0
    let measured = trials.indices.filter { trials[$0].isMeasured && trials[$0].values.count == objectives }
    let order = measured.sorted { a, b in
      if trials[a].violation != trials[b].violation { return trials[a].violation < trials[b].violation }
      if trials[a].values != trials[b].values { return trials[a].values.lexicographicallyPrecedes(trials[b].values) }
      return a < b
    }
    var fronts: [[Int]] = []
    for index in order {
      // In this order nothing is dominated by what comes behind it; and what one front dominates, those before it do too.
      var (low, high) = (0, fronts.count)
      while low < high {
        let middle = (low + high) / 2
        let isDominated = fronts[middle].reversed().contains { dominates(trials[$0], trials[index]) }
        if isDominated { low = middle + 1 } else { high = middle }
      }
      if low < fronts.count { fronts[low].append(index) } else { fronts.append([index]) }
    }
    return fronts
  }

  /// The distance between the neighbours of each, objective by objective: large where a front is thin. Ends are infinite.
  static func crowding(_ front: [Int], _ trials: [Trial]) -> [Int: Double] {
    var distances = Dictionary(uniqueKeysWithValues: front.map { ($0, 0.0) })
    guard let first = front.first else { return distances }
    for objective in trials[first].values.indices {
      let order = front.sorted { a, b in
        let (x, y) = (trials[a].values[objective], trials[b].values[objective])
        return x != y ? x < y : a < b
      }
      let low = trials[order[0]].values[objective]
      let range = trials[order[order.count - 1]].values[objective] - low
      distances[order[0]] = .infinity
      distances[order[order.count - 1]] = .infinity
      guard range > 0 else { continue }
      for place in order.indices.dropFirst().dropLast() {
        let gap = trials[order[place + 1]].values[objective] - trials[order[place - 1]].values[objective]
        distances[order[place], default: 0] += gap / range
      }
    }
    return distances
  }

  /// The volume that points dominate within the box below `reference`. Exact, by slices; meant for fronts of some hundred
  /// points and up to four objectives.
  package static func hypervolume(_ points: [[Double]], reference: [Double]) -> Double {
    let inside = points.filter { zip($0, reference).allSatisfy { $0 < $1 } }
    guard let last = reference.last else { return 0 }
    if reference.count == 1 { return last - (inside.map { $0[0] }.min() ?? last) }
    let sorted = inside.sorted { $0[reference.count - 1] < $1[reference.count - 1] }
    var volume = 0.0
    for (index, point) in sorted.enumerated() {
      let top = index + 1 < sorted.count ? sorted[index + 1][reference.count - 1] : last
      let height = top - point[reference.count - 1]
      guard height > 0 else { continue }
      let slice = sorted[...index].map { Array($0.dropLast()) }
      volume += height * hypervolume(slice, reference: Array(reference.dropLast()))
    }
    return volume
  }
}
