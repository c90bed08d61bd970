internal import Diagnostics
package import Events
package import Experiments
internal import Foundation
internal import Plans
internal import Settings
internal import Synchronization
internal import Traces
internal import Values
internal import Workflows

/// An experiment as it began: its documents from the record, checked with the plugins that are there now.
struct RecordedExperiment: Sendable {
  let record: ExperimentRecord
  let program: Program
  let definition: Definition
  let artifacts: [RunArtifact]
  let document: AmendedDocument

  /// Without any entry of its log.
  var study: Study { Study(definition, reading: document.reading) }

  var experiment: Experiment { definition.experiment }
}

extension AmendedDocument {
  /// For a study; what was read once is known.
  var reading: @Sendable (Amendment, [String]) -> Amended? {
    let known = Known()
    return { amendment, edits in
      let key = Known.Key(amendment: amendment, edits: edits)
      if let found = known.readings.withLock({ $0[key] }) { return found }
      let found = try? read(amendment, after: edits)
      known.readings.withLock { $0[key] = .some(found) }
      return found
    }
  }

  private final class Known: Sendable {
    struct Key: Hashable {
      let amendment: Amendment
      let edits: [String]
    }
    let readings = Mutex<[Key: Amended?]>([:])
  }
}

extension ExperimentRecord {
  /// SHA-256 of documents, with their paths.
  static func digest(of documents: [(path: String, text: String)]) -> String {
    var hasher = Hasher256()
    for document in documents { hasher.update(Array("\(document.path)\n\(document.text)".utf8)) }
    return "sha256:\(hasher.digest().hex)"
  }

  package var documentsDigest: String { Self.digest(of: documents) }
}

extension Workspace {
  func recorded(_ record: ExperimentRecord) throws(WorkspaceError) -> RecordedExperiment {
    let base = Layout.folder(of: Layout.absolute(layout.project + "/" + record.file))
    let settled = SettledNames(self, of: record.number)
    let library = RecordedLibrary(
      files: FileLibrary(
        catalog: try catalog(), environments: environments, notice: notice,
        artifacts: NamedTypes(self, settled: settled),
        phases: layout.settings.texts(.phases)),
      base: base, documents: record.documents)
    guard let root = record.documents.first else {
      throw WorkspaceError(.store, "the documents of experiment \(record.number) are not on record")
    }
    let file = SourceFile(path: library.path(root.path), text: root.text)
    let name = try documentName(of: record)
    let checked = Workflows.check(file, library: library)
    guard let program = checked.program,
      var experiment = program.experiments.first(where: { $0.name == name })
    else {
      throw WorkspaceError(
        .document, "experiment \(record.number) cannot be read with the plugins that are there now",
        diagnostics: checked.diagnostics.filter { $0.severity == .error })
    }
    experiment.name = record.name
    do {
      let artifacts = try self.artifacts(
        of: program, experiment.workflow, RunRequest(file: record.file), settled: settled)
      let definition = try Definition(
        experiment, artifacts: Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first })
      return RecordedExperiment(
        record: record, program: program, definition: definition, artifacts: artifacts,
        document: AmendedDocument(file, experiment: name) { Workflows.check($0, library: library) })
    } catch let error as WorkspaceError {
      throw error
    } catch let error as PlanError {
      throw WorkspaceError(.document, error.message, help: error.help)
    } catch {
      throw WorkspaceError(.bug, "\(error)")
    }
  }

  /// The experiment as its record tells it, with the documents as they were.
  package func study(of record: ExperimentRecord) throws(WorkspaceError) -> Study {
    try study(of: try recorded(record))
  }

  func study(of recorded: RecordedExperiment) throws(WorkspaceError) -> Study {
    var study = recorded.study
    for entry in try entries(of: recorded.record.number, in: experimentLedger()) { study.apply(entry) }
    return study
  }

  /// All entries of the log.
  package func entries(of record: ExperimentRecord) throws(WorkspaceError) -> [Entry] {
    try entries(of: record.number, in: experimentLedger())
  }

  /// Goes on with an experiment from its record, whatever became of its documents.
  package func goOn(with record: ExperimentRecord, _ request: StudyRequest) throws(WorkspaceError) -> StudySession {
    let recorded = try recorded(record)
    _ = try writableStore(request.run.durability)
    try settle(recorded.artifacts, record.number)
    let session = StudySession(
      workspace: self, ledger: experimentLedger(), number: record.number, blank: recorded.study, request: request,
      unused: 0,
      maker: TrialMaker(
        program: recorded.program, definition: recorded.definition, request: request.run,
        artifacts: recorded.artifacts, layout: layout, number: record.number),
      warnings: [])
    try session.reread()
    return session
  }
}
