internal import ArgumentParser
internal import Foundation
internal import Manuals
internal import Values
internal import Workspace

struct Manual: Command {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print a command's page for man, or write all pages.",
    discussion: """
      The pages come from the same definitions as --help. Their date is $SOURCE_DATE_EPOCH, else today.

      EXAMPLES:
        assay manual run | man -l -
        assay manual runs show
        assay manual --output ~/.local/share/man/man1
      """)

  @Argument(help: ArgumentHelp("The words of the command (default: assay itself).", valueName: "command"))
  var command: [String] = []

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the pages of all commands into this folder.", valueName: "dir"),
    completion: .directory)
  var output: String?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if output != nil, !command.isEmpty { throw ValidationError("--output writes all pages: leave out the command") }
  }

  func perform(_ console: Console) throws(WorkspaceError) -> Int32 {
    guard let root = Assay.manual else { throw WorkspaceError(.bug, "the description of the commands cannot be read") }
    if let output { return try write(root.all, to: output, console) }
    guard let manual = root.find(command) else {
      throw WorkspaceError(.notFound, "there is no command `\(command.joined(separator: " "))`", help: "assay --help")
    }
    if console.json {
      console.document(
        "assay.manual/1", [.init("name", .string(manual.page)), .init("roff", .string(Self.page(manual)))])
    } else {
      Output.data(Self.page(manual))
    }
    return ok
  }

  private func write(_ manuals: [CommandManual], to folder: String, _ console: Console) throws(WorkspaceError) -> Int32
  {
    let folder = Layout.absolute(folder)
    var paths: [String] = []
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for manual in manuals {
        let path = "\(folder)/\(manual.page).1"
        try Self.page(manual).write(toFile: path, atomically: true, encoding: .utf8)
        paths.append(path)
      }
    } catch {
      throw WorkspaceError(.failed, "cannot write into \(folder): \(error.localizedDescription)")
    }
    if console.json {
      console.document("assay.manuals/1", [.init("files", .array(paths.map { .string($0) }))])
    } else {
      console.talk("\(Text.count(paths.count, "page")) written to \(folder)")
    }
    return ok
  }

  private static func page(_ manual: CommandManual) -> String {
    let seconds = environment("SOURCE_DATE_EPOCH").flatMap { Int64($0) } ?? Times.unixNow() / 1_000_000_000
    let date = String(Times.iso(unixNanoseconds: max(0, min(seconds, 4_000_000_000)) * 1_000_000_000).prefix(10))
    return manual.roff(version: Engine.version, date: date)
  }
}

extension Assay {
  /// All commands as they are defined. A tenth of a second: for errors and manuals.
  static let manual: CommandManual? = (try? JSON.parse(_dumpHelp())).flatMap { CommandManual(tool: $0) }
}
