internal import Comparisons
internal import Diagnostics
package import Dynamics
internal import Events
internal import Experiments
internal import Processes
internal import Settings
internal import Spaces
internal import Tasks
internal import Traces
internal import Values
internal import Workflows

/// The record of a project as the dynamics of its work.
package struct PhaseHistory: Sendable {
  package var journey: Journey
  /// Tasks whose calls belong to no phase, with how many there are.
  package var unassigned: [(task: String, calls: Int)]
}

extension Workspace {
  /// The phases that count in this project.
  package var phases: Phases {
    let given = layout.settings.texts(.phases)
    let names = given.isEmpty ? Phase.standard : given
    var aliases: [String: String] = [:]
    for name in names { if let short = Phase.canonical(name), short != name { aliases[short] = name } }
    for (word, name) in Phase.aliases {
      aliases[word] = names.contains(name) ? name : aliases[name] ?? name
    }
    // A finer word than the nine: what is found out about a model belongs to its development.
    if !names.contains("validation"), let development = names.first(where: { Phase.canonical($0) == "development" }) {
      for word in ["validation", "evaluation"] { aliases[word] = development }
    }
    return Phases(names, aliases: aliases)
  }

  /// The name of a phase of this project, however it was written.
  package func phase(named word: String) throws(WorkspaceError) -> String {
    let phases = self.phases
    if let place = phases.place(word) { return phases.name(place) }
    throw WorkspaceError(
      .usage, "there is no phase `\(word)`",
      help: nearest(word, phases.names).map { "did you mean `\($0)`?" }
        ?? "phases: \(phases.names.joined(separator: ", "))")
  }

  /// All runs that ended, and the work that people logged.
  package func phaseHistory() throws(WorkspaceError) -> PhaseHistory {
    let phases = self.phases
    let store = try readableStore()
    let history = Recollection(store)
    let notes = PhaseNotes(try projectLog())
    let trials = try runsOfTrials()
    var reader = PhaseReader(
      phases: phases, history: history, notes: notes, trials: trials,
      directions: Self.directions(layout.settings.texts(.phaseMetrics)))
    let summaries: [RunSummary]
    do throws(TraceError) { summaries = try store.trace.runs(limit: .max) } catch { throw WorkspaceError(error) }
    var runs: [WorkRun] = []
    for summary in summaries.reversed() where summary.status != .running { runs += try reader.work(summary) }
    return PhaseHistory(
      journey: Journey(Self.merged(runs, notes.work(phases)), phases: phases),
      unassigned: reader.unassigned.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) })
  }

  /// Logged work takes its place between runs by the clock, which is all that is known of it, and the line of the run before.
  private static func merged(_ runs: [WorkRun], _ logged: [WorkRun]) -> [WorkRun] {
    var merged: [WorkRun] = []
    var waiting = logged.sorted { $0.finishedAt < $1.finishedAt }[...]
    func put(_ work: WorkRun) {
      var work = work
      work.line = merged.last?.line ?? runs.first?.line ?? "project"
      merged.append(work)
    }
    for run in runs {
      while let next = waiting.first, next.finishedAt <= run.startedAt {
        put(next)
        waiting.removeFirst()
      }
      merged.append(run)
    }
    for work in waiting { put(work) }
    return merged
  }

  /// `auc maximize`, `loss minimize 0.01`; what makes no sense is left out.
  private static func directions(_ texts: [String]) -> [String: (isMaximized: Bool, tolerance: Double)] {
    var directions: [String: (Bool, Double)] = [:]
    for text in texts {
      let words = text.split(separator: " ")
      guard words.count >= 2, words[1] == "maximize" || words[1] == "minimize" else { continue }
      directions[String(words[0])] = (words[1] == "maximize", words.count > 2 ? Double(words[2]) ?? 0 : 0)
    }
    return directions
  }

  private func runsOfTrials() throws(WorkspaceError) -> Set<RunNumber> {
    var runs: Set<RunNumber> = []
    let ledger = experimentLedger()
    for record in try experiments(limit: .max) {
      for entry in try entries(of: record.number, in: ledger) {
        if case .ended(let ended) = entry.fact, let run = ended.run { runs.insert(run) }
      }
    }
    return runs
  }

  // MARK: What people put on record

  /// The log of the project itself, kept with those of its experiments.
  func projectLog() throws(WorkspaceError) -> [LogRow] {
    do throws(TraceError) { return try experimentLedger().entries(of: 0) } catch { throw WorkspaceError(error) }
  }

  package func phaseNotes() throws(WorkspaceError) -> PhaseNotes { PhaseNotes(try projectLog()) }

  /// Writes a file that somebody asked for, whole or not at all.
  package func write(_ text: String, to path: String) throws(WorkspaceError) {
    do throws(SystemError) { try Files.writeAtomically(Layout.absolute(path), Array(text.utf8)) } catch {
      throw WorkspaceError(.usage, "cannot write \(path): \(error.reason)")
    }
  }

  package func put(_ note: PhaseNote, at: Int64? = nil) throws(WorkspaceError) {
    // A store that is there may have an engine at work in it: a note does not wait for that.
    if !Layout.exists(layout.store) { _ = try writableStore(.full) }
    let row = note.row(at: at ?? Self.now(), actor: "person:\(Self.user)")
    do throws(TraceError) { try experimentLedger().append([row], to: 0, isSafe: true) } catch {
      throw WorkspaceError(error)
    }
  }
}

/// Turns runs of the record into work.
private struct PhaseReader {
  let phases: Phases
  let history: Recollection
  let notes: PhaseNotes
  let trials: Set<RunNumber>
  let directions: [String: (isMaximized: Bool, tolerance: Double)]
  var unassigned: [String: Int] = [:]
  /// By workflow and output: the value of the last run that had one.
  private var metrics: [String: Double] = [:]

  init(
    phases: Phases, history: Recollection, notes: PhaseNotes, trials: Set<RunNumber>,
    directions: [String: (isMaximized: Bool, tolerance: Double)]
  ) {
    self.phases = phases
    self.history = history
    self.notes = notes
    self.trials = trials
    self.directions = directions
  }

  mutating func work(_ summary: RunSummary) throws(WorkspaceError) -> [WorkRun] {
    guard let record = try history.record(of: summary.run) else { return [] }
    try history.load(summary.run)
    let outside = OutsideContents(record)
    var executions: [Execution] = []
    var symptoms: [Symptom] = []
    for (place, step) in record.steps.enumerated() {
      let calls = try history.calls(of: summary.run, step: place).filter(\.isVisible)
      guard !calls.isEmpty else { continue }
      guard let phase = phases.place(step.phase) else {
        unassigned[step.task, default: 0] += calls.count
        continue
      }
      let sources = Sources(record, place, outside)
      for call in calls {
        let origin = try history.origin(of: call)
        executions.append(execution(call, origin, step, phase, sources))
        if case .failed(let failure) = call.fate { symptoms.append(symptom(failure, step, phase, call.node.item)) }
      }
    }
    executions.sort { ($0.startedAt, $0.phase) < ($1.startedAt, $1.phase) }
    let isExploration = trials.contains(summary.run) || summary.reproduces != nil
    if !isExploration { symptoms += try regressions(record, executions) }
    var run = WorkRun(
      number: Int(summary.run), line: summary.workflow, startedAt: summary.startedAt,
      finishedAt: summary.finishedAt ?? executions.map(\.finishedAt).max() ?? summary.startedAt, executions: executions,
      symptoms: symptoms)
    run.isExploration = isExploration
    run.focus = notes.focus(of: summary.run, at: summary.startedAt).flatMap(phases.place)
    run.target = record.circumstances.until.flatMap(record.step).flatMap { phases.place(record.steps[$0].phase) }
    run.reason = notes.reason(of: summary.run)
    return [run]
  }

  private func execution(
    _ call: CallRecord, _ origin: CallRecord, _ step: StepRecord, _ phase: Int, _ sources: Sources
  ) -> Execution {
    let took = max(0, origin.usage.wallNanoseconds)
    var isReused = false
    if case .reused = call.fate { isReused = true }
    var execution = Execution(
      task: step.path + call.node.item, callee: step.task, phase: phase, parts: sources.parts(origin.components),
      isSuccess: call.hasOutputs,
      startedAt: call.startedAt, finishedAt: call.startedAt + took, output: Self.digest(call.outputs),
      isReused: isReused)
    // Attempts are not told apart here: those before the last count as long as it.
    execution.retrySeconds = isReused ? 0 : Double(max(0, call.attempts - 1)) * execution.seconds
    return execution
  }

  private static func digest(_ outputs: [Digest?]) -> Digest? {
    guard outputs.contains(where: { $0 != nil }) else { return nil }
    var hasher = Hasher256()
    for output in outputs { output.map { hasher.update($0) } ?? hasher.update([0]) }
    return hasher.digest()
  }

  /// By the first word of the code that a task failed with.
  private static let kinds: [(prefix: String, kind: Symptom.Kind)] = [
    ("check", .check), ("data", .data), ("drift", .drift),
  ]

  private func symptom(_ failure: Failure, _ step: StepRecord, _ phase: Int, _ item: String) -> Symptom {
    let kind: Symptom.Kind =
      switch failure.kind {
      case .resource, .timeout: .resource
      default: Self.kinds.first { failure.code.hasPrefix($0.prefix) }?.kind ?? .failure
      }
    return Symptom(kind, phase: phase, name: step.path, text: "\(step.path)\(item): \(failure.message)")
  }

  /// Outputs that are worse than in the run before, by more than is allowed.
  private mutating func regressions(_ record: RunRecord, _ executions: [Execution]) throws(WorkspaceError) -> [Symptom]
  {
    guard !directions.isEmpty, let phase = executions.last(where: { !$0.isReused })?.phase ?? executions.last?.phase
    else {
      return []
    }
    var symptoms: [Symptom] = []
    for output in try history.outputs(of: record.run) {
      guard let rule = directions[output.name], let value = output.value?.number, value.isFinite else { continue }
      let name = "\(record.workflow)\u{0}\(output.name)"
      if let before = metrics[name],
        rule.isMaximized ? value < before - rule.tolerance : value > before + rule.tolerance
      {
        symptoms.append(
          Symptom(.metric, phase: phase, name: output.name, text: "\(output.name) \(before) → \(value)"))
      }
      metrics[name] = value
    }
    return symptoms
  }
}

/// Where the parts of the keys of a step's calls come from.
private struct Sources {
  private var parameters: [String: Part.Source] = [:]
  private let record: RunRecord
  private let step: StepRecord
  private let outside: OutsideContents
  private let code: [(name: String, source: Part.Source, identity: Digest)]

  init(_ record: RunRecord, _ place: Int, _ outside: OutsideContents) {
    self.record = record
    self.outside = outside
    step = record.steps[place]
    code = Self.code(record, step)
    for wire in step.wiring.wires {
      guard let source = wire.sources.lazy.compactMap({ Self.source($0, record) }).first else { continue }
      parameters[wire.parameter] = source
    }
  }

  private static func source(_ source: Wiring.Source, _ record: RunRecord) -> Part.Source? {
    switch source {
    case .output(let step, _):
      return record.steps.indices.contains(step) ? .upstream(record.steps[step].path) : nil
    case .input(let index):
      guard record.inputs.indices.contains(index) else { return nil }
      return record.inputs[index].origin.isEmpty ? .parameter : .external
    }
  }

  /// The identity of code in two: the task's own, and what it stands on.
  private static func code(
    _ record: RunRecord, _ step: StepRecord
  ) -> [(name: String, source: Part.Source, identity: Digest)] {
    guard let parts = record.code(step.code)?.parts, !parts.isEmpty else { return [("code", .code, step.code)] }
    func digest(_ parts: [CodePart]) -> Digest {
      Hasher256.digest(Array(parts.map { "\($0.kind.rawValue)\t\($0.name)\t\($0.identity)\n" }.sorted().joined().utf8))
    }
    let ground: Set<CodePart.Kind> = [.runtime, .kit, .interpreter, .package]
    return [
      ("code", .code, digest(parts.filter { !ground.contains($0.kind) })),
      ("environment", .environment, digest(parts.filter { ground.contains($0.kind) })),
    ]
  }

  func parts(_ components: [(name: String, digest: Digest)]) -> [Part] {
    var parts = components.isEmpty ? [] : code.map { Part($0.name, $0.source, $0.identity) }
    for (name, digest) in components where name != "code" {
      switch name {
      case "task": parts.append(Part(name, .code, digest))
      case "seed": parts.append(Part(name, .seed, digest))
      default:
        let parameter = name.hasPrefix("inputs.") ? String(name.dropFirst("inputs.".count)) : name
        let source = parameters[parameter] ?? (outside.isNamed(by: parameter, path: step.path) ? .external : .parameter)
        parts.append(Part(name, source, digest))
      }
    }
    return parts
  }
}

extension CallRecord {
  /// It ran, or its result was taken.
  fileprivate var isVisible: Bool {
    switch fate {
    case .ran, .reused, .failed: true
    case .skipped, .cutOff: false
    }
  }
}
