internal import ArgumentParser
internal import Workspace

struct ExperimentVeto: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "veto", abstract: "Let a configuration, or all with some values, never be tried.",
    discussion: """
      A trial's number or a whole configuration forbids just that: a finished trial stays on record, is no candidate for the
      best, and counts as a failure for what strategies learn. Some values, or an expression after --where, forbid a region:
      nothing more is proposed there; trials that were made in it still count.

      EXAMPLES:
        assay exp veto churn_q3 17 --reason "needs a licence"
        assay exp veto churn_q3 model=boost prep=knn
        assay exp veto churn_q3 --where "model.forest.trees > 500"
        assay exp veto churn_q3 17 --undo
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("A trial, or values of parameters.", valueName: "trial|name=value"))
  var target: [String] = []
  @Option(name: .long, help: ArgumentHelp("Forbid all configurations for which this holds.", valueName: "condition"))
  var `where`: String?
  @Flag(name: .long, help: "Allow the trial's configuration again.")
  var undo = false
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func validate() throws {
    if target.isEmpty == (`where` == nil) { throw ValidationError("give a trial, values, or --where") }
    if undo, target.count != 1 || Int(target[0]) == nil {
      throw ValidationError("--undo takes a trial; `assay exp undo` takes back any decision")
    }
  }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling {
    if undo, let number = Int(target[0]) { return try bench.veto(trial: number, false) }
    if let condition = `where` { return try bench.veto(where: condition) }
    return try bench.veto(target)
  }
}
