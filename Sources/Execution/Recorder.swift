internal import Events
internal import Synchronization
internal import Tasks
internal import Values

/// Puts what happens in a run on record and shows it to whoever watches. Any thread.
final class Recorder: Sendable {
  fileprivate let run: RunNumber
  private let memory: any RunMemory
  private let watch: @Sendable ([LiveEvent]) -> Void
  private let checkpoints = Mutex<[Int: [UInt8]]>([:])

  init(run: RunNumber, memory: any RunMemory, watch: @escaping @Sendable ([LiveEvent]) -> Void) {
    self.run = run
    self.memory = memory
    self.watch = watch
  }

  /// Run, node and attempt in one number: unique among the runs that an engine makes at a time.
  static func attemptID(_ node: NodeReference, _ attempt: Int) -> UInt64 {
    UInt64(truncatingIfNeeded: node.run & 0xFFFF) << 48 | UInt64(node.node & 0xF_FFFF_FFFF) << 12
      | UInt64(attempt & 0xFFF)
  }

  fileprivate static func parts(_ id: UInt64) -> (node: Int, attempt: Int) {
    (Int(id >> 12 & 0xF_FFFF_FFFF), Int(id & 0xFFF))
  }

  /// Listens to the attempts of a batch.
  func observer(of nodes: [NodeReference]) -> BatchObserver { BatchObserver(recorder: self, nodes: nodes) }

  func record(_ events: [Event]) {
    guard !events.isEmpty else { return }
    memory.append(events)
    show(events.map { .recorded($0) })
  }

  fileprivate func show(_ events: [LiveEvent]) { watch(events) }

  func record(effects: [Scheduler.Effect]) {
    var events: [Event] = []
    var live: [LiveEvent] = []
    let at = Clock.unixNanoseconds()
    for effect in effects {
      switch effect {
      case .skipped(let node, let step, let item, let why):
        let reference = NodeReference(run: run, node: node, step: step, item: item)
        let event = Event.nodeSkipped(NodeSkipped(node: reference, why: NodeSkipped.Why(why), at: at))
        events.append(event)
        live.append(.recorded(event))
      case .retrying(let node, let step, let item, let attempt, let due, let failure):
        let delay = Duration.nanoseconds(max(0, due - Clock.monotonicNanoseconds()))
        live.append(
          .retrying(
            NodeReference(run: run, node: node, step: step, item: item), attempt: attempt, delay: delay,
            failure: failure))
      case .expanded(let step, let count): live.append(.expanded(step: step, count: count))
      }
    }
    if !events.isEmpty { memory.append(events) }
    if !live.isEmpty { watch(live) }
  }

  /// What an earlier attempt of this run left.
  func checkpoint(of node: Int) -> [UInt8]? { checkpoints.withLock { $0[node] } }

  fileprivate func keep(_ bytes: [UInt8], of node: Int) {
    checkpoints.withLock { $0[node] = bytes }
    record([.checkpoint(run: run, node: node, bytes: bytes)])
  }

  func log(_ node: Int, _ attempt: Int, _ level: LogLevel, _ text: String, at: Int64 = Clock.unixNanoseconds()) {
    record([.log(LogLine(run: run, node: node, attempt: attempt, level: level, text: text, at: at))])
  }

  fileprivate func metric(_ point: MetricPoint) { record([.metric(point)]) }
}

/// What the attempts of one batch say while they run.
struct BatchObserver: AttemptObserver {
  fileprivate let recorder: Recorder
  fileprivate let nodes: [NodeReference]

  func started(_ attempt: UInt64) {
    let (node, number) = Recorder.parts(attempt)
    guard let reference = reference(node) else { return }
    recorder.show([.started(reference, attempt: number)])
  }

  func log(_ attempt: UInt64, _ level: LogLevel, _ text: String, unixNanoseconds: Int64) {
    let (node, number) = Recorder.parts(attempt)
    recorder.log(node, number, level, text, at: unixNanoseconds)
  }

  func metric(_ attempt: UInt64, _ name: String, _ value: Double, unit: String, step: Int64, unixNanoseconds: Int64) {
    let (node, number) = Recorder.parts(attempt)
    recorder.metric(
      MetricPoint(
        run: recorder.run, node: node, attempt: number, name: name, value: value, unit: unit, step: step,
        at: unixNanoseconds))
  }

  func progress(_ attempt: UInt64, done: Double, total: Double, _ what: String) {
    guard let reference = reference(Recorder.parts(attempt).node) else { return }
    recorder.show([.progress(reference, done: done, total: total, what: what)])
  }

  func checkpoint(_ attempt: UInt64, _ bytes: [UInt8]) { recorder.keep(bytes, of: Recorder.parts(attempt).node) }

  /// A batch is short, and its attempts come in order.
  private func reference(_ node: Int) -> NodeReference? { nodes.first { $0.node == node } }
}

extension NodeSkipped.Why {
  init(_ skip: Scheduler.Skip) {
    switch skip {
    case .condition: self = .condition
    case .upstreamFailed: self = .upstreamFailed
    case .stopped: self = .stopped
    case .notWanted: self = .notWanted
    }
  }
}
