internal import Database
package import Events
internal import Glibc
internal import Synchronization
internal import Values

/// The logs of experiments, on disk: `<directory>/experiments.db`, a SQLite database of its own, so that people can decide
/// while an engine has the trace, and also when none runs. Entries are only added; each carries a hash over the one before.
///
/// Any thread; several processes.
package final class ExperimentLedger: Sendable {
  package let path: String
  private let opened = Mutex(Opened())

  /// Only used by whoever holds the lock.
  private struct Opened: @unchecked Sendable {
    var connection: Connection?
    var appending: Appending?
  }

  /// What each append needs, prepared once.
  private struct Appending {
    let end: Statement
    let insert: Statement
    /// As the connection has it.
    var isSafe: Bool?

    init(_ connection: Connection) throws(DatabaseError) {
      end = try connection.prepare("SELECT seq, hash FROM entries WHERE experiment = ?1 ORDER BY seq DESC LIMIT 1")
      insert = try connection.prepare("INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
    }
  }

  /// - Parameter file: experiments of other stores and the logs of policies have a ledger of their own.
  package init(directory: String, file: String = "experiments.db") { path = "\(directory)/\(file)" }

  /// Keeps others out who would lock it too, as long as the result is kept; `locked` if somebody does already.
  package func lock() throws(TraceError) -> LedgerLock {
    LedgerLock(lock: try WriterLock(database: path, waiting: false))
  }

  private static let schema = Schema(
    application: 0x4153_5945,
    steps: [
      """
      CREATE TABLE experiments (
        number INTEGER PRIMARY KEY, uid TEXT NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL, documents TEXT NOT NULL,
        started_at INTEGER NOT NULL, user TEXT NOT NULL, host TEXT NOT NULL, engine TEXT NOT NULL,
        parent INTEGER, parent_entries INTEGER, reason TEXT NOT NULL
      ) STRICT;
      CREATE TABLE entries (
        experiment INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,
        trial INTEGER, numbers BLOB NOT NULL, text TEXT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (experiment, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT raise(ABORT, 'entries are never changed'); END;
      CREATE TRIGGER entries_last BEFORE DELETE ON entries BEGIN SELECT raise(ABORT, 'entries are never deleted'); END;
      """
    ])

  /// Opens, and makes the database if need be.
  private func writing<R>(_ body: (Connection) throws(DatabaseError) -> R) throws(TraceError) -> R {
    try holding { (_, connection) throws(DatabaseError) in try body(connection) }
  }

  private func holding<R>(
    _ body: (inout Appending?, Connection) throws(DatabaseError) -> R
  ) throws(TraceError) -> R {
    do throws(DatabaseError) {
      return try opened.withLock { opened throws(DatabaseError) in
        if let connection = opened.connection { return try body(&opened.appending, connection) }
        let connection = try Connection(path)
        try connection.migrate(to: Self.schema)
        opened.connection = connection
        return try body(&opened.appending, connection)
      }
    } catch {
      throw TraceError(error, path: path)
    }
  }

  func reading<R>(
    _ nothing: R, _ body: (Connection) throws(DatabaseError) -> R
  ) throws(TraceError) -> R {
    guard access(path, F_OK) == 0 else { return nothing }
    return try writing(body)
  }

  // MARK: Experiments

  /// Puts the beginning on record; gives it its number.
  package func create(_ record: ExperimentRecord) throws(TraceError) -> Int {
    try writing { (connection) throws(DatabaseError) in
      let row = try connection.prepare(
        "INSERT INTO experiments VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")
      row.bind(1, record.uid)
      row.bind(2, record.name)
      row.bind(3, record.file)
      let documents = record.documents.map {
        JSON.object([.init("path", .string($0.path)), .init("text", .string($0.text))])
      }
      row.bind(4, JSON.array(documents).compact)
      row.bind(5, record.startedAt)
      row.bind(6, record.user)
      row.bind(7, record.host)
      row.bind(8, record.engine)
      row.bind(9, record.parent.map { Int64($0.number) })
      row.bind(10, record.parent.map { Int64($0.entries) })
      row.bind(11, record.reason)
      try row.run()
      return Int(connection.lastInsertedRow)
    }
  }

  /// Newest first.
  package func experiments() throws(TraceError) -> [ExperimentRecord] {
    try reading([]) { (connection) throws(DatabaseError) in
      let rows = try connection.prepare("SELECT * FROM experiments ORDER BY number DESC")
      var records: [ExperimentRecord] = []
      while try rows.step() { records.append(ExperimentRecord(rows)) }
      return records
    }
  }

  /// Those that are not over, newest first.
  package func open() throws(TraceError) -> [ExperimentRecord] {
    try reading([]) { (connection) throws(DatabaseError) in
      let rows = try connection.prepare(
        """
        SELECT * FROM experiments WHERE NOT EXISTS (
          SELECT 1 FROM entries WHERE experiment = experiments.number AND kind = 'closed') ORDER BY number DESC
        """)
      var records: [ExperimentRecord] = []
      while try rows.step() { records.append(ExperimentRecord(rows)) }
      return records
    }
  }

  package func experiment(_ number: Int) throws(TraceError) -> ExperimentRecord? {
    try reading(nil) { (connection) throws(DatabaseError) in
      let rows = try connection.prepare("SELECT * FROM experiments WHERE number = ?1")
      rows.bind(1, number)
      return try rows.step() ? ExperimentRecord(rows) : nil
    }
  }

  /// The numbers of those that may go on.
  package func unfinished() throws(TraceError) -> Set<Int> {
    try reading([]) { (connection) throws(DatabaseError) in
      let rows = try connection.prepare(
        """
        SELECT number FROM experiments
        WHERE NOT EXISTS (SELECT 1 FROM entries WHERE experiment = number AND kind = 'closed')
        """)
      var numbers: Set<Int> = []
      while try rows.step() { numbers.insert(rows.int(0)) }
      return numbers
    }
  }

  // MARK: Entries

  /// The entries from place `first` on.
  package func entries(of experiment: Int, from first: Int = 0) throws(TraceError) -> [LogRow] {
    try reading([]) { (connection) throws(DatabaseError) in
      let rows = try connection.prepare(
        "SELECT at, actor, kind, trial, numbers, text FROM entries WHERE experiment = ?1 AND seq > ?2 ORDER BY seq")
      rows.bind(1, experiment)
      rows.bind(2, first)
      var entries: [LogRow] = []
      while try rows.step() { entries.append(LogRow(rows)) }
      return entries
    }
  }

  /// The entries of one kind, the first so many.
  package func entries(
    of experiment: Int, kind: String, limit: Int? = nil
  ) throws(TraceError) -> [LogRow] {
    try reading([]) { (connection) throws(DatabaseError) in
      let rows = try connection.prepare(
        """
        SELECT at, actor, kind, trial, numbers, text FROM entries WHERE experiment = ?1 AND kind = ?2 ORDER BY seq LIMIT ?3
        """)
      rows.bind(1, experiment)
      rows.bind(2, kind)
      rows.bind(3, limit ?? -1)
      var entries: [LogRow] = []
      while try rows.step() { entries.append(LogRow(rows)) }
      return entries
    }
  }

  /// Appends all or nothing, at the end as it is then.
  ///
  /// - Parameters:
  ///   - basis: how many entries there have to be; more: nothing is appended, and the result is false. Nil: however many.
  ///   - isSafe: a power cut does not lose them. The engine's own entries follow from what it has recorded elsewhere.
  @discardableResult
  package func append(
    _ rows: [LogRow], to experiment: Int, basis: Int? = nil, isSafe: Bool
  ) throws(TraceError) -> Bool {
    try holding { (appending, connection) throws(DatabaseError) in
      var ready: Appending
      if let kept = appending { ready = kept } else { ready = try Appending(connection) }
      if ready.isSafe != isSafe { try connection.execute("PRAGMA synchronous = \(isSafe ? "FULL" : "NORMAL")") }
      ready.isSafe = isSafe
      appending = ready
      return try connection.transaction { () throws(DatabaseError) in
        defer {
          ready.end.reset()
          ready.insert.reset()
        }
        ready.end.bind(1, experiment)
        var (count, hash) = try ready.end.step() ? (ready.end.int(0), ready.end.bytes(1)) : (0, [])
        if let basis, basis != count { return false }
        for row in rows {
          count += 1
          hash = row.hash(after: hash, experiment, count)
          row.bind(ready.insert, experiment, count, hash)
          try ready.insert.run()
          ready.insert.reset()
        }
        return true
      }
    }
  }

  /// What is wrong with the database and with the logs in it, a line each; none when all is as it was written. Reads all of it.
  package func problems() throws(TraceError) -> [String] {
    let pages = try reading([]) { (connection) throws(DatabaseError) in try connection.problems() }
    // What a damaged database says about its logs is not to be believed.
    guard pages.isEmpty else { return pages }
    return try broken().map {
      "entry \($0.entry) of experiment \($0.experiment) is not as it was written, or one before it is gone"
    }
  }

  /// Places of entries whose hash is not that of what they and those before them say, for each experiment.
  package func broken() throws(TraceError) -> [(experiment: Int, entry: Int)] {
    try reading([]) { (connection) throws(DatabaseError) in
      let rows = try connection.prepare(
        "SELECT at, actor, kind, trial, numbers, text, experiment, seq, hash FROM entries ORDER BY experiment, seq")
      var broken: [(Int, Int)] = []
      var last = (experiment: 0, seq: 0, hash: [UInt8]())
      while try rows.step() {
        let (experiment, seq, hash) = (rows.int(6), rows.int(7), rows.bytes(8))
        if experiment != last.experiment { last = (experiment, 0, []) }
        let expected = LogRow(rows).hash(after: last.hash, experiment, seq)
        if hash != expected || seq != last.seq + 1 { broken.append((experiment, seq)) }
        last = (experiment, seq, hash)
      }
      return broken
    }
  }
}

/// Let go of with its last copy, or with its process.
package struct LedgerLock: Sendable {
  fileprivate let lock: WriterLock
}

extension LogRow {
  /// Of entries in their order: the same in every store.
  package static func digest(of rows: some Sequence<LogRow>) -> String {
    var hash: [UInt8] = []
    for (place, row) in rows.enumerated() { hash = row.hash(after: hash, 0, place + 1) }
    return Digest(bytes: hash).map { "sha256:\($0.hex)" } ?? ""
  }

  /// As the ledger keeps them.
  package var numberBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(numbers.count * 8)
    for number in numbers { withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    return bytes
  }

  package static func numbers(_ bytes: [UInt8]) -> [Double] { bytes.withUnsafeBytes(numbers) }

  fileprivate static func numbers(_ bytes: UnsafeRawBufferPointer) -> [Double] {
    (0..<bytes.count / 8).map { place in
      Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place * 8, as: UInt64.self)))
    }
  }
}

extension LogRow {
  init(_ row: Statement) {
    self.init(
      at: row.integer(0), actor: row.string(1), kind: row.string(2), trial: row.isNull(3) ? nil : row.int(3),
      numbers: row.withBytes(4, Self.numbers), text: row.string(5))
  }

  fileprivate func bind(_ row: Statement, _ experiment: Int, _ seq: Int, _ hash: [UInt8]) {
    row.bind(1, experiment)
    row.bind(2, seq)
    row.bind(3, at)
    row.bind(4, actor)
    row.bind(5, kind)
    row.bind(6, trial.map { Int64($0) })
    row.bind(7, numberBytes)
    row.bind(8, text)
    row.bind(9, hash)
  }

  /// SHA-256 over the hash before and all that the entry says; lengths keep its parts apart.
  fileprivate func hash(after previous: [UInt8], _ experiment: Int, _ seq: Int) -> [UInt8] {
    var hasher = Hasher256()
    hasher.update(previous)
    for part in [
      Array("\(experiment)/\(seq)/\(at)/\(trial ?? -1)".utf8), Array(actor.utf8), Array(kind.utf8), numberBytes,
      Array(text.utf8),
    ] {
      hasher.update(Array("\(part.count):".utf8))
      hasher.update(part)
    }
    return hasher.digest().bytes
  }
}

extension ExperimentRecord {
  fileprivate init(_ row: Statement) {
    var documents: [(path: String, text: String)] = []
    if case .array(let items)? = try? JSON.parse(row.string(4)) {
      for case .object(let members) in items {
        guard case .string(let path)? = members.first(where: { $0.name == "path" })?.value,
          case .string(let text)? = members.first(where: { $0.name == "text" })?.value
        else { continue }
        documents.append((path, text))
      }
    }
    self.init(
      number: row.int(0), uid: row.string(1), name: row.string(2), file: row.string(3), documents: documents,
      startedAt: row.integer(5), user: row.string(6), host: row.string(7), engine: row.string(8),
      parent: row.isNull(9) ? nil : (row.int(9), row.int(10)), reason: row.string(11))
  }
}
