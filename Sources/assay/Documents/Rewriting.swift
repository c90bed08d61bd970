internal import Glibc
internal import Workspace

/// Replaces documents, all or nothing.
enum Rewriting {
  /// Writes beside the file and renames, so that nobody sees half a document. Links are followed, permissions kept.
  static func replace(_ path: String, with text: String) throws(WorkspaceError) {
    guard let resolved = realpath(path, nil) else { throw problem(path) }
    let target = String(cString: resolved)
    free(resolved)
    var status = stat()
    guard stat(target, &status) == 0, access(target, W_OK) == 0 else { throw problem(path) }
    let temporary = "\(target).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status.st_mode & 0o777)
    guard descriptor >= 0 else { throw problem(path) }
    let isWritten = Output.write(text, to: descriptor) && fsync(descriptor) == 0
    let code = errno
    close(descriptor)
    guard isWritten, rename(temporary, target) == 0 else {
      if !isWritten { errno = code }
      let error = problem(path)
      unlink(temporary)
      throw error
    }
  }

  private static func problem(_ path: String) -> WorkspaceError {
    WorkspaceError(.failed, "cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
