internal import ArgumentParser
internal import Events
internal import Experiments
internal import Values
internal import Workspace

struct ExperimentLog: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Show what happened in an experiment, entry by entry.",
    discussion: """
      EXAMPLES:
        assay exp log
        assay exp log churn_q3 --from 40
        assay exp log churn_q3 --json | jq '.entries[] | select(.kind == "decided")'
      """)

  @OptionGroup var what: ExperimentOptions

  @Option(name: .long, help: ArgumentHelp("Leave out so many entries at the beginning.", valueName: "n"))
  var from = 0

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard from >= 0 else { throw ValidationError("--from is at least 0") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let study = try workspace.study(of: record)
    let entries = try workspace.log(of: record, from: from)
    if console.json {
      console.document("assay.experiment.entries/1", study.members(ofLog: entries, from: from, of: record))
      return ok
    }
    let text = StudyText(study.definition.experiment)
    var table = TextTable([
      .init(title: "ENTRY", isNumber: true), .init(title: "WHEN"), .init(title: "BY"),
      .init(title: "WHAT", isElastic: true),
    ])
    for (place, entry) in entries.enumerated() {
      table.add([
        .init("\(from + place + 1)"), .init(Times.local(unixNanoseconds: entry.at)), .init(entry.actor.name),
        .init(text.line(entry)),
      ])
    }
    console.show(table, empty: "there are no entries\(from > 0 ? " after \(from)" : "")")
    return ok
  }
}
