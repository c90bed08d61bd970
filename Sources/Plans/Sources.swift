internal import Tasks

/// Where the values that a step is given come from, across sub-workflows.
package struct PlanSources {
  package enum Source: Hashable {
    /// An input of the workflow.
    case input(Int)
    /// An output of a step, by trace number; port -1: whether it ran.
    case output(step: Int, port: Int)
  }

  private let plan: Plan
  /// By body: the step that opens it.
  private var callers: [(body: Int, step: Int)?]

  /// O(steps).
  package init(_ plan: Plan) {
    self.plan = plan
    callers = Array(repeating: nil, count: plan.bodies.count)
    for (body, content) in plan.bodies.enumerated() {
      for (step, call) in content.steps.enumerated() {
        if case .scope(let inner) = call.call { callers[inner] = (body, step) }
      }
    }
  }

  /// Calls `visit` for each argument that is not constant, for `@foreach` and for `@when`; each source once.
  /// Linear in the formulas.
  package func forEach(of number: Int, _ visit: (_ parameter: String, _ sources: [Source]) -> Void) {
    let place = plan.taskSteps[number]
    let step = plan.step(number)
    guard case .task(let task) = step.call else { return }
    let installed = plan.tasks[task]
    func isConstant(_ formula: Formula) -> Bool {
      switch formula {
      case .constant: true
      case .list(let items): items.isEmpty
      default: false
      }
    }
    func trace(_ name: String, _ formula: Formula) {
      switch formula {
      case .constant: return
      case .output(let index, let port):
        // The frequent case, without a walk.
        let target = plan.bodies[place.body].steps[index]
        if case .task = target.call { return visit(name, [.output(step: target.number, port: port)]) }
      case .list(let items):
        if let sources = outputs(items, in: place.body) { return sources.isEmpty ? () : visit(name, sources) }
      default: break
      }
      var walk = Walk(plan: plan, callers: callers)
      walk.visit(formula, place.body, place.step)
      if !walk.sources.isEmpty { visit(name, walk.sources) }
    }
    for (index, formula) in step.arguments.enumerated() where !isConstant(formula) {
      let inputs = installed.inputs
      trace(
        index < inputs.count ? inputs[index].name : installed.configuration[index - inputs.count].name, formula)
    }
    if let foreach = step.foreach { trace("@foreach", foreach.source) }
    if let condition = step.condition { trace("@when", condition) }
  }

  /// What a list of outputs of tasks comes from, without a walk; nil: something else is in it.
  private func outputs(_ items: [Formula], in body: Int) -> [Source]? {
    guard items.count <= 16 else { return nil }
    var sources: [Source] = []
    for item in items {
      guard case .output(let index, let port) = item, case .task = plan.bodies[body].steps[index].call else {
        return nil
      }
      let source = Source.output(step: plan.bodies[body].steps[index].number, port: port)
      if !sources.contains(source) { sources.append(source) }
    }
    return sources
  }
}

/// Follows formulas to what they stand for.
private struct Walk {
  struct Place: Hashable {
    var body: Int
    var local: Int
  }
  let plan: Plan
  let callers: [(body: Int, step: Int)?]
  var sources: [PlanSources.Source] = []
  private var known: Set<PlanSources.Source> = []
  private var seen: Set<Place> = []

  init(plan: Plan, callers: [(body: Int, step: Int)?]) {
    self.plan = plan
    self.callers = callers
  }

  /// - Parameter step: the step whose item `.binding` means.
  mutating func visit(_ formula: Formula, _ body: Int, _ step: Int) {
    switch formula {
    case .constant: break
    case .local(let index): local(index, body, step)
    case .output(let index, let port): output(index, port, body)
    case .ran(let index):
      let target = plan.bodies[body].steps[index]
      if target.number >= 0 { add(.output(step: target.number, port: -1)) }
      if let condition = target.condition { visit(condition, body, index) }
    case .binding:
      if let source = plan.bodies[body].steps[step].foreach?.source { visit(source, body, step) }
    case .unary(_, let operand): visit(operand, body, step)
    case .binary(_, let left, let right, _):
      visit(left, body, step)
      visit(right, body, step)
    case .call(_, let arguments, _): for argument in arguments { visit(argument, body, step) }
    case .list(let items): for item in items { visit(item, body, step) }
    case .record(_, let values): for value in values { visit(value, body, step) }
    case .field(let record, _): visit(record, body, step)
    }
  }

  private mutating func local(_ index: Int, _ body: Int, _ step: Int) {
    guard seen.insert(Place(body: body, local: index)).inserted else { return }
    if let formula = plan.bodies[body].locals[index].formula { return visit(formula, body, step) }
    guard let caller = callers[body] else { return add(.input(index)) }
    let call = plan.bodies[caller.body].steps[caller.step]
    if call.arguments.indices.contains(index) { visit(call.arguments[index], caller.body, caller.step) }
  }

  private mutating func output(_ index: Int, _ port: Int, _ body: Int) {
    let target = plan.bodies[body].steps[index]
    switch target.call {
    case .task: add(.output(step: target.number, port: port))
    case .scope(let inner):
      // A local number of its own for each output of a scope: visited once.
      guard seen.insert(Place(body: inner, local: -1 - port)).inserted else { return }
      visit(plan.bodies[inner].outputs[port], inner, 0)
    }
  }

  private mutating func add(_ source: PlanSources.Source) {
    if known.insert(source).inserted { sources.append(source) }
  }
}
