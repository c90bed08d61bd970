internal import Diagnostics
package import Plans
internal import Tasks
internal import Values
internal import Workflows

extension Drawing {
  /// Everything that runs, with sub-workflows unfolded; what `--until` leaves out is missing. Linear in the size of the
  /// plan times the number of values that each formula refers to.
  package init(_ plan: Plan) {
    var reader = PlanReader(plan)
    reader.read()
    self = reader.drawing
  }
}

private struct PlanReader {
  /// An output of a node.
  struct Source: Hashable {
    var node: Int
    var result: String
  }

  /// One body in one place.
  struct Frame {
    var body: Int
    /// By local: where its value comes from; found out when asked for.
    var locals: [[Source]?]
    /// By step that was read.
    var steps: [Meaning] = []
    /// What every step of it inherits: that it runs for each item, or only if.
    var badges: [Drawing.Badge] = []
    /// Of a `when` around it.
    var condition: [Source]?
  }

  enum Meaning {
    case node(Int)
    /// By output of the scope.
    case scope([[Source]])
  }

  let plan: Plan
  var drawing: Drawing

  init(_ plan: Plan) {
    self.plan = plan
    drawing = Drawing(title: plan.workflow, doc: "", nodes: [], edges: [])
  }

  mutating func read() {
    for input in plan.inputs {
      var node = Drawing.Node(kind: .input, name: input.name, doc: input.doc, callee: input.type.description)
      if let value = input.default {
        node.parameters = [.init(kind: .value, name: "", text: plan.file.text(value.span))]
      }
      drawing.nodes.append(node)
    }
    var root = Frame(body: 0, locals: Array(repeating: nil, count: plan.bodies[0].locals.count))
    for index in plan.inputs.indices { root.locals[index] = [Source(node: index, result: "")] }
    read(&root)
    for (output, formula) in zip(plan.outputs, plan.bodies[0].outputs) {
      var node = Drawing.Node(kind: .output, name: output.name, doc: output.doc, callee: output.type.description)
      let sources = sources(of: formula, in: &root)
      add(.value, "", formula, sources, to: &node)
      drawing.nodes.append(node)
    }
  }

  private mutating func read(_ frame: inout Frame) {
    for step in plan.bodies[frame.body].steps {
      guard step.isWanted else {
        frame.steps.append(.scope([]))
        continue
      }
      switch step.call {
      case .task(let task): frame.steps.append(.node(read(step, plan.tasks[task].signature, in: &frame)))
      case .scope(let body): frame.steps.append(.scope(read(step, scope: body, in: &frame)))
      }
    }
  }

  private mutating func read(_ step: Plan.Step, _ task: TaskSignature, in frame: inout Frame) -> Int {
    var node = Drawing.Node(kind: .step, name: step.path, doc: task.doc, callee: task.id)
    node.phase = Phase.canonical(step.phase) ?? ""
    node.badges = frame.badges + step.options.badges
    node.results = task.outputs.map { output in
      var type = output.type
      if step.foreach != nil { type = .list(type) }
      if step.condition != nil, !type.isOptional { type = .optional(type) }
      return .init(name: output.name, type: type.description)
    }
    // The first steps of a scope wait for its condition; the others wait for them.
    if let condition = frame.condition, step.dependencies.isEmpty {
      add(.condition, "when", nil, condition, to: &node)
    }
    if let condition = step.condition {
      let sources = sources(of: condition, in: &frame)
      node.badges.insert(.init(kind: .when, text: "when \(names(of: sources))".trimmed), at: 0)
      add(.condition, "when", condition, sources, to: &node)
    }
    if let loop = step.foreach {
      let sources = sources(of: loop.source, in: &frame)
      node.badges.insert(.foreach("", limit: loop.limit), at: 0)
      add(.items, "item", loop.source, sources, to: &node)
    }
    for (parameter, formula) in zip(task.parameters, step.arguments) {
      if case .constant(let value) = formula, value == parameter.default ?? .null { continue }
      let sources = sources(of: formula, in: &frame)
      add(.argument, parameter.name, formula, sources, to: &node)
    }
    drawing.nodes.append(node)
    return drawing.nodes.count - 1
  }

  private mutating func read(_ step: Plan.Step, scope body: Int, in frame: inout Frame) -> [[Source]] {
    var inner = Frame(body: body, locals: Array(repeating: nil, count: plan.bodies[body].locals.count))
    inner.badges = frame.badges
    inner.condition = frame.condition.flatMap { step.dependencies.isEmpty ? $0 : nil }
    if let condition = step.condition {
      let sources = sources(of: condition, in: &frame)
      inner.badges.append(.init(kind: .when, text: "when \(names(of: sources))".trimmed))
      inner.condition = (inner.condition ?? []) + sources
    }
    var items: [Source] = []
    if let loop = step.foreach {
      items = sources(of: loop.source, in: &frame)
      inner.badges.append(.foreach("in \(step.path)", limit: loop.limit))
    }
    for (index, argument) in step.arguments.enumerated() {
      inner.locals[index] = sources(of: argument, items: items, in: &frame)
    }
    read(&inner)
    return plan.bodies[body].outputs.map { sources(of: $0, in: &inner) }
  }

  private mutating func add(
    _ kind: Drawing.Parameter.Kind, _ name: String, _ formula: Formula?, _ sources: [Source],
    to node: inout Drawing.Node
  ) {
    for source in sources {
      drawing.edges.append(
        .init(from: source.node, result: source.result, to: drawing.nodes.count, parameter: node.parameters.count))
    }
    let text = sources.isEmpty ? formula?.constantText ?? "" : names(of: sources)
    node.parameters.append(.init(kind: kind, name: name, text: text))
  }

  private func names(of sources: [Source]) -> String {
    sources.map { source in
      let name = drawing.nodes[source.node].name
      return source.result.isEmpty ? name : "\(name).\(source.result)"
    }.joined(separator: ", ")
  }

  /// Where a value comes from, each once. `items` stand for the bindings of the step that the formula is of.
  private func sources(of formula: Formula, items: [Source] = [], in frame: inout Frame) -> [Source] {
    var found: [Source] = []
    var seen = Set<Source>()
    var locals: [Int] = []
    func add(_ sources: [Source]) { for source in sources where seen.insert(source).inserted { found.append(source) } }
    let steps = frame.steps
    formula.forEach { part in
      switch part {
      case .local(let index): locals.append(index)
      case .binding: add(items)
      case .output(let step, let port):
        switch steps[step] {
        case .node(let node): add([Source(node: node, result: drawing.nodes[node].results[port].name)])
        case .scope(let results): if results.indices.contains(port) { add(results[port]) }
        }
      case .ran(let step):
        switch steps[step] {
        case .node(let node): add([Source(node: node, result: "ran")])
        case .scope(let results): add(results.flatMap { $0 })
        }
      default: break
      }
    }
    for index in locals {
      if let known = frame.locals[index] {
        add(known)
      } else if let inner = plan.bodies[frame.body].locals[index].formula {
        let known = sources(of: inner, in: &frame)
        frame.locals[index] = known
        add(known)
      }
    }
    return found
  }
}

extension Formula {
  /// A short text where nothing is referred to.
  fileprivate var constantText: String {
    switch self {
    case .constant(let value): value.description
    case .list(let items): "[" + items.map(\.constantText).joined(separator: ", ") + "]"
    case .call(let function, let arguments, _):
      "\(function.rawValue)(" + arguments.map(\.constantText).joined(separator: ", ") + ")"
    case .binding: "item"
    case .field(let record, let name): "\(record.constantText).\(name)"
    default: "…"
    }
  }
}
