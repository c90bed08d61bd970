internal import Artifacts
internal import Events
internal import Foundation
internal import Plans
internal import Synchronization
internal import Traces
internal import Values
internal import Workflows

/// What `artifact("raw/churn@v3")` in a document means, as the store's names are now.
final class NamedTypes: Sendable {
  private let workspace: Workspace
  /// Nil: what names mean now.
  private let settled: SettledNames?
  private let known = Mutex<Result<Names, WorkspaceError>?>(nil)

  init(_ workspace: Workspace, settled: SettledNames? = nil) {
    self.workspace = workspace
    self.settled = settled
  }

  func type(of reference: String) -> Result<ValueType?, LoadProblem> {
    let names = known.withLock { known in
      let names = known ?? Result { () throws(WorkspaceError) in try workspace.names() }
      known = names
      return names
    }
    do {
      let meant = try settled?.version(of: reference) ?? reference
      return .success(try workspace.version(meant, in: try names.get()).version.type)
    } catch let problem as NameProblem {
      let all = (try? names.get())?.entries.values.map { $0 } ?? []
      let candidates = all.flatMap { entry in
        [entry.name] + entry.versions.map { "\(entry.name)@v\($0.version.version)" }
          + entry.tags.keys.map { "\(entry.name)@\($0)" }
      }
      return .failure(
        LoadProblem(
          .notFound, problem.message, help: problem.help.isEmpty ? nil : problem.help, candidates: candidates.sorted()))
    } catch {
      return .failure(LoadProblem(.broken, (error as? WorkspaceError)?.message ?? "\(error)"))
    }
  }
}

extension Workspace {
  /// Of a name, with its version, tag, or the latest.
  func version(_ reference: String, in names: Names) throws(NameProblem) -> Names.Named {
    guard case .name(let name, let selector) = try ArtifactReference(reference, isName: { _ in true }) else {
      throw NameProblem(
        "`\(reference)` is no name of an artifact", help: "documents name artifacts: `artifact(\"churn/model@v3\")`")
    }
    return try names.find(name, selector)
  }

  /// The artifacts that a program names, each decided once. A run that is resumed goes on with those that it began with, an
  /// experiment with what is settled.
  func artifacts(
    of program: Program, _ workflow: Int, _ request: RunRequest, settled: SettledNames? = nil
  ) throws -> [RunArtifact] {
    guard !program.artifacts.isEmpty else { return [] }
    let names = try names()
    let store = try artifactStore()
    let resumed = try runToResume(request, program.workflows[workflow].name)
    let before = try resumed.flatMap { try readableStore().detail(of: $0)?.artifacts } ?? []
    return try program.artifacts.map { reference in
      if let known = before.first(where: { $0.reference == reference }) {
        return RunArtifact(
          reference: reference, version: known.version, value: try store.decode(known.stored))
      }
      let named = try settled?.find(reference, in: names) ?? version(reference, in: names)
      return RunArtifact(
        reference: reference, version: named.version.reference, value: try found(named, names).value)
    }
  }

  /// Those that a run used, as far as they are still there.
  func recordedArtifacts(of run: RunNumber) throws(WorkspaceError) -> [RunArtifact] {
    let store = try readableStore()
    return (try store.detail(of: run)?.artifacts ?? []).compactMap { artifact in
      (try? store.artifacts.decode(artifact.stored)).map {
        RunArtifact(reference: artifact.reference, version: artifact.version, value: $0)
      }
    }
  }
}
