internal import CSQLite

/// A prepared statement, to be used again and again by the thread that owns its connection.
///
/// Parameters count from 1, columns from 0, as in SQLite. Bound values stay until they are bound again.
package final class Statement {
  private let connection: Connection
  private let handle: OpaquePointer
  private let sql: String

  init(_ connection: Connection, _ sql: String) throws(DatabaseError) {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK else { throw connection.error(code, context: sql) }
    guard let prepared else { throw DatabaseError(code: SQLITE_MISUSE, message: "empty statement", context: sql) }
    self.connection = connection
    self.sql = sql
    handle = prepared
  }

  deinit { sqlite3_finalize(handle) }

  // MARK: parameters

  package func bind(_ index: Int, _ value: Int64) { sqlite3_bind_int64(handle, Int32(index), value) }
  package func bind(_ index: Int, _ value: Int) { sqlite3_bind_int64(handle, Int32(index), Int64(value)) }
  package func bind(_ index: Int, _ value: Double) { sqlite3_bind_double(handle, Int32(index), value) }
  package func bindNull(_ index: Int) { sqlite3_bind_null(handle, Int32(index)) }

  /// Copies the text.
  package func bind(_ index: Int, _ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      _ = csqlite_bind_text_copy(handle, Int32(index), utf8.baseAddress, UInt64(utf8.count))
    }
  }

  /// Copies the bytes.
  package func bind(_ index: Int, _ value: [UInt8]) {
    value.withUnsafeBytes { bytes in
      _ = csqlite_bind_blob_copy(handle, Int32(index), bytes.baseAddress, UInt64(bytes.count))
    }
  }

  /// Copies the bytes.
  package func bind(_ index: Int, _ bytes: UnsafeRawBufferPointer) {
    _ = csqlite_bind_blob_copy(handle, Int32(index), bytes.baseAddress, UInt64(bytes.count))
  }

  /// Does not copy: the bytes must stay valid until the statement is reset or bound again.
  package func bindWithoutCopy(_ index: Int, _ bytes: UnsafeRawBufferPointer) {
    _ = csqlite_bind_blob_static(handle, Int32(index), bytes.baseAddress, UInt64(bytes.count))
  }

  package func bind(_ index: Int, _ value: String?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }
  package func bind(_ index: Int, _ value: [UInt8]?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }
  package func bind(_ index: Int, _ value: Int64?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  /// A parameter as data, where speed does not matter.
  package enum Parameter: Sendable {
    case null
    case integer(Int64)
    case double(Double)
    case text(String)
    case bytes([UInt8])
  }

  package func bind(_ parameters: [Parameter]) {
    for (index, parameter) in parameters.enumerated() {
      switch parameter {
      case .null: bindNull(index + 1)
      case .integer(let value): bind(index + 1, value)
      case .double(let value): bind(index + 1, value)
      case .text(let value): bind(index + 1, value)
      case .bytes(let value): bind(index + 1, value)
      }
    }
  }

  // MARK: running

  /// To the next row; false when there is none, and the statement is then ready to run again.
  package func step() throws(DatabaseError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    case let code:
      let error = connection.error(code, context: sql)
      sqlite3_reset(handle)
      throw error
    }
  }

  /// Runs a statement that gives no rows.
  package func run() throws(DatabaseError) { while try step() {} }

  /// Before the last row was read: ends the statement's read transaction.
  package func reset() { sqlite3_reset(handle) }

  // MARK: columns of the current row

  package func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }
  package func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }
  package func int(_ column: Int) -> Int { Int(sqlite3_column_int64(handle, Int32(column))) }
  package func double(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(column)) }

  package func string(_ column: Int) -> String {
    withBytes(column) { String(decoding: $0, as: UTF8.self) }
  }

  package func bytes(_ column: Int) -> [UInt8] { withBytes(column) { Array($0) } }

  package func optionalString(_ column: Int) -> String? { isNull(column) ? nil : string(column) }
  package func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }
  package func optionalBytes(_ column: Int) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

  /// The bytes of a blob or text, valid during `body`.
  package func withBytes<R>(_ column: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    let start = sqlite3_column_blob(handle, Int32(column))
    let count = sqlite3_column_bytes(handle, Int32(column))
    return body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(count)))
  }
}
