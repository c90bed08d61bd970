internal import Diagnostics
internal import Tasks
internal import Values
package import Workflows

extension Drawing {
  /// The workflow as it was written; a sub-workflow is one node. Linear in the size of the workflow.
  ///
  /// - Parameters:
  ///   - index: into `Program.workflows`.
  ///   - variants: step → variant, for variability points that shall not take their default. Unknown names have no effect.
  package init(_ program: Program, workflow index: Int, variants: [String: String] = [:]) {
    let workflow = program.workflows[index]
    self.init(title: workflow.name, doc: workflow.doc, nodes: [], edges: [])
    for input in workflow.inputs {
      var node = Node(kind: .input, name: input.name, doc: input.doc, callee: input.type.description)
      if let value = input.default { node.parameters = [.init(.value, "", value, workflow)] }
      nodes.append(node)
    }
    for step in workflow.steps { append(step, program, workflow, choice: variants[step.name]) }
    for output in workflow.outputs {
      var node = Node(kind: .output, name: output.name, doc: output.doc, callee: output.type.description)
      node.parameters = [.init(.value, "", output.value, workflow)]
      nodes.append(node)
      connect([output.value], workflow)
    }
  }

  private mutating func append(_ step: Step, _ program: Program, _ workflow: Workflow, choice: String?) {
    let chosen = step.variants.firstIndex { $0.name == choice } ?? step.defaultVariant
    guard step.variants.indices.contains(chosen) else { return }
    let variant = step.variants[chosen]
    let (callee, isWorkflow, phase) = program.describe(variant.callee)
    var node = Node(kind: .step, name: step.name, doc: step.doc, callee: callee)
    node.isWorkflow = isWorkflow
    node.phase = Phase.canonical(step.phase ?? phase) ?? ""
    node.results = step.outputs.map { Result(name: $0.name, type: $0.type.description) }
    node.badges = step.options.badges
    var values: [Expression] = []
    if let condition = step.condition {
      node.badges.insert(Badge(kind: .when, text: "when \(workflow.line(condition))"), at: 0)
      node.parameters.append(.init(.condition, "when", condition, workflow))
      values.append(condition)
    }
    if let loop = step.foreach {
      node.badges.insert(loop.badge, at: 0)
      node.parameters.append(.init(.items, loop.bindings.joined(separator: ", "), loop.source, workflow))
      values.append(loop.source)
    }
    for argument in variant.arguments {
      node.parameters.append(.init(.argument, argument.name, argument.value, workflow))
      values.append(argument.value)
    }
    if step.isVariabilityPoint {
      let shown = node.parameters.filter { $0.kind == .argument }
      for (index, other) in step.variants.enumerated() {
        let (callee, isWorkflow, _) = program.describe(other.callee)
        let arguments = other.arguments.map { Parameter(.argument, $0.name, $0.value, workflow) }
        node.variants.append(
          Variant(
            name: other.name, callee: callee, isWorkflow: isWorkflow, isChosen: index == chosen,
            arguments: arguments.filter { index == chosen || !shown.contains($0) }))
        // What others take is drawn too, so that no reference of the text is missing from the graph.
        for (argument, parameter) in zip(other.arguments, arguments) where index != chosen {
          var idle = parameter
          idle.isIdle = true
          guard !shown.contains(parameter), !node.parameters.contains(idle) else { continue }
          node.parameters.append(idle)
          values.append(argument.value)
        }
      }
    }
    nodes.append(node)
    connect(values, workflow)
  }

  /// Edges to the last node, whose parameters are these expressions.
  private mutating func connect(_ values: [Expression], _ workflow: Workflow) {
    for (parameter, value) in values.enumerated() {
      var seen = Set<Edge>()
      value.forEachReference { reference in
        let edge: Edge
        switch reference {
        case .input(let index):
          edge = Edge(from: index, result: "", to: nodes.count - 1, parameter: parameter)
        case .output(let step, let port):
          edge = Edge(
            from: workflow.inputs.count + step, result: workflow.steps[step].outputs[port].name, to: nodes.count - 1,
            parameter: parameter)
        case .ran(let step):
          edge = Edge(from: workflow.inputs.count + step, result: "ran", to: nodes.count - 1, parameter: parameter)
        default: return
        }
        if seen.insert(edge).inserted { edges.append(edge) }
      }
    }
  }
}

extension Drawing.Parameter {
  fileprivate init(_ kind: Kind, _ name: String, _ value: Expression, _ workflow: Workflow) {
    self.init(kind: kind, name: name, text: workflow.line(value))
  }
}

extension Workflow {
  /// The text of an expression in one line.
  fileprivate func line(_ expression: Expression) -> String {
    let words = file.text(expression.span).split { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r\n" || $0 == "\r" }
    return words.joined(separator: " ")
  }
}

extension Program {
  fileprivate func describe(_ callee: Step.Callee) -> (name: String, isWorkflow: Bool, phase: String) {
    switch callee {
    case .task(let index): (tasks[index].signature.id, false, tasks[index].signature.phase)
    case .workflow(let index): (workflows[index].name, true, "")
    }
  }
}

extension Expression {
  /// Calls `visit` for the inputs and outputs that it refers to.
  fileprivate func forEachReference(_ visit: (Kind) -> Void) {
    switch kind {
    case .input, .output, .ran: visit(kind)
    case .literal, .binding, .artifact, .invalid: break
    case .unary(_, let operand), .field(let operand, _): operand.forEachReference(visit)
    case .binary(_, let left, let right):
      left.forEachReference(visit)
      right.forEachReference(visit)
    case .call(_, let items), .list(let items): for item in items { item.forEachReference(visit) }
    case .record(let fields): for field in fields { field.value.forEachReference(visit) }
    }
  }
}

extension Step.Foreach {
  fileprivate var badge: Drawing.Badge { .foreach(bindings.joined(separator: ", "), limit: limit) }
}

extension Drawing.Badge {
  static func foreach(_ items: String, limit: Int?) -> Self {
    Self(kind: .foreach, text: "foreach" + (items.isEmpty ? "" : " \(items)") + (limit.map { " max \($0)" } ?? ""))
  }
}

extension StepOptions {
  /// In the words of the language.
  var badges: [Drawing.Badge] {
    var badges: [Drawing.Badge] = []
    if retries > 0 {
      let codes = retryOn.isEmpty ? "" : " on " + retryOn.joined(separator: ", ")
      badges.append(.init(kind: .retry, text: "retry \(retries)\(codes)"))
    }
    if let timeout { badges.append(.init(kind: .timeout, text: "timeout \(DurationLiteral.text(timeout))")) }
    if let resources {
      var parts: [String] = []
      if resources.cpu > 0 { parts.append("cpu \(Value.float(resources.cpu).short)") }
      if resources.memoryBytes > 0 { parts.append("memory \(ByteSize.literal(resources.memoryBytes))") }
      if resources.gpu > 0 { parts.append("gpu \(resources.gpu)") }
      if !parts.isEmpty { badges.append(.init(kind: .resources, text: parts.joined(separator: ", "))) }
    }
    switch reuse {
    case .inputs: badges.append(.init(kind: .reuse, text: "reuse inputs"))
    case .never: badges.append(.init(kind: .reuse, text: "reuse never"))
    case .within(let age): badges.append(.init(kind: .reuse, text: "reuse \(DurationLiteral.text(age))"))
    case nil: break
    }
    if let isolation { badges.append(.init(kind: .isolation, text: isolation.rawValue)) }
    if onFailure != .stop { badges.append(.init(kind: .failure, text: "on failure \(onFailure.rawValue)")) }
    return badges
  }
}

extension Value {
  /// `2` for `2.0`.
  fileprivate var short: String {
    if case .float(let number) = self, let whole = Int64(exactly: number) { return String(whole) }
    return description
  }
}
