package import Spaces
package import Values

/// What an experiment is about, so that later ones can learn from its log alone: without its documents and their plugins.
package struct Description: Sendable {
  package struct Metric: Sendable, Equatable {
    package var name: String
    package var isMaximized: Bool
    /// Reported, not optimised.
    package var isWatched: Bool
    package var limit: Double?
    package init(_ name: String, isMaximized: Bool, isWatched: Bool = false, limit: Double? = nil) {
      self.name = name
      self.isMaximized = isMaximized
      self.isWatched = isWatched
      self.limit = limit
    }
  }

  package var intent = ""
  package var tags: [String] = []
  package var metrics: [Metric]
  /// Without constraints: every point of the log is one of it.
  package var space: Space
  package var workflow = WorkflowPrint()
  package var data: [DataPrint] = []
  /// Of the documents as they were when it began; empty: of a version that did not say.
  package var documents = ""

  package init(metrics: [Metric], space: Space) {
    self.metrics = metrics
    self.space = Space(space.parameters.map(Self.portable))
  }

  /// Whether a point is one of the space: what comes from elsewhere may be anything.
  package func contains(_ point: Point) -> Bool {
    guard point.coordinates.count == space.parameters.count else { return false }
    return zip(space.parameters, point.coordinates).allSatisfy { parameter, coordinate in
      if coordinate == Point.inactive { return true }
      switch parameter.domain {
      case .choices(let choices): return Int(exactly: coordinate).map(choices.indices.contains) ?? false
      case .axis(let axis):
        let isWhole = axis.kind == .floats || Int(exactly: coordinate) != nil
        return isWhole && coordinate >= axis.low && coordinate <= axis.high
      }
    }
  }

  /// The one that is optimised above all.
  package var objective: Metric? { metrics.first { !$0.isWatched } }

  /// Values that a text cannot hold, such as files, by their digest.
  private static func portable(_ parameter: Parameter) -> Parameter {
    guard case .choices(let choices) = parameter.domain else { return parameter }
    let plain = choices.map { choice -> Value in
      switch choice {
      case .bool, .int, .float, .string: choice
      default: .string(choice.contentDigest().map { "sha256:\($0.hex)" } ?? choice.description)
      }
    }
    return Parameter(parameter.name, .choices(plain), when: parameter.condition, preset: parameter.preset)
  }
}

extension Description: Equatable {
  package static func == (a: Description, b: Description) -> Bool { a.json == b.json }
}

// MARK: as JSON

extension Description {
  package var json: JSON {
    var members: [JSON.Member] = [
      .init("intent", .string(intent)), .init("tags", .array(tags.map { .string($0) })),
      .init(
        "metrics",
        .array(
          metrics.map { metric in
            .object([
              .init("name", .string(metric.name)), .init("maximize", .bool(metric.isMaximized)),
              .init("watched", .bool(metric.isWatched)), .init("limit", metric.limit.map { .float($0) } ?? .null),
            ])
          })),
      .init("space", .array(space.parameters.map(Self.json))), .init("workflow", workflow.json),
      .init("data", .array(data.map(\.json))),
    ]
    if !documents.isEmpty { members.append(.init("documents", .string(documents))) }
    return .object(members)
  }

  /// Nil for what is no description.
  package init?(json: JSON) {
    guard let metrics = json["metrics"]?.asArray, let parameters = json["space"]?.asArray else { return nil }
    var all: [Parameter] = []
    for parameter in parameters {
      guard let read = Self.parameter(parameter, after: all) else { return nil }
      all.append(read)
    }
    var read: [Metric] = []
    for metric in metrics {
      guard let name = metric["name"]?.asString, let isMaximized = metric["maximize"]?.asBool else { return nil }
      read.append(
        Metric(
          name, isMaximized: isMaximized, isWatched: metric["watched"]?.asBool ?? false,
          limit: metric["limit"]?.asDouble))
    }
    self.init(metrics: read, space: Space(all))
    intent = json["intent"]?.asString ?? ""
    tags = json["tags"]?.asArray?.compactMap(\.asString) ?? []
    workflow = WorkflowPrint(json: json["workflow"] ?? .null)
    documents = json["documents"]?.asString ?? ""
    data = json["data"]?.asArray?.compactMap(DataPrint.init) ?? []
  }

  private static func json(_ parameter: Parameter) -> JSON {
    var members: [JSON.Member] = [.init("name", .string(parameter.name))]
    if let condition = parameter.condition {
      members.append(.init("parameter", .int(Int64(condition.parameter))))
      members.append(.init("choices", .array(condition.choices.map { .int(Int64($0)) })))
    }
    switch parameter.domain {
    case .choices(let values): members.append(.init("in", .array(values.map { $0.json() })))
    case .axis(let axis):
      if case .listed(let values) = axis.kind {
        members.append(.init("listed", .array(values.map { $0.json() })))
      } else {
        members += [
          .init("kind", .string(axis.kind == .integers ? "int" : "float")), .init("low", .float(axis.low)),
          .init("high", .float(axis.high)), .init("log", .bool(axis.isLogarithmic)),
        ]
        if let step = axis.step { members.append(.init("step", .float(step))) }
      }
    }
    return .object(members)
  }

  private static func parameter(_ json: JSON, after before: [Parameter]) -> Parameter? {
    guard let name = json["name"]?.asString, let domain = domain(json) else { return nil }
    var condition: Parameter.Condition?
    if let place = json["parameter"]?.asInt {
      guard before.indices.contains(Int(clamping: place)), let choices = json["choices"]?.asArray,
        case .choices = before[Int(clamping: place)].domain
      else { return nil }
      condition = Parameter.Condition(parameter: Int(place), choices: choices.compactMap { $0.asInt.map { Int($0) } })
    }
    return Parameter(name, domain, when: condition)
  }

  /// Nil for one that no point could be in.
  private static func domain(_ json: JSON) -> Domain? {
    let domain: Domain
    if let values = json["in"]?.asArray {
      domain = .choices(values.compactMap(plain))
      guard domain.count == UInt64(values.count) else { return nil }
    } else if let values = json["listed"]?.asArray {
      domain = .axis(Axis(listed: values.compactMap(plain)))
      guard domain.count == UInt64(values.count) else { return nil }
    } else if let low = json["low"]?.asDouble, let high = json["high"]?.asDouble, let kind = json["kind"]?.asString {
      domain = .axis(
        Axis(
          kind == "int" ? .integers : .floats, from: low, to: high, step: json["step"]?.asDouble,
          isLogarithmic: json["log"]?.asBool ?? false))
    } else {
      return nil
    }
    return domain.problem == nil ? domain : nil
  }

  private static func plain(_ json: JSON) -> Value? {
    switch json {
    case .bool(let flag): .bool(flag)
    case .int(let number): .int(number)
    case .float(let number): .float(number)
    case .string(let text): .string(text)
    default: nil
    }
  }
}
