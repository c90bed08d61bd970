internal import Diagnostics
package import Events
package import Experiments
internal import Foundation
internal import Plans
internal import Traces
internal import Values
internal import Workflows

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

  /// The experiment as its record tells it, with the documents as they were.
  package func study(of record: ExperimentRecord) throws(WorkspaceError) -> Study {
    let base = Layout.folder(of: Layout.absolute(layout.project + "/" + record.file))
    let library = RecordedLibrary(
      files: FileLibrary(
        catalog: try catalog(), environments: environments, notice: notice, artifacts: NamedTypes(self)),
      base: base, documents: record.documents)
    guard let root = record.documents.first else {
      throw WorkspaceError(.store, "the documents of experiment \(record.number) are not on record")
    }
    let checked = Workflows.check(SourceFile(path: library.path(root.path), text: root.text), library: library)
    guard let program = checked.program,
      let experiment = program.experiments.first(where: { $0.name == record.name })
    else {
      throw WorkspaceError(
        .document, "experiment \(record.number) cannot be read with the plugins that are there now",
        diagnostics: checked.diagnostics.filter { $0.severity == .error })
    }
    do {
      let artifacts = try self.artifacts(of: program, experiment.workflow, RunRequest(file: record.file))
      let definition = try Definition(
        experiment, artifacts: Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first })
      var study = Study(definition)
      for entry in try entries(of: record.number, in: experimentLedger()) { study.apply(entry) }
      return study
    } catch let error as WorkspaceError {
      throw error
    } catch let error as PlanError {
      throw WorkspaceError(.document, error.message, help: error.help)
    } catch {
      throw WorkspaceError(.bug, "\(error)")
    }
  }

  /// Puts a decision on record. An engine that runs the experiment learns of it within a moment.
  package func decide(
    _ operation: Decision.Operation, _ reason: String, about record: ExperimentRecord, seen study: Study
  ) throws(WorkspaceError) {
    if let closing = study.closing, !operation.isRemark {
      throw WorkspaceError(
        .usage, "experiment \(record.number) is over: \(closing.reason)", help: "`assay exp run` begins a new one")
    }
    let entry = Entry(
      at: Self.now(), actor: Actor(.person, Self.user),
      .decided(Decision(operation, reason: reason, basis: study.count)))
    do throws(TraceError) { try experimentLedger().append([entry.row], to: record.number, isSafe: true) } catch {
      throw WorkspaceError(error)
    }
  }
}

extension Decision.Operation {
  /// It changes nothing of what will be tried.
  var isRemark: Bool {
    switch self {
    case .note, .exclude: true
    default: false
    }
  }
}
