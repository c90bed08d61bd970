internal import ArgumentParser
internal import Workspace

struct ExperimentTakeOver: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "take-over", abstract: "Choose yourself what is tried: nothing is proposed any more.",
    discussion: """
      Only what people ask for with `enqueue` runs, and what they give with `tell` counts; `ask` shows what the strategy would
      propose. `hand-back` lets strategies propose again; they learn from what people tried.

      EXAMPLES:
        assay exp take-over churn_q3 --reason "I have a hunch"
        assay exp ask churn_q3
        assay exp enqueue churn_q3 --like 17 model.forest.trees=800
        assay exp hand-back churn_q3
      """)
  @OptionGroup var what: ExperimentOptions
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.takeOver(true) }
}
