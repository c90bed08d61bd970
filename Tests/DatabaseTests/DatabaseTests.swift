import Database
import Glibc
import Testing

/// A directory of its own for a test, removed with it.
final class Scratch {
  let path: String
  init() {
    var template = Array("/tmp/assay-database-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? ""
  }
  deinit { _ = system("rm -rf \(path)") }
  func file(_ name: String) -> String { "\(path)/\(name)" }
}

@Suite struct ConnectionTests {
  let scratch = Scratch()

  @Test func valuesOfEachKindComeBackAsTheyWere() throws {
    let connection = try Connection(scratch.file("a.db"))
    try connection.execute("CREATE TABLE t (i INTEGER, d REAL, s TEXT, b BLOB, n TEXT) STRICT")
    let insert = try connection.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)")
    insert.bind(1, Int64.min)
    insert.bind(2, 0.1)
    insert.bind(3, "héllo\u{0}x")
    insert.bind(4, [0, 255, 1] as [UInt8])
    insert.bind(5, nil as String?)
    try insert.run()
    insert.bind(3, "")
    insert.bind(4, [] as [UInt8])
    try insert.run()
    let rows = try connection.prepare("SELECT * FROM t ORDER BY rowid")
    #expect(try rows.step())
    #expect(rows.integer(0) == .min)
    #expect(rows.double(1) == 0.1)
    #expect(rows.string(2) == "héllo\u{0}x")
    #expect(rows.bytes(3) == [0, 255, 1])
    #expect(rows.isNull(4))
    #expect(rows.optionalString(4) == nil)
    #expect(try rows.step())
    // Empty is not null.
    #expect(rows.optionalString(2) == "")
    #expect(rows.optionalBytes(3) == [])
    #expect(try !rows.step())
  }

  @Test func bytesAreBoundWithoutCopy() throws {
    let connection = try Connection(scratch.file("a.db"))
    try connection.execute("CREATE TABLE t (b BLOB)")
    let insert = try connection.prepare("INSERT INTO t VALUES (?1)")
    let bytes = [UInt8](repeating: 7, count: 100_000)
    try bytes.withUnsafeBytes {
      insert.bindWithoutCopy(1, $0)
      try insert.run()
      insert.bindNull(1)
    }
    #expect(try connection.integer("SELECT length(b) FROM t") == 100_000)
  }

  @Test func aThrowingTransactionLeavesNothing() throws {
    let connection = try Connection(scratch.file("a.db"))
    try connection.execute("CREATE TABLE t (i INTEGER PRIMARY KEY)")
    let error = #expect(throws: DatabaseError.self) {
      try connection.transaction { () throws(DatabaseError) in
        try connection.execute("INSERT INTO t VALUES (1)")
        try connection.execute("INSERT INTO t VALUES (1)")
      }
    }
    #expect(error?.message.contains("UNIQUE") == true)
    #expect(try connection.integer("SELECT count(*) FROM t") == 0)
    // The connection is usable again.
    try connection.transaction { () throws(DatabaseError) in try connection.execute("INSERT INTO t VALUES (2)") }
    #expect(try connection.integer("SELECT count(*) FROM t") == 1)
  }

  @Test func anotherWriterIsBusy() throws {
    let first = try Connection(scratch.file("a.db"))
    try first.execute("CREATE TABLE t (i INTEGER)")
    let second = try Connection(scratch.file("a.db"), busyMilliseconds: 0)
    try first.execute("BEGIN IMMEDIATE")
    let error = #expect(throws: DatabaseError.self) { try second.execute("INSERT INTO t VALUES (1)") }
    #expect(error?.isBusy == true)
    try first.execute("COMMIT")
    try second.execute("INSERT INTO t VALUES (1)")
  }

  @Test func readersSeeNoHalfTransaction() throws {
    let writer = try Connection(scratch.file("a.db"))
    try writer.execute("CREATE TABLE t (i INTEGER)")
    let reader = try Connection(scratch.file("a.db"), .readOnly)
    try writer.transaction { () throws(DatabaseError) in
      try writer.execute("INSERT INTO t VALUES (1)")
      #expect(try reader.integer("SELECT count(*) FROM t") == 0)
    }
    #expect(try reader.integer("SELECT count(*) FROM t") == 1)
    let error = #expect(throws: DatabaseError.self) { try reader.execute("INSERT INTO t VALUES (2)") }
    #expect(error?.isReadOnly == true)
  }

  @Test func aFileThatIsNoDatabaseIsRefused() throws {
    let path = scratch.file("a.db")
    let file = try #require(fopen(path, "w"))
    fputs(String(repeating: "this is not a database. ", count: 100), file)
    fclose(file)
    let error = #expect(throws: DatabaseError.self) { try Connection(path) }
    #expect(error?.isCorrupt == true)
  }

  @Test func aMissingFileIsNotCreatedByAReader() {
    let error = #expect(throws: DatabaseError.self) { try Connection(scratch.file("none.db"), .readOnly) }
    #expect(error?.isMissing == true)
    #expect(access(scratch.file("none.db"), F_OK) != 0)
  }

  @Test func anEmptyStatementIsAnError() throws {
    let connection = try Connection(scratch.file("a.db"))
    #expect(throws: DatabaseError.self) { try connection.prepare("  -- nothing") }
  }
}

@Suite struct SchemaTests {
  let scratch = Scratch()
  let one = Schema(application: 77, steps: ["CREATE TABLE t (i INTEGER)"])
  let two = Schema(
    application: 77, steps: ["CREATE TABLE t (i INTEGER)", "ALTER TABLE t ADD COLUMN s TEXT DEFAULT 'x'"])

  @Test func anEmptyFileGetsAllSteps() throws {
    let connection = try Connection(scratch.file("a.db"))
    try connection.migrate(to: two)
    try connection.migrate(to: two)
    #expect(try connection.integer("SELECT count(s) FROM t") == 0)
    #expect(try connection.check(two) == 2)
    #expect(access(scratch.file("a.db.v0.backup"), F_OK) != 0)
  }

  @Test func anOlderFileIsCopiedAndKeepsItsRows() throws {
    let path = scratch.file("a.db")
    let connection = try Connection(path)
    try connection.migrate(to: one)
    try connection.execute("INSERT INTO t VALUES (5)")
    try connection.migrate(to: two)
    #expect(try connection.integer("SELECT i FROM t WHERE s = 'x'") == 5)
    let backup = try Connection(path + ".v1.backup", .readOnly)
    #expect(try backup.integer("SELECT i FROM t") == 5)
    #expect(try backup.check(one) == 1)
  }

  @Test func aNewerFileIsRefusedAndUntouched() throws {
    let path = scratch.file("a.db")
    do {
      let connection = try Connection(path)
      try connection.migrate(to: two)
      try connection.execute("INSERT INTO t VALUES (5, 'y')")
    }
    let connection = try Connection(path)
    let error = #expect(throws: DatabaseError.self) { try connection.migrate(to: one) }
    #expect(error?.isNewer == true)
    #expect(error?.message.contains("update assay") == true)
    #expect(try connection.integer("SELECT i FROM t WHERE s = 'y'") == 5)
  }

  /// Nothing is changed before there is a whole backup.
  @Test func withoutABackupNothingIsMigrated() throws {
    let path = scratch.file("a.db")
    let connection = try Connection(path)
    try connection.migrate(to: one)
    // In the way of the backup.
    #expect(mkdir(path + ".v1.backup", 0o755) == 0 && mkdir(path + ".v1.backup/x", 0o755) == 0)
    let error = #expect(throws: DatabaseError.self) { try connection.migrate(to: two) }
    #expect(error?.message == "cannot name the backup")
    #expect(try connection.check(two) == 1)
    #expect(access(path + ".v1.backup.partial", F_OK) != 0)
  }

  @Test func aDamagedPageIsFound() throws {
    let path = scratch.file("a.db")
    let connection = try Connection(path)
    try connection.execute("CREATE TABLE t (s TEXT); CREATE INDEX i ON t (s)")
    for _ in 0..<200 { try connection.execute("INSERT INTO t VALUES (hex(randomblob(50)))") }
    #expect(try connection.problems() == [])
    try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let file = open(path, O_WRONLY)
    #expect(pwrite(file, [UInt8](repeating: 0, count: 4096), 4096, 4096 * 3) == 4096)
    close(file)
    #expect(try !Connection(path, .readOnly).problems().isEmpty)
  }

  @Test func aFailingStepLeavesTheOldVersion() throws {
    let connection = try Connection(scratch.file("a.db"))
    try connection.migrate(to: one)
    let broken = Schema(application: 77, steps: one.steps + ["CREATE TABLE u (i INTEGER); CREATE TABLE t (i INTEGER)"])
    #expect(throws: DatabaseError.self) { try connection.migrate(to: broken) }
    #expect(try connection.check(one) == 1)
    #expect(try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'u'") == 0)
  }

  @Test func theDatabaseOfAnotherProgramIsRefused() throws {
    let connection = try Connection(scratch.file("a.db"))
    try connection.execute("CREATE TABLE photos (i INTEGER)")
    let error = #expect(throws: DatabaseError.self) { try connection.migrate(to: one) }
    #expect(error?.isCorrupt == true)
    #expect(error?.message.contains("another program") == true)
  }
}
