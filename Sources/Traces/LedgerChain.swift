internal import Database
internal import Events
package import Values

/// The chain of hashes of one experiment's log, as it is now or was when a checkpoint was made.
package struct LedgerChain: Sendable, Equatable {
  /// 0: notes about the project itself.
  package var experiment: Int
  package var entries: Int
  /// What its first row says: name, documents, by whom. Nil of the project, and where the row is gone.
  package var beginning: Digest?
  /// The hash of some entries, ascending; the last is that of the last entry.
  package var marks: [Mark]

  package struct Mark: Sendable, Equatable {
    package var entry: Int
    package var hash: Digest
    package init(entry: Int, hash: Digest) {
      self.entry = entry
      self.hash = hash
    }
  }

  package init(experiment: Int, entries: Int, beginning: Digest?, marks: [Mark]) {
    self.experiment = experiment
    self.entries = entries
    self.beginning = beginning
    self.marks = marks
  }

  /// Enough to name each entry of a log of usual length, and a stretch of a long one.
  static let marks = 256
}

extension ExperimentLedger {
  /// All of them, the project's first. Those without an entry too.
  package func chains() throws(TraceError) -> [LedgerChain] {
    try reading([]) { (connection) throws(DatabaseError) in
      let beginnings = try Self.beginnings(connection)
      let counts = try connection.prepare("SELECT experiment, count(*) FROM entries GROUP BY experiment")
      var entries: [Int: Int] = [:]
      while try counts.step() { entries[counts.int(0)] = counts.int(1) }
      var chains: [LedgerChain] = []
      for experiment in Set(entries.keys).union(beginnings.keys).sorted() {
        let count = entries[experiment] ?? 0
        let stride = max(1, (count + LedgerChain.marks - 1) / LedgerChain.marks)
        let rows = try connection.prepare(
          "SELECT seq, hash FROM entries WHERE experiment = ?1 AND (seq % ?2 = 0 OR seq = ?3) ORDER BY seq")
        rows.bind(1, experiment)
        rows.bind(2, stride)
        rows.bind(3, count)
        var marks: [LedgerChain.Mark] = []
        while try rows.step() {
          guard let hash = Digest(bytes: rows.bytes(1)) else { continue }
          marks.append(LedgerChain.Mark(entry: rows.int(0), hash: hash))
        }
        chains.append(
          LedgerChain(experiment: experiment, entries: count, beginning: beginnings[experiment], marks: marks))
      }
      return chains
    }
  }

  /// The hashes of some entries; nil where there is none.
  package func hashes(of experiment: Int, at entries: [Int]) throws(TraceError) -> [Digest?] {
    try reading(entries.map { _ in nil }) { (connection) throws(DatabaseError) in
      let row = try connection.prepare("SELECT hash FROM entries WHERE experiment = ?1 AND seq = ?2")
      var hashes: [Digest?] = []
      for entry in entries {
        row.bind(1, experiment)
        row.bind(2, entry)
        hashes.append(try row.step() ? Digest(bytes: row.bytes(0)) : nil)
        row.reset()
      }
      return hashes
    }
  }

  private static func beginnings(_ connection: Connection) throws(DatabaseError) -> [Int: Digest] {
    let rows = try connection.prepare(
      """
      SELECT number, uid, name, file, documents, started_at, user, host, engine, ifnull(parent, ''),
      ifnull(parent_entries, ''), reason FROM experiments
      """)
    var beginnings: [Int: Digest] = [:]
    while try rows.step() {
      var hasher = Hasher256()
      for column in 0..<12 {
        let text = rows.string(column)
        hasher.update("\(text.utf8.count):")
        hasher.update(text)
      }
      beginnings[rows.int(0)] = hasher.digest()
    }
    return beginnings
  }
}
