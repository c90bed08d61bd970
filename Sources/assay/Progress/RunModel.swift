internal import Events
internal import Execution
internal import Tasks
internal import Timelines

/// What is known about the steps of a run while it goes on: a fold over its live events.
///
/// Work and memory per event are constant; of the nodes only those are kept that run, wait for a retry or failed.
struct RunModel: Sendable {
  /// A step as planned.
  struct Plan: Sendable {
    var path: String
    /// How many calls of it there are, if that is known before the run.
    var expected: Int?
    var isWanted: Bool
    /// Trace numbers of the steps that it waits for.
    var needs: [Int]
    /// What a call took in earlier runs, in nanoseconds.
    var usual: Int64?
    init(_ path: String, expected: Int? = 1, isWanted: Bool = true, needs: [Int] = [], usual: Int64? = nil) {
      self.path = path
      self.expected = expected
      self.isWanted = isWanted
      self.needs = needs
      self.usual = usual
    }
  }

  struct Step: Sendable {
    var plan: Plan
    /// Calls that `foreach` has announced so far.
    var announced: Int?
    var running = 0
    var done = 0
    var reused = 0
    var skipped = 0
    var failed = 0
    /// Calls that ended because the run was cancelled.
    var stopped = 0
    var retries = 0
    /// Time of the calls that are done, together.
    var busy: Int64 = 0
    var why: NodeSkipped.Why?
    /// Monotonic; of the first attempt and of the last end.
    var startedAt: Int64?
    var endedAt: Int64?
    /// What the task says it is doing.
    var progress: (done: Double, total: Double, what: String)?
    /// The next retry: monotonic time, attempt, reason.
    var retrying: [Int: (due: Int64, attempt: Int, code: String)] = [:]

    var ended: Int { done + reused + skipped + failed + stopped }
    /// Calls that have their outputs.
    var complete: Int { done + reused }
    var total: Int? {
      guard let known = announced ?? plan.expected else { return nil }
      return max(known, ended + running + retrying.count)
    }
    /// The run has ended: no more calls will come.
    var isOver = false
    var isComplete: Bool {
      if isOver { return ended > 0 }
      return total.map { ended >= $0 && running == 0 && retrying.isEmpty } ?? false
    }
  }

  /// Something a person may want to read in the order in which it happened.
  enum Change: Sendable {
    case started(step: Int)
    case ended(step: Int)
    case failed(NodeReference, attempt: Int, Failure)
    case retrying(NodeReference, attempt: Int, delay: Duration)
    case log(step: Int?, item: String, LogLevel, String)
  }

  let title: String
  /// By trace number.
  private(set) var steps: [Step]
  /// Trace numbers in the order in which a person thinks of the steps.
  let order: [Int]
  /// Trace numbers so that each comes after what it waits for.
  let dependencyOrder: [Int]
  /// Tasks at a time.
  let lanes: Int
  private(set) var failures: [(node: NodeReference, attempt: Int, failure: Failure)] = []
  private var failedNodes: Set<Int> = []
  /// Nodes that run now.
  private(set) var active: [Int: NodeReference] = [:]
  /// Nodes that ended lately: their last lines may come after their end.
  private var recent: [Int: NodeReference] = [:]
  private var recentOrder: [Int] = []
  /// Lines of nodes that have not been seen to begin.
  private var early: [Int: [LogLine]] = [:]
  let startedAt: Int64

  static let keptFailures = 100
  private static let keptRecent = 256
  private static let keptEarly = 64

  init(title: String, steps: [Plan], order: [Int]? = nil, lanes: Int = 1, now: Int64) {
    self.title = title
    self.order = order ?? Array(steps.indices)
    self.steps = steps.map { Step(plan: $0) }
    self.lanes = lanes
    dependencyOrder = topologicalOrder(steps.map(\.needs))
    startedAt = now
  }

  /// Takes in what calls took in earlier runs, by path.
  mutating func learn(_ usual: [String: Int64]) {
    for index in steps.indices { steps[index].plan.usual = usual[steps[index].plan.path] }
  }

  /// Takes an event in, at a monotonic time.
  mutating func handle(_ event: LiveEvent, now: Int64) -> [Change] {
    switch event {
    case .expanded(let step, let count):
      guard steps.indices.contains(step) else { return [] }
      steps[step].announced = (steps[step].announced ?? 0) + count
      return completion(of: step)
    case .started(let node, _): return start(node, now)
    case .progress(let node, let done, let total, let what):
      guard steps.indices.contains(node.step) else { return [] }
      steps[node.step].progress = (done, total, what)
      return []
    case .retrying(let node, let attempt, let delay, let failure):
      guard steps.indices.contains(node.step) else { return [] }
      forgive(node)
      steps[node.step].retries += 1
      steps[node.step].retrying[node.node] = (now + delay.nanoseconds, attempt, failure.code)
      return [.retrying(node, attempt: attempt, delay: delay)]
    case .recorded(let event): return handle(event, now)
    }
  }

  private mutating func handle(_ event: Event, _ now: Int64) -> [Change] {
    switch event {
    case .attemptStarted(let start): return self.start(start.node, now)
    case .attemptsFinished(let ends): return ends.flatMap { finish($0, now) }
    case .nodeReused(let reuse):
      return settle(reuse.node, now) { $0.reused += 1 }
    case .nodeSkipped(let skip):
      return settle(skip.node, now) {
        $0.skipped += 1
        $0.why = skip.why
      }
    case .log(let line): return log(line)
    case .runStarted, .runFinished, .metric, .checkpoint, .inputChanged: return []
    }
  }

  /// The node of that number, while it runs and for a while afterwards.
  func reference(_ node: Int) -> NodeReference? { active[node] ?? recent[node] }

  private mutating func log(_ line: LogLine) -> [Change] {
    guard line.node >= 0 else { return [.log(step: nil, item: "", line.level, line.text)] }
    if let node = reference(line.node) { return [.log(step: node.step, item: node.item, line.level, line.text)] }
    if early[line.node, default: []].count < Self.keptEarly { early[line.node, default: []].append(line) }
    return []
  }

  private mutating func start(_ node: NodeReference, _ now: Int64) -> [Change] {
    guard steps.indices.contains(node.step), active.updateValue(node, forKey: node.node) == nil else { return [] }
    steps[node.step].retrying[node.node] = nil
    steps[node.step].running += 1
    var changes: [Change] = []
    if steps[node.step].startedAt == nil {
      steps[node.step].startedAt = now
      changes.append(.started(step: node.step))
    }
    for line in early.removeValue(forKey: node.node) ?? [] { changes += log(line) }
    return changes
  }

  private mutating func remember(_ node: NodeReference) {
    guard recent.updateValue(node, forKey: node.node) == nil else { return }
    recentOrder.append(node.node)
    guard recentOrder.count > 2 * Self.keptRecent else { return }
    for old in recentOrder.prefix(Self.keptRecent) { recent[old] = nil }
    recentOrder.removeFirst(Self.keptRecent)
  }

  private mutating func finish(_ end: AttemptFinished, _ now: Int64) -> [Change] {
    var changes: [Change] = []
    // A short attempt may end before it was seen to begin.
    if active[end.node.node] == nil { changes += start(end.node, now) }
    switch end.result {
    case .success:
      return changes
        + settle(end.node, now) {
          $0.done += 1
          $0.busy += end.usage.wallNanoseconds
        }
    case .failure(let failure) where failure.kind == .cancelled:
      return changes + settle(end.node, now) { $0.stopped += 1 }
    case .failure(let failure):
      failedNodes.insert(end.node.node)
      if failures.count < Self.keptFailures { failures.append((end.node, end.attempt, failure)) }
      changes.append(.failed(end.node, attempt: end.attempt, failure))
      return changes + settle(end.node, now) { $0.failed += 1 }
    }
  }

  /// The node's attempt is over.
  private mutating func settle(_ node: NodeReference, _ now: Int64, _ count: (inout Step) -> Void) -> [Change] {
    guard steps.indices.contains(node.step) else { return [] }
    if active.removeValue(forKey: node.node) != nil {
      steps[node.step].running -= 1
      remember(node)
    }
    steps[node.step].retrying[node.node] = nil
    if steps[node.step].running == 0 { steps[node.step].progress = nil }
    steps[node.step].endedAt = now
    count(&steps[node.step])
    return completion(of: node.step)
  }

  private func completion(of number: Int) -> [Change] {
    let step = steps[number]
    return step.isComplete && step.failed == 0 && step.plan.isWanted ? [.ended(step: number)] : []
  }

  /// The node's failure was not the last word.
  private mutating func forgive(_ node: NodeReference) {
    guard failedNodes.remove(node.node) != nil else { return }
    steps[node.step].failed -= 1
    failures.removeAll { $0.node == node }
  }

  /// The run is over: a failure that waited for another attempt is the last word after all.
  /// Steps whose number of calls was not known end only now.
  mutating func conclude() -> [Change] {
    var changes: [Change] = []
    for index in order where !steps[index].isOver {
      let wasComplete = steps[index].isComplete
      steps[index].failed += steps[index].retrying.count
      steps[index].retrying = [:]
      steps[index].isOver = true
      if !wasComplete { changes += completion(of: index) }
    }
    return changes
  }

  // MARK: Sums

  struct Counts: Sendable, Equatable {
    var done = 0
    var reused = 0
    var skipped = 0
    var failed = 0
    var stopped = 0
    var running = 0
    var retrying = 0
    /// Of steps whose number of calls is known.
    var waiting = 0
    var retries = 0
    var ended: Int { done + reused + skipped + failed + stopped }
  }

  var counts: Counts {
    steps.reduce(into: Counts()) { sum, step in
      guard step.plan.isWanted else { return }
      sum.done += step.done
      sum.reused += step.reused
      sum.skipped += step.skipped
      sum.failed += step.failed
      sum.stopped += step.stopped
      sum.running += step.running
      sum.retrying += step.retrying.count
      sum.retries += step.retries
      sum.waiting += max(0, (step.total ?? 0) - step.ended - step.running - step.retrying.count)
    }
  }

  func name(_ node: NodeReference) -> String {
    (steps.indices.contains(node.step) ? steps[node.step].plan.path : "step \(node.step)") + node.item
  }
}

extension Duration {
  /// Saturating.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max / 2 : whole + attoseconds / 1_000_000_000
  }
}
