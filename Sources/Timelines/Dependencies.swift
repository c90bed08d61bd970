internal import Events

/// Which calls a call waited for.
struct Dependencies {
  /// When a call had its outputs, and by which attempt; none: they were reused.
  struct End {
    var node: NodeReference
    var at: Int64
    var attempt: Int?
  }

  private struct Group: Hashable {
    var step: Int
    var shared: Int
    var prefix: Substring
  }

  private let steps: [StepRecord]
  private var latest: [Group: End] = [:]

  /// Linear in the calls, times the depths at which a step is waited for (mostly one).
  init(_ timeline: Timeline) {
    steps = timeline.steps
    var depths: [Int: Set<Int>] = [:]
    for step in steps { for need in step.needs { depths[need.step, default: []].insert(need.shared) } }
    func add(_ end: End, to latest: inout [Group: End]) {
      for shared in depths[end.node.step] ?? [] {
        let group = Group(step: end.node.step, shared: shared, prefix: Self.prefix(end.node.item, shared))
        if let known = latest[group], known.at >= end.at { continue }
        latest[group] = end
      }
    }
    for (index, attempt) in timeline.attempts.enumerated() where attempt.isOver {
      add(End(node: attempt.node, at: attempt.endedAt, attempt: index), to: &latest)
    }
    for reuse in timeline.reused { add(End(node: reuse.node, at: reuse.at, attempt: nil), to: &latest) }
  }

  /// Of each step that this call waits for, the call that ended last.
  func last(before node: NodeReference) -> [End] {
    guard steps.indices.contains(node.step) else { return [] }
    return steps[node.step].needs.compactMap { need in
      latest[Group(step: need.step, shared: need.shared, prefix: Self.prefix(node.item, need.shared))]
    }
  }

  /// The first indices of `[3][0]`.
  static func prefix(_ item: String, _ count: Int) -> Substring {
    var end = item.startIndex
    for _ in 0..<count {
      guard let close = item[end...].firstIndex(of: "]") else { break }
      end = item.index(after: close)
    }
    return item[..<end]
  }
}
