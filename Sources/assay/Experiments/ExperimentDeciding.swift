internal import ArgumentParser
internal import Events
internal import Experiments
internal import Values
internal import Workspace

/// Why, and on which basis: the same for all commands that decide.
struct DecisionOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason = ""

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How many entries you have seen: nothing is decided if the situation changed since.", valueName: "n"))
  var basis: Int?

  /// For remarks, which are their own reason.
  static var none: DecisionOptions {
    var options = DecisionOptions()
    options.reason = ""
    options.basis = nil
    return options
  }
}

/// A command that puts a decision on the record of an experiment.
protocol DecisionCommand: ProjectCommand {
  var what: ExperimentOptions { get }
  var decision: DecisionOptions { get }
  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling
}

extension DecisionCommand {
  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    try decide(console, workspace)
  }

  func decide(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let decided = try workspace.decide(about: record, reason: decision.reason, basis: decision.basis, rule)
    let text = DecisionText(decided)
    if console.json {
      console.document("assay.decision/1", decided.members)
    } else {
      for line in text.lines { Output.data(line) }
    }
    return ok
  }
}

extension ExperimentOptions {
  init(named name: String) {
    self.init()
    experiment = name
  }
}
