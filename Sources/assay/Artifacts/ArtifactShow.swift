internal import ArgumentParser
internal import Values
internal import Workspace

struct ArtifactShow: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what an artifact is, where its bytes are and who uses it.",
    discussion: """
      EXAMPLES:
        assay artifact show 3fa4b6c1
        assay artifact show 12:report --json
      """)

  @OptionGroup var which: ArtifactArgument
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let found = try Found(which.name, in: workspace)
    var runs: [Int64] = []
    if let digest = found.digest { runs = Set(try workspace.artifact(digest.hex).users.map(\.run)).sorted() }
    if console.json {
      let users = JSON.Member("runs", .array(runs.map { .int($0) }))
      console.document("assay.artifact/1", found.members + (found.digest == nil ? [] : [users]))
    } else {
      Output.data(Self.text(found, runs))
    }
    return ok
  }

  static func text(_ found: Found, _ runs: [Int64]) -> String {
    var lines: [(String, String)] = []
    if let digest = found.digest { lines.append(("digest", "sha256:" + digest.hex)) }
    lines.append(("size", ByteSize.text(found.size)))
    if !found.mediaType.isEmpty { lines.append(("type", found.mediaType)) }
    switch found.content {
    case .file(let path): lines.append(("path", path))
    case .directory(let path): lines.append(("directory", path))
    case .value(let value): lines.append(("value", value.description))
    }
    if !runs.isEmpty { lines.append(("runs", runs.map { String($0) }.joined(separator: ", "))) }
    return lines.map { Text.pad($0.0, 10) + Text.harmless($0.1) + "\n" }.joined()
  }
}
