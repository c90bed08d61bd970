internal import Tasks

/// What a run used.
package struct ResourceUse: Sendable, Equatable {
  package var cpuNanoseconds: Int64 = 0
  /// Of all attempts together, one after the other.
  package var wallNanoseconds: Int64 = 0
  /// Of the one attempt that needed most; 0: not known.
  package var peakMemoryBytes: Int64 = 0
  /// Processes that ran attempts, the engine's own not counted.
  package var processes = 0
  /// Most attempts at one time.
  package var parallel = 0
}

extension Timeline {
  package var resources: ResourceUse {
    var use = ResourceUse()
    var processes: Set<Int32> = []
    var edges: [(at: Int64, change: Int)] = []
    for attempt in attempts where attempt.isOver {
      use.cpuNanoseconds += attempt.usage.cpuNanoseconds
      use.wallNanoseconds += attempt.usage.wallNanoseconds
      use.peakMemoryBytes = max(use.peakMemoryBytes, attempt.usage.peakMemoryBytes)
      if attempt.usage.process != 0 { processes.insert(attempt.usage.process) }
      edges += [(attempt.startedAt, 1), (attempt.endedAt, -1)]
    }
    use.processes = processes.count
    var now = 0
    // Ends before starts: one after the other is not at the same time.
    for edge in edges.sorted(by: { ($0.at, $0.change) < ($1.at, $1.change) }) {
      now += edge.change
      use.parallel = max(use.parallel, now)
    }
    return use
  }
}
