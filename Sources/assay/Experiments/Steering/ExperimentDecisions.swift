internal import ArgumentParser
internal import Events
internal import Experiments
internal import Values
internal import Workspace

struct ExperimentDecisions: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "decisions", abstract: "List what people decided: who, when, why, and what it changed.",
    discussion: """
      The first column is the number of the entry in the log: `undo`, `replay --without` and `fork --at` take it. BASIS is how \
      many entries there were when it was decided: the log up to there is what could be seen.

      EXAMPLES:
        assay exp decisions
        assay exp decisions churn_q3 --json
      """)

  @OptionGroup var what: ExperimentOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let bench = try workspace.bench(record)
    var study = bench.study(after: 0)
    var rows: [(entry: Int, at: Int64, actor: Actor, decision: Decision, words: String, change: (String, String)?)] = []
    for (place, entry) in bench.entries.enumerated() {
      let before = study
      study.apply(entry)
      guard case .decided(let decision) = entry.fact else { continue }
      rows.append(
        (
          place + 1, entry.at, entry.actor, decision,
          Decision(decision.operation, reason: "", basis: 0, undoes: decision.undoes, role: decision.role)
            .words(in: study),
          decision.operation.change(from: before, to: study)
        ))
    }
    if console.json {
      console.document(
        "assay.decisions/1",
        [
          .init("experiment", .int(Int64(record.number))),
          .init(
            "decisions",
            .array(
              rows.map { row in
                var members: [JSON.Member] = [
                  .init("entry", .int(Int64(row.entry))), .init("at", .string(Times.iso(unixNanoseconds: row.at))),
                  .init("by", .string(row.actor.name)), .init("kind", .string(row.actor.kind.rawValue)),
                  .init("what", .string(row.words)), .init("reason", .string(row.decision.reason)),
                  .init("basis", .int(Int64(row.decision.basis))),
                ]
                if let change = row.change {
                  members += [.init("before", .string(change.0)), .init("after", .string(change.1))]
                }
                return .object(members)
              })),
        ])
      return ok
    }
    var table = TextTable([
      .init(title: "ENTRY", isNumber: true), .init(title: "WHEN"), .init(title: "BY"),
      .init(title: "WHAT", isElastic: true), .init(title: "WHY", isElastic: true),
      .init(title: "BEFORE → AFTER", rank: 1, isElastic: true), .init(title: "BASIS", isNumber: true, rank: 2),
    ])
    for row in rows {
      table.add([
        .init("\(row.entry)"), .init(Times.local(unixNanoseconds: row.at)), .init(row.actor.name), .init(row.words),
        .init(row.decision.reason), .init(row.change.map { "\($0.0) → \($0.1)" } ?? ""), .init("\(row.decision.basis)"),
      ])
    }
    console.show(table, empty: "nobody has decided anything")
    return ok
  }
}
