internal import ArgumentParser
internal import Values
internal import Workspace

struct ArtifactList: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the artifacts of the store.",
    discussion: """
      EXAMPLES:
        assay artifact list
        assay artifact list --limit 5 --json
      """)

  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let all = try orNone { () throws(WorkspaceError) in try workspace.artifacts() }
    let artifacts = Array(all.prefix(list.limit))
    if console.json {
      let items = artifacts.map { JSON.object(ArtifactText.members($0)) }
      console.document(
        "assay.artifacts/1",
        [.init("artifacts", .array(items)), .init("more", .int(Int64(all.count - artifacts.count)))])
    } else {
      console.show(ArtifactText.table(artifacts), empty: "there are no artifacts yet")
      if artifacts.count < all.count { console.talk("\(all.count - artifacts.count) more: --limit \(all.count)") }
    }
    return ok
  }
}

/// Artifacts as the command line shows them.
enum ArtifactText {
  static func table(_ artifacts: [Workspace.Artifact]) -> TextTable {
    var table = TextTable([
      .init(title: "DIGEST"), .init(title: "SIZE", isNumber: true), .init(title: "PATH", rank: 1, isElastic: true),
    ])
    for artifact in artifacts {
      table.add([
        .init(artifact.digest.short), .init(ByteSize.text(Int64(artifact.size))), .init(artifact.path, .faint),
      ])
    }
    return table
  }

  static func members(_ artifact: Workspace.Artifact) -> [JSON.Member] {
    [
      .init("digest", .string("sha256:" + artifact.digest.hex)), .init("size", .int(Int64(artifact.size))),
      .init("path", .string(artifact.path)),
    ]
  }
}
