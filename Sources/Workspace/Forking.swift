package import Events
internal import Experiments
internal import Foundation
internal import Spaces
internal import Traces
internal import Values

/// Where an experiment is taken up by another one.
package enum ForkPoint: Sendable {
  /// Where it is now; of one that is over: before it ended.
  case end
  /// After so many entries.
  case entry(Int)
  /// With the trials up to this one.
  case trial(Int)
}

extension Workspace {
  /// Begins an experiment that has the first entries of another one in its log, and nothing else.
  ///
  /// - Parameter name: by which commands find it; nil: that of the other one.
  package func fork(
    _ record: ExperimentRecord, at point: ForkPoint, named name: String? = nil, reason: String
  ) throws(WorkspaceError) -> ExperimentRecord {
    if let name { try check(forkName: name, of: record) }
    let ledger = experimentLedger()
    let entries = try entries(of: record.number, in: ledger)
    let end = entries.firstIndex { if case .closed = $0.fact { true } else { false } } ?? entries.count
    var count = end
    switch point {
    case .end: break
    case .entry(let entry):
      guard (0...end).contains(entry) else {
        throw WorkspaceError(
          .usage, "experiment \(record.number) has no entry \(entry) to go on from", help: "entries: 0 to \(end)")
      }
      count = entry
    case .trial(let trial):
      let numbers = entries.map(\.proposedTrial)
      guard numbers.contains(trial) else {
        throw WorkspaceError(.notFound, "experiment \(record.number) has no trial \(trial)")
      }
      count = min(end, numbers.firstIndex { $0 ?? 0 > trial } ?? end)
    }
    var random = SystemRandomNumberGenerator()
    var fork = ExperimentRecord(
      uid: (0..<2).map { _ in String(format: "%016lx", UInt(random.next())) }.joined(), name: name ?? record.name,
      file: record.file, documents: record.documents, startedAt: Self.now(), user: Self.user,
      host: ProcessInfo.processInfo.hostName, engine: Self.version, parent: (record.number, count), reason: reason)
    do throws(TraceError) {
      fork.number = try ledger.create(fork)
      try ledger.append(entries.prefix(count).map(\.row), to: fork.number, isSafe: true)
    } catch {
      throw WorkspaceError(error)
    }
    return fork
  }

  private func check(forkName name: String, of record: ExperimentRecord) throws(WorkspaceError) {
    let isName =
      name.utf8.first.map { $0 == UInt8(ascii: "_") || ($0 | 32) >= 97 && ($0 | 32) <= 122 } == true
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard isName else {
      throw WorkspaceError(.usage, "`\(name)` is no name", help: "letters, digits and `_`, such as `\(record.name)_b`")
    }
    if let other = try experiments(limit: .max).first(where: { $0.name == name }) {
      throw WorkspaceError(.usage, "experiment \(other.number) has the name `\(name)`", help: "choose another one")
    }
  }

  /// The name that the document has for an experiment: a fork may have one of its own.
  func documentName(of record: ExperimentRecord) throws(WorkspaceError) -> String {
    var oldest = record
    do throws(TraceError) {
      while let parent = oldest.parent, parent.number < oldest.number,
        let next = try experimentLedger().experiment(parent.number)
      { oldest = next }
    } catch {
      throw WorkspaceError(error)
    }
    return oldest.name
  }
}

extension Entry {
  /// The trial that it proposes.
  fileprivate var proposedTrial: Int? {
    switch fact {
    case .proposed(let proposed): proposed.trial
    default: nil
    }
  }
}
