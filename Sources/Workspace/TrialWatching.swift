internal import Events
internal import Execution
internal import Experiments
internal import Plans
internal import Spaces
internal import Synchronization
internal import Tasks
internal import Values
internal import Workflows

/// Where the intermediate values of a trial come from. Steps by trace number.
enum CurveSource: Sendable, Equatable {
  /// The metric is the mean of an output of a `foreach`: after each item, in their order, what it is so far.
  case items(step: Int, port: Int)
  /// The metric is an output of a task: what the task reports under the name of the output while it runs.
  case reports(step: Int, name: String)

  /// Nil: the output can be seen at the end alone.
  init?(of output: String, in plan: Plan) {
    guard let place = plan.outputs.firstIndex(where: { $0.name == output }), let root = plan.bodies.first else {
      return nil
    }
    switch root.resolved(root.outputs[place]) {
    case .call(.mean, let arguments, _):
      guard arguments.count == 1, case .output(let index, let port) = root.resolved(arguments[0]),
        root.steps[index].foreach != nil
      else { return nil }
      switch root.steps[index].call {
      case .task: self = .items(step: root.steps[index].number, port: port)
      case .scope(let inner):
        // What a workflow gives is seen where a task of it gives just that, once an item.
        let body = plan.bodies[inner]
        guard body.outputs.indices.contains(port), case .output(let step, let port) = body.resolved(body.outputs[port]),
          case .task = body.steps[step].call, body.steps[step].foreach == nil
        else { return nil }
        self = .items(step: body.steps[step].number, port: port)
      }
    case .output(let index, let port):
      let step = root.steps[index]
      guard step.foreach == nil, case .task = step.call, step.outputs.indices.contains(port) else { return nil }
      self = .reports(step: step.number, name: step.outputs[port])
    default: return nil
    }
  }
}

extension Plan.Body {
  /// What a local stands for.
  fileprivate func resolved(_ formula: Formula) -> Formula {
    var formula = formula
    while case .local(let index) = formula, let inner = locals[index].formula { formula = inner }
    return formula
  }
}

/// What the run of a trial costs and shows while it goes on. Any thread.
final class TrialWatch: Sendable {
  /// Whether it may be stopped early.
  let isPruned: Bool
  /// Nil: no curve is wanted.
  private let objective: String?
  private let isNews: @Sendable (TrialWatch) -> Void
  private let state = Mutex(State())

  private struct State {
    var ran = 0
    var reused = 0
    var nanoseconds: Int64 = 0
    var curve = Curve()
    /// Steps of the curve that were judged.
    var judged = 0
    var verdict: (reason: String, curve: [Double])?
  }

  /// - Parameters:
  ///   - objective: the output that the curve is about; nil: no curve is wanted.
  ///   - isPruned: the trial may be stopped by it.
  ///   - isNews: told when the curve has grown; any thread.
  init(objective: String?, isPruned: Bool, isNews: @escaping @Sendable (TrialWatch) -> Void) {
    self.isPruned = isPruned
    self.objective = objective
    self.isNews = isNews
  }

  func begin(_ plan: Plan) {
    guard let objective else { return }
    state.withLock { $0.curve.source = CurveSource(of: objective, in: plan) }
  }

  var totals: (ran: Int, reused: Int, seconds: Double) {
    state.withLock { ($0.ran, $0.reused, Double($0.nanoseconds) / 1e9) }
  }

  /// The curve is made of items, which are seen one by one.
  var hasItems: Bool { state.withLock { if case .items? = $0.curve.source { true } else { false } } }

  /// As far as it is known without a gap.
  var curve: [Double] { state.withLock { $0.curve.values } }

  func take(_ events: [LiveEvent]) {
    let hasGrown = state.withLock { state in
      let before = state.curve.mostToJudge
      for event in events {
        if objective != nil { state.curve.take(event) }
        switch event {
        case .recorded(.attemptsFinished(let attempts)):
          state.ran += attempts.count
          for attempt in attempts { state.nanoseconds += attempt.usage.wallNanoseconds }
        case .recorded(.nodeReused): state.reused += 1
        default: break
        }
      }
      return state.curve.mostToJudge > before
    }
    if hasGrown, isPruned { isNews(self) }
  }

  // MARK: Judgement

  /// The curve as it was after the next step, to be judged; nil: nothing more to judge now.
  func nextToJudge() -> [Double]? {
    state.withLock { state in
      guard isPruned, state.verdict == nil, state.judged < state.curve.mostToJudge else { return nil }
      state.judged += 1
      return Array(state.curve.values.prefix(state.judged))
    }
  }

  /// Looks at each step that the trial has taken since the last time.
  ///
  /// - Returns: whether it is to be stopped, and was not before.
  @discardableResult
  func judge(_ trial: Int, in study: inout Study, _ parallel: Int) -> Bool {
    while let curve = nextToJudge() {
      guard let reason = study.reasonToStop(trial, curve: curve, parallel: parallel) else { continue }
      stop(because: reason, curve)
      return true
    }
    return false
  }

  func stop(because reason: String, _ curve: [Double]) { state.withLock { $0.verdict = (reason, curve) } }

  var verdict: (reason: String, curve: [Double])? { state.withLock { $0.verdict } }

  /// The end as it is to go on record. A judgement stands, whatever the run came to until it heard of it: what goes on record
  /// does not depend on how fast that was.
  func judged(_ ended: Ended) -> Ended {
    guard let verdict else { return ended }
    var ended = ended
    ended.outcome = .pruned
    ended.metrics = ended.metrics.map { _ in nil }
    ended.curve = verdict.curve
    ended.message = verdict.reason
    return ended
  }
}

/// The intermediate values of a run, put in order.
private struct Curve {
  var source: CurveSource?
  private(set) var values: [Double] = []
  private var items: [Int: Double] = [:]
  private var sum = 0.0
  private var count: Int?
  private var attempt = 1

  /// How many steps may be judged: not the last one, after which there is nothing left to save; and none before it is known which
  /// one that is.
  var mostToJudge: Int {
    if case .reports? = source { return values.count }
    return count.map { max(0, min(values.count, $0 - 1)) } ?? 0
  }

  mutating func take(_ event: LiveEvent) {
    switch (source, event) {
    case (.items(let step, let port), .recorded(.attemptsFinished(let attempts))):
      for attempt in attempts where attempt.node.step == step {
        if case .success(let outputs) = attempt.result { add(attempt.node, outputs, port) }
      }
    case (.items(let step, let port), .recorded(.nodeReused(let reuse))) where reuse.node.step == step:
      add(reuse.node, reuse.outputs, port)
    case (.items(let step, _), .expanded(let expanded, let count)) where expanded == step: self.count = count
    case (.reports(let step, let name), .recorded(.metric(let point))) where point.name == name:
      guard steps[point.node] == step else { return }
      // A task that is tried again begins again.
      if point.attempt != attempt { (attempt, values) = (point.attempt, []) }
      values.append(point.value)
    case (.reports, .started(let node, _)): steps[node.node] = node.step
    default: break
    }
  }

  /// By node.
  private var steps: [Int: Int] = [:]

  private mutating func add(_ node: NodeReference, _ outputs: [Value?], _ port: Int) {
    guard let item = Int(node.item.dropFirst().prefix { $0 != "]" }) else { return }
    let value = outputs.indices.contains(port) ? outputs[port]?.number : nil
    items[item] = value ?? .nan
    while let next = items.removeValue(forKey: values.count) {
      sum += next
      values.append(sum / Double(values.count + 1))
    }
  }
}
