internal import ArgumentParser
internal import Workspace

struct ExperimentEnqueue: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "enqueue", abstract: "Let a configuration be tried next.",
    discussion: """
      Each parameter that exists in the configuration needs a value; --like takes the rest from a trial. Values are checked
      against the space as it is now. What was tried already is tried again only with --again.

      EXAMPLES:
        assay exp enqueue churn_q3 model=forest model.forest.trees=300 prep=median
        assay exp enqueue churn_q3 --like 17 model.forest.trees=800 --reason "more of what works"
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("Values of parameters.", valueName: "name=value"))
  var settings: [String] = []
  @Option(name: .long, help: ArgumentHelp("Take what is not given from this trial.", valueName: "trial"))
  var like: Int?
  @Flag(name: .long, help: "Also if it was tried already.")
  var again = false
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.enqueue(settings, like: like, again: again) }
}
