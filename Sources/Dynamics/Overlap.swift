/// Degrees of overlap of phases. The paper that asks for one does not define it: each of these has a name of its own.
extension Period {
  /// Runs in which both phases were worked on, of those in which either was: in focus, or changed. Nil: in none.
  package func overlapOfRuns(_ a: Int, _ b: Int) -> Double? {
    var (both, either) = (0, 0)
    for leg in legs where !leg.run.isExploration {
      let (hasA, hasB) = (leg.worked(on: a), leg.worked(on: b))
      if hasA && hasB { both += 1 }
      if hasA || hasB { either += 1 }
    }
    return either == 0 ? nil : Double(both) / Double(either)
  }

  /// Time in which both phases went on, of the shorter one's. Nil where one never did.
  ///
  /// - Parameter gap: nanoseconds; what is less apart belongs together. Eight hours: a working day is one piece.
  package func overlapOfTime(_ a: Int, _ b: Int, gap: Int64 = Self.pause) -> Double? {
    Self.overlap(spans(of: a, gap: gap), spans(of: b, gap: gap))
  }

  package static let pause: Int64 = 8 * 3_600_000_000_000

  static func overlap(_ x: [Range<Int64>], _ y: [Range<Int64>]) -> Double? {
    let shorter = min(length(x), length(y))
    guard shorter > 0 else { return nil }
    var common: Int64 = 0
    var (i, j) = (0, 0)
    while i < x.count, j < y.count {
      common += max(0, min(x[i].upperBound, y[j].upperBound) - max(x[i].lowerBound, y[j].lowerBound))
      if x[i].upperBound < y[j].upperBound { i += 1 } else { j += 1 }
    }
    return Double(common) / Double(shorter)
  }

  /// When work in a phase went on, pieces less than `gap` apart as one; in order, apart from each other.
  package func spans(of phase: Int, gap: Int64) -> [Range<Int64>] {
    let work = legs.flatMap(\.executed).map(\.execution).filter { $0.phase == phase }
    var spans: [Range<Int64>] = []
    for execution in work.sorted(by: { $0.startedAt < $1.startedAt }) {
      if let last = spans.last, execution.startedAt - last.upperBound < gap {
        spans[spans.count - 1] = last.lowerBound..<max(last.upperBound, execution.finishedAt)
      } else {
        spans.append(execution.startedAt..<execution.finishedAt)
      }
    }
    return spans
  }

  private static func length(_ spans: [Range<Int64>]) -> Int64 {
    spans.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
  }
}

extension Leg {
  fileprivate func worked(on phase: Int) -> Bool {
    focus?.phase == phase || steps.contains { $0.execution.phase == phase && $0.kind == .root }
  }
}
