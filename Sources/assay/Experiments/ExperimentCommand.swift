internal import ArgumentParser
internal import Workspace

struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exp", abstract: "Search over variants of a workflow: run, watch, steer.",
    discussion: """
      EXAMPLES:
        assay exp plan churn.assay
        assay exp run churn.assay
        assay exp status
        assay exp leaderboard churn_q3
        assay exp pause 4 --reason "new data on Monday"
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Running",
        subcommands: [
          ExperimentRun.self, ExperimentPlanCommand.self, ExperimentContinue.self, ExperimentFork.self,
          ExperimentConfirm.self,
        ]),
      CommandGroup(
        name: "Looking",
        subcommands: [
          ExperimentList.self, ExperimentStatus.self, ExperimentLeaderboard.self, ExperimentCompare.self,
          ExperimentImportance.self, ExperimentPareto.self, ExperimentReport.self, ExperimentExport.self,
          ExperimentLog.self,
        ]),
      CommandGroup(
        name: "Steering",
        subcommands: [
          ExperimentPause.self, ExperimentResume.self, ExperimentStop.self, ExperimentAnswer.self,
          ExperimentEnqueue.self, ExperimentVeto.self, ExperimentPin.self, ExperimentUnpin.self, ExperimentSpace.self,
          ExperimentNarrow.self, ExperimentBudget.self, ExperimentStrategy.self, ExperimentExclude.self,
          ExperimentMetric.self, ExperimentPrior.self, ExperimentRepeat.self, ExperimentPrefer.self,
          ExperimentNote.self, ExperimentDecisions.self, ExperimentUndo.self,
        ]),
      CommandGroup(
        name: "By hand",
        subcommands: [
          ExperimentTakeOver.self, ExperimentAsk.self, ExperimentTell.self, ExperimentHandBack.self,
        ]),
      CommandGroup(name: "Again", subcommands: [ExperimentReplay.self, ExperimentReproduce.self]),
    ])
}

/// Which experiment: the same for all commands that look at one.
struct ExperimentOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Its number or name (default: the newest).", valueName: "experiment"))
  var experiment: String?
}
