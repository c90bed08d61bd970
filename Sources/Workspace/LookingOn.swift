internal import Artifacts
package import Events
package import Experiments
package import Insights
internal import Traces
internal import Values

/// Experiments as others look at them: beside the engine that runs them, and afterwards.
extension Workspace {
  /// Takes in what was put on record since; what it was is returned. Cheap when there is nothing new.
  @discardableResult
  package func refresh(_ study: inout Study, of record: ExperimentRecord) throws(WorkspaceError) -> [Entry] {
    let entries = try entries(of: record.number, from: study.count, in: experimentLedger())
    for entry in entries { study.apply(entry) }
    return entries
  }

  /// The log as it is, from place `first` on.
  package func log(of record: ExperimentRecord, from first: Int = 0) throws(WorkspaceError) -> [Entry] {
    try entries(of: record.number, from: first, in: experimentLedger())
  }

  /// The data that the trials worked on, by the record of the first run that is still there: files and named artifacts,
  /// with their digests.
  package func data(of study: Study) -> [Card.Source.Datum] {
    guard let store = try? readableStore(),
      let detail = study.trials.lazy.compactMap({ $0.ended?.run }).compactMap({ try? store.detail(of: $0) }).first
    else { return [] }
    var data: [Card.Source.Datum] = []
    for input in detail.inputs {
      guard let value = try? store.artifacts.decode(input.stored), let digest = value.fileDigest else { continue }
      data.append(
        .init(name: input.name, text: input.origin.isEmpty ? "file" : layout.relative(input.origin), digest: digest))
    }
    for artifact in detail.artifacts {
      let value = try? store.artifacts.decode(artifact.stored)
      data.append(.init(name: artifact.reference, text: artifact.version, digest: value?.fileDigest))
    }
    return data
  }

  /// Earlier experiments that a reader wants beside this one: the one that it continues, else the last three of its name
  /// that are over. Those that cannot be read with the plugins of today are left out.
  package func ancestors(of record: ExperimentRecord) throws(WorkspaceError) -> [ExperimentComparison.Subject] {
    let earlier = try experiments(limit: .max).filter { $0.number < record.number }
    let chosen =
      record.parent.map { parent in earlier.filter { $0.number == parent.number } }
      ?? Array(earlier.filter { $0.name == record.name }.prefix(3))
    return chosen.compactMap { one in
      guard let study = try? study(of: one), !study.trials.isEmpty else { return nil }
      return .init(number: one.number, study: study, elapsed: study.elapsed / .seconds(1))
    }
  }
}

extension Value {
  /// Of the bytes of a file.
  fileprivate var fileDigest: Digest? { if case .file(let file) = self { file.digest } else { nil } }
}
