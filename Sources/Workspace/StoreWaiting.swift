internal import Events
internal import Foundation
package import Traces

extension Workspace {
  /// Takes the store as its writer, and waits while another engine has it.
  ///
  /// - Parameter told: once, who has it.
  package func awaitStore(_ durability: Durability, told: (String) -> Void) throws(WorkspaceError) {
    var isTold = false
    while true {
      do throws(WorkspaceError) {
        _ = try writableStore(durability)
        return
      } catch {
        guard error.isLocked else { throw error }
        if !isTold { told(error.message) }
        isTold = true
      }
      usleep(100_000)
    }
  }

  /// What the other engine runs, as far as its record tells.
  func sayingWhatRuns(_ error: WorkspaceError) -> WorkspaceError {
    guard let running = try? Store(reading: layout.store).trace.runs(status: .running, limit: 3), !running.isEmpty
    else {
      return error
    }
    var error = error
    let runs = running.map { "run \($0.run) of `\($0.workflow)`" + ($0.reason.isEmpty ? "" : " (\($0.reason))") }
    error.message += "; it runs \(runs.joined(separator: ", "))"
    return error
  }
}

extension StoreHolder {
  /// `process 4711 for 3 min: assay run a.assay`.
  var words: String {
    let seconds = since.map { max(0, Int64(Date().timeIntervalSince1970) - $0) }
    let age = seconds.map { seconds in
      switch seconds {
      case ..<100: " for \(seconds) s"
      case ..<6_000: " for \(seconds / 60) min"
      default: " for \(seconds / 3_600) h"
      }
    }
    return "process \(process)\(age ?? "")" + (command.isEmpty ? "" : ": \(command)")
  }
}
