internal import ArgumentParser
internal import Glibc
internal import Values
internal import Workspace

struct ArtifactCat: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat", abstract: "Write an artifact's bytes to standard output.",
    discussion: """
      A value that is no file is written as JSON.

      EXAMPLES:
        assay artifact cat 12:report | less
        assay artifact cat 12:auc
        assay artifact cat churn/parameters@production
      """)

  @OptionGroup var which: ArtifactArgument
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    switch try workspace.find(which.name).value {
    case .directory:
      throw WorkspaceError(
        .usage, "`\(which.name)` is a directory", help: "assay artifact get \(which.name) --output DIR")
    case .file(let file): try copy(file.path)
    case let value: Output.data(value.json().pretty)
    }
    return ok
  }

  private func copy(_ path: String) throws(WorkspaceError) {
    let input = open(path, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw Self.problem(which.name) }
    defer { close(input) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(input, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.problem(which.name)
      }
      let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
      guard Output.write(bytes, to: STDOUT_FILENO) else {
        // A reader that has seen enough is no error.
        if errno == EPIPE { return }
        throw WorkspaceError(.failed, "cannot write: \(String(cString: strerror(errno)))")
      }
    }
  }

  private static func problem(_ name: String) -> WorkspaceError {
    WorkspaceError(.store, "cannot read artifact `\(name)`: \(String(cString: strerror(errno)))")
  }
}
