internal import CSQLite
internal import Glibc

/// One SQLite connection. Not for several threads at once: an owner thread, or a `Mutex` around it.
package final class Connection {
  package enum Access: Sendable {
    /// Creates the file where it is missing; write-ahead log.
    case readWrite
    case readOnly
    /// … of a file that nobody writes: takes no locks, needs no shared memory, ignores a write-ahead log.
    case immutable
  }

  /// `PRAGMA synchronous`: when a commit waits for the disk.
  package enum Synchronous: Int, Sendable {
    case off = 0
    /// Survives the death of the process; a power cut may cost the last commits.
    case normal = 1
    /// Survives a power cut.
    case full = 2
  }

  package let path: String
  let handle: OpaquePointer
  // Prepared here, not as `Statement`s: those keep their connection alive.
  private var begin: OpaquePointer?
  private var commit: OpaquePointer?
  private var rollback: OpaquePointer?

  /// Opens `path`. Waits up to `busyMilliseconds` for locks of other connections.
  package init(
    _ path: String, _ access: Access = .readWrite, synchronous: Synchronous = .full, busyMilliseconds: Int32 = 5000
  ) throws(DatabaseError) {
    _ = Self.isPrepared
    var opened: OpaquePointer?
    let flags: Int32 =
      switch access {
      case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
      case .readOnly: SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
      case .immutable: SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI
      }
    let code = sqlite3_open_v2(access == .immutable ? Self.immutableURI(path) : path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let error = Self.error(opened, code, context: path)
      sqlite3_close_v2(opened)
      throw error
    }
    self.path = path
    handle = opened
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, busyMilliseconds)
    if access == .readWrite {
      try execute("PRAGMA journal_mode = WAL")
      try execute("PRAGMA synchronous = \(synchronous.rawValue)")
    }
  }

  private static let isPrepared: Bool = {
    csqlite_leave_memory_uncounted()
    return true
  }()

  private static func immutableURI(_ path: String) -> String {
    var escaped = ""
    for byte in path.utf8 {
      let isPlain = (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x2D...0x39).contains(byte)
      escaped += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "file:\(escaped)?immutable=1"
  }

  // Statements keep their connection alive, so that none is left here.
  deinit {
    for statement in [begin, commit, rollback] { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  private static func prepared(_ handle: OpaquePointer, _ sql: String) -> OpaquePointer? {
    var statement: OpaquePointer?
    sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    return statement
  }

  private func step(_ statement: OpaquePointer?, _ sql: String) throws(DatabaseError) {
    let code = sqlite3_step(statement)
    defer { sqlite3_reset(statement) }
    if code != SQLITE_DONE { throw error(code, context: sql) }
  }

  /// Runs SQL that has no parameters; rows are dropped.
  package func execute(_ sql: String) throws(DatabaseError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw error(code, context: sql) }
  }

  package func prepare(_ sql: String) throws(DatabaseError) -> Statement { try Statement(self, sql) }

  /// Prepares, binds and runs a statement that gives no rows.
  package func run(_ sql: String, _ parameters: Statement.Parameter...) throws(DatabaseError) {
    let statement = try prepare(sql)
    statement.bind(parameters)
    try statement.run()
  }

  /// The integer in the first column of the first row, or nil where there is none.
  package func integer(_ sql: String) throws(DatabaseError) -> Int64? {
    let statement = try prepare(sql)
    return try statement.step() && !statement.isNull(0) ? statement.integer(0) : nil
  }

  /// The text in the first column of the first row, or nil where there is none.
  package func text(_ sql: String) throws(DatabaseError) -> String? {
    let statement = try prepare(sql)
    return try statement.step() ? statement.string(0) : nil
  }

  /// What is wrong with the file, at most ten lines; none when it is sound. Reads all of it.
  package func problems() throws(DatabaseError) -> [String] {
    let rows = try prepare("PRAGMA integrity_check(10)")
    var problems: [String] = []
    do throws(DatabaseError) {
      while try rows.step() { problems.append(rows.string(0)) }
    } catch {
      // A page so damaged that the check itself gives up.
      guard error.isCorrupt else { throw error }
      problems.append(error.message)
    }
    return problems == ["ok"] ? [] : problems
  }

  /// Of the library.
  package static var libraryVersion: String { String(cString: sqlite3_libversion()) }

  /// All of `body`, or nothing of it: commits when it returns, rolls back when it throws or the commit fails.
  package func transaction<R>(_ body: () throws(DatabaseError) -> R) throws(DatabaseError) -> R {
    if begin == nil { begin = Self.prepared(handle, "BEGIN IMMEDIATE") }
    if commit == nil { commit = Self.prepared(handle, "COMMIT") }
    try step(begin, "BEGIN IMMEDIATE")
    do {
      let result = try body()
      try step(commit, "COMMIT")
      return result
    } catch {
      rollBack()
      throw error
    }
  }

  /// Gives up an open transaction, if there is one. SQLite itself has done so after some errors.
  package func rollBack() {
    if sqlite3_get_autocommit(handle) != 0 { return }
    if rollback == nil { rollback = Self.prepared(handle, "ROLLBACK") }
    sqlite3_step(rollback)
    sqlite3_reset(rollback)
  }

  /// Rows changed by the last statement.
  package var changes: Int { Int(sqlite3_changes64(handle)) }
  package var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

  func error(_ code: Int32, context: String) -> DatabaseError {
    var error = Self.error(handle, code, context: context)
    // The file is open: this is what SQLite remembers of another one, which it looked for in vain.
    if error.systemError == ENOENT { error.systemError = 0 }
    return error
  }

  private static func error(_ handle: OpaquePointer?, _ code: Int32, context: String) -> DatabaseError {
    let message = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
    let system = handle.map { sqlite3_system_errno($0) } ?? 0
    let isSystem = [SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_FULL].contains(code & 0xFF)
    return DatabaseError(
      code: code, message: message.map { String(cString: $0) } ?? "SQLite error \(code)", context: context,
      systemError: isSystem ? system : 0)
  }
}
