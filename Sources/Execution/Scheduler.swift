package import Plans
package import Tasks
package import Values
internal import Workflows

/// Decides what runs next. A pure state machine: no clock, thread, file or random number inside; all times are
/// nanoseconds of a monotonic clock that the caller supplies.
///
/// A *frame* is one instance of a body of the plan, an *instance* one step of one frame, a *node* one call of a task
/// (one per item of a `foreach`). Instances live in one array, frame after frame; nodes are numbered when they are issued.
/// Cost: amortised O(1) per node and edge, besides evaluating the arguments.
package struct Scheduler: ~Copyable {
  package let plan: Plan
  package let settings: Settings
  var frames: [Frame] = []
  var instances: [Instance] = []
  var nodes: [Node] = []
  var ready = Queue<Int>()
  var retries = Queue<Int>()
  var timers: [Timer] = []
  var used = Resources()
  /// Items that could be issued now, were there lanes enough; and of these the ones of exclusive groups that run.
  var readyCount = 0
  var heldCount = 0
  /// By group: items that could be issued now, and whether it is exclusive and runs.
  var groups: [(ready: Int, isBusy: Bool)]
  package private(set) var runningCount = 0
  package private(set) var isStopping = false
  /// Why the run will end badly, once it is known.
  package internal(set) var failure: (step: String, item: String, failure: Failure)?
  package internal(set) var outputs: Result<[Value], EvaluationError>?
  var effects: [Effect] = []
  var opening = Queue<Int>()
  var isOpening = false

  package struct Settings: Sendable {
    package var lanes: Int
    package var capacity: Resources
    package var seed: UInt64
    /// By trace number of a step: calls of one group may share a batch.
    package var groups: [Int]
    /// Groups of which one batch runs at a time: a second lane would only wait for the first.
    package var exclusive: Set<Int>
    package init(lanes: Int, capacity: Resources, seed: UInt64 = 0, groups: [Int], exclusive: Set<Int> = []) {
      self.lanes = lanes
      self.capacity = capacity
      self.seed = seed
      self.groups = groups
      self.exclusive = exclusive
    }
  }

  /// One call to make.
  package struct Job: Sendable {
    package var node: Int
    /// Trace number of the step.
    package var step: Int
    /// `[3]`, or empty.
    package var item: String
    package var attempt: Int
    /// By parameter, checked and coerced; or why they have no value.
    package var arguments: Result<[Value], Failure>
  }

  /// Jobs for one lane, to be run in order, and what they occupy meanwhile.
  package struct Batch: Sendable {
    package var jobs: [Job]
    package var need: Resources
    /// All jobs are of this group.
    package var group: Int
  }

  package enum Verdict: Sendable {
    /// Outputs in port order; nil: not set.
    case succeeded([Value?])
    case failed(Failure)
  }

  /// What the caller should put on record.
  package enum Effect: Sendable {
    case skipped(node: Int, step: Int, item: String, why: Skip)
    case retrying(node: Int, step: Int, item: String, attempt: Int, at: Int64, failure: Failure)
    /// The number of calls of a step became known.
    case expanded(step: Int, count: Int)
  }

  package enum Skip: String, Sendable { case condition, upstreamFailed, stopped, notWanted }

  struct Frame {
    var body: Int
    var first: Int
    /// The item of the scope that this frame is, or -1 for the root.
    var parent: Int
    var item: Int
    var label: String
    var locals: [Value?]
    /// Instances that have not ended.
    var open: Int
    /// What a step in it failed with, where a call around it bears the failure.
    var failure: Failure?
  }

  /// There may be a million of them: small.
  struct Instance {
    @Narrow var frame: Int
    @Narrow var step: Int
    /// Dependencies that have not ended.
    @Narrow var waiting: Int
    /// Readers that have not ended; the outputs are dropped at zero.
    @Narrow var readers: Int
    /// Calls: all, issued, ended, with a lane.
    @Narrow var count: Int
    @Narrow var next: Int
    @Narrow var finished: Int
    @Narrow var running: Int
    var state: State = .waiting
    var poisoned = false
    /// An item failed under `on failure skip`: all outputs are missing.
    var lost = false
    /// Of a `foreach`; nil: one call.
    var each: Each?
    /// By port, once ended.
    var outputs: [Value?] = []

    init(frame: Int, step: Int, waiting: Int, readers: Int) {
      self.frame = frame
      self.step = step
      self.waiting = waiting
      self.readers = readers
      count = 1
    }
  }

  /// What only a `foreach` has.
  final class Each: @unchecked Sendable {  // belongs to one instance of one scheduler
    var items: [Value]
    /// By port and item.
    var columns: [[Value]]

    init(_ items: [Value], ports: Int) {
      self.items = items
      columns = Array(repeating: Array(repeating: .null, count: items.count), count: ports)
    }
  }

  /// A number below 2³¹ in four bytes; a plan and its lists are smaller.
  @propertyWrapper struct Narrow {
    private var bits: Int32 = 0
    var wrappedValue: Int {
      get { Int(bits) }
      set { bits = Int32(truncatingIfNeeded: newValue) }
    }
  }

  enum State: UInt8 {
    case waiting, open, done, skipped
    /// Given up: what depends on it is given up too.
    case failed
  }

  struct Node {
    var instance: Int
    var item: Int
    var attempt: Int
  }

  struct Timer {
    var at: Int64
    var node: Int
  }

  /// - Parameter inputs: the workflow's inputs, from `Plan.bind`.
  package init(plan: Plan, inputs: [Value], settings: Settings) {
    self.plan = plan
    self.settings = settings
    groups = Array(repeating: (0, false), count: (settings.groups.max() ?? -1) + 1)
    _ = openFrame(body: 0, parent: -1, item: 0, label: "", arguments: inputs)
  }

  package var isFinished: Bool { outputs != nil || (isStopping && runningCount == 0) }

  /// When the next retry is due, or nil.
  package var nextDeadline: Int64? { isStopping ? nil : timers.first?.at }

  package var hasReady: Bool { !isStopping && (readyCount > heldCount || !retries.isEmpty) }

  /// Takes the effects that have come up since the last call.
  package mutating func drainEffects() -> [Effect] {
    defer { effects.removeAll(keepingCapacity: true) }
    return effects
  }

  mutating func noteFailure(_ step: String, _ item: String, _ failure: Failure) {
    if self.failure == nil { self.failure = (step, item, failure) }
  }

  /// Stops issuing; what runs may end.
  package mutating func stop() { isStopping = true }

  /// After everything running has ended: marks the steps of which a call never ran.
  package mutating func abandon() {
    for index in instances.indices where instances[index].state == .waiting || instances[index].state == .open {
      let step = plan.bodies[frames[instances[index].frame].body].steps[instances[index].step]
      if step.number >= 0, instances[index].next < instances[index].count {
        skip(index, step, .stopped)
      }
    }
    while let node = retries.popFirst() {
      let instance = nodes[node].instance
      guard nodes[node].attempt == 0 else { continue }
      effects.append(
        .skipped(
          node: node, step: step(of: instance).number, item: label(instance, nodes[node].item), why: .stopped))
    }
  }

  func step(of instance: Int) -> Plan.Step {
    plan.bodies[frames[instances[instance].frame].body].steps[instances[instance].step]
  }

  mutating func skip(_ index: Int, _ step: Plan.Step, _ why: Skip) {
    guard step.number >= 0 else { return }
    nodes.append(Node(instance: index, item: 0, attempt: 0))
    effects.append(
      .skipped(node: nodes.count - 1, step: step.number, item: frames[instances[index].frame].label, why: why))
  }

  // MARK: Issuing

  /// The next calls for one lane, or nil when nothing can start now.
  ///
  /// - Parameter batchLimit: how many calls of a step (by trace number) may share a batch.
  package mutating func take(now: Int64, batchLimit: (Int) -> Int) -> Batch? {
    guard !isStopping else { return nil }
    wake(now)
    guard hasReady else { return nil }
    var jobs: [Job] = []
    var need = Resources()
    var group = -1
    var limit = 1
    let share = max(1, (readyCount + retries.count) / (2 * max(1, settings.lanes)))
    var looked = 0
    while jobs.count < limit, looked < 64 {
      let isRetry = !retries.isEmpty
      guard let head = isRetry ? retries.first : ready.first else { break }
      let instance = isRetry ? nodes[head].instance : head
      let step = step(of: instance)
      if jobs.isEmpty {
        let wanted = self.need(of: step)
        guard fits(wanted), !groups[settings.groups[step.number]].isBusy else {
          // Something smaller behind it may still fit.
          if isRetry { retries.rotate() } else { ready.rotate() }
          looked += 1
          if looked >= (isRetry ? retries.count : ready.count) { break }
          continue
        }
        need = wanted
        group = settings.groups[step.number]
        limit = max(1, min(batchLimit(step.number), share))
      } else if settings.groups[step.number] != group || self.need(of: step) != need {
        break
      }
      if isRetry, let node = retries.popFirst() {
        jobs.append(job(node, step))
      } else {
        issue(instance, step, upTo: limit - jobs.count, into: &jobs)
      }
    }
    guard !jobs.isEmpty else { return nil }
    used.cpu += need.cpu
    used.memoryBytes += need.memoryBytes
    used.gpu += need.gpu
    runningCount += jobs.count
    if settings.exclusive.contains(group) {
      groups[group].isBusy = true
      heldCount += groups[group].ready
    }
    return Batch(jobs: jobs, need: need, group: group)
  }

  /// Issues the next items of the instance at the head of the ready queue.
  private mutating func issue(_ index: Int, _ step: Plan.Step, upTo limit: Int, into jobs: inout [Job]) {
    var taken = 0
    while taken < limit, hasIssuable(index, step) {
      nodes.append(Node(instance: index, item: instances[index].next, attempt: 0))
      instances[index].next += 1
      instances[index].running += 1
      countReady(step, -1)
      jobs.append(job(nodes.count - 1, step))
      taken += 1
    }
    if !hasIssuable(index, step) { _ = ready.popFirst() }
  }

  mutating func countReady(_ step: Plan.Step, _ count: Int) {
    let group = settings.groups[step.number]
    readyCount += count
    groups[group].ready += count
    if groups[group].isBusy { heldCount += count }
  }

  private func hasIssuable(_ index: Int, _ step: Plan.Step) -> Bool {
    guard instances[index].next < instances[index].count else { return false }
    guard let limit = step.foreach?.limit else { return true }
    return instances[index].running < limit
  }

  private mutating func job(_ node: Int, _ step: Plan.Step) -> Job {
    nodes[node].attempt += 1
    let instance = nodes[node].instance
    return Job(
      node: node, step: step.number, item: label(instance, nodes[node].item), attempt: nodes[node].attempt,
      arguments: arguments(of: instance, item: nodes[node].item, step))
  }

  func label(_ instance: Int, _ item: Int) -> String {
    let label = frames[instances[instance].frame].label
    return instances[instance].each == nil ? label : label + "[\(item)]"
  }

  private func need(of step: Plan.Step) -> Resources {
    var need = step.options.resources ?? Resources()
    need.cpu = min(need.cpu > 0 ? need.cpu : 1, settings.capacity.cpu)
    if settings.capacity.memoryBytes > 0 { need.memoryBytes = min(need.memoryBytes, settings.capacity.memoryBytes) }
    return need
  }

  private func fits(_ need: Resources) -> Bool {
    let capacity = settings.capacity
    return used.cpu + need.cpu <= capacity.cpu + 1e-9 && used.gpu + need.gpu <= max(capacity.gpu, need.gpu)
      && (capacity.memoryBytes == 0 || used.memoryBytes + need.memoryBytes <= capacity.memoryBytes)
  }

  /// Jobs of a batch that is under way go back before they began: any lane may take them.
  package mutating func postpone(_ jobs: [Job]) {
    runningCount -= jobs.count
    for job in jobs {
      nodes[job.node].attempt -= 1
      retries.append(job.node)
    }
  }

  // MARK: Ending

  /// Takes the results of a batch, in the order of its jobs.
  package mutating func finish(_ batch: Batch, _ verdicts: [Verdict], now: Int64) {
    used.cpu -= batch.need.cpu
    used.memoryBytes -= batch.need.memoryBytes
    used.gpu -= batch.need.gpu
    runningCount -= batch.jobs.count
    if groups[batch.group].isBusy {
      groups[batch.group].isBusy = false
      heldCount -= groups[batch.group].ready
    }
    for (job, verdict) in zip(batch.jobs, verdicts) {
      let index = nodes[job.node].instance
      let step = step(of: index)
      switch verdict {
      case .succeeded(let outputs): end(item: nodes[job.node].item, of: index, step, .success(outputs))
      case .failed(let failure): fail(job, index, step, failure, now)
      }
    }
  }

  private mutating func fail(_ job: Job, _ index: Int, _ step: Plan.Step, _ failure: Failure, _ now: Int64) {
    let traits: TaskTraits = if case .task(let task) = step.call { plan.tasks[task].traits } else { [] }
    let seed = settings.seed &+ UInt64(job.node)
    if !isStopping,
      let delay = RetryPolicy.delay(
        after: failure, attempt: job.attempt, options: step.options, traits: traits, seed: seed)
    {
      let at = now + max(0, delay.nanoseconds)
      effects.append(
        .retrying(
          node: job.node, step: job.step, item: job.item, attempt: job.attempt + 1, at: at, failure: failure))
      schedule(Timer(at: at, node: job.node))
      return
    }
    end(item: nodes[job.node].item, of: index, step, .failure(failure))
  }

  private mutating func schedule(_ timer: Timer) {
    let place = timers.firstIndex { $0.at > timer.at } ?? timers.endIndex
    timers.insert(timer, at: place)
  }

  private mutating func wake(_ now: Int64) {
    while let timer = timers.first, timer.at <= now {
      timers.removeFirst()
      retries.append(timer.node)
    }
  }

  private mutating func end(item: Int, of index: Int, _ step: Plan.Step, _ result: Result<[Value?], Failure>) {
    let wasParked = !hasIssuable(index, step) && instances[index].next < instances[index].count
    instances[index].running -= 1
    settle(item: item, of: index, step, result)
    if wasParked, hasIssuable(index, step) { ready.append(index) }
  }
}

/// A first-in-first-out queue on one array: O(1) amortised.
struct Queue<Element> {
  private var items: [Element] = []
  private var head = 0

  var count: Int { items.count - head }
  var isEmpty: Bool { head == items.count }
  var first: Element? { isEmpty ? nil : items[head] }

  mutating func append(_ element: Element) { items.append(element) }

  mutating func popFirst() -> Element? {
    guard head < items.count else { return nil }
    let element = items[head]
    head += 1
    if head == items.count || head > 4096 && head * 2 > items.count {
      items.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Moves the first element to the end.
  mutating func rotate() {
    if let element = popFirst() { append(element) }
  }
}

extension Duration {
  /// Whole nanoseconds; saturates at ±292 years.
  package var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    return product.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
  }
}
