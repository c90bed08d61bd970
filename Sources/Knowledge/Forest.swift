internal import Numbers

/// Extremely randomised trees for regression: in each node a random threshold on every feature, and the split that explains
/// most. Every tree sees all rows and grows until its leaves agree. Geurts, Ernst and Wehenkel, Machine Learning 63 (2006).
package struct Forest: Sendable {
  private struct Node {
    /// −1 in a leaf.
    var feature: Int32
    /// In a leaf, the value.
    var threshold: Double
    var left: Int32 = 0
    var right: Int32 = 0
  }
  private var nodes: [Node] = []
  private var roots: [Int32] = []

  /// - Parameter rows: at least one; all equally wide.
  /// - Complexity: O(trees × rows × features × depth).
  package init(_ rows: [[Double]], _ values: [Double], trees: Int = 40, seed: UInt64) {
    for tree in 0..<trees {
      var draws = Draws(seed: seed, trial: tree)
      var order = Array(rows.indices)
      roots.append(grow(rows, values, &order, 0..<rows.count, &draws))
    }
  }

  package func predict(_ row: [Double]) -> Double {
    var sum = 0.0
    for root in roots {
      var index = Int(root)
      while nodes[index].feature >= 0 {
        index = Int(row[Int(nodes[index].feature)] < nodes[index].threshold ? nodes[index].left : nodes[index].right)
      }
      sum += nodes[index].threshold
    }
    return sum / Double(roots.count)
  }

  /// The number of the node that splits `order[range]`.
  private mutating func grow(
    _ rows: [[Double]], _ values: [Double], _ order: inout [Int], _ range: Range<Int>, _ draws: inout Draws
  ) -> Int32 {
    let place = Int32(nodes.count)
    nodes.append(Node(feature: -1, threshold: range.reduce(0) { $0 + values[order[$1]] } / Double(range.count)))
    guard let (feature, threshold) = Self.split(rows, values, order[range], &draws) else { return place }
    let part = order[range].filter { rows[$0][feature] < threshold }
    let rest = order[range].filter { rows[$0][feature] >= threshold }
    let middle = range.lowerBound + part.count
    order.replaceSubrange(range, with: part + rest)
    let left = grow(rows, values, &order, range.lowerBound..<middle, &draws)
    let right = grow(rows, values, &order, middle..<range.upperBound, &draws)
    nodes[Int(place)] = Node(feature: Int32(feature), threshold: threshold, left: left, right: right)
    return place
  }

  /// Nil when all values or all rows are alike.
  private static func split(
    _ rows: [[Double]], _ values: [Double], _ part: ArraySlice<Int>, _ draws: inout Draws
  ) -> (feature: Int, threshold: Double)? {
    guard let first = part.first, part.contains(where: { values[$0] != values[first] }) else { return nil }
    var best: (feature: Int, threshold: Double, gain: Double)?
    for feature in rows[first].indices {
      var (low, high) = (rows[first][feature], rows[first][feature])
      for row in part {
        low = min(low, rows[row][feature])
        high = max(high, rows[row][feature])
      }
      guard high > low else { continue }
      let threshold = low + (high - low) * draws.unit()
      guard threshold > low else { continue }
      var (leftSum, leftCount, rightSum, rightCount) = (0.0, 0.0, 0.0, 0.0)
      for row in part {
        if rows[row][feature] < threshold {
          leftSum += values[row]
          leftCount += 1
        } else {
          rightSum += values[row]
          rightCount += 1
        }
      }
      // The squared error falls by this, up to a constant.
      let gain = leftSum * leftSum / leftCount + rightSum * rightSum / rightCount
      if best.map({ gain > $0.gain }) ?? true { best = (feature, threshold, gain) }
    }
    return best.map { ($0.feature, $0.threshold) }
  }
}
