import Database
import Events
import Testing

@testable import Traces

/// Runs that are trials of experiments.
@Suite struct TrialRecordTests {
  private func trial(_ run: RunNumber, of experiment: Int) -> Event {
    guard case .runStarted(var record) = started(run) else { return started(run) }
    record.circumstances.trial = TrialReference(experiment: experiment, name: "tune", trial: Int(run) * 10)
    return .runStarted(record)
  }

  @Test func whatARunIsATrialOfIsOnRecord() throws {
    let scratch = Scratch()
    let journal = try Journal(path: scratch.database, encode: encode)
    try journal.append([trial(1, of: 4), finished(1), started(2), finished(2), trial(3, of: 5), finished(3)])
    try journal.flush()
    let trace = try Trace(path: scratch.database)
    #expect(try trace.circumstances(of: 1)?.trial == TrialReference(experiment: 4, name: "tune", trial: 10))
    #expect(try trace.circumstances(of: 2)?.trial == nil)
    #expect(try trace.runs(ofExperiments: [5, 6]) == [3])
    journal.close()
  }

  /// A trace of version 1 is read as it is, and brought up to date by the next who writes.
  @Test func anOlderTraceIsReadAsItIs() throws {
    let scratch = Scratch()
    do {
      let journal = try Journal(path: scratch.database, encode: encode)
      try journal.append([started(1), finished(1)])
      try journal.flush()
      journal.close()
      try Connection(scratch.database).execute("DROP TABLE trials; PRAGMA user_version = 1")
    }
    let trace = try Trace(path: scratch.database)
    #expect(try trace.runs().map(\.run) == [1])
    #expect(try trace.circumstances(of: 1)?.trial == nil)
    #expect(try trace.runs(ofExperiments: [1]).isEmpty)
    let journal = try Journal(path: scratch.database, encode: encode)
    try journal.append([trial(2, of: 1), finished(2)])
    try journal.flush()
    journal.close()
    #expect(try Trace(path: scratch.database).circumstances(of: 2)?.trial?.experiment == 1)
    #expect(try Trace(path: "\(scratch.database).v1.backup").runs().map(\.run) == [1])
  }

  @Test func problemsOfLogsNameExperimentAndEntry() throws {
    let scratch = Scratch()
    let ledger = ExperimentLedger(directory: scratch.path)
    #expect(try ledger.problems().isEmpty)
    for name in ["a", "b"] {
      let number = try ledger.create(
        ExperimentRecord(uid: "", name: name, file: "", documents: [], startedAt: 1, user: "", host: "", engine: ""))
      for at in 1...3 {
        try ledger.append(
          [LogRow(at: Int64(at), actor: "engine:engine", kind: "proposed", trial: at)], to: number, isSafe: at == 2)
      }
    }
    try ledger.append([LogRow(at: 9, actor: "engine:engine", kind: "closed")], to: 1, basis: 3, isSafe: false)
    #expect(try ledger.problems().isEmpty)
    #expect(try ledger.unfinished() == [2])
    try Connection(ledger.path).execute(
      "DROP TRIGGER entries_stay; UPDATE entries SET at = 7 WHERE experiment = 2 AND seq = 3")
    #expect(
      try ExperimentLedger(directory: scratch.path).problems()
        == ["entry 3 of experiment 2 is not as it was written, or one before it is gone"])
  }
}
