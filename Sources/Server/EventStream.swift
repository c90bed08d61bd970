internal import Events
internal import Experiments
internal import Values
internal import Workspace

/// The entries of an experiment's log as server-sent events, as they are appended: the place of an entry is its id, so that a
/// client that lost the connection goes on where it was.
struct EventStream: Sendable {
  let workspace: Workspace
  let studies: LiveStudies
  let record: ExperimentRecord
  /// How many entries the client knows.
  let first: Int

  /// How often the log is looked at, and how often a comment shows that the connection lives.
  private static let pause: Int64 = 100
  private static let heartbeat: Int64 = 15_000

  /// Until the client is gone or the server stops.
  func run(isStopped: () -> Bool, isGone: (Int64) -> Bool, write: ([UInt8]) -> Bool) {
    var known = first
    var quiet: Int64 = 0
    guard write(Array("retry: 1000\n\n".utf8)) else { return }
    while !isStopped() {
      guard let entries = try? workspace.log(of: record, from: known), let study = try? studies.study(of: record)
      else {
        // The stream ends; the client comes again, and learns from the answer what is wrong.
        return
      }
      if !entries.isEmpty {
        var text = ""
        for entry in entries {
          known += 1
          text += "id: \(known)\nevent: \(entry.kind)\ndata: \(entry.json(known, in: study).compact)\n\n"
        }
        guard write(Array(text.utf8)) else { return }
        quiet = 0
      } else if quiet >= Self.heartbeat {
        guard write(Array(": still here\n\n".utf8)) else { return }
        quiet = 0
      }
      quiet += Self.pause
      if isGone(Self.pause) { return }
    }
  }
}
