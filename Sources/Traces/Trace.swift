internal import Database
package import Events
internal import Glibc
internal import Synchronization
package import Values

/// Reads the trace of a store, beside a writer or without one. Any thread; sees what is committed.
package final class Trace: Sendable {
  package let path: String
  private let reader: Mutex<Reader>
  private let recent: RecentResults?

  /// One connection and its statements, for whoever holds the lock.
  struct Reader {
    let connection: Connection
    private var statements: [String: Statement] = [:]

    init(_ connection: Connection) { self.connection = connection }

    /// Prepared once.
    mutating func statement(_ sql: String) throws(DatabaseError) -> Statement {
      if let known = statements[sql] { return known }
      let statement = try connection.prepare(sql)
      statements[sql] = statement
      return statement
    }

    mutating func rows<T>(
      _ sql: String, _ parameters: [Statement.Parameter], _ row: (Statement) throws(DatabaseError) -> T
    ) throws(DatabaseError) -> [T] {
      let statement = try statement(sql)
      statement.bind(parameters)
      defer { statement.reset() }
      var rows: [T] = []
      while try statement.step() { rows.append(try row(statement)) }
      return rows
    }

    mutating func row<T>(
      _ sql: String, _ parameters: [Statement.Parameter], _ row: (Statement) throws(DatabaseError) -> T
    ) throws(DatabaseError) -> T? {
      let statement = try statement(sql)
      statement.bind(parameters)
      defer { statement.reset() }
      return try statement.step() ? try row(statement) : nil
    }
  }

  /// Opens the trace at `path`. Throws `missing` when there is none, `newer` when this version cannot read it.
  ///
  /// - Parameter journal: the writer of the same process, if any: `reusable` then also finds what it has committed since
  ///   the index was last brought up to date.
  package init(path: String, journal: Journal? = nil) throws(TraceError) {
    self.path = path
    recent = journal?.recent
    do throws(DatabaseError) {
      reader = Mutex(Reader(try Self.open(path)))
    } catch {
      throw TraceError(error, path: path)
    }
  }

  private static func open(_ path: String) throws(DatabaseError) -> sending Connection {
    let version: Int
    var connection = try Connection(path, .readOnly)
    do throws(DatabaseError) {
      version = try connection.check(TraceSchema.current)
    } catch {
      // On a read-only medium there can be no shared memory for the write-ahead log. Without a log nobody writes.
      guard error.isMissing || error.isReadOnly, access(path + "-wal", F_OK) != 0 else { throw error }
      connection = try Connection(path, .immutable)
      version = try connection.check(TraceSchema.current)
    }
    guard version >= TraceSchema.oldestReadable else {
      throw DatabaseError(
        code: DatabaseError.olderSchema,
        message: "written by an older version; run anything once to bring it up to date",
        context: path)
    }
    // What is looked up is everywhere in the table; SQLite's 2 MB are few pages.
    try connection.execute("PRAGMA cache_size = -8000")
    return connection
  }

  /// All reads of `body` see one state of the trace.
  func read<R: Sendable>(_ body: (inout Reader) throws(DatabaseError) -> R) throws(TraceError) -> R {
    let result: Result<R, DatabaseError> = reader.withLock { reader in
      do throws(DatabaseError) {
        try reader.statement("BEGIN").run()
        defer { reader.connection.rollBack() }
        return .success(try body(&reader))
      } catch {
        return .failure(error)
      }
    }
    do { return try result.get() } catch { throw TraceError(error, path: path) }
  }

  func query<T: Sendable>(
    _ sql: String, _ parameters: [Statement.Parameter], _ row: (Statement) throws(DatabaseError) -> T
  ) throws(TraceError) -> [T] {
    try read { (reader) throws(DatabaseError) in try reader.rows(sql, parameters, row) }
  }

  /// What is wrong with the database, a line each; none when it is sound. Reads all of it.
  package func problems() throws(TraceError) -> [String] {
    try read { (reader) throws(DatabaseError) in try reader.connection.problems() }
  }

  // MARK: reuse

  /// The result that was recorded for a task key, or nil. About 3 µs; see `reusable(_:)` with many.
  package func reusable(_ key: Digest) throws(TraceError) -> ReusableResult? { try reusable([key])[0] }

  /// For each key the latest reusable result, or nil: one read transaction for all.
  package func reusable(_ keys: [Digest]) throws(TraceError) -> [ReusableResult?] {
    // In this order: a result that moves from the one to the other meanwhile is found twice, not never.
    let recent = recent?.find(keys.map(\.prefix)) ?? []
    return try read { (reader) throws(DatabaseError) in
      let find = try reader.statement("SELECT seq FROM results WHERE key = ?1")
      var row = AttemptsRow()
      var results: [ReusableResult?] = []
      results.reserveCapacity(keys.count)
      for (index, key) in keys.enumerated() {
        var seq = index < recent.count ? recent[index] : nil
        if seq == nil {
          find.bind(1, key.prefix)
          if try find.step() { seq = find.integer(0) }
          find.reset()
        }
        // Another key may begin with the same bytes.
        let attempt = try seq.flatMap { (seq) throws(DatabaseError) in try row.attempt(seq, &reader) }
        results.append(attempt?.key == key ? attempt.flatMap(ReusableResult.init) : nil)
      }
      return results
    }
  }
}

/// The attempts of the row that was read last: what is asked for together mostly lies together.
private struct AttemptsRow {
  private var attempts: [StoredAttempt] = []

  /// The attempt of that number; nil when there is none, or its row is damaged.
  mutating func attempt(_ seq: Int64, _ reader: inout Trace.Reader) throws(DatabaseError) -> StoredAttempt? {
    if let known = find(seq) { return known }
    let row = try reader.row(
      "SELECT seq, run, attempts FROM attempts WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1", [.integer(seq)]
    ) { AttemptsCodec.decode($0.bytes(2), first: $0.integer(0), run: $0.integer(1)) }
    attempts = (row ?? nil) ?? []
    return find(seq)
  }

  private func find(_ seq: Int64) -> StoredAttempt? {
    guard let first = attempts.first?.sequence, seq >= first, seq - first < attempts.count else { return nil }
    return attempts[Int(seq - first)]
  }
}

/// The outputs that an earlier attempt left for anybody with the same key.
package struct ReusableResult: Sendable, Equatable {
  package var run: RunNumber
  package var node: Int
  /// When it was complete.
  package var at: Int64
  package var outputs: StoredOutputs

  /// Nil when nobody else may take them.
  fileprivate init?(_ attempt: StoredAttempt) {
    guard attempt.reusable, let outputs = attempt.outputs else { return nil }
    run = attempt.node.run
    node = attempt.node.node
    at = attempt.endedAt
    self.outputs = outputs
  }
}
