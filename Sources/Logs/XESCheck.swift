extension LogReport {
  mutating func checkXES(_ bytes: [UInt8]) {
    var check = XESCheck(self)
    do throws(LogProblem) { try check.run(bytes) } catch { check.report.add(error) }
    self = check.report
  }
}

/// Once through the file. An element is known by the way to it; attributes may be nested.
private struct XESCheck {
  var report: LogReport

  private enum Kind: Equatable { case log, trace, event, global, values, attribute, other }
  private struct Element {
    var kind: Kind
    var offset: Int
    var keys: Set<String> = []
    /// Of a trace or event.
    var name: String?
    var end: Int64?
    var start: Int64?
    var hasEvents = false
  }
  private var open: [Element] = []
  private var names: Set<String> = []
  private var prefixes: Set<String> = []

  private static let attributes: Set<String> = [
    "string", "date", "int", "float", "boolean", "id", "list", "container",
  ]

  init(_ report: LogReport) { self.report = report }

  mutating func run(_ bytes: [UInt8]) throws(LogProblem) {
    var reader = try XMLReader(bytes)
    while let token = try reader.next() {
      switch token {
      case .start(let name, let attributes): enter(Self.local(name), attributes, reader.start)
      case .end: leave()
      case .text: tell(.shape, "text, where XES has none", reader.start)
      }
    }
  }

  /// Without the prefix of a namespace.
  private static func local(_ name: String) -> String { name.split(separator: ":").last.map(String.init) ?? name }

  private mutating func tell(_ rule: LogProblem.Rule, _ message: String, _ offset: Int, _ length: Int = 1) {
    report.add(LogProblem(rule, message, at: offset, length: length))
  }

  // MARK: Elements

  private mutating func enter(_ name: String, _ attributes: [XMLReader.Attribute], _ offset: Int) {
    let parent = open.last?.kind
    var element = Element(kind: .other, offset: offset)
    switch name {
    case "log":
      element.kind = .log
      if parent != nil { tell(.shape, "`<log>` stands inside of something else", offset) }
    case "trace":
      element.kind = .trace
      report.traces += 1
      if parent != .log { tell(.shape, "`<trace>` stands outside of `<log>`", offset) }
    case "event":
      element.kind = .event
      report.events += 1
      // Events of no trace are allowed in a stream of the log's own; readers drop them.
      if parent == .log { tell(.doubtful, "`<event>` in no `<trace>`: most readers drop it", offset) }
      if parent != .trace, parent != .log { tell(.shape, "`<event>` stands outside of `<trace>`", offset) }
      if !open.isEmpty { open[open.count - 1].hasEvents = true }
    case "global":
      element.kind = .global
      let scope = attributes.first { $0.name == "scope" }
      if scope?.value != "trace", scope?.value != "event" {
        tell(.shape, "the `scope` of `<global>` is `trace` or `event`", scope?.offset ?? offset)
      }
    case "extension": checkExtension(attributes, offset)
    case "classifier": need(["name", "keys"], attributes, "classifier", offset)
    case "values": element.kind = .values
    case _ where Self.attributes.contains(name):
      // In a list the same key may stand many times; older files have its items without `<values>`.
      element.kind = name == "list" ? .values : .attribute
      check(name, attributes, offset)
    default: tell(.shape, "XES has no `<\(name)>`", offset)
    }
    if open.isEmpty, name != "log" { tell(.shape, "the root element is `<\(name)>`, not `<log>`", offset) }
    open.append(element)
  }

  private mutating func leave() {
    guard let element = open.popLast() else { return }
    switch element.kind {
    case .event: finish(event: element)
    case .trace: finish(trace: element)
    default: break
    }
  }

  private mutating func finish(event: Element) {
    if event.name == nil { tell(.shape, "the event has no `concept:name`", event.offset) }
    guard let end = event.end else {
      if !event.keys.contains("time:timestamp") {
        tell(.time, "the event has no `time:timestamp`: some readers take the value of `<global>` for it", event.offset)
      }
      return
    }
    if let start = event.start, start > end {
      tell(.time, "the event begins (`start_timestamp`) after its end (`time:timestamp`)", event.offset)
    }
  }

  private mutating func finish(trace: Element) {
    guard let name = trace.name else {
      tell(.shape, "the trace has no `concept:name`: readers number such cases, or throw them together", trace.offset)
      return
    }
    if !names.insert(name).inserted {
      tell(.duplicate, "there is another trace `\(name)`: readers make one case of both", trace.offset)
    }
    if !trace.hasEvents { tell(.doubtful, "the trace `\(name)` has no event", trace.offset) }
  }

  // MARK: Attributes

  private mutating func need(
    _ names: [String], _ attributes: [XMLReader.Attribute], _ element: String, _ offset: Int
  ) {
    for name in names where !attributes.contains(where: { $0.name == name }) {
      tell(.shape, "`<\(element)>` has no `\(name)`", offset)
    }
  }

  private mutating func checkExtension(_ attributes: [XMLReader.Attribute], _ offset: Int) {
    need(["name", "prefix", "uri"], attributes, "extension", offset)
    guard let prefix = attributes.first(where: { $0.name == "prefix" }) else { return }
    if !prefixes.insert(prefix.value).inserted {
      tell(.duplicate, "the prefix `\(prefix.value)` is declared twice", prefix.offset)
    }
  }

  private mutating func check(_ tag: String, _ attributes: [XMLReader.Attribute], _ offset: Int) {
    guard let key = attributes.first(where: { $0.name == "key" }) else {
      return tell(.shape, "`<\(tag)>` has no `key`", offset)
    }
    let value = attributes.first { $0.name == "value" }
    if value == nil, tag != "list", tag != "container" {
      tell(.shape, "`\(key.value)` has no `value`", offset)
    }
    if let place = open.indices.last, open[place].kind != .values, !open[place].keys.insert(key.value).inserted {
      tell(.duplicate, "`\(key.value)` has another value here", key.offset)
    }
    let time = value.flatMap { check(tag, key.value, $0) }
    guard let place = open.indices.last, open[place].kind == .event || open[place].kind == .trace else { return }
    switch key.value {
    case "concept:name":
      open[place].name = value?.value
      if tag != "string" { tell(.value, "`concept:name` is a `string`, not a `\(tag)`", offset) }
    case "time:timestamp":
      open[place].end = time
      if tag != "date" { tell(.time, "`time:timestamp` is a `date`, not a `\(tag)`", offset) }
    case "start_timestamp": open[place].start = time
    default: break
    }
  }

  /// The time of a date.
  private mutating func check(_ tag: String, _ key: String, _ value: XMLReader.Attribute) -> Int64? {
    let text = value.value
    let isRight =
      switch tag {
      case "int": Int64(text) != nil
      case "float": Double(text) != nil || ["NaN", "INF", "-INF"].contains(text)
      case "boolean": ["true", "false", "1", "0"].contains(text)
      default: true
      }
    let length = max(1, text.utf8.count)
    if !isRight { tell(.value, "`\(key)` is `\(text.prefix(60))`, which is no `\(tag)`", value.offset, length) }
    guard tag == "date" else { return nil }
    switch Moment.read(text) {
    case .time(let at): return at
    case .noOffset:
      tell(.time, "`\(key)` does not say in which time zone: `Z` or an offset is missing", value.offset, length)
    case .wrong: tell(.time, "`\(key)` is `\(text.prefix(60))`, which is no time", value.offset, length)
    }
    return nil
  }
}
