internal import Database
package import Events

extension ExperimentLedger {
  /// The entries of one kind, of all experiments, in the order in which they were made. Reads all of the log.
  package func rows(of kind: String) throws(TraceError) -> [(experiment: Int, row: LogRow)] {
    try reading([]) { (connection) throws(DatabaseError) in
      let rows = try connection.prepare(
        "SELECT experiment, at, actor, trial, numbers, text FROM entries WHERE kind = ?1 ORDER BY at, experiment, seq")
      rows.bind(1, kind)
      var found: [(Int, LogRow)] = []
      while try rows.step() {
        let row = LogRow(
          at: rows.integer(1), actor: rows.string(2), kind: kind, trial: rows.isNull(3) ? nil : rows.int(3),
          numbers: LogRow.numbers(rows.bytes(4)), text: rows.string(5))
        found.append((rows.int(0), row))
      }
      return found
    }
  }
}
