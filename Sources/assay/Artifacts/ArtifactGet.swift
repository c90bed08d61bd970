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
        assay artifact get 3fa4b6c1 -o model.bin --force
      """)

  @OptionGroup var which: ArtifactArgument

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to (default: the output's name).", valueName: "path"))
  var output: String?

  @Flag(name: .long, help: "Replace what is there.")
  var force = false

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let found = try Found(which.name, in: workspace)
    let target = output ?? Self.fileName(found)
    do { try write(found, to: target) } catch let error as WorkspaceError { throw error } catch {
      throw WorkspaceError(.failed, "cannot write `\(target)`: \(error.localizedDescription)")
    }
    if console.json {
      console.document("assay.artifact/1", found.members + [.init("written", .string(target))])
    } else {
      console.talk("\(target): \(ByteSize.text(found.size))")
    }
    return ok
  }

  private func write(_ found: Found, to target: String) throws {
    let files = FileManager.default
    if files.fileExists(atPath: target) {
      guard force else {
        throw WorkspaceError(.failed, "`\(target)` exists already", help: "--force replaces it, --output names another")
      }
      try files.removeItem(atPath: target)
    }
    switch found.content {
    case .value(let value): try Data((value.json().pretty + "\n").utf8).write(to: URL(filePath: target))
    case .directory(let path):
      try files.copyItem(atPath: path, toPath: target)
      for name in try files.subpathsOfDirectory(atPath: target) { try makeWritable("\(target)/\(name)") }
      try makeWritable(target)
    case .file(let path):
      try files.copyItem(atPath: path, toPath: target)
      try makeWritable(target)
    }
  }

  /// The store's copy is read-only; this one is the user's.
  private func makeWritable(_ path: String) throws {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    guard let mode = attributes[.posixPermissions] as? Int else { return }
    try FileManager.default.setAttributes([.posixPermissions: mode | 0o200], ofItemAtPath: path)
  }

  /// What the output is called, with the extension of its media type.
  static func fileName(_ found: Found) -> String {
    let usual = ["text": "txt", "markdown": "md", "jpeg": "jpg", "gzip": "gz", "bytes": "bin"]
    let word = found.mediaType.isEmpty ? "" : FileFormat.word(for: found.mediaType)
    guard !word.isEmpty, !word.contains("/"), !found.name.contains(".") else { return found.name }
    return "\(found.name).\(usual[word] ?? word)"
  }
}
