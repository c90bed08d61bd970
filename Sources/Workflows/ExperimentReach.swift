internal import Diagnostics
internal import Syntax
internal import Values

/// What is given to the study, and what of it reaches the metrics.
extension ExperimentChecker {
  /// Inputs that have no value otherwise.
  func requireInputs() {
    let given = Set(experiment.inputs.map(\.name))
    let varied = Set(experiment.parameters.compactMap { if case .input(let name) = $0.target { name } else { nil } })
    for input in workflow.inputs where input.default == nil && !input.type.isOptional {
      guard !given.contains(input.name), !varied.contains(input.name), !broken.contains(input.name) else { continue }
      let study = syntax.statements.lazy.compactMap { $0.clause("study") }.first
      error(
        "E1002", "`study` does not give `\(input.name)`", at: study?.span ?? syntax.name.span,
        "`\(input.name)` has no default", also: [.init(workflow.file, input.span, "declared here")],
        help: "give it here, or vary it in `space`")
    }
  }

  /// Warns of metrics that are the same in all trials, and of parameters that change none.
  func warnAboutReach() {
    guard broken.isEmpty, !session.report.hasErrors, !experiment.parameters.isEmpty else { return }
    var reached = [Bool](repeating: false, count: experiment.parameters.count)
    for metric in experiment.metrics {
      guard let output = experiment.outputs.first(where: { $0.name == metric.output }) else { continue }
      let sources = sources(of: output.value)
      var isReached = false
      for (place, parameter) in experiment.parameters.enumerated() where sources.contains(parameter.target) {
        reached[place] = true
        isReached = true
      }
      if !isReached, !metric.isWatched {
        session.warning(
          "W1003", "no parameter of the space reaches metric `\(metric.name)`", in: file, at: metric.span,
          "the same in all trials", help: "vary something that it depends on, or measure something else")
      }
    }
    for (place, parameter) in experiment.parameters.enumerated() where !reached[place] {
      session.warning(
        "W1003", "no metric depends on `\(parameter.name)`", in: file, at: parameter.span, "changes nothing",
        help: "leave it out, or measure what it changes")
    }
  }

  /// Warns of inputs that are held out although no metric depends on them.
  func warnAboutHoldout() {
    guard broken.isEmpty, !session.report.hasErrors else { return }
    let metrics = experiment.metrics.filter { !$0.isWatched }.compactMap { metric in
      experiment.outputs.first { $0.name == metric.output }
    }
    let reaching = metrics.map { sources(of: $0.value) }
    for held in experiment.heldOut where !reaching.contains(where: { $0.inputs.contains(held.name) }) {
      session.warning(
        "W1003", "no metric depends on `\(held.name)`, which is held out", in: file, at: held.value.span,
        "changes nothing", help: "hold out what the metrics are measured on")
    }
  }

  /// The inputs and steps on which a value depends.
  private struct Sources {
    var inputs: Set<String> = []
    var steps: Set<String> = []

    func contains(_ target: Experiment.Target) -> Bool {
      switch target {
      case .input(let name): inputs.contains(name)
      case .point(let step), .argument(let step, _, _): steps.contains(step)
      }
    }
  }

  /// Linear in the steps that it depends on.
  private func sources(of value: Expression) -> Sources {
    var sources = Sources()
    var seen = [Bool](repeating: false, count: workflow.steps.count)
    var pending = [value]
    while let expression = pending.popLast() {
      expression.forEach { part in
        switch part.kind {
        case .input(let index): sources.inputs.insert(workflow.inputs[index].name)
        case .output(let step, _), .ran(let step):
          guard !seen[step] else { return }
          seen[step] = true
          let step = workflow.steps[step]
          sources.steps.insert(step.name)
          pending += step.variants.flatMap { $0.arguments.map(\.value) }
          if let foreach = step.foreach { pending.append(foreach.source) }
          if let condition = step.condition { pending.append(condition) }
        default: break
        }
      }
    }
    return sources
  }
}

extension Expression {
  /// Calls `visit` for each part, the whole first.
  func forEach(_ visit: (Expression) -> Void) {
    visit(self)
    switch kind {
    case .literal, .input, .output, .ran, .binding, .artifact, .invalid: break
    case .unary(_, let operand): operand.forEach(visit)
    case .binary(_, let left, let right):
      left.forEach(visit)
      right.forEach(visit)
    case .call(_, let arguments): for argument in arguments { argument.forEach(visit) }
    case .list(let items): for item in items { item.forEach(visit) }
    case .record(let fields): for field in fields { field.value.forEach(visit) }
    case .field(let base, _): base.forEach(visit)
    }
  }
}
