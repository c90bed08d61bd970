package import Tasks
package import Values

/// A task of a plugin that chooses what is tried next, as a stage calls it.
package struct StrategyTask: Sendable {
  package var task: InstalledTask
  /// Parameters that exist only for some choices are shown to it as if they always existed.
  package var flattens = false
  /// How long it may think about one trial.
  package var timeout = Duration.seconds(600)
  package init(task: InstalledTask) { self.task = task }
}

/// What makes a task a strategy: a pure function from the question to a point. Its inputs have these names and as much of
/// these types as it wants to see; what else it takes are its options. That is also how it says what it can do: a space
/// is refused if the type of `space` leaves out what the space needs.
package enum StrategyInterface {
  private static let condition = record(("parameter", .int(nil)), ("choices", .list(.int(nil))))

  /// One parameter. Integers and floats stand in points for themselves; for what is listed (`ordinal`: in order) its place
  /// in `choices` does.
  private static let parameter = record(
    ("name", .string), ("kind", .enumeration(["float", "int", "ordinal", "choice"])), ("low", .float(nil)),
    ("high", .float(nil)), ("step", .optional(.float(nil))), ("log", .bool), ("choices", .list(.string)),
    ("condition", .optional(condition)))

  /// A parameter that does not exist has no coordinate.
  private static let point = ValueType.list(.optional(.float(nil)))

  static let trial = record(
    ("trial", .int(nil)), ("point", point),
    ("state", .enumeration(["running", "finished", "pruned", "failed", "excluded"])), ("values", .list(.float(nil))),
    ("violation", .float(nil)), ("curve", .list(.float(nil))), ("memo", .string))

  package static let inputs: [ValueType.RecordField] = [
    .init("space", record(("parameters", .list(parameter)), ("constraints", .list(.string)))),
    .init("seed", .int(nil)), .init("trial", .int(nil)), .init("history", .list(trial)),
    .init("objectives", .int(nil)), .init("trials", .optional(.int(nil))),
  ]

  package static let outputs: [ValueType.RecordField] = [
    .init("point", point), .init("memo", .string), .init("reason", .string),
    .init("answer", .enumeration(["propose", "wait", "exhausted"])),
  ]

  static func record(_ fields: (String, ValueType)...) -> ValueType {
    .record(fields.map { .init($0.0, $0.1) })
  }

  /// Inputs that stand in the call, by name.
  package static func options(
    of task: TaskSignature, but inputs: [ValueType.RecordField] = inputs
  ) -> [Port] {
    task.parameters.filter { port in !inputs.contains { $0.name == port.name } }
  }

  /// Why a task is no strategy, for a person; nil when it is one.
  static func problem(of task: TaskSignature) -> String? {
    problem(of: task, inputs, needs: "space", outputs, gives: "point")
      ?? (parameterFields(of: task) == nil ? "its input `space` has no `parameters`" : nil)
  }

  static func problem(
    of task: TaskSignature, _ inputs: [ValueType.RecordField], needs input: String,
    _ outputs: [ValueType.RecordField], gives output: String
  ) -> String? {
    if !task.traits.contains(.pure) {
      return "it does not promise to be pure, so that asking again may give another answer"
    }
    for known in inputs {
      guard let port = task.parameters.first(where: { $0.name == known.name }) else {
        if known.name == input { return "it has no input `\(input)`" }
        continue
      }
      guard shows(known.type, as: port.type) else {
        return "its input `\(port.name)` is `\(port.type)`, which is not a part of `\(known.type)`"
      }
    }
    for known in outputs {
      guard let port = task.outputs.first(where: { $0.name == known.name }) else {
        if known.name == output { return "it has no output `\(output)`" }
        continue
      }
      guard known.type.accepts(port.type.lowered) else {
        return "its output `\(port.name)` is `\(port.type)`, not `\(known.type)`"
      }
    }
    return nil
  }

  /// Whether a type is a part of a known one: fields and words may be left out, and `T` stands for the `T?` that are there.
  private static func shows(_ known: ValueType, as port: ValueType) -> Bool {
    switch (known, port) {
    case (.record(let known), .record(let port)):
      port.allSatisfy { field in
        known.first { $0.name == field.name }.map { shows($0.type, as: field.type) } ?? false
      }
    case (.list(let known), .list(let port)): shows(known, as: port)
    case (.optional(let known), .optional(let port)), (.optional(let known), let port): shows(known, as: port)
    case (_, .optional(let port)): shows(known, as: port)
    case (.enumeration(let known), .enumeration(let port)): Set(port).isSubset(of: known)
    default: port.accepts(known)
    }
  }

  private static func parameterFields(of task: TaskSignature) -> [String: ValueType]? {
    guard case .record(let space)? = task.parameters.first(where: { $0.name == "space" })?.type,
      case .list(.record(let fields))? = space.first(where: { $0.name == "parameters" })?.type
    else { return nil }
    return Dictionary(fields.map { ($0.name, $0.type) }) { first, _ in first }
  }

  // MARK: What it can do

  /// How many metrics it optimises together.
  package static func objectives(of task: TaskSignature) -> Int {
    guard let port = task.parameters.first(where: { $0.name == "objectives" }) else { return 1 }
    guard case .int(let bounds) = port.type.lowered, let most = bounds?.upper else { return .max }
    return Int(clamping: max(most, 1))
  }

  static let conditional = "parameters that exist only for some choices"

  /// What a parameter of a space has that a strategy cannot be told, for a person; nil when it can be told everything.
  package static func refusal(of shape: ParameterShape, by strategy: StrategyTask) -> String? {
    guard let fields = parameterFields(of: strategy.task.signature) else { return nil }
    if case .enumeration(let kinds)? = fields["kind"], !kinds.contains(shape.kind.rawValue) {
      switch shape.kind {
      case .choice: return "choices without an order"
      case .ordinal: return "numbers that are listed"
      case .int: return "integers"
      case .float: return "floats"
      }
    }
    if fields["kind"] == nil, shape.kind == .choice { return "choices without an order" }
    if shape.condition != nil, !strategy.flattens, fields["condition"] == nil {
      return conditional
    }
    if shape.isLogarithmic, fields["log"] == nil { return "logarithmic scales" }
    if shape.kind == .float {
      let hasSteps = fields["step"].map { !$0.isOptional } ?? false
      if shape.step == nil, hasSteps { return "ranges without steps" }
      if shape.step != nil, fields["step"] == nil { return "ranges with steps" }
    }
    if shape.kind == .int, shape.step != 1, fields["step"] == nil { return "ranges with steps" }
    return nil
  }
}

/// A parameter as strategies of plugins are shown it.
package struct ParameterShape: Sendable {
  package enum Kind: String, Sendable { case float, int, ordinal, choice }
  package var name: String
  package var kind: Kind
  package var low: Double
  package var high: Double
  /// Nil: a range without steps.
  package var step: Double?
  package var isLogarithmic = false
  package var choices: [String] = []
  package var condition: (parameter: Int, choices: [Int])?

  package init(
    _ name: String, _ kind: Kind, from low: Double, to high: Double, step: Double?, isLogarithmic: Bool = false,
    choices: [String] = []
  ) {
    self.name = name
    self.kind = kind
    self.low = low
    self.high = high
    self.step = step
    self.isLogarithmic = isLogarithmic
    self.choices = choices
  }

  /// Of alternatives: a point has their places.
  package init(_ name: String, listed choices: [String], isOrdered: Bool) {
    self.init(
      name, isOrdered ? .ordinal : .choice, from: 0, to: Double(max(choices.count, 1) - 1), step: 1, choices: choices)
  }

  package init(_ parameter: Experiment.Parameter) {
    switch parameter.domain {
    case .choices(let values):
      self.init(parameter.name, listed: values.map(\.choiceText), isOrdered: parameter.isOrdered)
    case .artifacts(let names): self.init(parameter.name, listed: names, isOrdered: false)
    case .integers(let low, let high, let step, let isLogarithmic):
      self.init(
        parameter.name, .int, from: Double(low), to: Double(high), step: Double(step), isLogarithmic: isLogarithmic)
    case .floats(let low, let high, let step, let isLogarithmic):
      self.init(parameter.name, .float, from: low, to: high, step: step, isLogarithmic: isLogarithmic)
    }
    condition = parameter.condition
  }

  package var value: Value {
    .record([
      .init("name", .string(name)), .init("kind", .string(kind.rawValue)), .init("low", .float(low)),
      .init("high", .float(high)), .init("step", step.map { .float($0) } ?? .null),
      .init("log", .bool(isLogarithmic)), .init("choices", .list(choices.map { .string($0) })),
      .init(
        "condition",
        condition.map { condition in
          .record([
            .init("parameter", .int(Int64(condition.parameter))),
            .init("choices", .list(condition.choices.map { .int(Int64($0)) })),
          ])
        } ?? .null),
    ])
  }
}

extension Experiment.Parameter {
  /// Numbers in ascending order are an axis: what lies between two of them is between them in effect, too.
  package var isOrdered: Bool {
    guard case .choices(let values) = domain else { return false }
    if case .point = target { return false }
    let numbers = values.compactMap(\.asNumber)
    return numbers.count == values.count && numbers.count > 1 && zip(numbers, numbers.dropFirst()).allSatisfy(<)
  }
}

extension Value {
  /// What an alternative is called.
  package var choiceText: String { if case .string(let text) = self { text } else { description } }

  fileprivate var asNumber: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }
}

extension ValueType {
  /// As much of a value as a place of this type shows: fields that it does not have are left out.
  package func part(of value: Value) -> Value {
    switch (self, value) {
    case (.optional(let wrapped), _): return wrapped.part(of: value)
    case (.list(let element), .list(let items)): return .list(items.map(element.part))
    case (.record(let fields), .record(let given)):
      return .record(
        fields.compactMap { field in
          given.first { $0.name == field.name }.map { .init(field.name, field.type.part(of: $0.value)) }
        })
    default: return coerced(value)
    }
  }
}
