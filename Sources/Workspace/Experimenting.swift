internal import Diagnostics
package import Events
internal import Experiments
internal import Foundation
internal import Plans
internal import Settings
internal import Traces

/// Looking at experiments, and deciding about them: beside an engine that runs them, or without one.
extension Workspace {
  /// Newest first.
  package func experiments(limit: Int) throws(WorkspaceError) -> [ExperimentRecord] {
    do throws(TraceError) { return Array(try experimentLedger().experiments().prefix(limit)) } catch {
      throw WorkspaceError(error)
    }
  }

  /// By number, by name (the newest), or nil: the newest of all.
  package func experiment(_ reference: String?) throws(WorkspaceError) -> ExperimentRecord {
    let all = try experiments(limit: .max)
    guard let reference else {
      guard let newest = all.first else {
        throw WorkspaceError(.notFound, "there is no experiment yet", help: "`assay exp run FILE` begins one")
      }
      return newest
    }
    if let number = Int(reference), let found = all.first(where: { $0.number == number }) { return found }
    if let found = all.first(where: { $0.name == reference }) { return found }
    let near = nearest(reference, all.map(\.name)).map { "did you mean `\($0)`?" }
    throw WorkspaceError(
      .notFound, "there is no experiment `\(reference)`", help: near ?? "`assay exp list` shows what there is")
  }
}
