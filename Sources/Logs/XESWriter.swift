/// Writes XES (IEEE 1849-2016), trace by trace. A trace is a case: what OCEL says about many objects is said about one.
package struct XESWriter {
  package typealias Sink = (UnsafeRawBufferPointer) -> Void

  private let sink: Sink
  private var buffer: [UInt8] = []
  package private(set) var traces = 0
  package private(set) var events = 0

  /// Relations of which an event has one at most: as attributes. There is no place for lists that readers would see.
  private static let single: Set<String> = ["run", "task", "experiment", "trial"]

  package init(to sink: @escaping Sink) {
    self.sink = sink
    put(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
        <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
        <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
        <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
        <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
        <global scope="trace">
          <string key="concept:name" value="unknown"/>
        </global>
        <global scope="event">
          <string key="concept:name" value="unknown"/>
          <date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/>
          <string key="lifecycle:transition" value="complete"/>
        </global>
        <classifier name="Activity" keys="concept:name"/>

      """)
  }

  package mutating func trace(_ name: String, _ events: [LogEvent]) {
    traces += 1
    put("  <trace>\n")
    attribute("concept:name", .string(name), "    ")
    for event in events {
      put("    <event>\n")
      write(event)
      put("    </event>\n")
      if buffer.count > 1 << 16 { flush() }
    }
    put("  </trace>\n")
    self.events += events.count
  }

  package mutating func finish() {
    put("</log>\n")
    flush()
  }

  private mutating func write(_ event: LogEvent) {
    let indentation = "      "
    attribute("concept:name", .string(event.type), indentation)
    attribute("start_timestamp", .time(event.startedAt ?? event.at), indentation)
    attribute("time:timestamp", .time(event.at), indentation)
    attribute("lifecycle:transition", .string("complete"), indentation)
    if !event.resource.isEmpty { attribute("org:resource", .string(event.resource), indentation) }
    attribute("assay:id", .string(event.id), indentation)
    for relation in event.relations where Self.single.contains(relation.qualifier) {
      attribute("assay:\(relation.qualifier)", .string(relation.object), indentation)
    }
    for one in event.attributes where !one.value.isUnwritable { attribute("assay:\(one.name)", one.value, indentation) }
  }

  private mutating func attribute(_ key: String, _ value: LogValue, _ indentation: String) {
    let (tag, text) =
      switch value {
      case .string(let text): ("string", text)
      case .integer(let number): ("int", String(number))
      case .float(let number): ("float", number.description)
      case .boolean(let flag): ("boolean", flag ? "true" : "false")
      case .time(let at): ("date", Moment.text(at))
      }
    put("\(indentation)<\(tag) key=\"")
    put(quoted: key)
    put("\" value=\"")
    put(quoted: text)
    put("\"/>\n")
  }

  private mutating func put(_ text: String) { buffer.append(contentsOf: text.utf8) }

  /// What XML 1.0 cannot say, such as most control characters, becomes U+FFFD.
  private mutating func put(quoted text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": put("&amp;")
      case "<": put("&lt;")
      case ">": put("&gt;")
      case "\"": put("&quot;")
      case "\t", "\n", "\r": put("&#\(scalar.value);")
      default: buffer.append(contentsOf: String(XML.isCharacter(scalar) ? scalar : "\u{FFFD}").utf8)
      }
    }
  }

  private mutating func flush() {
    buffer.withUnsafeBytes(sink)
    buffer.removeAll(keepingCapacity: true)
  }
}
