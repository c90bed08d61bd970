internal import ArgumentParser
internal import Glibc
internal import LanguageServer
internal import Workspace

struct LanguageServerCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "lsp", abstract: "Serve an editor: the Language Server Protocol on standard input and output.",
    discussion: """
      Editors start it by themselves. It tells mistakes as you type, completes, explains, renames, formats and makes \
      corrections. docs/editors.md shows how to set up VS Code, Neovim and Emacs.

      EXAMPLES:
        assay lsp
      """)

  @Flag(name: .long, help: "Standard input and output; the only choice, for clients that say so.")
  var stdio = false

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(WorkspaceError) -> Int32 {
    guard isatty(STDIN_FILENO) == 0 else {
      throw WorkspaceError(
        .usage, "standard input is a terminal: `assay lsp` is started by an editor", help: "docs/editors.md")
    }
    if let directory = shared.directory, chdir(directory) != 0 {
      throw WorkspaceError(.notFound, "there is no directory \(directory)")
    }
    return Server.serve(read: Self.read, write: Self.write)
  }

  /// The next bytes of standard input; none at its end.
  private static func read() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var count = 0
    repeat { count = Glibc.read(STDIN_FILENO, &bytes, bytes.count) } while count < 0 && errno == EINTR
    return Array(bytes.prefix(max(0, count)))
  }

  /// A client that went away reads nothing: its end of standard input follows.
  private static func write(_ bytes: [UInt8]) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      done += count
    }
  }
}
