internal import Database
package import Events
internal import Tasks
internal import Values

/// What a task warned of while it ran.
package struct TaskWarning: Sendable, Hashable {
  /// Where the call really ran.
  package var run: RunNumber
  package var path: String
  package var text: String
}

extension Trace {
  /// What the calls of runs warned of, also those whose results were reused: then when they ran. Each text once for a step of a
  /// run.
  package func warnings(in runs: [RunNumber]) throws(TraceError) -> [RunNumber: [TaskWarning]] {
    // Many runs reuse results of few.
    var said: [RunNumber: [(key: Digest?, warning: TaskWarning)]] = [:]
    func lines(of run: RunNumber) throws(TraceError) -> [(key: Digest?, warning: TaskWarning)] {
      if let known = said[run] { return known }
      let lines = try warnings(of: run)
      said[run] = lines
      return lines
    }
    var found: [RunNumber: [TaskWarning]] = [:]
    for run in runs {
      var all: [TaskWarning] = []
      for (source, nodes) in Dictionary(grouping: try reused(in: run), by: \.source).sorted(by: { $0.key < $1.key }) {
        let lines = try lines(of: source)
        guard !lines.isEmpty else { continue }
        let keys = Set(nodes.map(\.key))
        all += lines.filter { $0.key.map(keys.contains) ?? false }.map(\.warning)
      }
      let own = try lines(of: run)
      var seen: Set<TaskWarning> = []
      found[run] = (own.map(\.warning) + all).filter { seen.insert($0).inserted }
    }
    return found
  }

  /// With the keys of the calls that said so.
  private func warnings(of run: RunNumber) throws(TraceError) -> [(key: Digest?, warning: TaskWarning)] {
    let lines = try query(
      "SELECT node, text FROM logs WHERE \(Self.inRun) AND level = ?2 AND node >= 0 ORDER BY seq",
      [.integer(run), .integer(Int64(LogLevel.warning.rawValue))]
    ) { (node: $0.int(0), text: $0.string(1)) }
    guard !lines.isEmpty, let steps = try detail(of: run)?.steps else { return [] }
    var calls: [Int: (step: Int, key: Digest?)] = [:]
    for attempt in try attempts(of: run) { calls[attempt.node.node] = (attempt.node.step, attempt.key) }
    return lines.compactMap { line in
      guard let call = calls[line.node], steps.indices.contains(call.step) else { return nil }
      return (call.key, TaskWarning(run: run, path: steps[call.step].step.path, text: line.text))
    }
  }

  /// What a run was given, as it is stored: inputs, and the versions of named artifacts.
  package func given(to run: RunNumber) throws(TraceError) -> [(name: String, value: [UInt8])] {
    try query(
      """
      SELECT name, value FROM run_inputs WHERE run = ?1
      UNION ALL SELECT reference, value FROM run_artifacts WHERE run = ?1
      """, [.integer(run)]
    ) { ($0.string(0), $0.bytes(1)) }
  }
}
