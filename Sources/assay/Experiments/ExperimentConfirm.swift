internal import ArgumentParser
internal import Events
internal import Experiments
internal import Insights
internal import Values
internal import Workspace

struct ExperimentConfirm: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Measure a trial on what its experiment holds out.",
    discussion: """
      Runs the trial once more with the data of `holdout { … }` in place, and puts the result on record as a look at that \
      data. `assay exp run` does so with its winner at the end; by hand it is for an experiment that was stopped, or another \
      trial. All looks at the same content count, whichever experiment made them; a trial that was confirmed is not measured \
      again. Ends with 1 if the run failed.

      EXAMPLES:
        assay exp confirm churn_q3
        assay exp confirm 4 --trial 17 --json
      """)

  @OptionGroup var what: ExperimentOptions
  @Option(name: .long, help: ArgumentHelp("Which one (default: the winner).", valueName: "n"))
  var trial: Int?
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let confirmation = try workspace.confirm(
      record, trial: trial, RunRequest(file: record.file, workspace.layout.settings))
    let (study, confirmed) = (confirmation.study, confirmation.confirmed)
    if console.json {
      console.document(
        "assay.experiment.confirmation/1",
        [
          .init("experiment", .int(Int64(record.number))), .init("name", .string(record.name)),
          .init("old", .bool(confirmation.isOld)),
        ] + study.members(of: confirmed))
    } else {
      let place = confirmation.entry.map { " [entry \($0)]" } ?? " (was confirmed before: nobody looked again)"
      Output.data(
        "experiment \(record.number) (\(record.name)): trial \(confirmed.trial) was measured on what is held out\(place)"
      )
      for line in Confirmations(study).lines where line.trial == confirmed.trial { Output.data("  \(line.text)") }
      for warning in confirmed.warnings { console.talk(console.talkPaint("warning", .warning) + ": \(warning)") }
    }
    return confirmed.message.isEmpty ? ok : ExitCode.failed.rawValue
  }
}
