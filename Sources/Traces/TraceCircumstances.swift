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
      found.trial = try Self.trial(of: run, &reader)
      return found
    }
  }

  /// The runs that are trials of experiments, by the numbers of those.
  package func runs(ofExperiments experiments: Set<Int>) throws(TraceError) -> [RunNumber] {
    guard !experiments.isEmpty else { return [] }
    return try read { (reader) throws(DatabaseError) in
      guard try Self.hasTrials(&reader) else { return [] }
      return try reader.rows("SELECT run, experiment FROM trials", []) { ($0.integer(0), $0.int(1)) }
        .filter { experiments.contains($0.1) }.map(\.0)
    }
  }

  /// By run that is a trial, the number of its experiment.
  package func experimentsOfRuns() throws(TraceError) -> [RunNumber: Int] {
    try read { (reader) throws(DatabaseError) in
      guard try Self.hasTrials(&reader) else { return [:] }
      let rows = try reader.rows("SELECT run, experiment FROM trials", []) { ($0.integer(0), $0.int(1)) }
      return Dictionary(rows) { first, _ in first }
    }
  }

  /// Traces of before there were experiments have no such table until they are written.
  private static func hasTrials(_ reader: inout Reader) throws(DatabaseError) -> Bool {
    try reader.row("SELECT 1 FROM sqlite_schema WHERE name = 'trials'", [], { _ in true }) == true
  }

  /// What a run is a trial of, if of anything.
  private static func trial(of run: RunNumber, _ reader: inout Reader) throws(DatabaseError) -> TrialReference? {
    guard try hasTrials(&reader) else { return nil }
    return try reader.row("SELECT experiment, name, trial FROM trials WHERE run = ?1", [.integer(run)]) {
      TrialReference(experiment: $0.int(0), name: $0.string(1), trial: $0.int(2))
    }
  }
}
