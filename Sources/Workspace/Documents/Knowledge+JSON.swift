package import Experiments
package import Knowledge
package import Values

extension JSON {
  /// `knowledge` of an experiment; null where nothing was learnt.
  package static func knowledge(_ learnt: [Learnt], _ assessment: Assessment?, _ objective: Description.Metric?) -> JSON
  {
    guard let assessment else { return .null }
    let verdict = assessment.verdict
    let counts = verdict.counts
    return .object([
      .init("experiments", .array(learnt.map(Self.learnt))), .init("verdict", .string(verdict.kind.word)),
      .init("correlation", verdict.correlation.map { .float($0) } ?? .null),
      .init("advantage", .float(verdict.advantage)),
      .init(
        "trials",
        .object([
          .init("queue", .int(Int64(counts.queue))), .init("control", .int(Int64(counts.control))),
          .init("model", .int(Int64(counts.model))), .init("alone", .int(Int64(counts.alone))),
        ])),
      .init("efficiency", assessment.efficiency.map { self.efficiency($0, objective) } ?? .null),
    ])
  }

  static func learnt(_ learnt: Learnt) -> JSON {
    let uses: [(PastExperiment.Uses, String)] = [(.queue, "queue"), (.prior, "prior"), (.trials, "trials")]
    return .object([
      .init("experiment", .string(learnt.origin.label)), .init("name", .string(learnt.origin.name)),
      .init("uid", .string(learnt.origin.uid)), .init("entries", .int(Int64(learnt.origin.entries))),
      .init("digest", .string(learnt.origin.digest)), .init("relation", .string(learnt.relation.name)),
      .init("uses", .array(uses.filter { learnt.uses.contains($0.0) }.map { .string($0.1) })),
      .init("similarity", learnt.similarity.map { .float($0) } ?? .null),
      .init("trials", .int(Int64(learnt.observations.count))), .init("left_out", .int(Int64(learnt.leftOut))),
    ])
  }

  private static func efficiency(_ efficiency: Efficiency, _ objective: Description.Metric?) -> JSON {
    .object([
      .init("ratio", .float(efficiency.ratio)), .init("low", .float(efficiency.low)),
      .init("high", .float(efficiency.high)),
      .init("target", .float(objective?.isMaximized == true ? -efficiency.target : efficiency.target)),
      .init("trials", .int(Int64(efficiency.trials))), .init("reached", .int(Int64(efficiency.reached))),
      .init("controls", .int(Int64(efficiency.controls))),
    ])
  }
}

extension PastExperiment.Relation {
  package var words: String {
    switch self {
    case .sameProblem: "same problem"
    case .related: "related"
    case .none: "none"
    }
  }

  /// As programs are told.
  package var name: String { self == .sameProblem ? "same_problem" : words }
}

extension Verdict.Kind {
  package var word: String {
    switch self {
    case .helped: "helped"
    case .harmed: "harmed"
    case .none: "undecided"
    }
  }
}
