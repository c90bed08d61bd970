internal import Database
internal import Events
internal import Tasks

extension Trace {
  /// What successful calls of each task took in the latest runs of the store, in nanoseconds, ascending: what to expect.
  ///
  /// - Parameter workflow: runs of it are looked at first; other runs fill up.
  package func nanosecondsByTask(workflow: String, runs: Int = 200) throws(TraceError) -> [String: [Int64]] {
    var latest = try self.runs(workflow: workflow, limit: runs)
    if latest.count < runs {
      let known = Set(latest.map(\.run))
      latest += try self.runs(limit: runs).filter { !known.contains($0.run) }.prefix(runs - latest.count)
    }
    var times: [String: [Int64]] = [:]
    for run in latest {
      let rows = try attempts(in: run.run) { attempt in
        attempt.outputs.map { _ in (attempt.node.step, attempt.usage.wallNanoseconds) }
      }
      if rows.isEmpty { continue }
      let steps = try read { (reader) throws(DatabaseError) in try Self.steps(of: run.run, &reader) }
      for (step, wall) in rows where steps.indices.contains(step) {
        times[steps[step].callee.task, default: []].append(wall)
      }
    }
    return times.mapValues { $0.sorted() }
  }
}
