internal import Database
package import Events
internal import Tasks
internal import Values

// Under what a run was made: read when somebody asks why.

extension Trace {
  /// Nil when there is no such run. `origins` are with the inputs (`detail(of:)`).
  package func circumstances(of run: RunNumber) throws(TraceError) -> Circumstances? {
    try read { (reader) throws(DatabaseError) -> Circumstances? in
      let found = try reader.row(
        """
        SELECT directory, until, lanes, reuses, verifies, reproduces, text
        FROM runs LEFT JOIN texts ON texts.digest = runs.facts WHERE run = ?1
        """, [.integer(run)]
      ) {
        Circumstances(
          directory: $0.string(0), until: $0.optionalString(1), lanes: $0.int(2), reuses: $0.integer(3) != 0,
          verifies: $0.integer(4) != 0, facts: Fact.facts($0.string(6)), reproduces: $0.optionalInteger(5))
      }
      guard var found else { return nil }
      found.code = try reader.rows(
        "SELECT code, path, parts FROM codes WHERE code IN (SELECT code FROM tasks WHERE id BETWEEN ?1 AND ?2)",
        Self.tasks(of: run)
      ) { CodeRecord(code: $0.digest(0), path: $0.string(1), text: $0.string(2)) }
      return found
    }
  }
}
