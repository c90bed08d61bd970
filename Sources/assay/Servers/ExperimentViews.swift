internal import Events
internal import Experiments
internal import Server
internal import Values
internal import Workspace

extension ExperimentView {
  /// What commands say about an experiment: the same documents, by the same code.
  static let all: [ExperimentView] = [
    ExperimentView(
      "leaderboard", "Its best trials, and how far their order can be trusted.",
      schema: "assay.experiment.leaderboard/1",
      options: [
        ("stage", "Only what was tried in this stage.", .text), ("by", "Order by this metric.", .text),
        ("cost", "Among those that are tied choose by this metric.", .text), ("limit", "At most so many.", .number),
      ]
    ) { record, study, given throws(WorkspaceError) in
      try study.board(stage: given["stage"], by: given["by"], cost: given["cost"])
        .members(number: record.number, limit: given["limit"].flatMap { Int($0) } ?? 100)
    },
    ExperimentView(
      "importance", "Which parameters decide whether a trial is among the best.",
      schema: "assay.experiment.importance/1"
    ) { record, study, _ throws(WorkspaceError) in
      ExperimentImportance.members(try ExperimentImportance.sensitivity(study, record), record.number)
    },
    ExperimentView(
      "pareto", "The trials that no other surpasses in all metrics.", schema: "assay.experiment.pareto/1",
      options: [("metrics", "By these, separated by commas.", .text)]
    ) { record, study, given throws(WorkspaceError) in
      let (front, names) = try ExperimentPareto.front(study, record, given["metrics"])
      return ExperimentPareto.members(front, names, study, record.number)
    },
    ExperimentView(
      "comparison", "Two of its trials beside each other.", schema: "assay.experiment.trials/1",
      options: [("first", "A trial.", .neededNumber), ("second", "Another one.", .neededNumber)]
    ) { record, study, given throws(WorkspaceError) in
      guard let first = given["first"].flatMap({ Int($0) }), let second = given["second"].flatMap({ Int($0) }) else {
        throw WorkspaceError(.usage, "which trials?", help: "…/comparison?first=3&second=12")
      }
      return try ExperimentCompare.comparison(study, record, first, second).members
    },
  ]
}
