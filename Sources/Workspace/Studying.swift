internal import Diagnostics
internal import Events
internal import Experiments
internal import Foundation
internal import Knowledge
internal import Plans
internal import Settings
internal import Strategies
internal import Synchronization
internal import Syntax
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
    let (checked, program, experiment) = try experiment(for: request)
    let last = request.resumes ? try unfinished(experiment, program) : nil
    let (definition, artifacts) = try definition(of: experiment, in: program, request.run, last)
    let held = try HeldOut(program, definition, artifacts)
    try held?.check()
    // The store's lock is what keeps two engines from one experiment.
    _ = try writableStore(request.run.durability)
    let ledger = experimentLedger()
    let number: Int
    do throws(TraceError) { number = try open(experiment, program, request, ledger) } catch {
      throw WorkspaceError(error)
    }
    try settle(artifacts, number)
    let text = try parse(request.file).file
    let library = FileLibrary(
      catalog: try catalog(), environments: environments, notice: notice,
      artifacts: NamedTypes(self, settled: SettledNames(self, of: number)),
      phases: layout.settings.texts(.phases))
    let document = AmendedDocument(text, experiment: experiment.name) { Workflows.check($0, library: library) }
    let blank = Study(definition, reading: document.reading)
    var study = blank
    for entry in try entries(of: number, in: ledger) { study.apply(entry) }
    let unused = try open(
      &study, number, Fingerprints(program, definition, artifacts, layout),
      ExperimentRecord.digest(of: Self.documents(of: program)), in: ledger)
    let session = StudySession(
      workspace: self, ledger: ledger, number: number, blank: blank, request: request, unused: unused,
      maker: TrialMaker(
        program: program, definition: definition, request: request.run, artifacts: artifacts, layout: layout,
        number: number),
      warnings: checked.diagnostics + (held?.warnings() ?? []))
    try session.reread()
    return session
  }

  /// Puts on record what a new experiment is about and begins with; how many past experiments it could have used but does not.
  private func open(
    _ study: inout Study, _ number: Int, _ prints: Fingerprints, _ documents: String, in ledger: ExperimentLedger
  ) throws(WorkspaceError) -> Int {
    guard study.description == nil, study.trials.isEmpty else { return 0 }
    var description = prints.description()
    description.documents = documents
    let (facts, unused) = try opening(study.definition.experiment, description, but: number)
    let entries = facts.map { Entry(at: Self.now(), actor: .engine, $0) }
    do throws(TraceError) { try ledger.append(entries.map(\.row), to: number, isSafe: false) } catch {
      throw WorkspaceError(error)
    }
    // As it lies there: somebody may have decided something meanwhile.
    for entry in try self.entries(of: number, from: study.count, in: ledger) { study.apply(entry) }
    return unused
  }

  /// Checks the document, and finds the experiment that is meant.
  func experiment(for request: StudyRequest) throws(WorkspaceError) -> (Checked, Program, Experiment) {
    let checked = try check(request.file)
    guard let program = checked.program else {
      let count = checked.diagnostics.count { $0.severity == .error }
      throw WorkspaceError(
        .document, "\(request.file) has \(count) error\(count == 1 ? "" : "s")", diagnostics: checked.diagnostics)
    }
    return (checked, program, try Self.choose(request.experiment, of: program, request.file))
  }

  /// - Parameter last: the number of the experiment that goes on, if one does.
  func definition(
    of experiment: Experiment, in program: Program, _ request: RunRequest, _ last: Int?
  ) throws(WorkspaceError) -> (Definition, [RunArtifact]) {
    do {
      let settled = last.map { SettledNames(self, of: $0) }
      let artifacts = try self.artifacts(of: program, experiment.workflow, request, settled: settled)
      let values = Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first }
      return (try Definition(experiment, artifacts: values), artifacts)
    } catch let error as PlanError {
      throw WorkspaceError(.usage, error.message, help: error.help)
    } catch let error as WorkspaceError {
      throw error
    } catch {
      throw WorkspaceError(.bug, "\(error)")
    }
  }

  static func choose(
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
    let documents = Self.documents(of: program)
    if request.resumes, let last = try Self.unfinished(experiment, program, ledger) { return last }
    var random = SystemRandomNumberGenerator()
    let uid = (0..<2).map { _ in String(format: "%016lx", UInt(random.next())) }.joined()
    return try ledger.create(
      ExperimentRecord(
        uid: uid, name: experiment.name, file: layout.relative(Layout.absolute(request.file)), documents: documents,
        startedAt: Self.now(), user: Self.user, host: ProcessInfo.processInfo.hostName, engine: Self.version,
        reason: request.reason))
  }

  /// The files of a document as an experiment has them on record: by where they are from its own folder, wherever the command was
  /// typed.
  private static func documents(of program: Program) -> [(path: String, text: String)] {
    guard let root = program.files.first else { return [] }
    let folder = Layout.folder(of: Layout.absolute(root.path))
    return program.files.map { (Layout.path(Layout.absolute($0.path), from: folder), $0.text) }
  }

  /// The newest experiment with the same text, if it did not end.
  private static func unfinished(
    _ experiment: Experiment, _ program: Program, _ ledger: ExperimentLedger
  ) throws(TraceError) -> Int? {
    guard let last = try ledger.experiments().first(where: { $0.name == experiment.name }),
      last.documents.elementsEqual(documents(of: program), by: { $0.path == $1.path && $0.text == $1.text }),
      try !ledger.entries(of: last.number).contains(where: { $0.kind == "closed" })
    else { return nil }
    return last.number
  }

  func unfinished(_ experiment: Experiment, _ program: Program) throws(WorkspaceError) -> Int? {
    do throws(TraceError) { return try Self.unfinished(experiment, program, experimentLedger()) } catch {
      throw WorkspaceError(error)
    }
  }

  static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }
  package static var user: String { ProcessInfo.processInfo.environment["USER"] ?? NSUserName() }
}
