package import Statistics

/// A way back that was taken again and again.
package struct Loop: Sendable, Equatable {
  package var from: Int
  package var to: Int
  package var revisits: [Revisit]
  /// Of all returns out of `from`.
  package var share: Proportion
  /// Seconds of tasks between the last work in `to` and the return to it, all together.
  package var lateDetection: Double
  /// Seconds until `from` succeeded again; nil: it never did.
  package var medianReturn: Double?
  /// How often for what, most first.
  package var reasons: [(category: Reason.Category, count: Int)]

  package static func == (a: Loop, b: Loop) -> Bool {
    a.from == b.from && a.to == b.to && a.revisits == b.revisits && a.share == b.share
      && a.lateDetection == b.lateDetection && a.medianReturn == b.medianReturn
      && a.reasons.elementsEqual(b.reasons, by: ==)
  }
}

extension Period {
  /// Ways back, the most taken first; of equals the dearer one.
  package func loops() -> [Loop] {
    let matrix = RevisitMatrix(self)
    let back = revisits.filter { $0.kind == .back }
    let groups = Dictionary(grouping: back) { $0.from * journey.phases.count + $0.to }
    let loops = groups.values.compactMap { group -> Loop? in
      guard let one = group.first, let share = matrix.profile(from: one.from, to: one.to) else { return nil }
      return Loop(
        from: one.from, to: one.to, revisits: group, share: share,
        lateDetection: group.reduce(0) { $0 + $1.lateDetection },
        medianReturn: Self.median(group.compactMap(\.returnTime)), reasons: Self.reasons(group))
    }
    return loops.sorted {
      ($1.revisits.count, $1.lateDetection, $0.from, $0.to) < ($0.revisits.count, $0.lateDetection, $1.from, $1.to)
    }
  }

  /// How often people went back for what, most first.
  package static func reasons(_ revisits: [Revisit]) -> [(category: Reason.Category, count: Int)] {
    let counts = Dictionary(grouping: revisits, by: \.reason.category).mapValues(\.count)
    return Reason.Category.allCases.compactMap { category in counts[category].map { (category, $0) } }
      .sorted { $0.1 > $1.1 }
  }

  package static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
