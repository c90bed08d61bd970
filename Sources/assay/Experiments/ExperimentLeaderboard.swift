internal import ArgumentParser
internal import Events
internal import Experiments
internal import Insights
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentLeaderboard: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "leaderboard",
    abstract: "Show the best trials of an experiment, and how far their order can be trusted.",
    discussion: """
      A configuration that was measured several times (by a `repeat` stage, or in folds) has its mean with a 95 % \
      interval, and is compared with the best; those that cannot be told from it share the first place. What was \
      repeated is judged by its repeats alone.

      EXAMPLES:
        assay exp leaderboard
        assay exp leaderboard churn_q3 --limit 50 --stage confirm
        assay exp leaderboard churn_q3 --cost latency
        assay exp leaderboard churn_q3 --at 61
        assay exp leaderboard --json | jq '.rows[] | select(.standing == "tied")'
      """)

  @OptionGroup var what: ExperimentOptions
  @Option(name: .long, help: ArgumentHelp("Only what was tried in this stage.", valueName: "stage"))
  var stage: String?
  @Option(
    name: .long, help: ArgumentHelp("Order by this metric (default: the first that is optimised).", valueName: "metric")
  )
  var by: String?
  @Option(name: .long, help: ArgumentHelp("Among those that are tied choose by this metric.", valueName: "metric"))
  var cost: String?
  @Flag(name: .long, help: "All trials, also those that failed, were stopped or run.")
  var all = false
  @Option(name: .long, help: ArgumentHelp("As it was after so many entries of the log.", valueName: "entries"))
  var at: Int?
  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let at, at < 0 { throw ValidationError("--at is at least 0") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let study: Study
    if let at { study = try workspace.bench(record).study(after: at) } else { study = try workspace.study(of: record) }
    let text = try study.board(stage: stage, by: by, cost: cost)
    let limit = all ? Int.max : list.limit
    if console.json {
      console.document("assay.experiment.leaderboard/1", text.members(number: record.number, limit: limit))
      return ok
    }
    console.show(text.table(limit: limit), empty: "no trial has finished")
    let rest = text.rest
    if all, !rest.rows.isEmpty { Output.data("\n" + rest.text(paint: console.paint, available: console.columns)) }
    for note in text.notes(console.talkPaint) { console.talk(note) }
    return ok
  }
}

extension Study {
  func board(stage: String?, by: String?, cost: String?) throws(WorkspaceError) -> BoardText {
    let place = try stage.map { (name) throws(WorkspaceError) in try self.stage(named: name) }
    guard let metric = try chosenMetric(by) else {
      throw WorkspaceError(.notFound, "the experiment optimises nothing")
    }
    let cost = try cost.map { (name) throws(WorkspaceError) in try self.metric(called: name) }
    return BoardText(Board(Evidence(self, stage: place), metric: metric, cost: cost), self)
  }

  /// The place of the stage of that name.
  func stage(named name: String) throws(WorkspaceError) -> Int {
    if let place = place(of: name) { return place }
    let names = definition.experiment.stages.map(\.name)
    throw WorkspaceError(.notFound, "there is no stage `\(name)`", help: "stages: \(names.joined(separator: ", "))")
  }

  func metric(called name: String) throws(WorkspaceError) -> Int {
    if let place = metric(named: name) { return place }
    let names = definition.experiment.metrics.map(\.name)
    throw WorkspaceError(.notFound, "there is no metric `\(name)`", help: "metrics: \(names.joined(separator: ", "))")
  }

  /// The one named, else the first that is optimised.
  func chosenMetric(_ name: String?) throws(WorkspaceError) -> Int? {
    guard let name else { return definition.objectives.first }
    return try metric(called: name)
  }
}
