internal import Database
internal import Glibc
internal import Values

/// The records about names, on disk: `<directory>/names.db`, a SQLite database of its own, so that names can be given while an
/// engine has the trace. Rows are only added: the database itself refuses to change or delete one.
///
/// Any thread; several processes. Each call opens the database and closes it.
package struct NameLedger: Sendable {
  package let path: String

  package init(directory: String) { path = "\(directory)/names.db" }

  private static let schema = Schema(
    application: 0x4153_594E,
    steps: [
      """
      CREATE TABLE records (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, host TEXT NOT NULL, reason TEXT NOT NULL,
        action TEXT NOT NULL, name TEXT, version INTEGER, tag TEXT, before INTEGER, digest BLOB, type TEXT,
        size INTEGER, form BLOB, parts BLOB, origin TEXT, run INTEGER, history TEXT
      ) STRICT;
      CREATE TRIGGER records_stay BEFORE UPDATE ON records BEGIN SELECT raise(ABORT, 'records are never changed'); END;
      CREATE TRIGGER records_last BEFORE DELETE ON records BEGIN SELECT raise(ABORT, 'records are never deleted'); END;
      """
    ])

  private static let columns = """
    seq, at, by, host, reason, action, name, version, tag, before, digest, type, size, form, parts, origin, run, history
    """

  /// All records, in order. None where nothing was ever named.
  package func records() throws(StoreError) -> [NameRecord] {
    guard access(path, F_OK) == 0 else { return [] }
    do throws(DatabaseError) { return try Self.read(try open()) } catch { throw failure(error) }
  }

  /// Appends what `decide` makes of the names as they are; nobody else changes them meanwhile. Gives the records as written.
  package func append(
    at: Int64, by: String, host: String, reason: String,
    _ decide: (Names) throws(NameProblem) -> [NameRecord.Change]
  ) throws(LedgerError) -> [NameRecord] {
    var problem: NameProblem?
    var written: [NameRecord] = []
    do throws(DatabaseError) {
      let connection = try Connection(path)
      try connection.migrate(to: Self.schema)
      try connection.transaction { () throws(DatabaseError) in
        let names = Names(try Self.read(connection))
        do throws(NameProblem) {
          written = try decide(names).map { NameRecord($0, at: at, by: by, host: host, reason: reason) }
        } catch {
          problem = error
        }
        for index in written.indices { written[index].sequence = try Self.write(written[index], connection) }
      }
    } catch {
      throw .store(failure(error))
    }
    if let problem { throw .name(problem) }
    return written
  }

  package enum LedgerError: Error {
    case store(StoreError)
    case name(NameProblem)
  }

  private func failure(_ error: DatabaseError) -> StoreError {
    StoreError(error.isFull ? .full : error.isCorrupt ? .torn : .unwritable, "names: \(error)", path: path)
  }

  private func open() throws(DatabaseError) -> Connection {
    let connection: Connection
    do throws(DatabaseError) {
      connection = try Connection(path, .readOnly)
      try connection.check(Self.schema)
    } catch {
      // On a read-only medium there can be no shared memory for the write-ahead log. Without a log nobody writes.
      guard error.isMissing || error.isReadOnly, access(path + "-wal", F_OK) != 0 else { throw error }
      return try Connection(path, .immutable)
    }
    return connection
  }

  /// What is wrong with the database, a line each; none when it is sound.
  package func problems() throws(StoreError) -> [String] {
    guard access(path, F_OK) == 0 else { return [] }
    do throws(DatabaseError) { return try open().problems() } catch { throw failure(error) }
  }

  private static func read(_ connection: Connection) throws(DatabaseError) -> [NameRecord] {
    // Made, but not filled yet.
    guard try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'records'") == 1 else { return [] }
    let rows = try connection.prepare("SELECT \(columns) FROM records ORDER BY seq")
    var records: [NameRecord] = []
    while try rows.step() { if let record = NameRecord(rows) { records.append(record) } }
    return records
  }

  private static func write(_ record: NameRecord, _ connection: Connection) throws(DatabaseError) -> Int64 {
    let row = try connection.prepare(
      "INSERT INTO records (\(columns)) VALUES (NULL, \((1...17).map { "?\($0)" }.joined(separator: ", ")))")
    row.bind(1, record.at)
    row.bind(2, record.by)
    row.bind(3, record.host)
    row.bind(4, record.reason)
    for index in 6...17 { row.bindNull(index) }
    row.bind(5, record.bind(row))
    try row.run()
    return connection.lastInsertedRow
  }
}

extension NameRecord {
  /// Binds the columns from 6 (`name`) on; gives the action.
  fileprivate func bind(_ row: Statement) -> String {
    func tagged(_ name: String, _ tag: String, _ version: Int, _ before: Int?) {
      row.bind(6, name)
      row.bind(7, version)
      row.bind(8, tag)
      row.bind(9, before.map { Int64($0) })
    }
    func pinned(_ pin: Pin) {
      switch pin {
      case .artifact(let digest): row.bind(10, digest.bytes)
      case .run(let run): row.bind(16, run)
      }
    }
    switch change {
    case .put(let version):
      row.bind(6, version.name)
      row.bind(7, version.version)
      row.bind(10, version.digest.bytes)
      row.bind(11, version.type.description)
      row.bind(12, version.size)
      row.bind(13, version.form)
      row.bind(14, version.parts.flatMap(\.bytes))
      row.bind(15, version.origin)
      row.bind(16, version.run)
      row.bind(17, version.history)
      return "put"
    case .tag(let name, let tag, let version, let before):
      tagged(name, tag, version, before)
      return "tag"
    case .promote(let name, let stage, let version, let before):
      tagged(name, stage, version, before)
      return "promote"
    case .untag(let name, let tag, let version):
      tagged(name, tag, version, nil)
      return "untag"
    case .remove(let name, let version):
      row.bind(6, name)
      row.bind(7, version)
      return "remove"
    case .pin(let pin):
      pinned(pin)
      return "pin"
    case .unpin(let pin):
      pinned(pin)
      return "unpin"
    case .collect(let count, let bytes):
      row.bind(7, count)
      row.bind(12, bytes)
      return "collect"
    }
  }

  /// Nil for a row that makes no sense: a damaged one costs its own meaning, not that of the others.
  fileprivate init?(_ row: Statement) {
    guard let change = Change(row) else { return nil }
    self.init(change, at: row.integer(1), by: row.string(2), host: row.string(3), reason: row.string(4))
    sequence = row.integer(0)
  }
}

extension NameRecord.Change {
  fileprivate init?(_ row: Statement) {
    let name = row.string(6)
    let version = row.int(7)
    let tag = row.string(8)
    let before = row.optionalInteger(9).map { Int($0) }
    func pin() -> NameRecord.Pin? {
      if let run = row.optionalInteger(16) { return .run(run) }
      return Digest(bytes: row.bytes(10)).map { .artifact($0) }
    }
    switch row.string(5) {
    case "put":
      guard let digest = Digest(bytes: row.bytes(10)) else { return nil }
      let type = (try? ValueType.parse(row.string(11))) ?? .any
      let parts = row.bytes(14)
      self = .put(
        ArtifactVersion(
          name: name, version: version, digest: digest, type: type, size: row.integer(12), form: row.bytes(13),
          parts: stride(from: 0, to: parts.count - 31, by: 32).compactMap { Digest(bytes: parts[$0..<$0 + 32]) },
          origin: row.string(15), run: row.optionalInteger(16), history: row.string(17)))
    case "tag": self = .tag(name: name, tag: tag, version: version, before: before)
    case "promote": self = .promote(name: name, stage: tag, version: version, before: before)
    case "untag": self = .untag(name: name, tag: tag, version: version)
    case "remove": self = .remove(name: name, version: version)
    case "pin":
      guard let pin = pin() else { return nil }
      self = .pin(pin)
    case "unpin":
      guard let pin = pin() else { return nil }
      self = .unpin(pin)
    case "collect": self = .collect(count: version, bytes: row.integer(12))
    default: return nil
    }
  }
}
