internal import Diagnostics
internal import Events
internal import Experiments
internal import Foundation
internal import Plans
internal import Traces
internal import Values
internal import Workflows

extension Workspace {
  func experimentLedger() -> ExperimentLedger { ExperimentLedger(directory: layout.store) }

  /// The entries from place `first` on. One that cannot be read is an error: what follows would be taken for something else.
  func entries(
    of experiment: Int, from first: Int = 0, in ledger: ExperimentLedger
  ) throws(WorkspaceError) -> [Entry] {
    let rows: [LogRow]
    do throws(TraceError) { rows = try ledger.entries(of: experiment, from: first) } catch {
      throw WorkspaceError(error)
    }
    var entries: [Entry] = []
    entries.reserveCapacity(rows.count)
    for (place, row) in rows.enumerated() {
      guard let entry = Entry(row) else {
        throw WorkspaceError(
          .store,
          "entry \(first + place + 1) of experiment \(experiment) (`\(row.kind)`) cannot be read: \(ledger.path)",
          help: "it may be of a newer version of Assay, or damaged")
      }
      entries.append(entry)
    }
    return entries
  }

  /// Begins an experiment, or goes on with it.
  package func begin(_ request: StudyRequest) throws(WorkspaceError) -> StudySession {
    let checked = try check(request.file)
    guard let program = checked.program else {
      let count = checked.diagnostics.count { $0.severity == .error }
      throw WorkspaceError(
        .document, "\(request.file) has \(count) error\(count == 1 ? "" : "s")", diagnostics: checked.diagnostics)
    }
    let experiment = try Self.choose(request.experiment, of: program, request.file)
    let artifacts: [RunArtifact]
    let definition: Definition
    do {
      artifacts = try self.artifacts(of: program, experiment.workflow, request.run)
      definition = try Definition(
        experiment, artifacts: Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first })
    } catch let error as PlanError {
      throw WorkspaceError(.usage, error.message, help: error.help)
    } catch let error as WorkspaceError {
      throw error
    } catch {
      throw WorkspaceError(.bug, "\(error)")
    }
    // The store's lock is what keeps two engines from one experiment.
    _ = try writableStore(request.run.durability)
    let ledger = experimentLedger()
    let number: Int
    do throws(TraceError) { number = try open(experiment, program, request, ledger) } catch {
      throw WorkspaceError(error)
    }
    let session = StudySession(
      workspace: self, ledger: ledger, number: number, blank: Study(definition), request: request,
      maker: TrialMaker(
        program: program, definition: definition, request: request.run, artifacts: artifacts, number: number),
      warnings: checked.diagnostics)
    try session.reread()
    return session
  }

  private static func choose(
    _ name: String?, of program: Program, _ file: String
  ) throws(WorkspaceError) -> Experiment {
    let names = program.experiments.map(\.name)
    if let name {
      if let found = program.experiments.first(where: { $0.name == name }) { return found }
      let near = nearest(name, names).map { "did you mean `\($0)`?" }
      throw WorkspaceError(
        .usage, "\(file) has no experiment `\(name)`",
        help: near ?? (names.isEmpty ? "it has none" : "it has: \(names.joined(separator: ", "))"))
    }
    guard let only = program.experiments.first else {
      throw WorkspaceError(.usage, "\(file) has no experiment", help: "`experiment NAME { … }` makes one")
    }
    guard names.count == 1 else {
      throw WorkspaceError(
        .usage, "\(file) has several experiments", help: "choose one: \(names.joined(separator: ", "))")
    }
    return only
  }

  /// The number of the experiment: of one with the same text that did not end, or a new one.
  private func open(
    _ experiment: Experiment, _ program: Program, _ request: StudyRequest, _ ledger: ExperimentLedger
  ) throws(TraceError) -> Int {
    let documents = program.files.map { (path: $0.path, text: $0.text) }
    if request.resumes, let last = try ledger.experiments().first(where: { $0.name == experiment.name }),
      last.documents.elementsEqual(documents, by: { $0.path == $1.path && $0.text == $1.text }),
      try !ledger.entries(of: last.number).contains(where: { $0.kind == "closed" })
    {
      return last.number
    }
    var random = SystemRandomNumberGenerator()
    let uid = (0..<2).map { _ in String(format: "%016lx", UInt(random.next())) }.joined()
    return try ledger.create(
      ExperimentRecord(
        uid: uid, name: experiment.name, file: layout.relative(Layout.absolute(request.file)), documents: documents,
        startedAt: Self.now(), user: Self.user, host: ProcessInfo.processInfo.hostName, engine: Self.version,
        reason: request.reason))
  }

  static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }
  static var user: String { ProcessInfo.processInfo.environment["USER"] ?? NSUserName() }
}
