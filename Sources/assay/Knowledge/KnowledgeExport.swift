internal import ArgumentParser
internal import Events
internal import Values
internal import Workspace

struct KnowledgeExport: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write experiments into one file, for another store.",
    discussion: """
      The file has their logs, documents and fingerprints, with digests; no data and no results of tasks.

      EXAMPLES:
        assay knowledge export --output churn.knowledge
        assay knowledge export 12 churn_q3 -o churn.knowledge --force
      """)

  @Argument(help: ArgumentHelp("Numbers or names (default: all that are not forgotten).", valueName: "experiment"))
  var experiments: [String] = []

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "path"))
  var output: String

  @Flag(name: .long, help: "Replace what is there.")
  var force = false

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let (chosen, bytes) = try workspace.exportKnowledge(experiments, to: output, replaces: force)
    if console.json {
      console.document(
        "assay.knowledge.export/1",
        [
          .init("path", .string(output)), .init("size", .int(Int64(bytes))),
          .init("experiments", .array(chosen.map { .object(KnowledgeText.identity($0)) })),
        ])
      return ok
    }
    for one in chosen { Output.data(Text.harmless("\(one.label) (\(one.record.name)), \(one.digest)")) }
    console.talk("\(output): \(Text.count(chosen.count, "experiment")), \(ByteSize.text(Int64(bytes)))")
    return ok
  }
}
