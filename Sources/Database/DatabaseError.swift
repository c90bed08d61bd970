internal import CSQLite
internal import Glibc

/// What SQLite refused to do, with what it was asked.
package struct DatabaseError: Error, Sendable, CustomStringConvertible {
  /// SQLite's extended result code.
  package var code: Int32
  /// SQLite's own sentence, or ours where SQLite has none.
  package var message: String
  /// The path or the SQL that it is about.
  package var context: String
  /// `errno` of the system call that failed, or 0.
  package var systemError: Int32

  package init(code: Int32, message: String, context: String, systemError: Int32 = 0) {
    self.code = code
    self.message = message
    self.context = context
    self.systemError = systemError
  }

  private var primary: Int32 { code & 0xFF }

  /// No room on the device, over quota, or over the file size limit.
  package var isFull: Bool {
    primary == SQLITE_FULL || [ENOSPC, EDQUOT, EFBIG].contains(systemError)
  }
  /// Another connection holds a lock for longer than the busy timeout.
  package var isBusy: Bool { primary == SQLITE_BUSY || primary == SQLITE_LOCKED }
  /// Not a database, or damaged.
  package var isCorrupt: Bool { primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB }
  package var isReadOnly: Bool { primary == SQLITE_READONLY || primary == SQLITE_PERM }
  /// The system refused to write for a reason that SQLite does not pass on.
  package var isWriteFailure: Bool { [SQLITE_IOERR | 3 << 8, SQLITE_IOERR | 4 << 8].contains(code) }
  /// The file is missing or cannot be opened.
  package var isMissing: Bool { primary == SQLITE_CANTOPEN }
  /// Written by a newer version of this program (see `Schema`).
  package var isNewer: Bool { code == Self.newerSchema }

  // Outside SQLite's range.
  package static let newerSchema: Int32 = 0x4000_0001
  package static let olderSchema: Int32 = 0x4000_0002
  /// What the file says cannot be true.
  package static let damaged: Int32 = SQLITE_CORRUPT
  /// The file is a database of another program.
  package static let foreignFile: Int32 = SQLITE_NOTADB

  package var description: String {
    var text = message
    if systemError != 0, let reason = strerror(systemError) { text += " (\(String(cString: reason)))" }
    return context.isEmpty ? text : "\(text): \(context)"
  }
}
