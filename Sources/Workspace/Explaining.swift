package import Comparisons
internal import Diagnostics
package import Events

extension Workspace {
  /// Why a call of a run ran, or did not have to. `name`: a step, or one call of it (`fit[3]`).
  package func why(_ name: String, in run: RunNumber) throws(WorkspaceError) -> Why {
    let history = try recollection()
    let record = try record(run, history)
    let call = CallName(name)
    guard let step = record.step(call.path) else {
      let steps = record.steps.map(\.path)
      let inside = steps.filter { $0.hasPrefix(call.path + ".") }
      let near = nearest(call.path, steps).map { "did you mean `\($0)`?" }
      throw WorkspaceError(
        .notFound, "run \(run) has no step `\(call.path)`",
        help: !inside.isEmpty
          ? "it is a workflow; its steps: \(inside.joined(separator: ", "))"
          : near ?? "steps: \(steps.prefix(20).joined(separator: ", "))")
    }
    if let why = try Explainer.why(call, in: record, history) { return why }
    let items = try history.calls(of: run, step: step).map { call.path + $0.node.item }
    throw WorkspaceError(
      .notFound, items.isEmpty ? "step `\(call.path)` has no call in run \(run)" : "run \(run) has no call `\(name)`",
      help: items.isEmpty ? "" : "calls: \(items.prefix(20).joined(separator: ", "))")
  }
}
