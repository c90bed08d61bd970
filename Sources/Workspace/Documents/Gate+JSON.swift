internal import Events
internal import Experiments
package import Values
internal import Workflows

extension Question {
  /// One of `assay.gates/1`.
  package var members: [JSON.Member] {
    var members: [JSON.Member] = [
      .init("experiment", .int(Int64(record.number))), .init("name", .string(record.name)),
      .init("gate", .string(gate.name)), .init("since", .string(Moment.iso(gate.beganAt))),
      .init("question", .string(gate.gate.question)),
      .init("answers", .array(gate.gate.answers.map { .string($0) })),
      .init("roles", .array(roles.map { .string($0) })),
      .init("people", .array(people.map { .string($0) })), .init("mine", .bool(role != nil)),
      .init("evidence", .string(gate.evidence)), .init("basis", .int(Int64(basis))),
    ]
    if gate.gate.approvals > 1 {
      let given = gate.answers.map {
        JSON.object([.init("by", .string($0.person)), .init("answer", .string($0.answer))])
      }
      members += [.init("approvals", .int(Int64(gate.gate.approvals))), .init("given", .array(given))]
    }
    if !gate.gate.fields.isEmpty {
      members.append(
        .init(
          "form",
          .array(
            gate.gate.fields.map {
              .object([.init("name", .string($0.name)), .init("field", .string($0.words))])
            })))
    }
    if !gate.delegations.isEmpty {
      members.append(
        .init(
          "delegations",
          .array(
            gate.delegations.map { .object([.init("from", .string($0.from)), .init("to", .string($0.to))]) })))
    }
    if let deadline = gate.deadline {
      members += [
        .init("deadline", .string(Moment.iso(deadline))),
        .init("fallback", .string(gate.gate.fallback ?? "")),
      ]
    }
    if let time = gate.escalatesAt {
      members += [
        .init("escalates_at", .string(Moment.iso(time))),
        .init("escalates_to", .string(gate.gate.escalation ?? "")),
      ]
    }
    return members
  }
}
