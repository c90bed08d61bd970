internal import ArgumentParser
internal import Events
internal import Experiments
internal import Values
internal import Workspace

struct ExperimentFork: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "fork", abstract: "Begin an experiment that shares the log of another one up to a point.",
    discussion: """
      Without --at or --trial: where it is now, or before it ended. The other experiment stays as it is. What was computed is \
      shared as always; `assay exp continue` goes on with the fork.

      EXAMPLES:
        assay exp fork churn_q3 --at 40 --reason "without the veto"
        assay exp fork 4 --trial 24 --name churn_cheap
        assay exp continue 7
      """)

  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Option(name: .long, help: ArgumentHelp("With the first so many entries.", valueName: "entries"))
  var at: Int?
  @Option(name: .long, help: ArgumentHelp("With the trials up to this one.", valueName: "trial"))
  var trial: Int?
  @Option(name: .long, help: ArgumentHelp("By which commands find it (default: the same).", valueName: "name"))
  var name: String?
  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason = ""
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if at != nil, trial != nil { throw ValidationError("give --at or --trial, not both") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(experiment)
    let fork = try workspace.fork(
      record, at: at.map { .entry($0) } ?? trial.map { .trial($0) } ?? .end, named: name, reason: reason)
    let entries = fork.parent?.entries ?? 0
    if console.json {
      console.document(
        "assay.fork/1",
        [
          .init("experiment", .int(Int64(fork.number))), .init("parent", .int(Int64(record.number))),
          .init("entries", .int(Int64(entries))),
        ])
    } else {
      let study = try workspace.study(of: fork)
      Output.data(
        "experiment \(fork.number) (\(fork.name)): \(entries == 1 ? "the first entry" : "the first \(entries) entries") of experiment "
          + "\(record.number), \(Text.count(study.trials.count, "trial"))")
      console.talk("assay exp continue \(fork.number)")
    }
    return ok
  }
}
