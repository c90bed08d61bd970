internal import Values

/// Writes OCEL 2.0 as JSON, an event or object a line, as they come: nothing is kept but the types. Events first, since what
/// they refer to is known only behind them; readers take the members of a document in any order.
package struct OCELWriter {
  package typealias Sink = (UnsafeRawBufferPointer) -> Void

  private let sink: Sink
  private var buffer: [UInt8] = []
  private var eventTypes = LogTypes()
  private var objectTypes = LogTypes()
  private var isInObjects = false
  private var isFirst = true
  package private(set) var events = 0
  package private(set) var objects = 0

  package init(to sink: @escaping Sink) {
    self.sink = sink
    put("{\n\"events\": [")
  }

  /// All events come before all objects.
  package mutating func add(_ event: LogEvent) {
    var event = event
    if let start = event.startedAt { event.attributes.insert(LogAttribute("start_timestamp", .time(start)), at: 0) }
    event.attributes.removeAll { $0.value.isUnwritable }
    eventTypes.note(event.type, event.attributes)
    events += 1
    item([
      .init("id", .string(event.id)), .init("type", .string(event.type)), .init("time", .string(Moment.text(event.at))),
      .init("attributes", .array(event.attributes.map { ["name": .string($0.name), "value": $0.value.json] })),
      .init("relationships", Self.json(event.relations)),
    ])
  }

  package mutating func add(_ object: LogObject) {
    if !isInObjects { next("objects") }
    isInObjects = true
    var object = object
    object.attributes.removeAll { $0.value.isUnwritable }
    objectTypes.note(object.type, object.attributes)
    objects += 1
    let attributes = object.attributes.map { attribute in
      ["name": .string(attribute.name), "time": .string(Moment.base), "value": attribute.value.json] as JSON
    }
    item([
      .init("id", .string(object.id)), .init("type", .string(object.type)), .init("attributes", .array(attributes)),
      .init("relationships", Self.json(object.relations)),
    ])
  }

  package mutating func finish() {
    if !isInObjects { next("objects") }
    for (name, types) in [("eventTypes", eventTypes), ("objectTypes", objectTypes)] {
      next(name)
      for type in types.all {
        let attributes = type.attributes.map {
          ["name": .string($0.name), "type": .string($0.kind.rawValue)] as JSON
        }
        item([.init("name", .string(type.name)), .init("attributes", .array(attributes))])
      }
    }
    put("\n]\n}\n")
    flush()
  }

  private static func json(_ relations: [LogRelation]) -> JSON {
    .array(relations.map { ["objectId": .string($0.object), "qualifier": .string($0.qualifier)] })
  }

  private mutating func next(_ list: String) {
    put("\n],\n\"\(list)\": [")
    isFirst = true
  }

  private mutating func item(_ members: [JSON.Member]) {
    put(isFirst ? "\n" : ",\n")
    isFirst = false
    buffer.append(contentsOf: JSON.object(members).bytes())
    if buffer.count > 1 << 16 { flush() }
  }

  private mutating func put(_ text: String) { buffer.append(contentsOf: text.utf8) }

  private mutating func flush() {
    buffer.withUnsafeBytes(sink)
    buffer.removeAll(keepingCapacity: true)
  }
}

extension LogValue {
  /// JSON has no such number.
  var isUnwritable: Bool { if case .float(let number) = self { !number.isFinite } else { false } }

  var json: JSON {
    switch self {
    case .string(let text): .string(text)
    case .integer(let number): .int(number)
    case .float(let number): .float(number)
    case .boolean(let flag): .bool(flag)
    case .time(let at): .string(Moment.text(at))
    }
  }
}
