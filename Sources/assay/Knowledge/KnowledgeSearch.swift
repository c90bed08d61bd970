internal import ArgumentParser
internal import Events
internal import Experiments
internal import Knowledge
internal import Values
internal import Workspace

struct KnowledgeSearch: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "List experiments with what they taught, newest first.",
    discussion: """
      Words are looked for in names, intents, tags, tasks, data, parameters and notes; all of them have to be there.

      EXAMPLES:
        assay knowledge search
        assay knowledge search churn forest
        assay knowledge search --tag churn --json | jq '.experiments[].best'
      """)

  @Argument(help: ArgumentHelp("What to look for (default: all).", valueName: "word"))
  var words: [String] = []

  @Option(name: .long, help: ArgumentHelp("Only experiments with this tag.", valueName: "tag"))
  var tag: String?

  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let found = try workspace.known().filter { one in
      if let tag, !one.study.description.tags.contains(tag) { return false }
      let text = KnowledgeText.searched(one).lowercased()
      return words.allSatisfy { text.contains($0.lowercased()) }
    }.prefix(list.limit).map { ($0, Lessons($0.study)) }
    if console.json {
      let experiments = found.map { JSON.object(KnowledgeText.members($0, $1)) }
      console.document("assay.knowledge/1", [.init("experiments", .array(experiments))])
      return ok
    }
    var table = TextTable([
      .init(title: "EXPERIMENT", isNumber: true), .init(title: "NAME", isElastic: true),
      .init(title: "STARTED", rank: 2),
      .init(title: "TRIALS", isNumber: true), .init(title: "BEST"), .init(title: "TAUGHT", rank: 1, isElastic: true),
    ])
    for (one, lessons) in found {
      table.add([
        .init(one.label), .init(one.record.name), .init(Times.local(unixNanoseconds: one.record.startedAt)),
        .init("\(one.study.trials.count)"), .init(KnowledgeText.best(one.study, lessons)),
        .init(KnowledgeText.taught(one.study, lessons)),
      ])
    }
    console.show(table, empty: "nothing is known of that")
    return ok
  }
}
