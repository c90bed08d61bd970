package import Values

/// Event logs in Chrome's trace-event format, for https://ui.perfetto.dev. What goes on together has lanes beside each other:
/// on one lane viewers take what overlaps for nested.
///
/// Phases, runs and tasks are grouped by line, the rest by experiment. A stage, and so a gate, is one slice from its beginning
/// to its end; what took no time is a mark.
package struct PerfettoWriter {
  private struct Span {
    var group: String
    var lane: String
    var name: String
    var start: Int64
    /// Nil: it goes on still.
    var end: Int64?
    var isMark: Bool
    var event: LogEvent
  }

  private var spans: [Span] = []
  /// By experiment and stage: the place of its slice while it goes on.
  private var open: [String: Int] = [:]

  package init() {}

  package mutating func add(_ event: LogEvent) {
    let line = event.relations.first { $0.qualifier == "line" }.map { String($0.object.dropFirst("line:".count)) } ?? ""
    let experiment = event.relations.first { $0.qualifier == "experiment" }?.object.drop { $0 != ":" }.dropFirst()
    let group = experiment.map { "experiment \($0)" } ?? "\(line)"
    let start = min(event.startedAt ?? event.at, event.at)
    switch event.type {
    case Activities.stage: return addStage(event, group)
    case Activities.trial:
      let number = event.relations.first { $0.qualifier == "trial" }?.object.split(separator: "/").last ?? ""
      put(event, group, "trials", "trial \(number)", start)
    case Activities.decision:
      put(event, group, "decisions", [event.text("operation"), event.text("value")].joined(separator: " "), event.at)
    case Activities.closed: put(event, group, "decisions", "closed: \(event.text("status"))", event.at)
    case Activities.run:
      put(event, group, "runs", event.relations.first { $0.qualifier == "run" }?.object ?? "run", start)
    default:
      // A visit of a phase has a lane of its phase; calls of tasks share theirs.
      let isVisit = !event.text("visit").isEmpty
      put(event, group, isVisit ? "phase \(event.type)" : "tasks", event.type, start)
    }
  }

  private mutating func put(_ event: LogEvent, _ group: String, _ lane: String, _ name: String, _ start: Int64) {
    let isMark = event.startedAt == nil
    spans.append(
      Span(group: group, lane: lane, name: name, start: start, end: event.at, isMark: isMark, event: event))
  }

  private mutating func addStage(_ event: LogEvent, _ group: String) {
    let stage = event.text("stage")
    let isGate = event.text("kind") == "gate"
    let key = "\(group)\u{0}\(stage)"
    switch event.text("change") {
    case "began", "again":
      if let place = open[key] { spans[place].end = event.at }
      open[key] = spans.count
      spans.append(
        Span(
          group: group, lane: isGate ? "gates" : "stages", name: "\(isGate ? "gate" : "stage") \(stage)",
          start: event.at,
          end: nil, isMark: false, event: event))
    case let change:
      guard let place = open.removeValue(forKey: key) else {
        return put(event, group, isGate ? "gates" : "stages", "\(stage) \(change)", event.at)
      }
      spans[place].end = event.at
      spans[place].event.attributes.append(LogAttribute(change, .string(event.text("text"))))
    }
  }

  /// The members of `traceEvents`.
  ///
  /// - Parameters:
  ///   - origin: where time begins, nanoseconds since 1970; nil: with the first event. What ended before is left out.
  ///   - process: the number of the first group.
  package func events(since origin: Int64? = nil, firstProcess process: Int64 = 1) -> [JSON] {
    let shown = spans.filter { $0.end.map { $0 >= origin ?? .min } ?? true }.sorted {
      ($0.start, $0.event.id) < ($1.start, $1.event.id)
    }
    let origin = origin ?? shown.first?.start ?? 0
    var lanes = Lanes(first: process)
    var slices: [JSON] = []
    slices.reserveCapacity(shown.count)
    for span in shown {
      let place = lanes.place(span.group, span.lane, from: span.start, to: span.isMark ? span.start : span.end ?? .max)
      let start = max(span.start, origin)
      var members: [JSON.Member] = [
        .init("ph", .string(span.isMark ? "i" : span.end == nil ? "B" : "X")), .init("pid", .int(place.process)),
        .init("tid", .int(place.lane)), .init("ts", .float(Double(start - origin) / 1000)),
      ]
      if span.isMark { members.append(.init("s", "t")) }
      if !span.isMark, let end = span.end { members.append(.init("dur", .float(Double(max(0, end - start)) / 1000))) }
      members += [
        .init("name", .string(span.name)), .init("cat", .string(span.lane)), .init("args", span.event.arguments),
      ]
      slices.append(.object(members))
    }
    return lanes.names + slices
  }

  /// Which lane is free.
  private struct Lanes {
    private var processes: [String: Int64] = [:]
    private var ends: [String: [(lane: Int64, end: Int64)]] = [:]
    private var next: Int64 = 0
    private(set) var names: [JSON] = []
    private let first: Int64

    init(first: Int64) { self.first = first }

    mutating func place(
      _ group: String, _ lane: String, from start: Int64, to end: Int64
    ) -> (process: Int64, lane: Int64) {
      let process = processes[group] ?? first + Int64(processes.count)
      if processes.updateValue(process, forKey: group) == nil { name("process_name", process, 0, group) }
      let key = "\(group)\u{0}\(lane)"
      var free = ends[key] ?? []
      let place = free.firstIndex { $0.end <= start } ?? free.count
      if place == free.count {
        next += 1
        free.append((next, end))
        name("thread_name", process, next, place == 0 ? lane : "\(lane) (\(place + 1))")
      } else {
        free[place].end = end
      }
      ends[key] = free
      return (process, free[place].lane)
    }

    private mutating func name(_ kind: String, _ process: Int64, _ lane: Int64, _ text: String) {
      names.append([
        "ph": "M", "pid": .int(process), "tid": .int(lane), "name": .string(kind), "args": ["name": .string(text)],
      ])
    }
  }
}

extension LogEvent {
  fileprivate func text(_ name: String) -> String {
    for attribute in attributes where attribute.name == name {
      if case .string(let text) = attribute.value { return text }
    }
    return ""
  }

  fileprivate var arguments: JSON {
    var members: [JSON.Member] = [.init("id", .string(id))]
    if !resource.isEmpty { members.append(.init("by", .string(resource))) }
    var names: Set<String> = ["id", "by"]
    for attribute in attributes where !attribute.value.isUnwritable && names.insert(attribute.name).inserted {
      members.append(.init(attribute.name, attribute.value.json))
    }
    for relation in relations where names.insert(relation.qualifier).inserted {
      members.append(.init(relation.qualifier, .string(relation.object)))
    }
    return .object(members)
  }
}
