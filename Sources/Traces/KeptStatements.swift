internal import Database

/// Statements by their text, each prepared once: runs begin and end by the thousand where an experiment makes them.
///
/// For the thread that owns the connection.
final class KeptStatements {
  private let connection: Connection
  private var known: [String: Statement] = [:]

  init(_ connection: Connection) { self.connection = connection }

  func statement(_ sql: String) throws(DatabaseError) -> Statement {
    if let statement = known[sql] { return statement }
    let statement = try connection.prepare(sql)
    known[sql] = statement
    return statement
  }

  /// Runs what gives no rows.
  func run(_ sql: String, _ parameters: Statement.Parameter...) throws(DatabaseError) {
    let statement = try statement(sql)
    defer { statement.reset() }
    statement.bind(parameters)
    try statement.run()
  }
}
