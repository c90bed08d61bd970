internal import Tasks
package import Values
package import Workflows

extension Plan {
  /// Flattens a workflow of a checked program into a plan. Linear in the size of the result.
  ///
  /// - Parameters:
  ///   - variants: step path → variant, for variability points that shall not take their default.
  ///   - until: path of the last step that is wanted; nil: everything.
  ///   - artifacts: the values of the artifacts that the program names.
  package init(
    _ program: Program, workflow index: Int, variants: [String: String] = [:], until: String? = nil,
    artifacts: [String: Value] = [:]
  ) throws(PlanError) {
    var size = PlanSize(program)
    guard size.steps(of: index) <= PlanSize.maximum else {
      throw PlanError(
        "workflow `\(program.workflows[index].name)` unfolds into more than \(PlanSize.maximum) steps",
        help: "its workflows call each other so often that the calls multiply; to repeat work use `foreach`")
    }
    var planner = Planner(program: program, choices: variants, artifacts: artifacts)
    let root = try planner.scope(index, path: "", phase: nil, depth: 0)
    precondition(root == 0, "the root body comes first")
    let unknown = variants.keys.filter { !planner.used.contains($0) }.sorted()
    if let path = unknown.first {
      let points = planner.points.sorted()
      throw PlanError(
        "there is no variability point `\(path)` in this plan",
        help: points.isEmpty ? "the workflow has none" : "variability points: \(points.joined(separator: ", "))")
    }
    let source = program.workflows[index]
    self.init(
      workflow: source.name, file: source.file, inputs: source.inputs, tasks: program.tasks,
      bodies: planner.bodies.compactMap { $0 },
      taskSteps: [], outputs: source.outputs, variants: planner.chosen)
    self.artifacts = artifacts
    number()
    link()
    if let until { try keep(until) }
  }

  /// Numbers the steps that call tasks, body by body.
  private mutating func number() {
    for body in bodies.indices {
      for (index, step) in bodies[body].steps.enumerated() {
        guard case .task = step.call else { continue }
        step.number = taskSteps.count
        taskSteps.append((body, index))
      }
    }
  }

  /// Fills in the forward edges.
  private mutating func link() {
    for body in bodies.indices {
      bodies[body].outputLocals = bodies[body].locals(in: bodies[body].outputs)
      let steps = bodies[body].steps
      for (index, step) in steps.enumerated() {
        step.locals = bodies[body].locals(in: step.formulas)
        for dependency in step.dependencies { steps[dependency].dependents.append(index) }
      }
    }
  }

  /// Marks what `path` does not need as not wanted.
  private mutating func keep(_ path: String) throws(PlanError) {
    var wanted = Set<Int>()
    var stack = bodies[0].steps.indices.filter { index in
      let step = bodies[0].steps[index].path
      return step == path || step.hasPrefix(path + ".") || path.hasPrefix(step + ".")
    }
    if stack.isEmpty {
      throw PlanError(
        "there is no step `\(path)` in `\(workflow)`",
        help: "steps: \(bodies[0].steps.prefix(20).map(\.path).joined(separator: ", "))")
    }
    while let step = stack.popLast() {
      if wanted.insert(step).inserted { stack.append(contentsOf: bodies[0].steps[step].dependencies) }
    }
    for (index, step) in bodies[0].steps.enumerated() { step.isWanted = wanted.contains(index) }
    // An output that needs a step behind the end cannot be computed: the run does without it.
    let kept = outputs.indices.filter { index in
      bodies[0].dependencies(of: [bodies[0].outputs[index]]).allSatisfy(wanted.contains)
    }
    outputs = kept.map { outputs[$0] }
    bodies[0].outputs = kept.map { bodies[0].outputs[$0] }
    bodies[0].outputLocals = bodies[0].locals(in: bodies[0].outputs)
    bodies[0].outputDependencies = bodies[0].dependencies(of: bodies[0].outputs)
  }
}

extension Plan.Step {
  fileprivate var formulas: [Formula] {
    arguments + (foreach.map { [$0.source] } ?? []) + (condition.map { [$0] } ?? [])
  }
}

extension Plan.Body {
  /// The steps that formulas refer to, directly or through locals, ascending.
  fileprivate func dependencies(of formulas: [Formula]) -> [Int] {
    var steps: [Int] = []
    let locals = locals  // what a closure captures is copied for each part: not the whole body
    for formula in formulas {
      formula.forEach { part in
        switch part {
        case .output(let step, _), .ran(let step): steps.append(step)
        case .local(let index): steps += locals[index].dependencies
        default: break
        }
      }
    }
    if steps.count < 2 { return steps }
    return Set(steps).sorted()
  }

  /// The locals with a formula that formulas need, directly or through other locals, ascending: a local refers to
  /// earlier ones only.
  fileprivate func locals(in formulas: [Formula]) -> [Int] {
    guard locals.count > parameterCount else { return [] }
    var found = Set<Int>()
    var stack = formulas
    while let formula = stack.popLast() {
      formula.forEach { part in
        if case .local(let index) = part, let inner = locals[index].formula, found.insert(index).inserted {
          stack.append(inner)
        }
      }
    }
    return found.sorted()
  }
}

/// Builds bodies while it walks the workflows.
private struct Planner {
  let program: Program
  let choices: [String: String]
  let artifacts: [String: Value]
  var bodies: [Plan.Body?] = []
  var used: Set<String> = []
  var points: Set<String> = []
  var chosen: [(step: String, variant: String)] = []
  /// Names of the outputs of each task: one piece of memory for all of its steps, as with `straight`.
  private let outputs: [[String]]
  /// `[0, 1, 2, …]` of each length.
  private var straight: [[Int]] = [[]]

  init(program: Program, choices: [String: String], artifacts: [String: Value]) {
    self.program = program
    outputs = program.tasks.map { $0.signature.outputs.map(\.name) }
    self.choices = choices
    self.artifacts = artifacts
  }

  /// What a workflow's names mean in the body that is being built.
  struct Names {
    var inputs: [Formula]
    var steps: [Meaning] = []

    enum Meaning {
      /// A step of the body; by output of the workflow's step, the port of the step of the body.
      case step(Int, ports: [Int])
      /// A call that was flattened: its outputs.
      case flattened([Formula])
    }
  }

  /// Makes a body of a workflow and returns its index.
  mutating func scope(_ workflow: Int, path: String, phase: String?, depth: Int) throws(PlanError) -> Int {
    let index = bodies.count
    bodies.append(nil)
    let source = program.workflows[workflow]
    var body = Plan.Body(
      parameterCount: source.inputs.count,
      locals: source.inputs.map { _ in Plan.Local(formula: nil, dependencies: []) }, steps: [], outputs: [],
      outputDependencies: [])
    let names = try fill(
      &body, with: source, inputs: source.inputs.indices.map { .local($0) }, path: path, phase: phase, depth: depth)
    for output in source.outputs { body.outputs.append(try compile(output.value, names, source)) }
    body.outputDependencies = body.dependencies(of: body.outputs)
    bodies[index] = body
    return index
  }

  /// Appends the steps of a workflow to a body.
  private mutating func fill(
    _ body: inout Plan.Body, with source: Workflow, inputs: [Formula], path: String, phase: String?, depth: Int
  ) throws(PlanError) -> Names {
    guard depth < 64 else {
      throw PlanError("workflow `\(source.name)` is nested more than 64 deep", help: "does it call itself?")
    }
    var names = Names(inputs: inputs)
    for step in source.steps {
      let stepPath = path.isEmpty ? step.name : path + "." + step.name
      let variant = try choose(step, at: stepPath)
      let stepPhase = step.phase ?? phase
      switch variant.callee {
      case .task(let task):
        let compiled = try taskStep(
          step, variant, task: task, path: stepPath, phase: stepPhase, names: names, source: source, body: body)
        names.steps.append(.step(body.steps.count, ports: try ports(of: step, in: outputs[task], at: stepPath)))
        body.steps.append(compiled)
      case .workflow(let callee):
        try rejectTaskOptions(of: step, at: stepPath)
        let target = program.workflows[callee]
        let arguments = try arguments(variant, for: target, names: names, source: source)
        if step.foreach == nil, step.condition == nil, step.options.onFailure == .stop {
          let shared = arguments.map { share($0, in: &body) }
          let inner = try fill(
            &body, with: target, inputs: shared, path: stepPath, phase: stepPhase, depth: depth + 1)
          var outputs: [Formula] = []
          for field in step.outputs {
            guard let output = target.outputs.first(where: { $0.name == field.name }) else {
              throw PlanError("`\(target.name)` has no output `\(field.name)`")
            }
            outputs.append(share(try compile(output.value, inner, target), in: &body))
          }
          names.steps.append(.flattened(outputs))
        } else {
          let scope = try scope(callee, path: stepPath, phase: stepPhase, depth: depth + 1)
          let outputs = target.outputs.map(\.name)
          let compiled = try finish(
            step, call: .scope(scope), arguments: arguments, outputs: outputs, isolation: .worker, path: stepPath,
            phase: stepPhase ?? "", names: names, source: source, body: body)
          names.steps.append(.step(body.steps.count, ports: try ports(of: step, in: outputs, at: stepPath)))
          body.steps.append(compiled)
        }
      }
    }
    return names
  }

  private func taskStep(
    _ step: Step, _ variant: Step.Variant, task: Int, path: String, phase: String?, names: Names, source: Workflow,
    body: Plan.Body
  ) throws(PlanError) -> Plan.Step {
    let signature = program.tasks[task].signature
    var arguments: [Formula] = []
    for parameter in signature.parameters {
      if let argument = variant.arguments.first(where: { $0.name == parameter.name }) {
        arguments.append(try compile(argument.value, names, source))
      } else {
        arguments.append(.constant(parameter.default.map(parameter.type.coerced) ?? .null))
      }
    }
    return try finish(
      step, call: .task(task), arguments: arguments, outputs: outputs[task],
      isolation: step.options.isolation ?? .worker, path: path, phase: phase ?? signature.phase, names: names,
      source: source, body: body)
  }

  private func finish(
    _ step: Step, call: Plan.Call, arguments: [Formula], outputs: [String], isolation: Isolation, path: String,
    phase: String, names: Names, source: Workflow, body: Plan.Body
  ) throws(PlanError) -> Plan.Step {
    var formulas = arguments
    var foreach: Plan.Foreach?
    if let loop = step.foreach {
      let items = try compile(loop.source, names, source)
      formulas.append(items)
      foreach = Plan.Foreach(source: items, bindings: loop.bindings.count, limit: loop.limit)
    }
    var condition: Formula?
    if let when = step.condition {
      let formula = try compile(when, names, source)
      formulas.append(formula)
      condition = formula
    }
    return Plan.Step(
      path: path, call: call, arguments: arguments, foreach: foreach, condition: condition, options: step.options,
      phase: phase, isolation: isolation, outputs: outputs,
      dependencies: body.dependencies(of: formulas))
  }

  private func arguments(
    _ variant: Step.Variant, for target: Workflow, names: Names, source: Workflow
  ) throws(PlanError) -> [Formula] {
    var arguments: [Formula] = []
    for input in target.inputs {
      if let argument = variant.arguments.first(where: { $0.name == input.name }) {
        arguments.append(try compile(argument.value, names, source))
      } else if let value = input.default {
        arguments.append(try compile(value, Names(inputs: []), target))
      } else {
        arguments.append(.constant(.null))
      }
    }
    return arguments
  }

  private mutating func choose(_ step: Step, at path: String) throws(PlanError) -> Step.Variant {
    if step.isVariabilityPoint { points.insert(path) }
    guard let choice = choices[path] else { return step.variants[step.defaultVariant] }
    used.insert(path)
    guard step.isVariabilityPoint else {
      throw PlanError("step `\(path)` is not a variability point", help: "give it variants with `vary`")
    }
    guard let index = step.variants.firstIndex(where: { $0.name == choice }) else {
      throw PlanError(
        "variability point `\(path)` has no variant `\(choice)`",
        help: "variants: \(step.variants.map(\.name).joined(separator: ", "))")
    }
    if index != step.defaultVariant { chosen.append((path, choice)) }
    return step.variants[index]
  }

  private func rejectTaskOptions(of step: Step, at path: String) throws(PlanError) {
    let options = step.options
    if options.retries > 0 || options.timeout != nil || options.reuse != nil || options.isolation != nil
      || options.resources != nil
    {
      throw PlanError(
        "step `\(path)` calls a workflow: retry, timeout, resources, reuse and isolation belong to the steps inside it")
    }
  }

  /// Where the outputs that a step shows are among those that its callee has.
  private mutating func ports(of step: Step, in outputs: [String], at path: String) throws(PlanError) -> [Int] {
    let count = step.outputs.count
    if count == outputs.count, (0..<count).allSatisfy({ step.outputs[$0].name == outputs[$0] }) {
      while straight.count <= count { straight.append(Array(0..<straight.count)) }
      return straight[count]
    }
    var ports: [Int] = []
    for field in step.outputs {
      guard let port = outputs.firstIndex(of: field.name) else {
        throw PlanError("`\(path)` has no output `\(field.name)`")
      }
      ports.append(port)
    }
    return ports
  }

  /// A formula that is cheap to repeat: itself, or a new local.
  private func share(_ formula: Formula, in body: inout Plan.Body) -> Formula {
    switch formula {
    case .constant, .local, .output, .ran, .binding: return formula
    default:
      body.locals.append(Plan.Local(formula: formula, dependencies: body.dependencies(of: [formula])))
      return .local(body.locals.count - 1)
    }
  }

  private func compile(_ expression: Expression, _ names: Names, _ source: Workflow) throws(PlanError) -> Formula {
    func each(_ expressions: [Expression]) throws(PlanError) -> [Formula] {
      var formulas: [Formula] = []
      for expression in expressions { formulas.append(try compile(expression, names, source)) }
      return formulas
    }
    switch expression.kind {
    case .literal(let value): return .constant(value)
    case .input(let index): return names.inputs[index]
    case .output(let step, let port):
      switch names.steps[step] {
      case .step(let index, let ports): return .output(step: index, port: ports[port])
      case .flattened(let outputs): return outputs[port]
      }
    case .ran(let step):
      guard case .step(let index, _) = names.steps[step] else { return .constant(.bool(true)) }
      return .ran(step: index)
    case .binding(let index): return .binding(index)
    case .unary(let symbol, let operand): return .unary(symbol, try compile(operand, names, source))
    case .binary(let symbol, let left, let right):
      return .binary(
        symbol, try compile(left, names, source), try compile(right, names, source), Self.arithmetic(expression.type))
    case .call(let function, let arguments):
      var formulas = try each(arguments)
      if function == .file || function == .dir, case .constant(.string(let path))? = formulas.first {
        formulas[0] = .constant(.string(source.file.resolve(path)))
      }
      return .call(function, formulas, Self.arithmetic(expression.type))
    case .list(let items): return .list(try each(items))
    case .record(let fields): return .record(fields.map(\.name), try each(fields.map(\.value)))
    case .field(let record, let name): return .field(try compile(record, names, source), name)
    case .artifact(let name):
      guard let value = artifacts[name] else { throw PlanError("`artifact(\"\(name)\")` has no value") }
      return .constant(value)
    case .invalid: throw PlanError("the document has errors", help: "run `assay check`")
    }
  }

  private static func arithmetic(_ type: ValueType) -> Formula.Arithmetic {
    if case .int = type { return .integer }
    if case .optional(.int) = type { return .integer }
    return .floating
  }
}
