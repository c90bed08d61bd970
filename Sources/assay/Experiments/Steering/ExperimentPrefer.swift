internal import ArgumentParser
internal import Workspace

struct ExperimentPrefer: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "prefer", abstract: "Put on record that one trial is better than another, whatever the metrics say.",
    discussion: """
      For what no metric measures: simplicity, trust, how a result looks. The leaderboard names preferences among what it shows; no \
      strategy uses them.

      EXAMPLES:
        assay exp prefer churn_q3 17 21 --reason "one feature less"
        assay exp prefer churn_q3 17 21 --undo
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The better trial.", valueName: "better"))
  var better: Int
  @Argument(help: ArgumentHelp("The other one.", valueName: "other"))
  var other: Int
  @Flag(name: .long, help: "No longer.")
  var undo = false
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.prefer(better, over: other, !undo) }
}
