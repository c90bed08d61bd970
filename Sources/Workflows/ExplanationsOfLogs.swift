extension Explanations {
  /// Event logs, which `assay export check` reads: E11…, W11…. The examples are OCEL 2.0 in JSON; docs/export.md.
  static let ofLogs: [Explanation] = [
    Explanation(
      "E1101", "this is no event log",
      """
      A log is OCEL 2.0 as one JSON document, or XES as one XML document in UTF-8. A document type and entities of its
      own are refused: they can make a reader open other files, or fill its memory.
      """,
      wrong: log(events: "{'id': 'e1'", objects: ""), right: log(events: event(), objects: object())),
    Explanation(
      "E1102", "something is missing in an event log, or is something else",
      """
      OCEL has the lists `eventTypes`, `objectTypes`, `events` and `objects`; an event has `id`, `type` and `time`, a
      relation `objectId` and `qualifier`. XES has `<trace>` in `<log>`, `<event>` in `<trace>`, and names both with
      `concept:name`. Some readers make something up where it is missing, others refuse the log.
      """,
      wrong: log(events: event(relations: "{'objectId': 'o1'}"), objects: object()),
      right: log(events: event(), objects: object())),
    Explanation(
      "E1103", "a type or attribute that an event log does not declare",
      """
      The type of an event is in `eventTypes`, that of an object in `objectTypes`, with its attributes. Readers take what is
      not declared, and then leave it out of what they compute.
      """,
      wrong: log(events: event(type: "train"), objects: object()), right: log(events: event(), objects: object())),
    Explanation(
      "E1104", "an event log has something twice",
      """
      Identifiers are unique, and so are the names of types and of cases. Of two events with one identifier some readers keep
      the last, some both; two traces with one name become one case.
      """,
      wrong: log(events: event() + ", " + event(), objects: object()), right: log(events: event(), objects: object())),
    Explanation(
      "E1105", "an event log relates something to an object that it has not",
      """
      `objectId` is the `id` of one of the `objects`. Readers keep the relation, and the object has no type.
      """,
      wrong: log(events: event(relations: "{'objectId': 'o2', 'qualifier': 'of'}"), objects: object()),
      right: log(events: event(), objects: object())),
    Explanation(
      "E1106", "a time in an event log is missing, or is none",
      """
      A time is a text such as `2026-11-21T10:24:05.123Z`, with `Z` or an offset such as `+01:00`: without one each reader
      takes the zone that it likes. A value that an object always had is given for `1970-01-01T00:00:00Z`. An event does
      not begin after its end.
      """,
      wrong: log(events: event(time: "2026-11-21T10:24:05"), objects: object()),
      right: log(events: event(), objects: object())),
    Explanation(
      "E1107", "a value in an event log is of another type than declared",
      """
      OCEL has `string`, `time`, `integer`, `float` and `boolean`, XES the tags `string`, `date`, `int`, `float`, `boolean`
      and `id`. A text that reads as a value of the type is taken for it.
      """,
      wrong: log(events: event(value: "'many'"), objects: object()), right: log(events: event(), objects: object())),
    Explanation(
      "W1101", "this is allowed in an event log, and hardly meant",
      """
      An event that has to do with no object is seen in no view of one; a relation that stands twice counts twice; a trace
      without events is a case in which nothing happened; an event outside of a trace is dropped.
      """,
      wrong: log(events: event(relations: ""), objects: object()), right: log(events: event(), objects: object())),
  ]

  private static func log(events: String, objects: String) -> String {
    """
    {"eventTypes": [{"name": "fit", "attributes": [{"name": "rows", "type": "integer"}]}],
     "objectTypes": [{"name": "run", "attributes": []}],
     "events": [\(events)],
     "objects": [\(objects)]}
    """.replacingQuotes
  }

  private static func event(
    type: String = "fit", time: String = "2026-11-21T10:24:05Z", value: String = "569",
    relations: String = "{'objectId': 'o1', 'qualifier': 'of'}"
  ) -> String {
    """
    {'id': 'e1', 'type': '\(type)', 'time': '\(time)',
       'attributes': [{'name': 'rows', 'value': \(value)}], 'relationships': [\(relations)]}
    """
  }

  private static func object() -> String { "{'id': 'o1', 'type': 'run', 'attributes': [], 'relationships': []}" }
}

extension String {
  fileprivate var replacingQuotes: String { String(map { $0 == "'" ? "\"" : $0 }) }
}
