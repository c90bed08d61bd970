internal import Database

/// The statements of the frequent rows, prepared once.
struct Inserts {
  let attempts: Statement
  let failure: Statement
  let reused: Statement
  let skipped: Statement
  let started: Statement
  let log: Statement
  let metric: Statement
  let checkpoint: Statement
  let artifact: Statement
  let task: Statement
  let result: Statement

  init(_ connection: Connection) throws(DatabaseError) {
    func into(_ table: String, _ columns: Int, _ verb: String = "INSERT") throws(DatabaseError) -> Statement {
      let parameters = (1...columns).map { "?\($0)" }.joined(separator: ", ")
      return try connection.prepare("\(verb) INTO \(table) VALUES (\(parameters))")
    }
    attempts = try into("attempts", 4)
    failure = try into("failures", 11)
    reused = try into("reused", 8)
    skipped = try into("skipped", 7)
    started = try into("started", 7)
    log = try into("logs", 7)
    metric = try into("metrics", 9)
    checkpoint = try into("checkpoints", 4, "INSERT OR REPLACE")
    artifact = try into("artifacts", 3, "INSERT OR IGNORE")
    task = try into("tasks", 8)
    result = try into("results", 2, "INSERT OR REPLACE")
  }
}
