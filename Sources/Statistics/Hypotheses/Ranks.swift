/// Places of values in ascending order, doubled: 2 for the smallest; equal values share the mean of theirs, which
/// doubled is whole.
struct Ranks {
  let doubled: [Int]
  /// Σ t³ - t over groups of t equal values.
  let ties: Double

  init(_ values: [Double]) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var doubled = [Int](repeating: 0, count: values.count)
    var ties = 0.0
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { doubled[order[place]] = start + end + 1 }
      let size = Double(end - start)
      ties += size * size * size - size
      start = end
    }
    self.doubled = doubled
    self.ties = ties
  }
}
