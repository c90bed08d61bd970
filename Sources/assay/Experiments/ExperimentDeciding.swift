internal import ArgumentParser
internal import Events
internal import Experiments
internal import Values
internal import Workflows
internal import Workspace

/// A command that puts a decision on the record of an experiment.
protocol DecisionCommand: ProjectCommand {
  var what: ExperimentOptions { get }
  var reason: String { get }
  func operation(_ study: Study) throws(WorkspaceError) -> Decision.Operation
}

extension DecisionCommand {
  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let study = try workspace.study(of: record)
    let operation = try operation(study)
    try workspace.decide(operation, reason, about: record, seen: study)
    let words = Decision(operation, reason: reason, basis: study.count).words
    if console.json {
      console.document(
        "assay.decision/1",
        [
          .init("experiment", .int(Int64(record.number))), .init("what", .string(words)),
          .init("basis", .int(Int64(study.count))),
        ])
    } else {
      Output.data("experiment \(record.number) (\(record.name)): \(words)")
    }
    return ok
  }
}

struct ExperimentPause: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Begin no more trials until it is resumed; those that run may end.",
    discussion: """
      EXAMPLES:
        assay exp pause
        assay exp pause churn_q3 --reason "new data on Monday"
      """)
  @OptionGroup var what: ExperimentOptions
  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason = ""
  @OptionGroup var shared: SharedOptions
  func operation(_ study: Study) throws(WorkspaceError) -> Decision.Operation { .pause }
}

struct ExperimentResume: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let a paused experiment go on.",
    discussion: """
      Where no engine runs it, `assay exp run FILE` does.

      EXAMPLES:
        assay exp resume churn_q3
      """)
  @OptionGroup var what: ExperimentOptions
  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason = ""
  @OptionGroup var shared: SharedOptions
  func operation(_ study: Study) throws(WorkspaceError) -> Decision.Operation { .resume }
}

struct ExperimentStop: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End an experiment for good.",
    discussion: """
      Trials that run may end; with --hard they are cancelled.

      EXAMPLES:
        assay exp stop churn_q3 --reason "good enough"
        assay exp stop 4 --hard
      """)
  @OptionGroup var what: ExperimentOptions
  @Flag(name: .long, help: "Cancel what runs.")
  var hard = false
  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason = ""
  @OptionGroup var shared: SharedOptions
  func operation(_ study: Study) throws(WorkspaceError) -> Decision.Operation { .stop(isHard: hard) }
}

struct ExperimentAnswer: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer", abstract: "Answer a gate.",
    discussion: """
      EXAMPLES:
        assay exp answer churn_q3 review continue
        assay exp answer 4 review stop --reason "the data is wrong"
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The gate.", valueName: "gate"))
  var gate: String
  @Argument(help: ArgumentHelp("One of the answers that the gate allows.", valueName: "answer"))
  var answer: String
  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason = ""
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions {
    var options = ExperimentOptions()
    options.experiment = experiment
    return options
  }

  func operation(_ study: Study) throws(WorkspaceError) -> Decision.Operation {
    let stages = study.definition.experiment.stages
    guard let place = study.place(of: gate), case .gate(let declared) = stages[place].kind else {
      let gates = stages.filter { if case .gate = $0.kind { true } else { false } }.map(\.name)
      throw WorkspaceError(
        .notFound, "there is no gate `\(gate)`", help: gates.isEmpty ? "" : "gates: \(gates.joined(separator: ", "))")
    }
    guard declared.answers.contains(answer) else {
      throw WorkspaceError(
        .usage, "gate `\(gate)` does not take `\(answer)`", help: "answers: \(declared.answers.joined(separator: ", "))"
      )
    }
    if let given = study.stages[place].answer {
      throw WorkspaceError(.usage, "gate `\(gate)` was answered already: \(given)")
    }
    guard study.stages[place].status == .running else {
      throw WorkspaceError(
        .usage, "gate `\(gate)` does not ask yet", help: "`assay exp status \(experiment)` says how far it is")
    }
    return .answer(stage: place, answer)
  }
}

struct ExperimentExclude: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "exclude", abstract: "Take a trial out: it stays on record, and nothing is learnt from it.",
    discussion: """
      EXAMPLES:
        assay exp exclude churn_q3 17 --reason "the disk was full"
        assay exp exclude churn_q3 17 --undo
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The trial.", valueName: "trial"))
  var trial: Int
  @Flag(name: .long, help: "Take it back in.")
  var undo = false
  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason = ""
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions {
    var options = ExperimentOptions()
    options.experiment = experiment
    return options
  }

  func operation(_ study: Study) throws(WorkspaceError) -> Decision.Operation {
    guard study.trials.contains(where: { $0.number == trial }) else {
      throw WorkspaceError(.notFound, "there is no trial \(trial)")
    }
    return .exclude(trial: trial, !undo)
  }
}

struct ExperimentNote: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Put a remark on record.",
    discussion: """
      EXAMPLES:
        assay exp note churn_q3 "the new scanner's data begins here"
        assay exp note churn_q3 "suspiciously fast" --trial 17
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The remark.", valueName: "text"))
  var text: String
  @Option(name: .long, help: ArgumentHelp("About this trial.", valueName: "trial"))
  var trial: Int?
  @OptionGroup var shared: SharedOptions
  var reason: String { "" }
  var what: ExperimentOptions {
    var options = ExperimentOptions()
    options.experiment = experiment
    return options
  }

  func operation(_ study: Study) throws(WorkspaceError) -> Decision.Operation { .note(trial: trial, text) }
}
