internal import Diagnostics
package import Experiments
package import Values
internal import Workflows

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

  /// One row for each: its name, the fields that it takes, and what it does with them.
  package struct Kind: Sendable {
    package let name: String
    /// With the type that a description of the interface gives them; an optional one ends with `?`.
    package let fields: [(name: String, type: String)]
    let read: @Sendable (Fields, Study) throws(WorkspaceError) -> Decision.Operation
  }

  package static let kinds: [Kind] = [
    Kind(name: "pause", fields: []) { _, _ throws(WorkspaceError) in .pause },
    Kind(name: "resume", fields: []) { _, _ throws(WorkspaceError) in .resume },
    Kind(name: "stop", fields: [("hard", "boolean?")]) { fields, _ throws(WorkspaceError) in
      .stop(isHard: try fields.flag("hard"))
    },
    Kind(name: "answer", fields: [("gate", "string"), ("answer", "string")]) { fields, study throws(WorkspaceError) in
      try study.answer(to: fields.text("gate"), fields.text("answer"))
    },
    Kind(name: "exclude", fields: [("trial", "integer")]) { fields, study throws(WorkspaceError) in
      .exclude(trial: try fields.trial(of: study), true)
    },
    Kind(name: "include", fields: [("trial", "integer")]) { fields, study throws(WorkspaceError) in
      .exclude(trial: try fields.trial(of: study), false)
    },
    Kind(name: "budget", fields: [("what", "string"), ("amount", "number?")]) { fields, _ throws(WorkspaceError) in
      let name = try fields.text("what")
      let names = ["trials", "wall", "tasks", "parallel", "failures"]
      guard names.contains(name) else {
        throw WorkspaceError(
          .usage, "a budget has no `\(name)`", help: "there are \(names.map { "`\($0)`" }.joined(separator: ", "))")
      }
      return .budget(name, try fields.optionalAmount("amount"))
    },
    Kind(name: "note", fields: [("text", "string"), ("trial", "integer?")]) { fields, study throws(WorkspaceError) in
      .note(trial: fields.has("trial") ? try fields.trial(of: study) : nil, try fields.text("text"))
    },
  ]

  /// What the request means for an experiment as it is.
  package func operation(_ study: Study) throws(WorkspaceError) -> Decision.Operation {
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
    let read = try kind.read(fields, study)
    if let closing = study.closing, !read.isRemark {
      throw WorkspaceError(
        .usage, "the experiment is over: \(closing.reason)", help: "`assay exp run` begins a new one")
    }
    return read
  }
}

extension Study {
  /// An answer to a gate, if it asks and takes it.
  package func answer(to gate: String, _ answer: String) throws(WorkspaceError) -> Decision.Operation {
    let stages = definition.experiment.stages
    guard let place = place(of: gate), case .gate(let declared) = stages[place].kind else {
      let gates = stages.filter { if case .gate = $0.kind { true } else { false } }.map(\.name)
      throw WorkspaceError(
        .notFound, "there is no gate `\(gate)`", help: gates.isEmpty ? "" : "gates: \(gates.joined(separator: ", "))")
    }
    guard declared.answers.contains(answer) else {
      throw WorkspaceError(
        .usage, "gate `\(gate)` does not take `\(answer)`", help: "answers: \(declared.answers.joined(separator: ", "))"
      )
    }
    if let given = self.stages[place].answer {
      throw WorkspaceError(.usage, "gate `\(gate)` was answered already: \(given)")
    }
    guard self.stages[place].status == .running else {
      throw WorkspaceError(.usage, "gate `\(gate)` does not ask yet", help: "its stage has not begun")
    }
    return .answer(stage: place, answer)
  }
}
