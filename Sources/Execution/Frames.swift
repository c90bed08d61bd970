internal import Plans
internal import Tasks
internal import Values
internal import Workflows

// The life of frames and instances: opening, waiting for dependencies, expansion, completion.

extension Scheduler {
  /// Makes a frame of a body and opens the steps that wait for nothing.
  mutating func openFrame(body: Int, parent: Int, item: Int, label: String, arguments: [Value]) -> Int {
    let source = plan.bodies[body]
    let frame = frames.count
    var locals = [Value?](repeating: nil, count: source.locals.count)
    for (index, value) in arguments.enumerated() { locals[index] = value }
    let first = instances.count
    frames.append(
      Frame(
        body: body, first: first, parent: parent, item: item, label: label, locals: locals, open: source.steps.count))
    // A large body costs one allocation; many small ones grow the array by doubling.
    if source.steps.count > instances.capacity - instances.count, source.steps.count > instances.count {
      instances.reserveCapacity(instances.count + source.steps.count)
    }
    for (index, step) in source.steps.enumerated() {
      instances.append(
        Instance(frame: frame, step: index, waiting: step.dependencies.count, readers: step.dependents.count))
    }
    for dependency in source.outputDependencies { instances[first + dependency].readers += 1 }
    if source.steps.isEmpty {
      closeFrame(frame)
    } else {
      for index in source.steps.indices where source.steps[index].dependencies.isEmpty { open(first + index) }
    }
    return frame
  }

  /// All dependencies of an instance have ended: evaluates its condition and items, and makes it ready.
  mutating func open(_ index: Int) {
    // Ending one step may open the next, and so on down a chain: a queue of our own, not the thread's stack.
    opening.append(index)
    guard !isOpening else { return }
    isOpening = true
    while let next = opening.popFirst() { openNow(next) }
    isOpening = false
  }

  /// Says how many calls there will be: of the step, or of the steps of the workflow that it calls.
  private mutating func expanded(_ step: Plan.Step, _ count: Int, isRoot: Bool) {
    switch step.call {
    case .task: effects.append(.expanded(step: step.number, count: count))
    case .scope(let body):
      for inner in plan.bodies[body].steps where isRoot && inner.number >= 0 && inner.foreach == nil {
        effects.append(.expanded(step: inner.number, count: count))
      }
    }
  }

  private mutating func openNow(_ index: Int) {
    let step = step(of: index)
    guard instances[index].state == .waiting else {
      // A scope with `max`: a frame has ended, the next ones may begin.
      if instances[index].state == .open, case .scope(let body) = step.call { openScope(index, step, body: body) }
      return
    }
    do {
      try force(step.locals, frame: instances[index].frame)
      switch try opening(of: index, step) {
      case .closed(let state, let why): return close(index, step, state, why: why)
      case .once: break
      case .each(let items):
        instances[index].each = Each(items, ports: step.outputs.count)
        instances[index].count = items.count
        expanded(step, items.count, isRoot: instances[index].frame == 0)
      }
      instances[index].state = .open
    } catch {
      return reject(index, step, error)
    }
    if instances[index].count == 0 { return completeIfEnded(index) }
    switch step.call {
    case .task:
      countReady(step, instances[index].count)
      ready.append(index)
    case .scope(let body): openScope(index, step, body: body)
    }
  }

  private enum Opening {
    case closed(State, Skip)
    case once
    case each([Value])
  }

  /// What becomes of an instance whose dependencies have ended.
  private func opening(of index: Int, _ step: Plan.Step) throws(EvaluationError) -> Opening {
    guard step.isWanted else { return .closed(.skipped, .notWanted) }
    let first = frames[instances[index].frame].first
    if step.dependencies.contains(where: { instances[first + $0].state == .failed }) {
      return .closed(.failed, .upstreamFailed)
    }
    if step.condition == nil, step.foreach == nil { return .once }
    let context = context(of: instances[index].frame)
    if let condition = step.condition, try !condition.truth(in: context) { return .closed(.skipped, .condition) }
    guard let foreach = step.foreach else { return .once }
    let source = try foreach.source.evaluate(in: context)
    guard case .list(let items) = source else { throw EvaluationError("`foreach` goes over a list, not \(source)") }
    return .each(items)
  }

  /// Makes one frame per item, as many as `max` allows at a time.
  private mutating func openScope(_ index: Int, _ step: Plan.Step, body: Int) {
    let limit = step.foreach?.limit ?? .max
    while instances[index].next < instances[index].count, instances[index].running < limit, !isStopping {
      let item = instances[index].next
      instances[index].next += 1
      switch arguments(of: index, item: item, step) {
      case .success(let values):
        instances[index].running += 1
        _ = openFrame(body: body, parent: index, item: item, label: label(index, item), arguments: values)
      case .failure(let failure): settle(item: item, of: index, step, .failure(failure))
      }
    }
  }

  /// A condition or list has no value: the step fails before it starts.
  private mutating func reject(_ index: Int, _ step: Plan.Step, _ error: EvaluationError) {
    if error.kind == .upstreamFailed { return close(index, step, .failed, why: .upstreamFailed) }
    instances[index].state = .open
    settle(item: 0, of: index, step, .failure(Failure(.input, error.message)))
  }

  /// One item of a step has its outputs, or failed for good: then `on failure` says what becomes of the rest.
  mutating func settle(item: Int, of index: Int, _ step: Plan.Step, _ result: Result<[Value?], Failure>) {
    switch result {
    case .success(let outputs): put(outputs, item: item, in: index)
    case .failure(let failure):
      switch step.options.onFailure {
      case .skip: instances[index].lost = true
      case .continue:
        noteFailure(step.path, label(index, item), failure)
        instances[index].poisoned = true
      case .stop:
        instances[index].poisoned = true
        guard isBorneAround(index) else {
          noteFailure(step.path, label(index, item), failure)
          return stop()
        }
        let frame = instances[index].frame
        frames[frame].failure = frames[frame].failure ?? failure
      }
      put(step.outputs.map { _ in nil }, item: item, in: index)
    }
    completeIfEnded(index)
  }

  /// Whether a call of a workflow around this step goes on when something in it fails.
  private func isBorneAround(_ index: Int) -> Bool {
    var parent = frames[instances[index].frame].parent
    while parent >= 0 {
      if step(of: parent).options.onFailure != .stop { return true }
      parent = frames[instances[parent].frame].parent
    }
    return false
  }

  /// Stores the outputs of one item.
  mutating func put(_ outputs: [Value?], item: Int, in index: Int) {
    instances[index].finished += 1
    guard let each = instances[index].each else {
      instances[index].outputs = outputs
      return
    }
    for port in outputs.indices where port < each.columns.count { each.columns[port][item] = outputs[port] ?? .null }
  }

  mutating func completeIfEnded(_ index: Int) {
    guard instances[index].state == .open, instances[index].finished >= instances[index].count else { return }
    let step = step(of: index)
    if instances[index].lost {
      instances[index].outputs = step.outputs.map { _ in nil }
    } else if let each = instances[index].each {
      instances[index].outputs = each.columns.map { .list($0) }
    }
    instances[index].each?.columns = []
    instances[index].each?.items = []
    close(index, step, instances[index].poisoned ? .failed : .done, why: nil)
  }

  /// Ends an instance and tells those that wait for it.
  private mutating func close(_ index: Int, _ step: Plan.Step, _ state: State, why: Skip?) {
    instances[index].state = state
    if let why {
      skip(index, step, why)
      instances[index].outputs = step.outputs.map { _ in nil }
    }
    let frame = instances[index].frame
    let first = frames[frame].first
    if instances[index].readers == 0 { instances[index].outputs = [] }
    for dependency in step.dependencies { release(first + dependency) }
    for dependent in step.dependents {
      instances[first + dependent].waiting -= 1
      if instances[first + dependent].waiting == 0 { open(first + dependent) }
    }
    frames[frame].open -= 1
    if frames[frame].open == 0 { closeFrame(frame) }
  }

  private mutating func release(_ index: Int) {
    instances[index].readers -= 1
    if instances[index].readers == 0 { instances[index].outputs = [] }
  }

  /// All steps of a frame have ended: its outputs go to the caller.
  private mutating func closeFrame(_ frame: Int) {
    let source = plan.bodies[frames[frame].body]
    let result: Result<[Value], EvaluationError>
    do {
      try force(source.outputLocals, frame: frame)
      result = .success(try values(of: source.outputs, frame: frame))
    } catch {
      result = .failure(error)
    }
    for dependency in source.outputDependencies { release(frames[frame].first + dependency) }
    frames[frame].locals = []
    let parent = frames[frame].parent
    guard parent >= 0 else {
      outputs = result
      return
    }
    instances[parent].running -= 1
    let step = step(of: parent)
    if let failure = frames[frame].failure {
      settle(item: frames[frame].item, of: parent, step, .failure(failure))
    } else {
      settle(
        item: frames[frame].item, of: parent, step,
        result.map { $0 }.mapError { error in failure?.failure ?? Failure(.input, error.message) })
    }
    if instances[parent].state == .open, instances[parent].next < instances[parent].count { open(parent) }
  }

  // MARK: Values

  /// Evaluates locals that are needed and not there yet.
  private mutating func force(_ locals: [Int], frame: Int) throws(EvaluationError) {
    for index in locals where frames[frame].locals[index] == nil {
      guard let formula = plan.bodies[frames[frame].body].locals[index].formula else { continue }
      let value = try formula.evaluate(in: context(of: frame))
      frames[frame].locals[index] = value
    }
  }

  private func values(of formulas: [Formula], frame: Int) throws(EvaluationError) -> [Value] {
    let context = context(of: frame)
    var values: [Value] = []
    for formula in formulas { values.append(try formula.evaluate(in: context)) }
    return values
  }

  private func context(of frame: Int, item: Value? = nil, bindings: Int = 1) -> FrameContext {
    FrameContext(
      locals: frames[frame].locals, instances: instances, first: frames[frame].first, item: item, bindings: bindings)
  }

  /// The arguments of one call: evaluated, converted to the declared types and checked.
  func arguments(of index: Int, item: Int, _ step: Plan.Step) -> Result<[Value], Failure> {
    let context = context(
      of: instances[index].frame, item: instances[index].each.map { $0.items[item] },
      bindings: step.foreach?.bindings ?? 1)
    var values: [Value] = []
    values.reserveCapacity(step.arguments.count)
    // Named dimensions mean the same length in all inputs of a call.
    var dimensions: [String: Int] = [:]
    do throws(EvaluationError) {
      guard case .task(let task) = step.call else {
        // Inputs of a workflow: the checker has seen to them.
        for formula in step.arguments { values.append(try formula.evaluate(in: context)) }
        return .success(values)
      }
      var ports = plan.tasks[task].inputs
      if step.arguments.count > ports.count { ports += plan.tasks[task].configuration }
      for position in step.arguments.indices {
        let value = try step.arguments[position].evaluate(in: context)
        let coerced = ports[position].type.coerced(value)
        if let mismatch = ports[position].type.check(coerced, dimensions: &dimensions),
          ports[position].isRequired || coerced != .null
        {
          let name = ports[position].name
          return .failure(Failure(.input, "`\(name)`: \(mismatch)", port: name))
        }
        values.append(coerced)
      }
      return .success(values)
    } catch {
      return .failure(Failure(.input, error.message))
    }
  }
}

/// What references mean in one frame. Holds the arrays only while a formula is evaluated.
struct FrameContext: FormulaContext {
  let locals: [Value?]
  let instances: [Scheduler.Instance]
  let first: Int
  let item: Value?
  let bindings: Int

  func local(_ index: Int) throws(EvaluationError) -> Value {
    guard let value = locals[index] else { throw EvaluationError("a value is used before it exists") }
    return value
  }

  func output(step: Int, port: Int) throws(EvaluationError) -> Value {
    let instance = first + step
    switch instances[instance].state {
    case .done, .skipped:
      guard port < instances[instance].outputs.count else {
        throw EvaluationError("a value is used after it was dropped")
      }
      return instances[instance].outputs[port] ?? .null
    case .failed: throw EvaluationError("a step before it failed", kind: .upstreamFailed)
    case .waiting, .open: throw EvaluationError("a value is used before it exists")
    }
  }

  func ran(step: Int) -> Bool { instances[first + step].state == .done && !instances[first + step].lost }

  func binding(_ index: Int) throws(EvaluationError) -> Value {
    guard let item else { throw EvaluationError("there is no item") }
    guard bindings > 1 else { return item }
    guard case .record(let fields) = item, index < fields.count else {
      throw EvaluationError("an item of a zipped list is a record of \(bindings) fields")
    }
    return fields[index].value
  }
}
