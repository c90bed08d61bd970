internal import Events
internal import Execution
internal import Experiments
internal import Plans
internal import Spaces
internal import Synchronization
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

/// How a trial becomes a run: the study with the point's values in place, and metrics among its outputs. Any thread.
final class TrialMaker: Sendable {
  let program: Program
  /// As people have changed it until the trial.
  let definition: Definition
  let request: RunRequest
  let artifacts: [RunArtifact]
  /// Without those that are held out.
  private let seen: [RunArtifact]
  let number: Int
  private let process: ProcessFacts
  /// Most trials differ in values alone: their plan is made once.
  private let shapes = Mutex<[Shape: Shaped]>([:])

  /// What decides about the plan of a trial.
  private struct Shape: Hashable {
    var variants: [String: String] = [:]
    /// Places of the parameters that set an argument of a step.
    var arguments: [Int] = []
  }

  private struct Shaped {
    var plan: Plan
    /// What the experiment gives the study.
    var constants: [String: Value] = [:]
  }

  init(
    program: Program, definition: Definition, request: RunRequest, artifacts: [RunArtifact], layout: Layout,
    number: Int
  ) {
    self.program = program
    self.definition = definition
    self.request = request
    self.artifacts = artifacts
    process = ProcessFacts(layout)
    let sealed = definition.experiment.sealedReferences
    seen = artifacts.filter { !sealed.contains($0.reference) }
    self.number = number
  }

  /// - Parameters:
  ///   - definition: as people have changed it until then.
  ///   - isHeldOut: on what trials do not see.
  func prepare(
    _ proposed: Proposed, _ definition: Definition, _ lanes: Int, isHeldOut: Bool = false
  ) throws(WorkspaceError) -> Prepared {
    let experiment = definition.experiment
    var shape = Shape()
    var inputs: [String: Value] = [:]
    for (place, parameter) in experiment.parameters.enumerated() {
      guard let value = definition.space.value(of: place, at: proposed.point) else { continue }
      switch parameter.target {
      case .input(let name): inputs[name] = value
      case .point(let step): if case .string(let variant) = value { shape.variants[step] = variant }
      case .argument:
        shape.arguments.append(place)
        inputs[parameter.name] = value
      }
    }
    var request = request
    request.reason = "experiment \(number) (\(experiment.name)), trial \(proposed.trial)"
    if isHeldOut { request.reason += ", on what is held out" }
    request.parallel = request.parallel ?? lanes
    if let seed = proposed.seed {
      request.seed = UInt64(bitPattern: seed)
      if repeatsSeedInput { inputs["seed"] = .int(seed) }
    }
    do throws(PlanError) {
      let shaped = try self.shaped(shape)
      inputs.merge(shaped.constants) { set, _ in set }
      if isHeldOut { for held in experiment.heldOut { inputs[held.name] = try shaped.plan.value(of: held.value) } }
      var prepared = Prepared(
        request: request, files: program.files, plan: shaped.plan, inputs: try shaped.plan.bind(inputs), warnings: [])
      prepared.artifacts = isHeldOut ? artifacts : seen
      prepared.process = process
      prepared.trial = TrialReference(experiment: number, name: experiment.name, trial: proposed.trial)
      return prepared
    } catch {
      throw WorkspaceError(.usage, error.message, help: error.help)
    }
  }

  private func shaped(_ shape: Shape) throws(PlanError) -> Shaped {
    if let known = shapes.withLock({ $0[shape] }) { return known }
    let experiment = definition.experiment
    var shaped = Shaped(
      plan: try Plan(
        program.trial(of: experiment, setting: shape.arguments.map { experiment.parameters[$0] }),
        workflow: experiment.workflow, variants: shape.variants,
        artifacts: Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first }))
    for input in experiment.inputs { shaped.constants[input.name] = try shaped.plan.value(of: input.value) }
    shapes.withLock { $0[shape] = shaped }
    return shaped
  }

  /// For a trial that is to begin. Its curve is wanted where its stage stops trials early, and where it has the values of the
  /// items that the metric is the mean of: what they scatter is what the metric is worth.
  func watch(
    _ proposed: Proposed, _ definition: Definition, isNews: @escaping @Sendable (TrialWatch) -> Void
  ) -> TrialWatch {
    let experiment = definition.experiment
    let objective = definition.objectives.first.map { experiment.metrics[$0] }
    let isPruned = definition.prunes(proposed.stage)
    return TrialWatch(
      objective: isPruned || objective?.items != nil ? objective?.output : nil, isPruned: isPruned, isNews: isNews)
  }

  /// What came of a run.
  func ended(_ trial: Int, _ result: RunResult, run: RunNumber, _ watch: TrialWatch) -> Ended {
    let metrics = definition.experiment.metrics.map { metric -> Double? in
      result.outputs.first { $0.name == metric.output }?.value.number.flatMap { $0.isFinite ? $0 : nil }
    }
    let totals = watch.totals
    var ended = Ended(
      trial: trial, .finished, metrics: metrics, curve: watch.curve, run: run, taskSeconds: totals.seconds,
      calls: (totals.ran, totals.reused))
    switch result.status {
    case .succeeded:
      let missing = zip(definition.experiment.metrics, metrics).first { $0.1 == nil && !$0.0.isWatched }
      if let missing {
        ended.outcome = .failed
        ended.message = "metric `\(missing.0.name)` is missing or not a number"
      } else if watch.isPruned, ended.curve.isEmpty {
        ended.message = "no intermediate values came by which it could have been pruned"
      }
    case .cancelled, .interrupted: ended.outcome = .cancelled
    default: ended.outcome = .failed
    }
    if ended.message.isEmpty { ended.message = result.message }
    return ended
  }
}

extension Program {
  /// The study of an experiment as a trial runs it: what metrics and promotions need is among the outputs, and each of
  /// `parameters` that sets an argument is an input, so that all points with the same steps have the same plan.
  func trial(of experiment: Experiment, setting parameters: [Experiment.Parameter]) -> Program {
    var program = self
    program.workflows[experiment.workflow].outputs += experiment.outputs
    for parameter in parameters {
      guard case .argument(let step, let variant, let name) = parameter.target else { continue }
      program.workflows[experiment.workflow].set(name, of: step, variant, from: parameter)
    }
    return program
  }
}

extension Workflow {
  fileprivate mutating func set(
    _ name: String, of step: String, _ variant: String?, from parameter: Experiment.Parameter
  ) {
    guard let place = steps.firstIndex(where: { $0.name == step }) else { return }
    let argument = Step.Argument(name: name, value: Expression(.input(inputs.count), .any, steps[place].span))
    inputs.append(Input(name: parameter.name, type: .any, doc: "", default: nil, span: parameter.span))
    for index in steps[place].variants.indices {
      guard variant == nil || steps[place].variants[index].name == variant else { continue }
      let arguments = steps[place].variants[index].arguments
      if let known = arguments.firstIndex(where: { $0.name == name }) {
        steps[place].variants[index].arguments[known] = argument
      } else {
        steps[place].variants[index].arguments.append(argument)
      }
    }
  }
}
