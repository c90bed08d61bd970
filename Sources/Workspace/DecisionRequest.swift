internal import Diagnostics
internal import Experiments
package import Values

/// A decision as a program asks for it: `{"operation": "exclude", "trial": 17, "reason": "the disk was full"}`.
package struct DecisionRequest: Sendable {
  package let operation: String
  package let reason: String
  /// How many entries of the log whoever decided had seen.
  package let basis: Int?
  private let fields: Fields

  /// What every request may have.
  private static let shared = ["operation", "reason", "basis"]

  package init(_ json: JSON) throws(WorkspaceError) {
    guard let members = json.asObject else {
      throw WorkspaceError(.usage, "a decision is a JSON object, not \(json.kindName)")
    }
    fields = Fields(members)
    operation = try fields.text("operation")
    reason = try fields.optionalText("reason")
    basis = try fields.optionalInteger("basis", in: 0...Int.max)
  }

  // MARK: Operations

  /// One row for each: its name, the fields that it takes, and what it does with them: the same as the command of its name.
  package struct Kind: Sendable {
    package let name: String
    /// With the types that a description of the interface gives them, separated by `|`; an optional one ends with `?`.
    package let fields: [(name: String, type: String)]
    let rule: @Sendable (Fields, Bench) throws(WorkspaceError) -> Ruling
  }

  package static let kinds: [Kind] = running + answering + trying + shaping + aiming + judging

  private static let running: [Kind] = [
    Kind(name: "pause", fields: []) { _, _ throws(WorkspaceError) in Ruling([.pause]) },
    Kind(name: "resume", fields: []) { _, _ throws(WorkspaceError) in Ruling([.resume]) },
    Kind(name: "stop", fields: [("hard", "boolean?")]) { fields, _ throws(WorkspaceError) in
      Ruling([.stop(isHard: try fields.flag("hard"))])
    },
    Kind(name: "take_over", fields: []) { _, bench throws(WorkspaceError) in try bench.takeOver(true) },
    Kind(name: "hand_back", fields: []) { _, bench throws(WorkspaceError) in try bench.takeOver(false) },
  ]

  private static let answering: [Kind] = [
    Kind(
      name: "answer", fields: [("gate", "string"), ("answer", "string"), ("where", "string?"), ("form", "object?")]
    ) { fields, bench throws(WorkspaceError) in
      let condition = fields.has("where") ? try fields.text("where") : nil
      return try bench.ruling(
        answering: fields.text("gate"), fields.text("answer"), where: condition, fields: fields.settings("form"))
    },
    Kind(name: "delegate", fields: [("gate", "string"), ("to", "string")]) { fields, bench throws(WorkspaceError) in
      try bench.delegate(fields.text("gate"), to: fields.text("to"))
    },
  ]

  private static let aiming: [Kind] = [
    Kind(name: "metric", fields: [("lines", "array"), ("first", "boolean?")]) { fields, bench throws(WorkspaceError) in
      try bench.metric(fields.texts("lines"), isFirst: fields.flag("first"))
    },
    Kind(name: "prior", fields: [("settings", "object?"), ("region", "string?"), ("strength", "number?")]) {
      fields, bench throws(WorkspaceError) in
      try bench.prior(
        fields.settings("settings"), region: fields.has("region") ? fields.text("region") : nil,
        strength: fields.optionalDouble("strength") ?? StatedPrior.usualStrength)
    },
    Kind(name: "no_prior", fields: []) { _, bench throws(WorkspaceError) in try bench.noPrior() },
    Kind(name: "repeat", fields: [("trial", "integer"), ("seed", "integer?")]) { fields, bench throws(WorkspaceError) in
      try bench.again(
        fields.number("trial"), seed: fields.optionalInteger("seed", in: Int.min...Int.max).map { Int64($0) })
    },
    Kind(name: "prefer", fields: [("trial", "integer"), ("over", "integer"), ("no_longer", "boolean?")]) {
      fields, bench throws(WorkspaceError) in
      try bench.prefer(fields.number("trial"), over: fields.number("over"), !fields.flag("no_longer"))
    },
  ]

  private static let trying: [Kind] = [
    Kind(name: "enqueue", fields: [("settings", "object?"), ("like", "integer?"), ("again", "boolean?")]) {
      fields, bench throws(WorkspaceError) in
      try bench.enqueue(
        fields.settings("settings"), like: fields.optionalInteger("like", in: 1...Int.max), again: fields.flag("again"))
    },
    Kind(name: "tell", fields: [("settings", "object?"), ("like", "integer?"), ("metrics", "object")]) {
      fields, bench throws(WorkspaceError) in
      try bench.tell(
        fields.settings("settings"), like: fields.optionalInteger("like", in: 1...Int.max),
        metrics: fields.settings("metrics"), reason: fields.optionalText("reason"))
    },
    Kind(name: "veto", fields: [("trial", "integer?"), ("settings", "object?"), ("where", "string?")]) {
      fields, bench throws(WorkspaceError) in
      guard ["trial", "settings", "where"].count(where: fields.has) == 1 else {
        throw WorkspaceError(.usage, "`veto` takes one of `trial`, `settings` and `where`")
      }
      if fields.has("trial") { return try bench.veto(trial: fields.number("trial"), true) }
      if fields.has("where") { return try bench.veto(where: fields.text("where")) }
      return try bench.veto(fields.settings("settings"))
    },
    Kind(name: "allow", fields: [("trial", "integer")]) { fields, bench throws(WorkspaceError) in
      try bench.veto(trial: fields.number("trial"), false)
    },
  ]

  private static let shaping: [Kind] = [
    Kind(name: "pin", fields: [("parameter", "string"), ("value", "string|number|boolean")]) {
      fields, bench throws(WorkspaceError) in
      try bench.pin("\(fields.text("parameter"))=\(fields.plain("value"))")
    },
    Kind(name: "unpin", fields: [("parameter", "string")]) { fields, bench throws(WorkspaceError) in
      try bench.unpin(fields.text("parameter"))
    },
    Kind(name: "space", fields: [("lines", "array")]) { fields, bench throws(WorkspaceError) in
      try bench.space(fields.texts("lines"))
    },
    Kind(name: "strategy", fields: [("stage", "string"), ("strategy", "string")]) {
      fields, bench throws(WorkspaceError) in
      try bench.strategy(of: fields.text("stage"), fields.text("strategy"))
    },
    Kind(name: "budget", fields: [("what", "string"), ("amount", "string|number?")]) {
      fields, bench throws(WorkspaceError) in
      let amount = fields.has("amount") ? try fields.plain("amount") : "none"
      return try bench.budget(["\(fields.text("what"))=\(amount)"])
    },
  ]

  private static let judging: [Kind] = [
    Kind(name: "exclude", fields: [("trial", "integer")]) { fields, bench throws(WorkspaceError) in
      try bench.exclude(fields.number("trial"), true)
    },
    Kind(name: "include", fields: [("trial", "integer")]) { fields, bench throws(WorkspaceError) in
      try bench.exclude(fields.number("trial"), false)
    },
    Kind(name: "note", fields: [("text", "string"), ("trial", "integer?")]) { fields, bench throws(WorkspaceError) in
      try bench.note(fields.text("text"), trial: fields.optionalInteger("trial", in: 1...Int.max))
    },
    Kind(name: "undo", fields: [("entry", "integer")]) { fields, bench throws(WorkspaceError) in
      try Ruling(undoing: fields.number("entry"), bench)
    },
  ]

  /// What the request means for an experiment as it is.
  package func ruling(_ bench: Bench) throws(WorkspaceError) -> Ruling {
    guard let kind = Self.kinds.first(where: { $0.name == operation }) else {
      let names = Self.kinds.map(\.name)
      let near = nearest(operation, names).map { "did you mean `\($0)`?" }
      throw WorkspaceError(
        .usage, "there is no operation `\(operation)`", help: near ?? "there are \(names.joined(separator: ", "))")
    }
    let known = Self.shared + kind.fields.map(\.name)
    for field in fields.members where !known.contains(field.name) {
      let near = nearest(field.name, known).map { "did you mean `\($0)`?" }
      throw WorkspaceError(
        .usage, "`\(operation)` has no field `\(field.name)`", help: near ?? "it has \(known.joined(separator: ", "))")
    }
    return try kind.rule(fields, bench)
  }
}
