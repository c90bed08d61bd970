internal import Events
internal import Execution
internal import Experiments
internal import Foundation
internal import Plans
internal import Strategies
internal import Synchronization
internal import Tasks
internal import Values
internal import Workflows

/// Asks strategies and pruning rules of plugins. A question is a run of one call: recorded, isolated, and reused when it is asked
/// again, after the engine was killed. What the call is given is not stored: it follows from the log.
struct StrategyAsker {
  let workspace: Workspace
  let program: Program
  let request: RunRequest
  let experiment: Experiment
  /// Of the experiment.
  let number: Int

  /// - Parameter answered: called in another thread.
  func open(
    _ asking: Asking, answered: @escaping @Sendable () -> Void
  ) throws(WorkspaceError) -> OpenQuestion {
    let prepared = try prepare(asking)
    return OpenQuestion(
      "strategy `\(asking.call.name)` gave no trial \(asking.question.trial)",
      try workspace.start(prepared) { _ in }, answered)
  }

  /// - Parameter answered: called in another thread.
  func open(
    _ judging: Judging, answered: @escaping @Sendable () -> Void
  ) throws(WorkspaceError) -> OpenQuestion {
    let prepared = try prepare(judging)
    return OpenQuestion(
      "pruning rule `\(judging.call.name)` did not judge trial \(judging.trial) at step \(judging.step)",
      try workspace.start(prepared) { _ in }, answered)
  }

  func prepare(_ asking: Asking) throws(WorkspaceError) -> Prepared {
    try prepare(asking.call, asking.strategy, asking.arguments, "which trial \(asking.question.trial)?")
  }

  func prepare(_ judging: Judging) throws(WorkspaceError) -> Prepared {
    try prepare(
      judging.call, judging.rule, judging.arguments, "does trial \(judging.trial) go on after step \(judging.step)?")
  }

  private func prepare(
    _ call: Experiment.Call, _ strategy: StrategyTask, _ arguments: [(name: String, value: Value)], _ question: String
  ) throws(WorkspaceError) -> Prepared {
    let task = strategy.task
    let span = call.span
    var options = StepOptions()
    options.timeout = strategy.timeout
    let ports = task.outputs.map { ValueType.RecordField($0.name, $0.isOptional ? $0.type.lifted : $0.type) }
    let step = Step(
      name: "ask", doc: "",
      variants: [
        .init(
          name: "", callee: .task(0),
          arguments: arguments.map { .init(name: $0.name, value: Expression(.literal($0.value), .any, span)) })
      ],
      defaultVariant: 0, outputs: ports, foreach: nil, condition: nil, phase: nil, options: options, span: span)
    let workflow = Workflow(
      name: call.name, doc: "", file: experiment.file, nameSpan: span, inputs: [], steps: [step],
      outputs: ports.enumerated().map { place, port in
        .init(
          name: port.name, type: port.type, doc: "",
          value: Expression(.output(step: 0, port: place), port.type, span), span: span)
      })
    var request = request
    request.reason = "experiment \(number) (\(experiment.name)), \(question)"
    request.parallel = 1
    do throws(PlanError) {
      let plan = try Plan(Program(workflows: [workflow], tasks: [task], files: program.files), workflow: 0)
      return Prepared(request: request, files: program.files, plan: plan, inputs: try plan.bind([:]), warnings: [])
    } catch {
      throw WorkspaceError(.usage, "strategy `\(call.name)`: \(error.message)", help: error.help)
    }
  }
}

/// A question under way.
final class OpenQuestion: Sendable {
  let session: Session
  /// What it is if there is no answer.
  private let failure: String
  private let ended = Mutex<RunResult?>(nil)

  init(_ failure: String, _ session: Session, _ answered: @escaping @Sendable () -> Void) {
    self.failure = failure
    self.session = session
    let thread = Thread { [self] in
      let result = session.run()
      ended.withLock { $0 = result }
      answered()
    }
    thread.name = "strategy"
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Nil while the strategy thinks.
  var result: RunResult? { ended.withLock { $0 } }

  /// - Parameter reading: what the outputs of the task mean.
  func answer<A>(
    _ reading: ([(name: String, value: Value)]) throws(AnswerError) -> A
  ) throws(WorkspaceError) -> A {
    guard let result else { throw WorkspaceError(.bug, "the question is open") }
    if let failure = result.storeFailure { throw WorkspaceError(.store, failure.message) }
    guard result.status == .succeeded else {
      let failure = result.failure?.failure
      throw noAnswer(failure?.kind == .load ? .plugin : .failed, failure?.message ?? result.message)
    }
    do throws(AnswerError) { return try reading(result.outputs) } catch { throw noAnswer(.failed, error.message) }
  }

  private func noAnswer(_ exit: ExitCode, _ message: String) -> WorkspaceError {
    WorkspaceError(
      exit, "\(failure): \(message)",
      help: "nothing is lost: mend it, and `assay exp run` goes on; `assay runs show \(session.number)` has more")
  }
}
