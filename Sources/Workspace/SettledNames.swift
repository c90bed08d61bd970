internal import Artifacts
internal import Events
internal import Experiments
internal import Synchronization
internal import Traces

/// What the names of artifacts mean to an experiment: what they meant when it began. Read when it is first asked. Any thread.
final class SettledNames: Sendable {
  private let workspace: Workspace
  private let experiment: Int
  private let known = Mutex<[String: String]?>(nil)

  init(_ workspace: Workspace, of experiment: Int) {
    self.workspace = workspace
    self.experiment = experiment
  }

  /// `raw/churn@v3`; nil: nothing is on record.
  func version(of reference: String) throws(WorkspaceError) -> String? {
    if let known = known.withLock({ $0 }) { return known[reference] }
    var versions = try workspace.settled(experiment)
    if versions.isEmpty { versions = try workspace.used(experiment) }
    let found = Dictionary(versions.map { ($0.reference, $0.version) }) { first, _ in first }
    known.withLock { $0 = found }
    return found[reference]
  }

  /// Nil: nothing is on record.
  func find(_ reference: String, in names: Names) throws(WorkspaceError) -> Names.Named? {
    guard let version = try version(of: reference) else { return nil }
    do throws(NameProblem) { return try workspace.version(version, in: names) } catch {
      throw WorkspaceError(
        .notFound, "experiment \(experiment) began with \(version), which is not there any more",
        help: "import it again (`assay artifact import`), or begin a new experiment: `assay exp run FILE --new`")
    }
  }
}

extension Workspace {
  fileprivate func settled(_ experiment: Int) throws(WorkspaceError) -> [Settled.Artifact] {
    do throws(TraceError) {
      return try experimentLedger().entries(of: experiment, kind: "settled").compactMap { Settled($0) }
        .flatMap(\.artifacts)
    } catch {
      throw WorkspaceError(error)
    }
  }

  /// What its first trial took: logs from before names were settled say nothing.
  fileprivate func used(_ experiment: Int) throws(WorkspaceError) -> [Settled.Artifact] {
    let rows: [LogRow]
    do throws(TraceError) { rows = try experimentLedger().entries(of: experiment, kind: "ended", limit: 1) } catch {
      throw WorkspaceError(error)
    }
    guard let row = rows.first, case .ended(let ended)? = Entry(row)?.fact, let run = ended.run else { return [] }
    return try recordedArtifacts(of: run).map { .init(reference: $0.reference, version: $0.version) }
  }

  /// Puts on record what names mean to an experiment from now on, as far as it is not.
  func settle(_ artifacts: [RunArtifact], _ experiment: Int) throws(WorkspaceError) {
    guard !artifacts.isEmpty else { return }
    let known = Set(try settled(experiment).map(\.reference))
    let new = artifacts.filter { !known.contains($0.reference) }
      .map { Settled.Artifact(reference: $0.reference, version: $0.version) }
    guard !new.isEmpty else { return }
    do throws(TraceError) {
      let entry = Entry(at: Self.now(), actor: .engine, .settled(Settled(new)))
      try experimentLedger().append([entry.row], to: experiment, isSafe: false)
    } catch {
      throw WorkspaceError(error)
    }
  }
}
