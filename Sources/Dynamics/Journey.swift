/// The way of a project through its phases, derived from what ran.
///
/// The definitions (root, echo, focus, revisit) are in docs/dynamics.md. One pass over all executions: each is looked at
/// once a phase at most, however long the project goes on.
package struct Journey: Sendable {
  package let phases: Phases
  package private(set) var runs: [Leg] = []
  package private(set) var revisits: [Revisit] = []
  private var lines: [String: LineState] = [:]

  private struct LineState {
    var baselines: [String: Execution] = [:]
    var completed: Set<Int> = []
    /// The farthest phase with a first or root execution.
    var frontier: Int?
    var target: Int?
    var evidence: Symptom?
    /// All that was executed.
    var work: [Work] = []
    /// By phase: the place in `work` of the last execution.
    var latest: [Int: Int] = [:]
    /// By phase: the revisits out of it after which it did not succeed yet.
    var open: [Int: [Int]] = [:]
  }

  private struct Work {
    var task: String
    var startedAt: Int64
    var finishedAt: Int64
    /// Of tasks; work that people logged is not what an earlier check would have saved.
    var seconds: Double
  }

  /// - Parameter runs: in the order of the record.
  package init(_ runs: [WorkRun], phases: Phases) {
    self.phases = phases
    for run in runs { add(run) }
  }

  private mutating func add(_ run: WorkRun) {
    var state = lines[run.line] ?? LineState()
    let focus = Self.focus(of: run, state)
    var leg = Leg(run: run, focus: focus, steps: [])
    var causes: [Int: Set<Cause>] = [:]
    var order: [Int] = []
    for execution in run.executions {
      let step = Self.classify(execution, run, state)
      leg.steps.append(step)
      if step.kind == .root {
        if causes[execution.phase] == nil { order.append(execution.phase) }
        causes[execution.phase, default: []].formUnion(step.causes.filter(\.isRoot))
      }
      Self.remember(execution, step, run, &state)
    }
    if let focus, !run.isExploration {
      for phase in order {
        var revisit = Revisit(
          leg: self.runs.count, from: focus.phase, to: phase, focusSource: focus.source, causes: causes[phase] ?? [],
          reason: Self.reason(run, causes[phase] ?? [], focus), symptom: focus.symptom)
        Self.measure(&revisit, state)
        state.open[focus.phase, default: []].append(revisits.count)
        revisits.append(revisit)
      }
    }
    if !run.isExploration {
      close(run, &state)
      state.evidence = run.symptoms.last
      state.target = run.target
    }
    Self.note(leg, &state)
    lines[run.line] = state
    self.runs.append(leg)
  }

  /// What was done in the line since the last work in the phase that is gone back to.
  private static func measure(_ revisit: inout Revisit, _ state: LineState) {
    guard let place = state.latest[revisit.to] else { return }
    let end = state.work[place].finishedAt
    for work in state.work[(place + 1)...] where work.startedAt >= end && work.seconds > 0 {
      revisit.lateDetection += work.seconds
      if revisit.after == nil, !Self.isCall(work.task, of: revisit.symptom?.name) { revisit.after = work.task }
    }
  }

  /// `fit[3]` is one of `fit`.
  private static func isCall(_ task: String, of step: String?) -> Bool {
    guard let step else { return false }
    return task == step || task.hasPrefix(step + "[")
  }

  /// Of the phases that were gone back from, those that succeed in this run are there again.
  private mutating func close(_ run: WorkRun, _ state: inout LineState) {
    for execution in run.executions where execution.isSuccess {
      for revisit in state.open.removeValue(forKey: execution.phase) ?? [] {
        let start = (revisits[revisit].leg == runs.count ? run : runs[revisits[revisit].leg].run).startedAt
        revisits[revisit].returnTime = Double(execution.finishedAt - start) / 1e9
      }
    }
  }

  private static func note(_ leg: Leg, _ state: inout LineState) {
    for execution in leg.executed.map(\.execution) {
      state.latest[execution.phase] = state.work.count
      state.work.append(
        Work(
          task: execution.task, startedAt: execution.startedAt, finishedAt: execution.finishedAt,
          seconds: execution.isLogged ? 0 : execution.seconds))
    }
  }

  /// Explicit before evidence before target before frontier. The frontier alone saturates: once a project has been deployed
  /// it would be deployment for ever.
  private static func focus(of run: WorkRun, _ state: LineState) -> Focus? {
    if let phase = run.focus { return Focus(phase: phase, source: .explicit) }
    if let symptom = state.evidence { return Focus(phase: symptom.phase, source: .evidence, symptom: symptom) }
    if let phase = state.target { return Focus(phase: phase, source: .target) }
    return state.frontier.map { Focus(phase: $0, source: .frontier) }
  }

  private static func classify(_ execution: Execution, _ run: WorkRun, _ state: LineState) -> Leg.Step {
    var baseline = state.baselines[execution.task]
    // The first logged work of a phase that tasks have completed is a return to it.
    if execution.isLogged, state.completed.contains(execution.phase) { baseline = baseline ?? execution }
    let causes = execution.causes(since: baseline)
    if execution.isReused { return Leg.Step(execution: execution, kind: .reused, causes: causes) }
    let kind: Leg.Kind =
      causes.contains(.first)
      ? .first : run.isExploration ? .exploration : causes.contains(where: \.isRoot) ? .root : .echo
    return Leg.Step(execution: execution, kind: kind, causes: causes)
  }

  private static func remember(_ execution: Execution, _ step: Leg.Step, _ run: WorkRun, _ state: inout LineState) {
    // Work that is logged goes on beside the others: it would be the farthest for ever.
    if !execution.isLogged, step.kind == .first || step.kind == .root {
      state.frontier = max(state.frontier ?? 0, execution.phase)
    }
    guard execution.isSuccess else { return }
    // What a trial tried is nothing to go back from.
    if !run.isExploration || state.baselines[execution.task] == nil { state.baselines[execution.task] = execution }
    state.completed.insert(execution.phase)
  }

  /// What a person said before what was found before what changed.
  private static func reason(_ run: WorkRun, _ causes: Set<Cause>, _ focus: Focus) -> Reason {
    if let reason = run.reason { return reason }
    if let symptom = focus.symptom {
      switch symptom.kind {
      case .failure, .check: return Reason(.check, symptom.text, .derived)
      case .data: return Reason(.dataQuality, symptom.text, .derived)
      case .metric: return Reason(.metric, symptom.text, .derived)
      case .drift: return Reason(.newData, symptom.text, .derived)
      case .resource: return Reason(.resource, symptom.text, .derived)
      }
    }
    if causes.contains(.external) { return Reason(.newData, "an input from outside is another one", .derived) }
    if causes.contains(.environment) { return Reason(.environment, "the environment is another one", .derived) }
    return Reason(.unstated, "", .none)
  }
}

/// What people were working on when a run began, and how that is known.
package struct Focus: Sendable, Equatable {
  package enum Source: String, Sendable, CaseIterable { case explicit, evidence, target, frontier }
  package var phase: Int
  package var source: Source
  /// Of `evidence`.
  package var symptom: Symptom?
  package init(phase: Int, source: Source, symptom: Symptom? = nil) {
    self.phase = phase
    self.source = source
    self.symptom = symptom
  }
}

/// A run with what its executions were.
package struct Leg: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// There was none before.
    case first
    /// Something changed here.
    case root
    /// Only because something before it changed.
    case echo
    /// Of a trial, of a task that was known.
    case exploration
    /// It did not run.
    case reused
  }
  package struct Step: Sendable {
    package var execution: Execution
    package var kind: Kind
    package var causes: Set<Cause>
  }
  package var run: WorkRun
  package var focus: Focus?
  /// Of all calls, also of those whose results were taken.
  package var steps: [Step]

  package var executed: [Step] { steps.filter { $0.kind != .reused } }
}

/// In a run with one phase in focus something of another, or of the same, was changed. One for a run and phase.
package struct Revisit: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    /// To an earlier phase.
    case back = "revisit"
    case itself = "self"
    case forward
  }
  /// Place in `Journey.runs`.
  package var leg: Int
  package var from: Int
  package var to: Int
  package var focusSource: Focus.Source
  package var causes: Set<Cause>
  package var reason: Reason
  package var symptom: Symptom?
  /// Seconds of tasks between the last work in the phase that was gone back to and the run that went back: what an earlier
  /// check would have saved.
  package var lateDetection = 0.0
  /// The first task that ran in between, besides the one in which it was found.
  package var after: String?
  /// Seconds from the beginning of the run until the phase in focus succeeded again; nil: it did not.
  package var returnTime: Double?

  package var kind: Kind { to < from ? .back : to == from ? .itself : .forward }
  /// Phases between where something was seen and where it came from.
  package var distance: Int { from - to }
}
