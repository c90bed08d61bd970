internal import Artifacts
package import Comparisons
internal import Diagnostics
package import Events
internal import Execution
internal import Imports
internal import Plans
internal import Plugins
internal import Settings
internal import Syntax
internal import Tasks
internal import Traces
internal import Values
internal import Workflows

/// A run that is to be repeated, or the reasons why it cannot be.
package enum Repetition: Sendable {
  case ready(Prepared)
  case impossible([String])
}

/// What a repeated run takes from the record.
struct Original: Sendable {
  var record: RunRecord
  var replays: [NodePath: Replay]
}

extension Workspace {
  /// Makes a run ready to be repeated from its record: the stored documents, inputs from the store, variants, seeds, the
  /// clock that was handed to tasks.
  ///
  /// - Parameter allowingChanges: with the code that is there now, whatever was recorded.
  package func repetition(of run: RunNumber, allowingChanges: Bool) throws(WorkspaceError) -> Repetition {
    let history = try recollection()
    let record = try record(run, history)
    guard record.status != .running else {
      throw WorkspaceError(.usage, "run \(run) has not ended yet", help: "`assay runs show \(run)` says how far it is")
    }
    try history.load(run)
    let (inputs, lost) = try self.inputs(of: run)
    guard lost.isEmpty else { return .impossible(lost) }
    let base = Layout.absolute(
      record.circumstances.directory.hasPrefix("/")
        ? record.circumstances.directory : layout.project + "/" + record.circumstances.directory)
    let library = RecordedLibrary(
      files: FileLibrary(
        catalog: try catalog(), environments: environments, notice: notice, phases: layout.settings.texts(.phases)),
      base: base,
      documents: record.documents)
    guard let root = record.documents.first else { return .impossible(["the run's document is not on record"]) }
    let checked = Workflows.check(
      DocumentJSON.recorded(root.text, path: library.path(root.path)), library: library)
    guard var program = checked.program else {
      return .impossible(checked.diagnostics.filter { $0.severity == .error }.map { "\($0.code): \($0.message)" })
    }
    guard let index = program.workflows.firstIndex(where: { $0.name == record.workflow }) else {
      return .impossible(["the recorded document has no workflow `\(record.workflow)`"])
    }
    if let trial = record.circumstances.trial {
      guard let experiment = program.experiments.first(where: { $0.name == trial.name }) else {
        return .impossible(["the recorded document has no experiment `\(trial.name)`"])
      }
      // Parameters that set arguments are inputs of the run, under their own names.
      program = program.trial(of: experiment, setting: experiment.parameters.filter { inputs[$0.name] != nil })
    }
    let plan: Plan
    let bound: [Value]
    let artifacts = try recordedArtifacts(of: run)
    do throws(PlanError) {
      plan = try Plan(
        program, workflow: index,
        variants: Dictionary(record.variants.map { ($0.step, $0.variant) }) { first, _ in first },
        until: record.circumstances.until,
        artifacts: Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first })
      bound = try plan.bind(inputs)
    } catch {
      return .impossible([error.message])
    }
    let changes = changes(record, plan)
    guard changes.isEmpty || allowingChanges else { return .impossible(changes) }
    var request = RunRequest(file: record.file)
    request.workflow = record.workflow
    request.until = record.circumstances.until
    request.parallel = record.circumstances.lanes
    request.seed = record.seed
    request.reuses = false
    request.reason = "reproduces run \(run)"
    var prepared = Prepared(request: request, files: program.files, plan: plan, inputs: bound, warnings: [])
    prepared.artifacts = artifacts
    prepared.trial = record.circumstances.trial
    prepared.original = Original(record: record, replays: try replays(record, history))
    return .ready(prepared)
  }

  /// What came of it.
  package func reproduction(
    of original: RunNumber, by repetition: RunNumber, tolerance: Double?
  ) throws(WorkspaceError) -> Reproduction {
    let history = try recollection()
    try history.load(original)
    try history.load(repetition)
    return try .compare(
      record(original, history), record(repetition, history), tolerance: tolerance, history)
  }

  private func inputs(of run: RunNumber) throws(WorkspaceError) -> (values: [String: Value], lost: [String]) {
    let store = try readableStore()
    var values: [String: Value] = [:]
    var lost: [String] = []
    for input in try store.detail(of: run)?.inputs ?? [] {
      do {
        let value = try store.artifacts.decode(input.stored)
        try store.artifacts.load(value)
        values[input.name] = value
      } catch {
        let origin = input.origin.isEmpty ? "" : " (it was \(input.origin))"
        lost.append("input `\(input.name)`: \(error)\(origin)")
      }
    }
    return (values, lost)
  }

  /// Where the code that is there is not the recorded one.
  private func changes(_ record: RunRecord, _ plan: Plan) -> [String] {
    var changes: [String] = []
    var said: Set<Digest> = []
    for number in plan.taskSteps.indices {
      let step = plan.step(number)
      guard case .task(let index) = step.call else { continue }
      let task = plan.tasks[index]
      guard let old = record.step(step.path).map({ record.steps[$0] }) else {
        changes.append("step `\(step.path)` is not on record")
        continue
      }
      if old.task != task.signature.id || old.version != task.signature.version {
        changes.append(
          "step `\(step.path)` called \(old.task) \(old.version), which is \(task.signature.id) \(task.signature.version) now"
        )
      } else if old.code != task.code, said.insert(old.code).inserted {
        let now = CodeRecord(code: task.code, path: task.source.path, parts: task.parts)
        let parts = CodeDifference((old.code, record.code(old.code)), (task.code, now)).parts
        let names = parts.prefix(6).map { $0.kind == .plugin ? $0.name : "\($0.kind.word) \($0.name)" }
        changes.append(
          "the code of \(old.task) has changed: " + (names.isEmpty ? task.source.path : names.joined(separator: ", "))
            + (parts.count > 6 ? " and \(parts.count - 6) more parts" : ""))
      }
    }
    return changes
  }

  private func replays(_ record: RunRecord, _ history: Recollection) throws(WorkspaceError) -> [NodePath: Replay] {
    var replays: [NodePath: Replay] = [:]
    for (index, step) in record.steps.enumerated() {
      for call in try history.calls(of: record.run, step: index) {
        let origin = try history.origin(of: call)
        replays[NodePath(path: step.path, item: call.node.item)] = Replay(
          unixNanoseconds: origin.startedAt, seed: origin.key.map { Seed($0) })
      }
    }
    return replays
  }
}

/// Documents from the record, everything else from where it is.
struct RecordedLibrary: Library {
  let files: FileLibrary
  private let base: String
  private let texts: [String: String]

  init(files: FileLibrary, base: String, documents: [(path: String, text: String)]) {
    self.files = files
    self.base = base
    texts = Dictionary(
      documents.map { (Layout.absolute($0.path.hasPrefix("/") ? $0.path : base + "/" + $0.path), $0.text) }
    ) { first, _ in first }
  }

  /// Where a document was.
  func path(_ recorded: String) -> String {
    Layout.absolute(recorded.hasPrefix("/") ? recorded : base + "/" + recorded)
  }

  var phases: [String] { files.phases }

  func plugin(id: String) -> Result<[String: InstalledTask], LoadProblem> { files.plugin(id: id) }

  func plugin(atPath path: String) -> Result<[String: InstalledTask], LoadProblem> { files.plugin(atPath: path) }

  func document(atPath path: String) -> Result<SyntaxTree, LoadProblem> {
    guard let text = texts[self.path(path)] else {
      return .failure(LoadProblem(.notFound, "\(path) is not on record"))
    }
    return .success(DocumentJSON.recorded(text, path: path))
  }
}
