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
      Each proposal is asked for again, with the log as it was, and compared with the one on record; in strict order also \
      each judgement by which a trial was stopped early, or not. No trial is run. Strategies and pruning rules of plugins are \
      really asked, each time in a run of its own, if they are the code that was asked then; it says what was not asked. Ends \
      with 0 if all are the same, with 2 if one is not.

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
      console.document("assay.replay/1", members(replay, record.number))
    } else {
      for line in lines(replay) { Output.data(line) }
    }
    return replay.isSame ? ok : 2
  }

  private func lines(_ replay: StudyReplay) -> [String] {
    var lines: [String] = []
    if let first = replay.differences.first {
      lines += [
        "\(replay.differences.count) of \(Text.count(replay.asked, "proposal")) would be different; the first is trial "
          + "\(first.recorded.trial) (entry \(first.entry))",
        "  recorded  \(words(first.recorded, replay.study))",
        "  now       \(first.now.map { words($0, replay.study) } ?? "nothing")",
      ]
    } else {
      lines.append("\(Text.count(replay.asked, "proposal")) asked for again: all the same")
    }
    if let first = replay.misjudgements.first {
      lines += [
        "\(replay.misjudgements.count) of \(Text.count(replay.judged, "trial")) would be judged differently; the first is "
          + "trial \(first.trial) (entry \(first.entry))", "  recorded  \(verdict(first.recorded))",
        "  now       \(verdict(first.now))",
      ]
    } else if replay.judged > 0 {
      lines.append("\(Text.count(replay.judged, "trial")) judged again: all the same")
    }
    return lines + replay.unasked.map { Text.harmless("\($0.count) not asked again: \($0.why)") }
  }

  private func verdict(_ verdict: (step: Int, reason: String)?) -> String {
    verdict.map { Text.harmless("stopped at step \($0.step): \($0.reason)") } ?? "not stopped"
  }

  private func members(_ replay: StudyReplay, _ number: Int) -> [JSON.Member] {
    func json(_ verdict: (step: Int, reason: String)?) -> JSON {
      verdict.map { ["step": .int(Int64($0.step)), "reason": .string($0.reason)] } ?? .null
    }
    return [
      .init("experiment", .int(Int64(number))), .init("asked", .int(Int64(replay.asked))),
      .init(
        "differences",
        .array(
          replay.differences.map { difference in
            .object([
              .init("entry", .int(Int64(difference.entry))), .init("trial", .int(Int64(difference.recorded.trial))),
              .init("recorded", .string(words(difference.recorded, replay.study))),
              .init("now", difference.now.map { .string(words($0, replay.study)) } ?? .null),
            ])
          })), .init("judged", .int(Int64(replay.judged))),
      .init(
        "judgements",
        .array(
          replay.misjudgements.map { one in
            .object([
              .init("entry", .int(Int64(one.entry))), .init("trial", .int(Int64(one.trial))),
              .init("recorded", json(one.recorded)), .init("now", json(one.now)),
            ])
          })), .init("unasked", replay.unaskedJSON),
    ]
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

extension StudyReplay {
  var isSame: Bool { differences.isEmpty && misjudgements.isEmpty }

  var unaskedJSON: JSON {
    .array(unasked.map { ["count": .int(Int64($0.count)), "why": .string($0.why)] })
  }
}
