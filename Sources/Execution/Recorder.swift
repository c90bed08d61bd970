internal import Events
internal import Synchronization
internal import Tasks
internal import Values

/// Puts what happens in a run on record and shows it to whoever watches.
final class Recorder: AttemptObserver {
  private let run: RunNumber
  private let memory: any RunMemory
  private let watch: @Sendable ([LiveEvent]) -> Void
  private let nodes = Mutex<[Int: NodeReference]>([:])
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

  private static func parts(_ id: UInt64) -> (node: Int, attempt: Int) {
    (Int(id >> 12 & 0xF_FFFF_FFFF), Int(id & 0xFFF))
  }

  func begin(_ node: NodeReference, attempt: Int) { nodes.withLock { $0[node.node] = node } }

  func record(_ events: [Event]) {
    guard !events.isEmpty else { return }
    memory.append(events)
    watch(events.map { .recorded($0) })
    nodes.withLock { nodes in
      for case .attemptFinished(let end) in events { nodes[end.node.node] = nil }
    }
  }

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

  func checkpoint(of node: Int) -> [UInt8]? { checkpoints.withLock { $0[node] } }

  func note(_ node: NodeReference, _ attempt: Int, _ level: LogLevel, _ text: String) {
    record([
      .log(
        LogLine(
          run: run, node: node.node, attempt: attempt, level: level, text: text, at: Clock.unixNanoseconds()))
    ])
  }

  // MARK: AttemptObserver

  func started(_ attempt: UInt64) {
    let (node, number) = Self.parts(attempt)
    guard let reference = nodes.withLock({ $0[node] }) else { return }
    watch([.started(reference, attempt: number)])
  }

  func log(_ attempt: UInt64, _ level: LogLevel, _ text: String, unixNanoseconds: Int64) {
    let (node, number) = Self.parts(attempt)
    record([.log(LogLine(run: run, node: node, attempt: number, level: level, text: text, at: unixNanoseconds))])
  }

  func metric(_ attempt: UInt64, _ name: String, _ value: Double, unit: String, step: Int64, unixNanoseconds: Int64) {
    let (node, number) = Self.parts(attempt)
    record([
      .metric(
        MetricPoint(
          run: run, node: node, attempt: number, name: name, value: value, unit: unit, step: step,
          at: unixNanoseconds))
    ])
  }

  func progress(_ attempt: UInt64, done: Double, total: Double, _ what: String) {
    let (node, _) = Self.parts(attempt)
    guard let reference = nodes.withLock({ $0[node] }) else { return }
    watch([.progress(reference, done: done, total: total, what: what)])
  }

  func checkpoint(_ attempt: UInt64, _ bytes: [UInt8]) {
    let (node, _) = Self.parts(attempt)
    checkpoints.withLock { $0[node] = bytes }
    record([.checkpoint(run: run, node: node, bytes: bytes)])
  }
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
