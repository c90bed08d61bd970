package import Events
package import Experiments
internal import Foundation
internal import Synchronization

/// Experiments as they are now, for who looks again and again: the documents are checked once, and each look reads only the
/// entries that came since the last one. Any thread.
package final class LiveStudies: Sendable {
  private let workspace: Workspace
  private let known = Mutex<[Int: Study]>([:])

  package init(_ workspace: Workspace) { self.workspace = workspace }

  package func study(of record: ExperimentRecord) throws(WorkspaceError) -> Study {
    guard var study = known.withLock({ $0[record.number] }) else {
      let study = try workspace.study(of: record)
      known.withLock { $0[record.number] = study }
      return study
    }
    guard try !workspace.refresh(&study, of: record).isEmpty else { return study }
    known.withLock { known in
      // Somebody else may have looked later and finished first.
      if known[record.number].map({ $0.count < study.count }) ?? true { known[record.number] = study }
    }
    return study
  }
}

extension Workspace {
  /// The directory of the store, made if need be; the store itself is not opened.
  package func makeStoreDirectory() throws(WorkspaceError) -> String {
    do {
      try FileManager.default.createDirectory(atPath: layout.store, withIntermediateDirectories: true)
    } catch {
      throw WorkspaceError(.store, "cannot create \(layout.store): \(error.localizedDescription)")
    }
    return layout.store
  }
}
