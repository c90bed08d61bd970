import Database
import Events
import Glibc
import Tasks
import Testing
import Values

@testable import Traces

/// A store of version 1 under a program that knows one step more, and one under a program that knows less.
@Suite struct UpgradeTests {
  private func old(_ scratch: Scratch) throws {
    let journal = try Journal(path: scratch.database, durability: .full, encode: encode)
    try journal.append([started(1), attempt(1, 0, key: key(1), reusable: true), finished(1)])
    try journal.flush()
    journal.close()
  }

  private let next = Schema(
    application: TraceSchema.current.application,
    steps: TraceSchema.current.steps + ["ALTER TABLE runs ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'"])

  @Test func anOlderTraceIsMigratedAndItsBackupIsWhole() throws {
    let scratch = Scratch()
    try old(scratch)
    let version = TraceSchema.current.version
    let connection = try Connection(scratch.database)
    try connection.migrate(to: next)
    #expect(try connection.text("SELECT mood FROM runs WHERE run = 1") == "calm")
    #expect(try connection.integer("SELECT count(*) FROM attempts") == 1)
    #expect(try connection.problems() == [])
    // The backup is the store as it was: this version reads and writes it.
    let backup = "\(scratch.database).v\(version).backup"
    let trace = try Trace(path: backup)
    #expect(try trace.runs().map(\.status) == [.succeeded])
    #expect(try trace.reusable(key(1))?.run == 1)
    #expect(try trace.problems() == [])
  }

  @Test func aNewerTraceIsRefusedAndUntouched() throws {
    let scratch = Scratch()
    try old(scratch)
    do { try Connection(scratch.database).migrate(to: next) }
    for open in [
      { _ = try Journal(path: scratch.database, durability: .full, encode: encode) },
      { _ = try Trace(path: scratch.database) },
    ] as [() throws -> Void] {
      let error = #expect(throws: TraceError.self) { try open() }
      #expect(error?.code == .newer)
      #expect(error?.message.contains("update assay") == true)
    }
    #expect(try Connection(scratch.database).check(next) == next.version)
  }

  /// A clock that was set back while the run went on.
  @Test func aRunNeverEndsBeforeItBegan() throws {
    let scratch = Scratch()
    let journal = try Journal(path: scratch.database, durability: .full, encode: encode)
    try journal.append([
      started(1),
      .runFinished(RunFinished(run: 1, status: .succeeded, outputs: [], message: "", finishedAt: 3)),
    ])
    try journal.flush()
    journal.close()
    let summary = try #require(try Trace(path: scratch.database).summary(of: 1))
    #expect(summary.finishedAt == summary.startedAt)
  }
}
