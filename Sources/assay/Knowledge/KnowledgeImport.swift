internal import ArgumentParser
internal import Values
internal import Workspace

struct KnowledgeImport: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take over experiments from a file of another store.",
    discussion: """
      Digests are computed first; a file that is not what it was is refused whole. Experiments that are here already stay \
      as they are. Imported ones are called i1, i2…, and `knowledge show` says where they came from.

      EXAMPLES:
        assay knowledge import churn.knowledge
      """)

  @Argument(help: ArgumentHelp("What `assay knowledge export` wrote.", valueName: "path"), completion: .file())
  var path: String

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let imported = try workspace.importKnowledge(path)
    if console.json {
      let experiments = imported.map { one in
        JSON.object([
          .init("experiment", .string(one.label)), .init("name", .string(one.name)), .init("new", .bool(one.isNew)),
        ])
      }
      console.document(
        "assay.knowledge.import/1", [.init("path", .string(path)), .init("experiments", .array(experiments))])
      return ok
    }
    for one in imported { Output.data(Text.harmless("\(one.label) (\(one.name))\(one.isNew ? "" : ": was here")")) }
    return ok
  }
}
