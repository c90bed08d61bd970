internal import ArgumentParser
internal import Experiments
internal import Workspace

struct ExperimentSpace: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "space", abstract: "Change what a parameter may be: widen, narrow, add or remove choices.",
    discussion: """
      The line is one of `space` in the document, and is checked like one. Trials keep their values; those that are outside
      of the new range stay on record, and strategies are not told of them. A range stays a range and a list a list. Without
      a line: the space as it is now.

      EXAMPLES:
        assay exp space churn_q3
        assay exp space churn_q3 "model.forest.trees in int 100..1200 log"
        assay exp space churn_q3 "prep in [median, rules]" --reason "knn is too slow"
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("A line of a space.", valueName: "line"))
  var line: String?
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    guard line == nil else { return try decide(console, workspace) }
    let record = try workspace.experiment(experiment)
    return try SpaceText(record, workspace.study(of: record)).show(console)
  }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.space(line.map { [$0] } ?? []) }
}
