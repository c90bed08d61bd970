/// The candidate that `name` was probably meant to be: the nearest in Damerau-Levenshtein distance (insert, delete,
/// replace, swap neighbours), if at most a third of its characters (at least one) differ. The first of equals.
package func nearest(_ name: String, _ candidates: some Sequence<String>) -> String? {
  let name = Array(name.unicodeScalars)
  var best: (distance: Int, candidate: String)?
  for candidate in candidates {
    let scalars = Array(candidate.unicodeScalars)
    let threshold = max(1, scalars.count / 3)
    guard abs(scalars.count - name.count) <= threshold else { continue }
    let distance = editDistance(name, scalars)
    if distance <= threshold, distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  return best?.candidate
}

/// O(a × b).
func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [i]
    for j in 1...b.count {
      let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      var cost = min(last[j] + 1, row[j - 1] + 1, replaced)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, beforeLast[j - 2] + 1) }
      row.append(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
