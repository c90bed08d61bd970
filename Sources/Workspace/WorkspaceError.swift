package import Diagnostics

/// The process's exit codes: a contract with scripts. `docs/cli.md` has the table.
package enum ExitCode: Int32, Sendable, CaseIterable {
  case ok = 0
  /// The run failed.
  case failed = 1
  case usage = 2
  /// The document has errors.
  case document = 3
  case notFound = 4
  case waiting = 5
  case budget = 6
  /// A plugin or its environment could not be loaded.
  case plugin = 7
  /// The store is locked, full, unwritable or corrupt.
  case store = 8
  case bug = 70
  /// Ended by SIGINT, or by SIGTERM: 128 and the signal's number, as shells say it.
  case interrupted = 130
  case terminated = 143
}

extension WorkspaceError {
  private static let bugHelp =
    "this is a mistake in Assay, not in your files: report it with the command and what `assay version --json` prints"
}

/// Why a use case could not be carried out, for a person and for `$?`.
package struct WorkspaceError: Error, Sendable {
  package var message: String
  /// What to do, or empty.
  package var help: String
  package var exit: ExitCode
  /// The places in documents that it is about.
  package var diagnostics: [Diagnostic]
  /// Another engine has the store: it may be free in a moment.
  package var isLocked = false

  package init(_ exit: ExitCode, _ message: String, help: String = "", diagnostics: [Diagnostic] = []) {
    self.exit = exit
    self.message = message
    self.help = exit == .bug && help.isEmpty ? Self.bugHelp : help
    self.diagnostics = diagnostics
  }
}
