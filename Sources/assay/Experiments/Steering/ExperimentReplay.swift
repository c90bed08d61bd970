internal import ArgumentParser
internal import Events
internal import Experiments
internal import Settings
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentReplay: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Ask for every proposal of a record again; or see what a decision cost or saved.",
    discussion: """
      Each proposal is asked for again, with the log as it was, and compared with the one on record. Nothing is run. Ends with \
      0 if all are the same, with 2 if one is not.

      With --without the experiment is gone through again without a decision: strategies go on as they would have, the other \
      decisions fall at the same number of ended trials, and results that are on record are taken from there. What else \
      would have been tried is run, or left open with --dry: then nothing is learnt from it. The record stays as it is.

      EXAMPLES:
        assay exp replay churn_q3
        assay exp replay churn_q3 --until 40
        assay exp replay churn_q3 --without 41
        assay exp replay churn_q3 --without 41 --dry --json
      """)

  @OptionGroup var what: ExperimentOptions
  @Option(name: .long, help: ArgumentHelp("Leave this decision out.", valueName: "entry"))
  var without: Int?
  @Option(name: .long, help: ArgumentHelp("Only the first so many entries.", valueName: "entries"))
  var until: Int?
  @Flag(name: .long, help: "With --without: run nothing.")
  var dry = false
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if without != nil, until != nil { throw ValidationError("give --without or --until, not both") }
    if dry, without == nil { throw ValidationError("--dry belongs to --without") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    if let without { return try counterfactual(record, without, console, workspace) }
    let replay = try workspace.replay(record, until: until)
    if console.json {
      console.document(
        "assay.replay/1",
        [
          .init("experiment", .int(Int64(record.number))), .init("asked", .int(Int64(replay.asked))),
          .init(
            "differences",
            .array(
              replay.differences.map { difference in
                .object([
                  .init("entry", .int(Int64(difference.entry))), .init("trial", .int(Int64(difference.recorded.trial))),
                  .init("recorded", .string(words(difference.recorded, replay.study))),
                  .init("now", difference.now.map { .string(words($0, replay.study)) } ?? .null),
                ])
              })),
        ])
    } else if let first = replay.differences.first {
      Output.data(
        "\(replay.differences.count) of \(Text.count(replay.asked, "proposal")) would be different; the first is trial "
          + "\(first.recorded.trial) (entry \(first.entry))")
      Output.data("  recorded  \(words(first.recorded, replay.study))")
      Output.data("  now       \(first.now.map { words($0, replay.study) } ?? "nothing")")
    } else {
      Output.data("\(Text.count(replay.asked, "proposal")) asked for again: all the same")
      if replay.unasked > 0 {
        Output.data(
          "\(replay.unasked) of strategies of plugins were not asked for: `assay exp reproduce` runs what they led to")
      }
    }
    return replay.differences.isEmpty ? ok : 2
  }

  private func words(_ proposed: Proposed, _ study: Study) -> String {
    study.words(at: proposed.point) + (proposed.seed.map { ", seed \($0)" } ?? "") + ": \(proposed.reason)"
  }

  private func counterfactual(
    _ record: ExperimentRecord, _ entry: Int, _ console: Console, _ workspace: Workspace
  ) throws(WorkspaceError) -> Int32 {
    let request = dry ? nil : RunRequest(file: record.file, workspace.layout.settings)
    let isJSON = console.json
    let whatIf = try workspace.whatIf(record, without: entry, request) { proposed, ended in
      if !isJSON { console.talk("▸ trial \(proposed.trial): \(ended.outcome.rawValue) (\(ended.calls.ran) ran)") }
    }
    let text = WhatIfText(record.number, entry, whatIf)
    if isJSON {
      console.document("assay.experiment.without/1", text.members)
    } else {
      for line in text.lines { Output.data(line) }
    }
    return ok
  }
}
