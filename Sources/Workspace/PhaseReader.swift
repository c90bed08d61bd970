internal import Comparisons
internal import Dynamics
internal import Events
internal import Spaces
internal import Tasks
internal import Traces
internal import Values

/// Turns runs of the record into work.
struct PhaseReader {
  let phases: Phases
  let history: Recollection
  let notes: PhaseNotes
  /// By run the experiment that it is a trial of.
  let trials: [RunNumber: Int]
  let directions: MetricDirections
  var unassigned: [String: Int] = [:]
  /// By workflow and output: the value of the last run that had one.
  private var metrics: [String: Double] = [:]

  init(
    phases: Phases, history: Recollection, notes: PhaseNotes, trials: [RunNumber: Int], directions: MetricDirections
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
    defer { history.forget(summary.run) }
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
      let sources = PhaseSources(record, place, outside)
      for call in calls {
        let origin = try history.origin(of: call)
        executions.append(execution(call, origin, step, phase, sources))
        if case .failed(let failure) = call.fate { symptoms.append(symptom(failure, step, phase, call.node.item)) }
      }
    }
    executions.sort { ($0.startedAt, $0.phase) < ($1.startedAt, $1.phase) }
    let isExploration = trials[summary.run] != nil || summary.reproduces != nil
    if !isExploration { symptoms += try regressions(record, executions) }
    var run = WorkRun(
      number: Int(summary.run), line: summary.workflow, startedAt: summary.startedAt,
      finishedAt: summary.finishedAt ?? executions.map(\.finishedAt).max() ?? summary.startedAt, executions: executions,
      symptoms: symptoms)
    run.isExploration = isExploration
    run.experiment = trials[summary.run]
    run.focus = notes.focus(of: summary.run, at: summary.startedAt).flatMap(phases.place)
    run.target = record.circumstances.until.flatMap(record.step).flatMap { phases.place(record.steps[$0].phase) }
    run.reason = notes.reason(of: summary.run)
    return [run]
  }

  private func execution(
    _ call: CallRecord, _ origin: CallRecord, _ step: StepRecord, _ phase: Int, _ sources: PhaseSources
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
      guard let rule = directions.rule(record.workflow, output.name), let value = output.value?.number, value.isFinite
      else { continue }
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

extension CallRecord {
  /// It ran, or its result was taken.
  fileprivate var isVisible: Bool {
    switch fate {
    case .ran, .reused, .failed: true
    case .skipped, .cutOff: false
    }
  }
}
