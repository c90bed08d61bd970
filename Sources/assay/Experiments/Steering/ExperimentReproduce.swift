internal import ArgumentParser
internal import Comparisons
internal import Events
internal import Experiments
internal import Settings
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentReproduce: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce", abstract: "Make an experiment again from its record and compare proposals and results.",
    discussion: """
      Every proposal is asked for again with the log as it was, decisions included, and every finished or failed trial runs \
      again with its seeds; nothing is reused. Metrics and the outputs of all calls are compared. Ends with 0 if all is the \
      same, 1 if it is within the tolerance, 2 if something is different: the first difference is named.

      EXAMPLES:
        assay exp reproduce churn_q3
        assay exp reproduce 4 --tolerance 1e-9 --json
      """)

  @OptionGroup var what: ExperimentOptions
  @Option(
    name: .long,
    help: ArgumentHelp("How far floats may be apart: |a - b| / max(1, |a|, |b|).", valueName: "x"))
  var tolerance: Double?
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let tolerance, !(tolerance >= 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance must be a number that is not negative")
    }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let replay = try workspace.replay(record)
    var repetitions: [TrialRepetition] = []
    let isJSON = console.json
    try workspace.repeatTrials(
      of: record, RunRequest(file: record.file, workspace.layout.settings), tolerance: tolerance
    ) { one in
      repetitions.append(one)
      if !isJSON { console.talk(line(one)) }
    }
    let isDifferent = !replay.isSame || repetitions.contains { $0.verdict == .different }
    let code: Int32 = isDifferent ? 2 : repetitions.contains { $0.verdict == .within } ? 1 : 0
    let verdict = ["same", "within_tolerance", "different"][Int(code)]
    if isJSON {
      console.document(
        "assay.experiment.reproduction/1",
        [
          .init("experiment", .int(Int64(record.number))), .init("verdict", .string(verdict)),
          .init("proposals", .int(Int64(replay.asked))),
          .init("proposals_different", .int(Int64(replay.differences.count))),
          .init("judged", .int(Int64(replay.judged))),
          .init("judged_different", .int(Int64(replay.misjudgements.count))), .init("unasked", replay.unaskedJSON),
          .init(
            "trials",
            .array(
              repetitions.map {
                .object([
                  .init("trial", .int(Int64($0.trial))), .init("verdict", .string($0.verdict.word)),
                  .init("run", $0.recorded.run.map { .int($0) } ?? .null),
                  .init("repeated_by", $0.now.run.map { .int($0) } ?? .null), .init("first", .string($0.first)),
                  .init("held_out", .bool($0.isHeldOut)),
                ])
              })),
        ])
      return code
    }
    Output.data(
      "experiment \(record.number) (\(record.name)): \(Text.count(replay.asked, "proposal")) asked for again, "
        + "\(replay.differences.count) different; \(Text.count(repetitions.count, "trial")) run again, "
        + "\(repetitions.count { $0.verdict != .same }) different")
    for one in replay.unasked { Output.data(Text.harmless("\(one.count) not asked again: \(one.why)")) }
    if let first = replay.differences.first {
      Output.data(
        "first to differ: the proposal of trial \(first.recorded.trial) (entry \(first.entry)); assay exp replay "
          + "\(record.number)")
    } else if let first = replay.misjudgements.first {
      Output.data("first to differ: the judgement of trial \(first.trial); assay exp replay \(record.number)")
    } else if let first = repetitions.first(where: { $0.verdict == .different }) {
      Output.data("first to differ: trial \(first.trial): \(first.first)")
    }
    return code
  }

  private func line(_ one: TrialRepetition) -> String {
    let trial = "trial \(one.trial)" + (one.isHeldOut ? " on what is held out" : "")
    return switch one.verdict {
    case .same: "✔ \(trial): the same"
    case .within: "✔ \(trial): within the tolerance (\(one.first))"
    case .different: "✘ \(trial): \(one.first)"
    }
  }
}

extension Reproduction.Verdict {
  fileprivate var word: String {
    switch self {
    case .same: "same"
    case .within: "within_tolerance"
    case .different: "different"
    }
  }
}
