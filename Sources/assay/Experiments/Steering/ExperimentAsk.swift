internal import ArgumentParser
internal import Events
internal import Experiments
internal import Spaces
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentAsk: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask", abstract: "Show what the strategy would propose next; nothing is put on record.",
    discussion: """
      EXAMPLES:
        assay exp ask churn_q3
        assay exp ask churn_q3 --count 5 --json
      """)

  @OptionGroup var what: ExperimentOptions
  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("So many proposals.", valueName: "n"))
  var count = 1
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard (1...1000).contains(count) else { throw ValidationError("--count is from 1 to 1000") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let study = try workspace.study(of: record)
    let proposals = study.asked(count, now: Times.unixNow())
    let stages = study.definition.experiment.stages
    if console.json {
      let items = proposals.map { JSON.object(members($0, study)) }
      console.document(
        "assay.proposals/1",
        [.init("experiment", .int(Int64(record.number))), .init("proposals", .array(items))])
      return ok
    }
    for proposed in proposals {
      Output.data(
        "trial \(proposed.trial): \(study.words(at: proposed.point))  # \(stages[proposed.stage].name): \(proposed.reason)"
      )
    }
    if proposals.isEmpty { console.talk("nothing would be proposed now: assay exp status \(record.number)") }
    return ok
  }

  private func members(_ proposed: Proposed, _ study: Study) -> [JSON.Member] {
    let configuration = study.definition.space.configuration(at: proposed.point)
    return [
      .init("trial", .int(Int64(proposed.trial))),
      .init("stage", .string(study.definition.experiment.stages[proposed.stage].name)),
      .init("configuration", .object(configuration.map { .init($0.name, $0.value.json()) })),
      .init("reason", .string(proposed.reason)),
    ]
  }
}
