/// Phases as a design structure matrix: what flows between them, and what goes back.
package struct Structure: Sendable, Equatable {
  /// What flowed from a phase to another, and returns between them: rows give, columns take.
  package let matrix: [[Int]]

  package init(matrix: [[Int]]) { self.matrix = matrix }

  /// Artifacts that one phase made and another used count once for each use, returns once each. Returns alone would be
  /// least in the reversed order, which says nothing.
  package init(_ period: Period) {
    let count = period.journey.phases.count
    var matrix = RevisitMatrix(period).counts
    guard matrix.count == count else {
      self.matrix = matrix
      return
    }
    var producers: [String: Int] = [:]
    for leg in period.journey.runs {
      for step in leg.steps { producers["\(leg.run.line)\u{0}\(step.execution.task)"] = step.execution.phase }
    }
    for leg in period.legs {
      for step in leg.executed {
        for part in step.execution.parts {
          guard case .upstream(let task) = part.source, let from = producers["\(leg.run.line)\u{0}\(task)"] else {
            continue
          }
          matrix[from][step.execution.phase] += 1
        }
      }
    }
    self.matrix = matrix
  }

  /// Weights of what goes against an order, times how far. (Steward 1981.)
  package func feedback(of order: [Int]) -> Int {
    var positions = Array(repeating: 0, count: order.count)
    for (position, phase) in order.enumerated() { positions[phase] = position }
    var sum = 0
    for from in matrix.indices {
      for to in matrix.indices where positions[to] < positions[from] {
        sum += matrix[from][to] * (positions[from] - positions[to])
      }
    }
    return sum
  }

  /// An order with the least feedback: of several the first in lexical order. Exact, by dynamic programming over sets:
  /// time and memory 2^n; nil for more than 16 phases.
  package func bestOrder() -> [Int]? {
    let count = matrix.count
    guard count <= 16 else { return nil }
    // A link that goes back over k places crosses k borders: the cost of an order is the sum over its borders of what
    // goes back over each, which depends on the set before the border alone.
    let full = (1 << count) - 1
    var crossing = Array(repeating: 0, count: full + 1)
    for set in 1..<max(full, 1) {
      var sum = 0
      for from in 0..<count where set & (1 << from) == 0 {
        for to in 0..<count where set & (1 << to) != 0 { sum += matrix[from][to] }
      }
      crossing[set] = sum
    }
    // The least cost of the borders from a set on.
    var rest = Array(repeating: 0, count: full + 1)
    for set in stride(from: full - 1, through: 0, by: -1) {
      var least = Int.max
      for phase in 0..<count where set & (1 << phase) == 0 {
        let next = set | (1 << phase)
        least = min(least, crossing[next] + rest[next])
      }
      rest[set] = least
    }
    var order: [Int] = []
    var set = 0
    while set != full {
      guard
        let phase = (0..<count).first(where: {
          let next = set | (1 << $0)
          return next != set && crossing[next] + rest[next] == rest[set]
        })
      else { return nil }
      order.append(phase)
      set |= 1 << phase
    }
    return order
  }

  /// Phases that go on together: each can be reached from each by links of at least `weight`. Blocks of more than one phase,
  /// in order.
  package func coupled(weight: Int = 1) -> [[Int]] {
    let count = matrix.count
    var reaches = matrix.map { $0.map { $0 >= weight } }
    for via in 0..<count {
      for from in 0..<count where reaches[from][via] {
        for to in 0..<count where reaches[via][to] { reaches[from][to] = true }
      }
    }
    var blocks: [[Int]] = []
    var seen: Set<Int> = []
    for phase in 0..<count where !seen.contains(phase) {
      let block = (0..<count).filter { $0 == phase || (reaches[phase][$0] && reaches[$0][phase]) }
      seen.formUnion(block)
      if block.count > 1 { blocks.append(block) }
    }
    return blocks
  }
}
