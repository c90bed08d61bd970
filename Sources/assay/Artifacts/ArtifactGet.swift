internal import ArgumentParser
internal import Foundation
internal import Values
internal import Workspace

struct ArtifactGet: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Copy an artifact out of the store.",
    discussion: """
      EXAMPLES:
        assay artifact get 12:report --output report.html
        assay artifact get churn/model@production -o model.bin
        assay artifact get 3fa4b6c1 -o model.bin --force
      """)

  @OptionGroup var which: ArtifactArgument

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to (default: the output's name).", valueName: "path"))
  var output: String?

  @Flag(name: .long, help: "Replace what is there.")
  var force = false

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let found = try workspace.find(which.name)
    let target = output ?? Self.fileName(found)
    do { try write(found, to: target) } catch let error as WorkspaceError { throw error } catch {
      throw WorkspaceError(.failed, "cannot write `\(target)`: \(error.localizedDescription)")
    }
    if console.json {
      console.document(
        "assay.artifact/1",
        found.members(try workspace.names()) + [.init("written", .string(target))])
    } else {
      console.talk("\(target): \(ByteSize.text(found.size))")
    }
    return ok
  }

  private func write(_ found: FoundArtifact, to target: String) throws {
    let files = FileManager.default
    if files.fileExists(atPath: target) {
      guard force else {
        throw WorkspaceError(.failed, "`\(target)` exists already", help: "--force replaces it, --output names another")
      }
      try files.removeItem(atPath: target)
    }
    switch found.value {
    case .directory(let tree):
      try files.copyItem(atPath: tree.path, toPath: target)
      for name in try files.subpathsOfDirectory(atPath: target) { try makeWritable("\(target)/\(name)") }
      try makeWritable(target)
    case .file(let file):
      try files.copyItem(atPath: file.path, toPath: target)
      try makeWritable(target)
    case let value: try Data((value.json().pretty + "\n").utf8).write(to: URL(filePath: target))
    }
  }

  /// The store's copy is read-only; this one is the user's.
  private func makeWritable(_ path: String) throws {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    guard let mode = attributes[.posixPermissions] as? Int else { return }
    try FileManager.default.setAttributes([.posixPermissions: mode | 0o200], ofItemAtPath: path)
  }

  /// What the output is called, with the extension of its media type.
  static func fileName(_ found: FoundArtifact) -> String {
    let usual = ["text": "txt", "markdown": "md", "jpeg": "jpg", "gzip": "gz", "bytes": "bin"]
    let mediaType =
      switch found.value {
      case .file(let file): file.mediaType
      case .directory: ""
      default: "application/json"
      }
    let word = mediaType.isEmpty ? "" : FileFormat.word(for: mediaType)
    guard !word.isEmpty, !word.contains("/"), !found.fileName.contains(".") else { return found.fileName }
    return "\(found.fileName).\(usual[word] ?? word)"
  }
}
