internal import Events
internal import Tasks
package import Values

extension Timeline {
  /// The run in Chrome's trace-event format, which Perfetto, Chrome and Speedscope read. Times are microseconds from the
  /// start of the run. Linear in the calls.
  ///
  /// - The first group is the run: each call as a track of its own with its attempts inside; reused and skipped calls are
  ///   marks.
  /// - Each process that ran attempts is a group, with as many lanes as it ran attempts at a time.
  /// - A phase is a track of its own, from its first attempt to its last.
  /// - An arrow leads to the first attempt of a call from the last end of each step that it waited for.
  ///
  /// - Parameter others: what went on beside the run, in the same format, with the same beginning of time.
  package func traceEvents(beside others: [JSON] = []) -> JSON {
    var writer = TraceEventWriter(self)
    return [
      "displayTimeUnit": "ms",
      "otherData": ["schema": "assay.perfetto/1", "run": .int(run), "workflow": .string(workflow)],
      "traceEvents": .array(writer.events() + others),
    ]
  }
}

private struct TraceEventWriter {
  private let timeline: Timeline
  private var events_: [JSON] = []
  /// By attempt: its lane.
  private var places: [(process: Int64, lane: Int64)]

  private static let runProcess: Int64 = 1

  init(_ timeline: Timeline) {
    self.timeline = timeline
    places = Array(repeating: (0, 0), count: timeline.attempts.count)
  }

  mutating func events() -> [JSON] {
    describeRun()
    placeAttempts()
    for index in timeline.attempts.indices { write(attempt: index) }
    writeCalls()
    writePhases()
    for reuse in timeline.reused { mark(reuse.node, "reused", reuse.at, ["from_run": .int(reuse.source)]) }
    for skip in timeline.skipped { mark(skip.node, "skipped", skip.at, ["why": .string(skip.why.rawValue)]) }
    writeArrows()
    return events_
  }

  private mutating func add(_ phase: String, _ members: [JSON.Member]) {
    events_.append(.object([.init("ph", .string(phase))] + members))
  }

  private func place(_ process: Int64, _ lane: Int64) -> [JSON.Member] {
    [.init("pid", .int(process)), .init("tid", .int(lane))]
  }

  private func microseconds(_ nanoseconds: Int64) -> JSON { .float(Double(nanoseconds) / 1000) }
  private func time(_ at: Int64) -> JSON.Member { .init("ts", microseconds(max(0, at - timeline.startedAt))) }

  private mutating func name(process: Int64, _ text: String) {
    add("M", place(process, 0) + [.init("name", "process_name"), .init("args", ["name": .string(text)])])
    add("M", place(process, 0) + [.init("name", "process_sort_index"), .init("args", ["sort_index": .int(process)])])
  }

  private mutating func name(lane: Int64, of process: Int64, _ text: String) {
    add("M", place(process, lane) + [.init("name", "thread_name"), .init("args", ["name": .string(text)])])
  }

  private mutating func describeRun() {
    name(process: Self.runProcess, "run \(timeline.run): \(timeline.workflow)")
    name(lane: 1, of: Self.runProcess, "run")
    let end = timeline.finishedAt ?? timeline.attempts.filter(\.isOver).map(\.endedAt).max() ?? timeline.startedAt
    add(
      "X",
      place(Self.runProcess, 1) + [
        time(timeline.startedAt), .init("dur", microseconds(max(0, end - timeline.startedAt))),
        .init("name", .string(timeline.workflow)), .init("cat", "run"),
      ])
  }

  /// Each process gets lanes on which attempts never overlap: the viewer would take overlapping ones for nested.
  private mutating func placeAttempts() {
    var numbers: [Int32: Int64] = [:]
    var lanes: [Int32: [Int64]] = [:]
    var nextLane: Int64 = 1
    var laneIds: [Int32: [Int64]] = [:]
    let order = timeline.attempts.indices.sorted { timeline.attempts[$0].startedAt < timeline.attempts[$1].startedAt }
    for index in order {
      let attempt = timeline.attempts[index]
      let process = attempt.usage.process
      let number = numbers[process] ?? Self.runProcess + 1 + Int64(numbers.count)
      if numbers.updateValue(number, forKey: process) == nil {
        name(process: number, process == 0 ? "engine" : "worker \(process)")
      }
      // One that is not over keeps its lane to the end.
      let end = attempt.isOver ? attempt.endedAt : .max
      var ends = lanes[process] ?? []
      let free = ends.firstIndex { $0 <= attempt.startedAt } ?? ends.count
      if free == ends.count {
        ends.append(end)
        nextLane += 1
        laneIds[process, default: []].append(nextLane)
        name(lane: nextLane, of: number, "lane \(free + 1)")
      } else {
        ends[free] = end
      }
      lanes[process] = ends
      places[index] = (number, laneIds[process]?[free] ?? nextLane)
    }
  }

  private mutating func write(attempt index: Int) {
    let attempt = timeline.attempts[index]
    var members = place(places[index].process, places[index].lane)
    members += [time(attempt.startedAt), .init("name", .string(timeline.name(attempt.node)))]
    members.append(.init("cat", .string(attempt.failure == nil ? "attempt" : "attempt,failed")))
    // One that is not over has a beginning only.
    if attempt.isOver { members.insert(.init("dur", microseconds(max(0, attempt.usage.wallNanoseconds))), at: 3) }
    members.append(.init("args", arguments(attempt)))
    add(attempt.isOver ? "X" : "B", members)
  }

  private func arguments(_ attempt: Timeline.Attempt) -> JSON {
    var members: [JSON.Member] = [.init("step", .string(timeline.path(attempt.node)))]
    if !attempt.node.item.isEmpty { members.append(.init("item", .string(attempt.node.item))) }
    if timeline.steps.indices.contains(attempt.node.step) {
      let step = timeline.steps[attempt.node.step]
      members += [.init("task", .string("\(step.task) \(step.version)")), .init("phase", .string(step.phase))]
    }
    members += [.init("attempt", .int(Int64(attempt.number))), .init("node", .int(Int64(attempt.node.node)))]
    members.append(.init("cpu_ms", .float(Double(attempt.usage.cpuNanoseconds) / 1e6)))
    members.append(.init("peak_memory_bytes", .int(attempt.usage.peakMemoryBytes)))
    if attempt.usage.process != 0 { members.append(.init("process", .int(Int64(attempt.usage.process)))) }
    if let failure = attempt.failure {
      members.append(.init("failure", .string("\(failure.code): \(failure.message)")))
    }
    return .object(members)
  }

  /// Calls with more than one attempt: from the first start to the last end, the attempts within.
  private mutating func writeCalls() {
    let calls = Dictionary(grouping: timeline.attempts.filter(\.isOver), by: \.node.node)
    for (number, attempts) in calls.sorted(by: { $0.key < $1.key }) {
      let attempts = attempts.sorted { $0.number < $1.number }
      guard let first = attempts.first, let last = attempts.last else { continue }
      let name = timeline.name(first.node)
      span(number, name, first.startedAt, last.endedAt) {
        guard attempts.count > 1 else { return }
        for attempt in attempts {
          $0.span(number, "attempt \(attempt.number)", attempt.startedAt, attempt.endedAt) { _ in }
        }
      }
    }
  }

  private mutating func writePhases() {
    var phases: [String: (start: Int64, end: Int64)] = [:]
    for attempt in timeline.attempts where attempt.isOver && timeline.steps.indices.contains(attempt.node.step) {
      let phase = timeline.steps[attempt.node.step].phase
      let known = phases[phase] ?? (attempt.startedAt, attempt.endedAt)
      phases[phase] = (min(known.start, attempt.startedAt), max(known.end, attempt.endedAt))
    }
    let order = phases.filter { !$0.key.isEmpty }.sorted { ($0.value.start, $0.key) < ($1.value.start, $1.key) }
    for (place, phase) in order.enumerated() {
      span(place, phase.key, phase.value.start, phase.value.end, category: "phase") { _ in }
    }
  }

  private mutating func span(
    _ id: Int, _ name: String, _ start: Int64, _ end: Int64, category: String = "call",
    _ inside: (inout TraceEventWriter) -> Void
  ) {
    func edge(_ at: Int64) -> [JSON.Member] {
      place(Self.runProcess, 1) + [
        time(at), .init("name", .string(name)), .init("cat", .string(category)), .init("id", .int(Int64(id))),
      ]
    }
    add("b", edge(start))
    inside(&self)
    add("e", edge(end))
  }

  private mutating func mark(_ node: NodeReference, _ word: String, _ at: Int64, _ arguments: JSON) {
    add(
      "i",
      place(Self.runProcess, 1) + [
        time(at), .init("s", "p"), .init("name", .string("\(timeline.name(node)) \(word)")),
        .init("cat", .string(word)),
        .init("args", arguments),
      ])
  }

  /// Only from the call that was waited for last: all of them would be a square of arrows.
  private mutating func writeArrows() {
    let dependencies = Dependencies(timeline)
    var arrow: Int64 = 0
    for (index, attempt) in timeline.attempts.enumerated() where attempt.number == 1 {
      for end in dependencies.last(before: attempt.node) {
        guard let source = end.attempt, end.at <= attempt.startedAt else { continue }
        arrow += 1
        let common: [JSON.Member] = [.init("name", "needs"), .init("cat", "needs"), .init("id", .int(arrow))]
        let from = timeline.attempts[source]
        // Inside the slice that it leaves: that is how viewers find the slice.
        let leaves = max(from.startedAt, from.endedAt - 1000)
        add("s", place(places[source].process, places[source].lane) + [time(leaves)] + common)
        add(
          "f",
          place(places[index].process, places[index].lane) + [time(attempt.startedAt)] + common + [.init("bp", "e")])
      }
    }
  }
}
