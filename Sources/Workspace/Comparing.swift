package import Comparisons
package import Events

extension Workspace {
  /// What is different between two runs.
  package func difference(_ before: RunNumber, _ after: RunNumber) throws(WorkspaceError) -> RunDifference {
    let history = try recollection()
    let (old, new) = (try record(before, history), try record(after, history))
    try history.load(before)
    try history.load(after)
    let earlier = try history.runs(before: .max, of: new.workflow).filter { $0 != before && $0 != after }.prefix(10)
    return try RunDifference(old, new, history) { step throws(WorkspaceError) in
      var times: [Int64] = []
      for run in earlier {
        guard let record = try history.record(of: run), let index = record.step(step.path),
          record.steps[index].code == step.code
        else { continue }
        times += RunDifference.walls(try history.calls(of: run, step: index))
      }
      return times
    }
  }
}
