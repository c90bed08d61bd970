internal import ArgumentParser
internal import Artifacts
internal import Values
internal import Workspace

struct ArtifactShow: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what an artifact is, where its bytes are and who uses it.",
    discussion: """
      EXAMPLES:
        assay artifact show churn/model@production
        assay artifact show 3fa4b6c1
        assay artifact show 12:report --json
      """)

  @OptionGroup var which: ArtifactArgument
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let found = try workspace.find(which.name)
    let names = try workspace.names()
    let runs = try found.digest.map { digest throws(WorkspaceError) in try workspace.runs(using: digest) } ?? []
    if console.json {
      let users = JSON.Member("runs", .array(runs.map { .int($0) }))
      console.document(
        "assay.artifact/1", found.members(names) + (found.digest == nil ? [] : [users]))
    } else {
      Output.data(Self.text(found, names, runs, now: Times.unixNow()))
    }
    return ok
  }

  static func text(_ found: FoundArtifact, _ names: Names, _ runs: [Int64], now: Int64) -> String {
    var lines: [(String, String)] = []
    for named in found.versions {
      let tags = names.tags(of: named.version).map(\.tag)
      let age = "put \(Times.local(unixNanoseconds: named.at)) by \(named.by)"
      lines.append(
        ("name", named.version.reference + (tags.isEmpty ? "" : " (\(tags.joined(separator: ", ")))") + ", " + age))
    }
    if let digest = found.digest { lines.append(("digest", "sha256:" + digest.hex)) }
    lines.append(("size", ByteSize.text(found.size)))
    lines.append(("type", found.type.description))
    if !found.origin.isEmpty { lines.append(("from", found.origin)) }
    switch found.value {
    case .file(let file):
      if !file.mediaType.isEmpty { lines.append(("media", file.mediaType)) }
      lines.append(("path", file.path))
    case .directory(let file): lines.append(("directory", file.path))
    default: lines.append(("value", found.value.description))
    }
    if !runs.isEmpty { lines.append(("runs", runs.map { String($0) }.joined(separator: ", "))) }
    return lines.map { Text.pad($0.0, 10) + Text.harmless($0.1) + "\n" }.joined()
  }
}
