package import Diagnostics
internal import Glibc
internal import Logs
internal import Synchronization

/// A file that is there whole or not at all.
package final class LogFile: Sendable {
  private let path: String
  private let temporary: String
  private let file: Int32
  private let failure = Atomic<Int32>(0)
  private let count = Atomic<Int>(0)

  /// - Parameter replaces: what is there.
  package init(_ path: String, replaces: Bool) throws(WorkspaceError) {
    self.path = path
    temporary = "\(path).\(getpid()).part"
    guard replaces || access(path, F_OK) != 0 else {
      throw WorkspaceError(.failed, "`\(path)` exists already", help: "--force replaces it")
    }
    file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Self.problem(path, errno) }
  }

  deinit { close(file) }

  package var bytes: Int { count.load(ordering: .relaxed) }

  package func write(_ bytes: UnsafeRawBufferPointer) {
    count.add(bytes.count, ordering: .relaxed)
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty, failure.load(ordering: .relaxed) == 0 {
      let written = Glibc.write(file, base, rest.count)
      if written >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      } else if errno != EINTR {
        failure.store(errno, ordering: .relaxed)
      }
    }
  }

  /// Puts it in its place.
  package func finish() throws(WorkspaceError) {
    let number = failure.load(ordering: .relaxed)
    if number == 0, rename(temporary, path) == 0 { return }
    let reason = number == 0 ? errno : number
    discard()
    throw Self.problem(path, reason)
  }

  package func discard() { unlink(temporary) }

  private static func problem(_ path: String, _ number: Int32) -> WorkspaceError {
    WorkspaceError(.failed, "cannot write \(path): \(String(cString: strerror(number)))")
  }
}

/// What is wrong with an event log.
package struct LogCheck: Sendable {
  /// `ocel` or `xes`; nil: neither.
  package var format: String?
  package var events: Int
  package var objects: Int
  package var traces: Int
  package var errors: Int
  package var warnings: Int
  /// The first ones of them.
  package var diagnostics: [Diagnostic]

  package init(_ path: String, _ bytes: [UInt8]) {
    let report = LogReport(checking: bytes)
    format = report.format?.rawValue
    (events, objects, traces) = (report.events, report.objects, report.traces)
    (errors, warnings) = (report.errors, report.warnings)
    diagnostics = report.problems.isEmpty ? [] : report.diagnostics(SourceFile(path: path, bytes: bytes))
  }
}
