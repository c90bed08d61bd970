internal import Events
internal import Execution
internal import Experiments
internal import Plans
internal import Values
internal import Workflows

/// One look of one policy: alarm, confirmation, act.
struct PolicyTurn {
  let watcher: Watcher
  let workspace: Workspace
  let program: Program
  let policy: Policy
  let file: String
  private let write: (PolicyFact) throws(WorkspaceError) -> Void

  init(
    watcher: Watcher, workspace: Workspace, program: Program, policy: Policy, file: String,
    record: @escaping (PolicyFact) throws(WorkspaceError) -> Void
  ) {
    self.watcher = watcher
    self.workspace = workspace
    self.program = program
    self.policy = policy
    self.file = file
    write = record
  }

  func record(_ fact: PolicyFact) throws(WorkspaceError) { try write(fact) }

  private var actor: Actor { Actor(.policy, policy.name) }

  func look(_ cause: String, _ versions: [String: Int], isRested: Bool) throws(WorkspaceError) {
    var reason = ""
    if !policy.monitors.isEmpty {
      var said: [String] = []
      var alarm: String?
      for monitor in policy.monitors where alarm == nil {
        let (isAlarm, words) = try ask(monitor, "policy \(policy.name) looks: \(cause)")
        if isAlarm { alarm = words } else { said.append(words) }
      }
      guard let alarm else {
        return try record(.quiet(cause: cause, reason: "no alarm: " + said.joined(separator: "; "), versions: versions))
      }
      reason = "alarm: \(alarm)"
    }
    if let champion = policy.champion {
      let (isWorse, words) = try ask(champion, "policy \(policy.name) looks at the champion again")
      guard isWorse else {
        return try record(
          .quiet(cause: cause, reason: join(reason, "the champion still holds: \(words)"), versions: versions))
      }
      reason = join(reason, "the champion does not hold: \(words)")
    }
    guard isRested else {
      return try record(.quiet(cause: cause, reason: join(reason, "rests after its last act"), versions: versions))
    }
    try act(cause, reason.isEmpty ? cause : reason, versions)
  }

  private func join(_ a: String, _ b: String) -> String { a.isEmpty ? b : "\(a); \(b)" }

  // MARK: Monitors

  /// Runs the workflow; whether that is alarming, and what it said.
  private func ask(
    _ monitor: Policy.Monitor, _ reason: String
  ) throws(WorkspaceError) -> (isAlarm: Bool, words: String) {
    let name = program.workflows[monitor.call.workflow].name
    let (run, result) = try self.run(monitor.call, reason)
    guard result.status == .succeeded else {
      guard monitor.condition == nil else {
        throw WorkspaceError(.failed, "run \(run) of `\(name)` \(result.status.rawValue): \(result.message)")
      }
      return (true, "run \(run) of `\(name)` \(result.status.rawValue)")
    }
    let outputs = program.workflows[monitor.call.workflow].outputs.map { output in
      result.outputs.first { $0.name == output.name }?.value ?? .null
    }
    let words = zip(program.workflows[monitor.call.workflow].outputs, outputs).compactMap { output, value -> String? in
      switch value {
      case .bool, .int, .float, .string: "\(output.name) \(value)"
      default: nil
      }
    }
    let said = "`\(name)` (run \(run)) \(words.joined(separator: ", "))"
    guard let condition = monitor.condition else { return (false, said) }
    do {
      return (try Formula(closed: condition).truth(in: OutputContext(values: outputs)), said)
    } catch {
      throw WorkspaceError(.failed, "`\(monitor.text)`: \(error)")
    }
  }

  private func run(_ call: Policy.Call, _ reason: String) throws(WorkspaceError) -> (RunNumber, RunResult) {
    var request = RunRequest(file: file, workspace.layout.settings)
    request.reason = reason
    let prepared: Prepared
    do {
      let artifacts = try workspace.artifacts(of: program, call.workflow, request)
      let plan = try Plan(
        program, workflow: call.workflow,
        artifacts: Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first })
      var inputs: [String: Value] = [:]
      for input in call.inputs { inputs[input.name] = try plan.value(of: input.value) }
      var made = Prepared(
        request: request, files: program.files, plan: plan, inputs: try plan.bind(inputs), warnings: [])
      made.artifacts = artifacts
      prepared = made
    } catch let error as PlanError {
      throw WorkspaceError(.usage, error.message, help: error.help)
    } catch let error as WorkspaceError {
      throw error
    } catch {
      throw WorkspaceError(.bug, "\(error)")
    }
    let session = try workspace.start(prepared) { _ in }
    let (result, isLate) = try watcher.running(timeout: policy.timeout, end: { session.stop(.cancel) }) {
      () throws(WorkspaceError) in session.run()
    }
    if let failure = result.storeFailure { throw WorkspaceError(.store, failure.message) }
    if isLate { throw WorkspaceError(.failed, "run \(session.number) took longer than the policy's `timeout`") }
    return (session.number, result)
  }

  // MARK: Acts

  private func act(_ cause: String, _ reason: String, _ versions: [String: Int]) throws(WorkspaceError) {
    for act in policy.acts {
      switch act {
      case .workflow(let call):
        let (number, result) = try run(call, "policy \(policy.name): \(reason)")
        let made = PolicyAct(.run, Int(number))
        try record(.acted(cause: cause, reason: reason, versions: versions, made))
        try record(.ended(made, "\(result.status.rawValue)" + (result.message.isEmpty ? "" : ": \(result.message)")))
      case .experiment(let place, let budget):
        let session = try begin(program.experiments[place].name, "policy \(policy.name): \(reason)")
        let made = PolicyAct(.experiment, session.number)
        try decide(session.number, .note(trial: nil, "\(cause): \(reason)"))
        for (name, amount) in budget.narrower(than: session.study.budget) {
          try decide(session.number, .budget(name, amount))
        }
        try record(.acted(cause: cause, reason: reason, versions: versions, made))
        try carry(session)
      }
    }
  }

  private func begin(_ experiment: String, _ reason: String) throws(WorkspaceError) -> StudySession {
    var request = StudyRequest(run: RunRequest(file: file, workspace.layout.settings))
    request.experiment = experiment
    request.reason = reason
    return try workspace.begin(request)
  }

  /// In the policy's name, whatever happens beside it.
  private func decide(_ experiment: Int, _ operation: Decision.Operation) throws(WorkspaceError) {
    _ = try workspace.decide(about: try workspace.experiment("\(experiment)"), by: actor, reason: "") { _ in
      Ruling([operation])
    }
  }

  /// An experiment that it began before: on to the end, or to the next gate.
  func goOn(with number: Int, isWaiting: Bool) throws(WorkspaceError) {
    let record = try workspace.experiment("\(number)")
    let study = try workspace.study(of: record)
    if study.closing == nil {
      // Nobody has answered yet: there is nothing to go on with.
      if isWaiting, study.isPaused || !study.waitingGates.isEmpty { return }
      let session = try begin(record.name, record.reason)
      guard session.number == number else {
        try self.record(.ended(PolicyAct(.experiment, number), "the document has changed since"))
        try self.record(
          .acted(
            cause: "experiment \(number)", reason: "the document has changed since", versions: [:],
            PolicyAct(.experiment, session.number)))
        return try carry(session)
      }
      return try carry(session)
    }
    try self.record(.ended(PolicyAct(.experiment, number), study.closing?.reason ?? ""))
  }

  private func carry(_ session: StudySession) throws(WorkspaceError) {
    let act = PolicyAct(.experiment, session.number)
    let (isOver, isLate) = try watcher.running(timeout: policy.timeout, end: { session.stop(.cancel) }) {
      () throws(WorkspaceError) in try session.run { _ in }
    }
    if isOver, let closing = session.study.closing {
      let best = session.study.ranked().first.map { ", best trial \(session.study.trials[$0].number)" } ?? ""
      return try record(.ended(act, "\(closing.status.rawValue): \(closing.reason)\(best)"))
    }
    if isLate {
      try decide(session.number, .stop(isHard: true))
      return try record(.ended(act, "stopped: it took longer than the policy's `timeout`"))
    }
    if watcher.isStopped { return }
    guard let gate = session.waitingGate else { return try record(.waits(act, "it is paused")) }
    let name = session.study.definition.experiment.stages[gate.stage].name
    try record(.waits(act, "gate `\(name)`: assay exp answer \(session.number) \(name) …"))
  }
}

extension Experiment.Budget {
  /// What is limited more than it is already.
  fileprivate func narrower(than other: Experiment.Budget) -> [(String, Double)] {
    let pairs: [(String, Double?, Double?)] = [
      ("trials", trials.map(Double.init), other.trials.map(Double.init)),
      ("wall", wall.map { $0 / .seconds(1) }, other.wall.map { $0 / .seconds(1) }),
      ("tasks", work.map { $0 / .seconds(1) }, other.work.map { $0 / .seconds(1) }),
      ("parallel", parallel.map(Double.init), other.parallel.map(Double.init)),
      ("failures", failures.map(Double.init), other.failures.map(Double.init)),
    ]
    return pairs.compactMap { name, mine, theirs in
      guard let mine, mine < theirs ?? .infinity else { return nil }
      return (name, mine)
    }
  }
}

/// The outputs of a run as the locals of a condition.
private struct OutputContext: FormulaContext {
  let values: [Value]

  func local(_ index: Int) throws(EvaluationError) -> Value {
    guard values.indices.contains(index) else { throw EvaluationError("there is no output \(index)") }
    return values[index]
  }
  func output(step: Int, port: Int) throws(EvaluationError) -> Value { throw EvaluationError("not in a policy") }
  func ran(step: Int) -> Bool { false }
  func binding(_ index: Int) throws(EvaluationError) -> Value { throw EvaluationError("not in a policy") }
}
