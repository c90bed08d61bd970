internal import Tasks
package import Values
internal import Workflows

/// What each step of a plan computes, as far as constants, inputs and the steps before it say: two steps with the same
/// identity, in whatever plans, do the same work. Unlike a task key it is known before anything has run.
package struct StepIdentities: Sendable {
  /// By number of the step in the trace.
  package private(set) var digests: [Digest]

  /// Linear in the plan. Plans of more than so many steps have an identity for each step that is its own alone.
  private static let most = 20_000

  /// - Parameter inputs: with digests of files.
  package init(_ plan: Plan, inputs: [Value], seed: UInt64) {
    digests = plan.taskSteps.indices.map { Self.mix(["own", "\($0)"], []) }
    guard plan.taskSteps.count <= Self.most else { return }
    var walk = Walk(plan: plan, seed: seed, digests: digests)
    _ = walk.outputs(of: 0, parameters: inputs.map(Self.digest))
    digests = walk.digests
  }

  fileprivate static func digest(_ value: Value) -> Digest {
    value.contentDigest() ?? Hasher256.digest(Array(value.description.utf8))
  }

  fileprivate static func mix(_ words: [String], _ parts: [Digest]) -> Digest {
    var hasher = Hasher256()
    for word in words { hasher.update(Array("\(word.utf8.count):\(word)".utf8)) }
    for part in parts { hasher.update(part) }
    return hasher.digest()
  }
}

/// One walk over the bodies of a plan.
private struct Walk {
  let plan: Plan
  let seed: UInt64
  var digests: [Digest]

  /// A body with what is given to it, and what is known of it so far.
  private struct Frame {
    let body: Plan.Body
    var locals: [Int: Digest]
    var steps: [Int: [Digest]] = [:]
    /// Of the enclosing `foreach`.
    let source: Digest?
  }

  init(plan: Plan, seed: UInt64, digests: [Digest]) {
    self.plan = plan
    self.seed = seed
    self.digests = digests
  }

  mutating func outputs(of body: Int, parameters: [Digest], source: Digest? = nil) -> [Digest] {
    let body = plan.bodies[body]
    var frame = Frame(body: body, locals: [:], source: source)
    for (index, digest) in parameters.enumerated() { frame.locals[index] = digest }
    for step in body.steps.indices { _ = outputs(ofStep: step, &frame) }
    var found: [Digest] = []
    for output in body.outputs { found.append(digest(output, &frame, nil)) }
    return found
  }

  /// By port; of a task all are derived from one.
  private mutating func outputs(ofStep index: Int, _ frame: inout Frame) -> [Digest] {
    if let known = frame.steps[index] { return known }
    let step = frame.body.steps[index]
    var source = frame.source
    if let foreach = step.foreach { source = digest(foreach.source, &frame, nil) }
    var arguments: [Digest] = []
    for argument in step.arguments { arguments.append(digest(argument, &frame, source)) }
    var found: [Digest]
    switch step.call {
    case .scope(let body): found = outputs(of: body, parameters: arguments, source: source)
    case .task(let task):
      let task = plan.tasks[task]
      let whole = StepIdentities.mix(
        ["task", task.signature.id, task.signature.version, "\(seed)"], [task.code] + arguments)
      if digests.indices.contains(step.number) { digests[step.number] = whole }
      found = step.outputs.indices.map { StepIdentities.mix(["port", "\($0)"], [whole]) }
    }
    if step.foreach != nil, let source { found = found.map { StepIdentities.mix(["each"], [$0, source]) } }
    frame.steps[index] = found
    return found
  }

  private mutating func mixed(
    _ frame: inout Frame, _ source: Digest?, _ words: [String], _ parts: [Formula]
  ) -> Digest {
    var digests: [Digest] = []
    for part in parts { digests.append(digest(part, &frame, source)) }
    return StepIdentities.mix(words, digests)
  }

  private mutating func digest(_ formula: Formula, _ frame: inout Frame, _ source: Digest?) -> Digest {
    switch formula {
    case .constant(let value): return StepIdentities.digest(value)
    case .local(let index):
      if let known = frame.locals[index] { return known }
      guard frame.body.locals.indices.contains(index), let formula = frame.body.locals[index].formula else {
        return StepIdentities.mix(["local", "\(index)"], [])
      }
      let found = digest(formula, &frame, source)
      frame.locals[index] = found
      return found
    case .output(let step, let port):
      let outputs = outputs(ofStep: step, &frame)
      return outputs.indices.contains(port) ? outputs[port] : StepIdentities.mix(["nothing"], outputs)
    case .ran(let step): return StepIdentities.mix(["ran"], outputs(ofStep: step, &frame))
    case .binding(let index):
      return StepIdentities.mix(["binding", "\(index)"], (source ?? frame.source).map { [$0] } ?? [])
    case .unary(let symbol, let operand): return mixed(&frame, source, ["\(symbol)"], [operand])
    case .binary(let symbol, let left, let right, let arithmetic):
      return mixed(&frame, source, ["\(symbol)", "\(arithmetic)"], [left, right])
    case .call(let function, let arguments, let arithmetic):
      return mixed(&frame, source, ["\(function)", "\(arithmetic)"], arguments)
    case .list(let items): return mixed(&frame, source, ["list"], items)
    case .record(let names, let values): return mixed(&frame, source, ["record"] + names, values)
    case .field(let record, let name): return mixed(&frame, source, ["field", name], [record])
    }
  }
}
