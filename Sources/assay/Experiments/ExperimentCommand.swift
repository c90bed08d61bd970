internal import ArgumentParser
internal import Workspace

struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exp", abstract: "Search over variants of a workflow: run, watch, steer.",
    discussion: """
      EXAMPLES:
        assay exp run churn.assay
        assay exp status
        assay exp leaderboard churn_q3
        assay exp pause 4 --reason "new data on Monday"
      """,
    subcommands: [
      ExperimentRun.self, ExperimentList.self, ExperimentStatus.self, ExperimentLeaderboard.self, ExperimentLog.self,
      ExperimentPause.self,
      ExperimentResume.self, ExperimentStop.self, ExperimentAnswer.self, ExperimentExclude.self, ExperimentNote.self,
    ])
}

/// Which experiment: the same for all commands that look at one.
struct ExperimentOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Its number or name (default: the newest).", valueName: "experiment"))
  var experiment: String?
}
