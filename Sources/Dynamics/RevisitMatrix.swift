package import Statistics

/// How often people went back: rows are the phase in focus, columns the one that was revisited. The lower triangle is
/// backward, the diagonal is work on a phase itself.
package struct RevisitMatrix: Sendable, Equatable {
  package let counts: [[Int]]
  /// Runs with each phase in focus.
  package let runs: [Int]

  package init(counts: [[Int]], runs: [Int]) {
    self.counts = counts
    self.runs = runs
  }

  package init(_ period: Period) {
    let count = period.journey.phases.count
    var counts = Array(repeating: Array(repeating: 0, count: count), count: count)
    var runs = Array(repeating: 0, count: count)
    for revisit in period.revisits { counts[revisit.from][revisit.to] += 1 }
    for leg in period.legs where !leg.run.isExploration { if let focus = leg.focus { runs[focus.phase] += 1 } }
    self.init(counts: counts, runs: runs)
  }

  package subscript(from: Int, to: Int) -> Int { counts[from][to] }

  package var indices: Range<Int> { counts.indices }

  /// Returns out of a phase, wherever to.
  package func total(from: Int) -> Int { counts[from].reduce(0, +) }

  package var backward: Int { sum { $1 < $0 } }
  package var forward: Int { sum { $1 > $0 } }
  package var itself: Int { sum { $1 == $0 } }

  private func sum(_ isMeant: (Int, Int) -> Bool) -> Int {
    var sum = 0
    for from in indices { for to in indices where isMeant(from, to) { sum += counts[from][to] } }
    return sum
  }

  /// Where people go back to when they are in a phase: a share of its returns. Nil where there are none.
  package func profile(from: Int, to: Int) -> Proportion? {
    let total = total(from: from)
    return total == 0 ? nil : Proportion(counts[from][to], of: total)
  }

  /// How often a run with a phase in focus goes to another. Nil where there is no such run. A row's rates may sum to more
  /// than one: a run may go to several.
  package func rate(from: Int, to: Int) -> Proportion? {
    runs[from] == 0 ? nil : Proportion(counts[from][to], of: runs[from])
  }

  /// "Degree of overlap" of two phases by the returns between them: Jaccard's index, 0 to 1, symmetric. Nil where neither
  /// has any; of one with itself.
  package func overlap(_ a: Int, _ b: Int) -> Double? {
    guard a != b else { return nil }
    let both = counts[a][b] + counts[b][a]
    let all = links(a) + links(b) - both
    return all == 0 ? nil : Double(both) / Double(all)
  }

  private func links(_ phase: Int) -> Int {
    indices.reduce(0) { $0 + ($1 == phase ? 0 : counts[phase][$1] + counts[$1][phase]) }
  }
}
