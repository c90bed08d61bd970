/// An event log as other programs read it: what happened when, to which objects.
package struct LogEvent: Sendable, Equatable {
  /// Unique among the events of the log, and the same in each export.
  package var id: String
  /// The activity.
  package var type: String
  /// Nil: it took no time.
  package var startedAt: Int64?
  /// When it was complete. Nanoseconds since 1970.
  package var at: Int64
  /// Who or what did it.
  package var resource: String
  package var attributes: [LogAttribute]
  package var relations: [LogRelation]

  package init(
    id: String, type: String, startedAt: Int64? = nil, at: Int64, resource: String = "",
    attributes: [LogAttribute] = [], relations: [LogRelation] = []
  ) {
    self.id = id
    self.type = type
    self.startedAt = startedAt
    self.at = at
    self.resource = resource
    self.attributes = attributes
    self.relations = relations
  }
}

/// A thing that events are about.
package struct LogObject: Sendable, Equatable {
  package var id: String
  package var type: String
  package var attributes: [LogAttribute]
  package var relations: [LogRelation]

  package init(id: String, type: String, attributes: [LogAttribute] = [], relations: [LogRelation] = []) {
    self.id = id
    self.type = type
    self.attributes = attributes
    self.relations = relations
  }
}

package struct LogAttribute: Sendable, Equatable {
  package var name: String
  package var value: LogValue

  package init(_ name: String, _ value: LogValue) {
    self.name = name
    self.value = value
  }
}

package enum LogValue: Sendable, Equatable {
  case string(String)
  case integer(Int64)
  case float(Double)
  case boolean(Bool)
  case time(Int64)

  /// The words of OCEL.
  package enum Kind: String, Sendable, CaseIterable { case string, integer, float, boolean, time }

  package var kind: Kind {
    switch self {
    case .string: .string
    case .integer: .integer
    case .float: .float
    case .boolean: .boolean
    case .time: .time
    }
  }
}

/// That an event or object has to do with an object, and in what role.
package struct LogRelation: Sendable, Equatable {
  package var qualifier: String
  package var object: String

  package init(_ qualifier: String, _ object: String) {
    self.qualifier = qualifier
    self.object = object
  }
}

/// The types of events or objects with their attributes, learnt from what is written. In the order of their names.
package struct LogTypes: Sendable {
  private var types: [String: [String: LogValue.Kind]] = [:]

  package init() {}

  package mutating func note(_ type: String, _ attributes: [LogAttribute]) {
    for attribute in attributes { types[type, default: [:]][attribute.name] = attribute.value.kind }
    if attributes.isEmpty, types[type] == nil { types[type] = [:] }
  }

  package var all: [(name: String, attributes: [(name: String, kind: LogValue.Kind)])] {
    types.sorted { $0.key < $1.key }.map { type in
      (type.key, type.value.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
  }
}
