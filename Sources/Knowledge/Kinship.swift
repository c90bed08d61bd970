internal import Spaces

/// What a past experiment has to do with another: what the engine proposes, and a `reuse` line of a document confirms.
package struct Kinship: Sendable, Equatable {
  package let relation: PastExperiment.Relation
  /// Of the data, 0 to 1; nil: unknown.
  package let similarity: Double?
  package let isSameWorkflow: Bool
  package let isSameData: Bool
  /// Why, for a person.
  package let reasons: [String]

  /// They are about the same problem when the objective is the same and the data is, up to its version. Without data it is the
  /// workflow that tells.
  package init(of past: Description, to new: Description) {
    isSameWorkflow = past.workflow.isSame(as: new.workflow)
    isSameData = past.data.areSame(as: new.data)
    similarity = new.data.similarity(to: past.data)
    var reasons: [String] = []
    guard let objective = new.objective,
      let measured = past.metrics.first(where: { $0.name == objective.name }),
      measured.isWatched || measured.isMaximized == objective.isMaximized
    else {
      relation = .none
      self.reasons = ["it did not measure \(new.objective.map { "`\($0.name)`" } ?? "the objective")"]
      return
    }
    let (a, b) = (Set(past.space.parameters.map(\.name)), Set(new.space.parameters.map(\.name)))
    let shared = a.intersection(b).count
    reasons.append("\(shared) of \(b.count) parameters in common")
    guard 2 * shared >= max(1, min(a.count, b.count)) else {
      relation = .none
      self.reasons = reasons
      return
    }
    reasons.append(
      isSameWorkflow
        ? "the same workflow"
        : past.workflow.similarity(to: new.workflow).map { "\(Self.percent($0)) of the tasks" } ?? "workflow unknown")
    if isSameData, !new.data.isEmpty {
      reasons.append(similarity == 1 ? "the same data" : "the same data in another version")
    } else if let similarity {
      reasons.append("data \(Self.percent(similarity)) alike")
    } else if !new.data.isEmpty {
      reasons.append("other data")
    }
    relation = isSameData && (!new.data.isEmpty || isSameWorkflow) ? .sameProblem : .related
    self.reasons = reasons
  }

  static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
