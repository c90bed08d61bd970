/// The candidate that `name` was probably meant to be: the nearest in Damerau-Levenshtein distance (insert, delete,
/// replace, swap neighbours), if at most a third of its characters (at least one) differ. The first of equals.
package func nearest(_ name: String, _ candidates: some Sequence<String>) -> String? {
  var distances = EditDistances(from: name)
  var best: (distance: Int, candidate: String)?
  for candidate in candidates {
    let count = candidate.unicodeScalars.count
    let limit = min(max(1, count / 3), best.map { $0.distance - 1 } ?? .max)
    guard let distance = distances.distance(to: candidate, atMost: limit) else { continue }
    best = (distance, candidate)
  }
  return best?.candidate
}

/// Distances from one name to many, which share their memory: there may be ten thousands of them behind each keystroke.
struct EditDistances {
  private let name: [Unicode.Scalar]
  private var other: [Unicode.Scalar] = []
  /// Rows of the table of distances: this one, the last, and the one before.
  private var row: [Int] = []
  private var last: [Int] = []
  private var beforeLast: [Int] = []

  init(from name: String) { self.name = Array(name.unicodeScalars) }

  /// Nil when it is more than `limit`. O(lengths), mostly far less: what cannot come back under the limit is given up.
  mutating func distance(to candidate: String, atMost limit: Int) -> Int? {
    other.removeAll(keepingCapacity: true)
    other.append(contentsOf: candidate.unicodeScalars)
    guard abs(other.count - name.count) <= limit else { return nil }
    guard !name.isEmpty, !other.isEmpty else { return max(name.count, other.count) }
    last.removeAll(keepingCapacity: true)
    last.append(contentsOf: 0...other.count)
    beforeLast = last
    var least = 0
    for i in 1...name.count {
      row.removeAll(keepingCapacity: true)
      row.append(i)
      let leastBefore = least
      least = i
      for j in 1...other.count {
        var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (name[i - 1] == other[j - 1] ? 0 : 1))
        if i > 1, j > 1, name[i - 1] == other[j - 2], name[i - 2] == other[j - 1] {
          cost = min(cost, beforeLast[j - 2] + 1)
        }
        row.append(cost)
        least = min(least, cost)
      }
      // The next rows come from these two.
      guard min(least, leastBefore) <= limit else { return nil }
      (beforeLast, last, row) = (last, row, beforeLast)
    }
    return last[other.count] <= limit ? last[other.count] : nil
  }
}
