internal import Events
internal import Execution
internal import Tasks
internal import Values
internal import Workspace

/// Events as lines of JSON, for programs: `{"v":1,"seq":4,"time":"…","type":"node.started",…}`.
struct JSONPresenter: Presenter {
  private(set) var model: RunModel
  private var sequence = 0
  /// Wall clock minus monotonic clock.
  private let offset: Int64

  init(model: RunModel, unixStart: Int64) {
    self.model = model
    offset = unixStart - model.startedAt
  }

  mutating func take(_ events: [LiveEvent], now: Int64) -> String {
    var out = ""
    for event in events {
      for (type, members) in describe(event) { out += line(type, members, now) }
      for case .log(let step, let item, let level, let text) in model.handle(event, now: now) {
        out += line(
          "log", place(step, item) + [.init("level", .string(level.word)), .init("text", .string(text))], now)
      }
    }
    return out
  }

  mutating func say(_ line: String, now: Int64) -> String {
    self.line("note", [.init("text", .string(line))], now)
  }

  mutating func tick(now: Int64, size: TerminalSize) -> String { "" }
  mutating func finish(now: Int64, size: TerminalSize) -> String {
    _ = model.conclude()
    return ""
  }

  /// The first line of a run, or its last.
  mutating func line(_ type: String, _ members: [JSON.Member], _ now: Int64) -> String {
    sequence += 1
    let head: [JSON.Member] = [
      .init("v", 1), .init("seq", .int(Int64(sequence))),
      .init("time", .string(Times.iso(unixNanoseconds: now + offset))), .init("type", .string(type)),
    ]
    return JSON.object(head + members).compact + "\n"
  }

  private func describe(_ event: LiveEvent) -> [(String, [JSON.Member])] {
    if case .recorded(.attemptsFinished(let ends)) = event { return ends.map(describe) }
    return describe(single: event).map { [$0] } ?? []
  }

  private func describe(_ end: AttemptFinished) -> (String, [JSON.Member]) {
    let seconds = JSON.Member("wall_seconds", .float(Double(end.usage.wallNanoseconds) / 1e9))
    switch end.result {
    case .success: return ("node.finished", place(end.node, end.attempt) + [seconds])
    case .failure(let failure):
      return ("node.failed", place(end.node, end.attempt) + [seconds, .init("failure", failure.json)])
    }
  }

  private func describe(single event: LiveEvent) -> (String, [JSON.Member])? {
    switch event {
    case .started(let node, let attempt): return ("node.started", place(node, attempt))
    case .progress(let node, let done, let total, let what):
      let members: [JSON.Member] = [
        .init("done", .float(done)), .init("total", .float(total)), .init("text", .string(what)),
      ]
      return ("node.progress", place(node) + members)
    case .retrying(let node, let attempt, let delay, let failure):
      let seconds = Double(delay.nanoseconds) / 1e9
      return (
        "node.retrying",
        place(node, attempt) + [.init("delay_seconds", .float(seconds)), .init("failure", failure.json)]
      )
    case .expanded(let step, let count):
      return ("step.expanded", [.init("step", .string(path(step))), .init("count", .int(Int64(count)))])
    case .recorded(let event): return describe(event)
    }
  }

  private func describe(_ event: Event) -> (String, [JSON.Member])? {
    switch event {
    case .nodeReused(let reuse): return ("node.reused", place(reuse.node) + [.init("from_run", .int(reuse.run))])
    case .nodeSkipped(let skip): return ("node.skipped", place(skip.node) + [.init("why", .string(skip.why.rawValue))])
    case .metric(let point):
      let node = model.reference(point.node)
      let members: [JSON.Member] = [
        .init("name", .string(point.name)), .init("value", .float(point.value)), .init("unit", .string(point.unit)),
        .init("at_step", .int(point.step)),
      ]
      return ("metric", (node.map { place($0, point.attempt) } ?? []) + members)
    case .inputChanged(let change):
      return (
        "input.changed",
        place(change.node) + [
          .init("input", .string(change.input)), .init("artifact", .string("sha256:" + change.artifact.hex)),
        ]
      )
    case .runStarted, .runFinished, .attemptStarted, .attemptsFinished, .log, .checkpoint: return nil
    }
  }

  private func path(_ step: Int) -> String {
    model.steps.indices.contains(step) ? model.steps[step].plan.path : String(step)
  }

  private func place(_ step: Int?, _ item: String) -> [JSON.Member] {
    guard let step else { return [] }
    let place = JSON.Member("step", .string(path(step)))
    return item.isEmpty ? [place] : [place, .init("item", .string(item))]
  }

  private func place(_ node: NodeReference, _ attempt: Int? = nil) -> [JSON.Member] {
    var members = place(node.step, node.item)
    if let attempt { members.append(.init("attempt", .int(Int64(attempt)))) }
    return members
  }
}
