internal import Events
internal import Execution
internal import Experiments
internal import Foundation
internal import Plans
internal import Strategies
internal import Tasks
internal import Values
internal import Workflows

/// Questions to strategies of plugins. Each is a run of one call: recorded, isolated, and reused when it is asked again, after
/// the engine was killed or in a replay. What the call is given is not stored: it follows from the log.
struct StrategyAsker: Sendable {
  let program: Program
  let request: RunRequest
  /// Of the experiment.
  let number: Int

  func prepare(_ asking: Asking, _ experiment: Experiment) throws(WorkspaceError) -> Prepared {
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

  /// What came of it.
  func answer(_ asking: Asking, _ result: RunResult, run: Int64) throws(WorkspaceError) -> Answer {
    let name = asking.call.name
    let help = "nothing is lost: mend it, and `assay exp run` goes on; `assay runs show \(run)` has more"
    if let failure = result.storeFailure { throw WorkspaceError(.store, failure.message) }
    guard result.status == .succeeded else {
      let failure = result.failure?.failure
      throw WorkspaceError(
        failure?.kind == .load ? .plugin : .failed,
        "strategy `\(name)` gave no trial \(asking.question.trial): \(failure?.message ?? result.message)", help: help)
    }
    do throws(AnswerError) { return try asking.answer(result.outputs) } catch {
      throw WorkspaceError(
        .failed, "strategy `\(name)` gave no trial \(asking.question.trial): \(error.message)", help: help)
    }
  }
}
