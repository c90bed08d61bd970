internal import Events
internal import Execution
internal import Experiments
internal import Plans
internal import Spaces
internal import Synchronization
internal import Tasks
internal import Values
internal import Workflows

/// What an experiment asks of a document: a checked program, and which of its experiments.
package struct StudyRequest: Sendable {
  package var file: String
  /// Nil: the only one of the document.
  package var experiment: String?
  /// Trials at a time; nil: what the budget says, or one per processor.
  package var parallel: Int?
  package var run: RunRequest
  package var reason = ""
  /// Goes on with the newest experiment of this name that did not end.
  package var resumes = true

  package init(run: RunRequest) {
    self.run = run
    file = run.file
  }
}

/// How a trial becomes a run: the study with the point's values in place, and metrics among its outputs.
struct TrialMaker: Sendable {
  let program: Program
  /// As people have changed it until the trial.
  var definition: Definition
  let request: RunRequest
  let artifacts: [RunArtifact]
  let number: Int

  func prepare(_ proposed: Proposed) throws(WorkspaceError) -> Prepared {
    let experiment = definition.experiment
    var program = program
    program.workflows[experiment.workflow].outputs += experiment.outputs
    var variants: [String: String] = [:]
    var inputs: [String: Value] = [:]
    for (place, parameter) in experiment.parameters.enumerated() {
      guard let value = definition.space.value(of: place, at: proposed.point) else { continue }
      switch parameter.target {
      case .input(let name): inputs[name] = value
      case .point(let step): if case .string(let variant) = value { variants[step] = variant }
      case .argument(let step, let variant, let name):
        Self.set(name, to: value, step, variant, in: &program.workflows[experiment.workflow])
      }
    }
    var request = request
    request.reason = "experiment \(number) (\(experiment.name)), trial \(proposed.trial)"
    if let seed = proposed.seed { request.seed = UInt64(bitPattern: seed) }
    do throws(PlanError) {
      let values = Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first }
      let plan = try Plan(program, workflow: experiment.workflow, variants: variants, artifacts: values)
      for input in experiment.inputs where inputs[input.name] == nil {
        inputs[input.name] = try plan.value(of: input.value)
      }
      var prepared = Prepared(
        request: request, files: program.files, plan: plan, inputs: try plan.bind(inputs), warnings: [])
      prepared.artifacts = artifacts
      return prepared
    } catch {
      throw WorkspaceError(.usage, error.message, help: error.help)
    }
  }

  private static func set(
    _ name: String, to value: Value, _ step: String, _ variant: String?, in workflow: inout Workflow
  ) {
    guard let place = workflow.steps.firstIndex(where: { $0.name == step }) else { return }
    let span = workflow.steps[place].span
    for index in workflow.steps[place].variants.indices {
      guard variant == nil || workflow.steps[place].variants[index].name == variant else { continue }
      let literal = Step.Argument(name: name, value: Expression(.literal(value), .any, span))
      let arguments = workflow.steps[place].variants[index].arguments
      if let known = arguments.firstIndex(where: { $0.name == name }) {
        workflow.steps[place].variants[index].arguments[known] = literal
      } else {
        workflow.steps[place].variants[index].arguments.append(literal)
      }
    }
  }

  /// What came of a run.
  func ended(_ trial: Int, _ result: RunResult, run: RunNumber, _ tally: Tally) -> Ended {
    let metrics = definition.experiment.metrics.map { metric -> Double? in
      result.outputs.first { $0.name == metric.output }?.value.number.flatMap { $0.isFinite ? $0 : nil }
    }
    let totals = tally.totals
    var ended = Ended(
      trial: trial, .finished, metrics: metrics, run: run, taskSeconds: totals.seconds,
      calls: (totals.ran, totals.reused))
    switch result.status {
    case .succeeded:
      let missing = zip(definition.experiment.metrics, metrics).first { $0.1 == nil && !$0.0.isWatched }
      if let missing {
        ended.outcome = .failed
        ended.message = "metric `\(missing.0.name)` is missing or not a number"
      }
    case .cancelled, .interrupted: ended.outcome = .cancelled
    default: ended.outcome = .failed
    }
    if ended.message.isEmpty { ended.message = result.message }
    return ended
  }
}

/// What the calls of a run cost. Any thread.
final class Tally: Sendable {
  private struct Sums {
    var ran = 0
    var reused = 0
    var nanoseconds: Int64 = 0
  }
  private let sums = Mutex(Sums())

  var totals: (ran: Int, reused: Int, seconds: Double) {
    sums.withLock { ($0.ran, $0.reused, Double($0.nanoseconds) / 1e9) }
  }

  func take(_ events: [LiveEvent]) {
    sums.withLock { sums in
      for case .recorded(let event) in events {
        switch event {
        case .attemptsFinished(let attempts):
          sums.ran += attempts.count
          for attempt in attempts { sums.nanoseconds += attempt.usage.wallNanoseconds }
        case .nodeReused: sums.reused += 1
        default: break
        }
      }
    }
  }
}
