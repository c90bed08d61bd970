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

/// Asks strategies of plugins. A question is a run of one call: recorded, isolated, and reused when it is asked again, after
/// the engine was killed or in a replay. What the call is given is not stored: it follows from the log.
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
    OpenQuestion(asking, try workspace.start(try prepare(asking)) { _ in }, answered)
  }

  private func prepare(_ asking: Asking) throws(WorkspaceError) -> Prepared {
    let task = asking.strategy.task
    let span = asking.call.span
    var options = StepOptions()
    options.timeout = asking.strategy.timeout
    let ports = task.outputs.map { ValueType.RecordField($0.name, $0.isOptional ? $0.type.lifted : $0.type) }
    let step = Step(
      name: "ask", doc: "",
      variants: [
        .init(
          name: "", callee: .task(0),
          arguments: asking.arguments.map { .init(name: $0.name, value: Expression(.literal($0.value), .any, span)) })
      ],
      defaultVariant: 0, outputs: ports, foreach: nil, condition: nil, phase: nil, options: options, span: span)
    let workflow = Workflow(
      name: asking.call.name, doc: "", file: experiment.file, nameSpan: span, inputs: [], steps: [step],
      outputs: ports.enumerated().map { place, port in
        .init(
          name: port.name, type: port.type, doc: "",
          value: Expression(.output(step: 0, port: place), port.type, span), span: span)
      })
    var request = request
    request.reason = "experiment \(number) (\(experiment.name)), which trial \(asking.question.trial)?"
    request.parallel = 1
    do throws(PlanError) {
      let plan = try Plan(Program(workflows: [workflow], tasks: [task], files: program.files), workflow: 0)
      return Prepared(request: request, files: program.files, plan: plan, inputs: try plan.bind([:]), warnings: [])
    } catch {
      throw WorkspaceError(.usage, "strategy `\(asking.call.name)`: \(error.message)", help: error.help)
    }
  }
}

/// A question under way.
final class OpenQuestion: Sendable {
  let session: Session
  private let asking: Asking
  private let ended = Mutex<RunResult?>(nil)

  init(_ asking: Asking, _ session: Session, _ answered: @escaping @Sendable () -> Void) {
    self.asking = asking
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

  func answer() throws(WorkspaceError) -> Answer {
    guard let result else { throw WorkspaceError(.bug, "the question is open") }
    if let failure = result.storeFailure { throw WorkspaceError(.store, failure.message) }
    guard result.status == .succeeded else {
      let failure = result.failure?.failure
      throw noAnswer(failure?.kind == .load ? .plugin : .failed, failure?.message ?? result.message)
    }
    do throws(AnswerError) { return try asking.answer(result.outputs) } catch { throw noAnswer(.failed, error.message) }
  }

  private func noAnswer(_ exit: ExitCode, _ message: String) -> WorkspaceError {
    WorkspaceError(
      exit, "strategy `\(asking.call.name)` gave no trial \(asking.question.trial): \(message)",
      help: "nothing is lost: mend it, and `assay exp run` goes on; `assay runs show \(session.number)` has more")
  }
}
