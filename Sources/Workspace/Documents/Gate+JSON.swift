package import Events
package import Experiments
package import Values
internal import Workflows

extension Study {
  /// Gates, as programs see them; one of `assay.gates/1`.
  ///
  /// - Parameter isWaiting: only those that wait for an answer.
  package func gates(of record: ExperimentRecord, isWaiting: Bool) -> [JSON] {
    definition.experiment.stages.indices.compactMap { place in
      guard case .gate(let gate) = definition.experiment.stages[place].kind else { return nil }
      let state = stages[place]
      guard !isWaiting || state.status == .running && state.answer == nil && closing == nil else { return nil }
      return .object([
        .init("experiment", .int(Int64(record.number))), .init("name", .string(record.name)),
        .init("gate", .string(definition.experiment.stages[place].name)),
        .init("status", .string(state.answer != nil && state.status == .running ? "answered" : state.status.word)),
        .init("question", .string(gate.question)), .init("answers", .array(gate.answers.map { .string($0) })),
        .init("roles", .array(gate.roles.map { .string($0) })),
        .init("answer", state.answer.map { .string($0) } ?? .null),
        .init("since", state.beganAt > 0 ? .string(Moment.iso(state.beganAt)) : .null),
        .init("evidence", .string(state.evidence)), .init("basis", .int(Int64(count))),
      ])
    }
  }
}
