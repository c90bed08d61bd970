package import Database

/// Why the trace could not be opened, written or read.
package struct TraceError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// Another engine writes to this store.
    case locked(process: Int32)
    /// No room for another row.
    case full
    /// The directory or file cannot be written.
    case unwritable
    case missing
    case corrupt
    /// Written by a newer version.
    case newer
    /// `close()` was called.
    case closed
    /// Anything else that SQLite reports.
    case database
  }

  package var code: Code
  /// One line for a person.
  package var message: String
  package var path: String
  /// Of what is locked: who has it.
  package var holder: StoreHolder?

  package init(_ code: Code, _ message: String, path: String) {
    self.code = code
    self.message = message
    self.path = path
  }

  package init(_ error: DatabaseError, path: String) {
    let code: Code =
      if error.isFull {
        .full
      } else if error.isNewer {
        .newer
      } else if error.isCorrupt {
        .corrupt
      } else if error.isReadOnly || error.isWriteFailure {
        .unwritable
      } else if error.isMissing {
        .missing
      } else {
        .database
      }
    self.init(code, "\(error)", path: path)
  }

  package var description: String { message.contains(path) ? message : "\(message): \(path)" }
}

/// The process that writes to a store, as it said of itself.
package struct StoreHolder: Sendable, Equatable {
  package var process: Int32
  package var command: String
  /// In seconds since 1970; nil: not known.
  package var since: Int64?

  package init(process: Int32, command: String, since: Int64?) {
    self.process = process
    self.command = command
    self.since = since
  }
}

/// When a commit counts as done.
package enum Durability: String, Sendable, CaseIterable {
  /// Survives the death of the engine; a power cut may cost the last commits.
  case normal
  /// Survives a power cut, in groups.
  case full
  /// … and a node waits until the rows of the nodes it needs are on disk.
  case strict
}
