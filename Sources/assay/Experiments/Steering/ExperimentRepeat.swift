internal import ArgumentParser
internal import Comparisons
internal import Events
internal import Experiments
internal import Settings
internal import Values
internal import Workspace

struct ExperimentRepeat: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "repeat",
    abstract: "Try one trial again: with another seed, or the same to see whether it gives the same.",
    discussion: """
      With another seed (a new one, or that of --seed) it is the next trial of the experiment: it says how far the result \
      scatters, and strategies learn nothing else from it. With --same it is run at once, nothing reused, and what all of its \
      calls gave is compared by digest; the verdict is noted on the trial, and the exit code is 0 when it is the same, 1 within \
      the tolerance, 2 when it is different.

      EXAMPLES:
        assay exp repeat churn_q3 17
        assay exp repeat churn_q3 17 --seed 5 --reason "too good to be true"
        assay exp repeat churn_q3 17 --same
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The trial.", valueName: "trial"))
  var trial: Int
  @Option(name: .long, help: ArgumentHelp("With this seed.", valueName: "number"))
  var seed: Int64?
  @Flag(name: .long, help: "With the same seed, at once, to compare.")
  var same = false
  @Option(name: .long, help: ArgumentHelp("With --same: numbers may differ by this share.", valueName: "share"))
  var tolerance: Double?
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func validate() throws {
    if same, seed != nil { throw ValidationError("--same is with the same seed: leave out --seed") }
    if tolerance != nil, !same { throw ValidationError("--tolerance belongs to --same") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    try same ? compare(console, workspace) : decide(console, workspace)
  }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling { try bench.again(trial, seed: seed) }

  private func compare(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(experiment)
    let study = try workspace.study(of: record)
    _ = try study.trial(trial)
    var found: TrialRepetition?
    try workspace.repeatTrials(
      of: record, only: trial, RunRequest(file: record.file, workspace.layout.settings), tolerance: tolerance
    ) { found = $0 }
    guard let found else {
      throw WorkspaceError(
        .usage, "trial \(trial) has no run that could be repeated", help: "it did not end, or was made elsewhere")
    }
    let verdict =
      switch found.verdict {
      case .same: "the same"
      case .within: "within the tolerance (\(found.first))"
      case .different: "different: \(found.first)"
      }
    let note = "run again with the same seed: \(verdict)" + (found.now.run.map { " (run \($0))" } ?? "")
    let decided = try workspace.decide(about: record, reason: decision.reason) {
      (bench) throws(WorkspaceError) in try bench.note(note, trial: trial)
    }
    let code: Int32 =
      switch found.verdict {
      case .same: 0
      case .within: 1
      case .different: 2
      }
    if console.json {
      console.document("assay.decision/1", decided.members)
    } else {
      for line in DecisionText(decided).lines { Output.data(line) }
    }
    return code
  }
}
