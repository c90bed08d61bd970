import Database
import Events
import Testing

@testable import Traces

/// The logs of experiments on disk.
@Suite struct ExperimentLedgerTests {
  private func record(_ name: String) -> ExperimentRecord {
    ExperimentRecord(
      uid: "0123", name: name, file: "a.assay", documents: [("a.assay", "assay 1\n"), ("b.assay", "\"quoted\"")],
      startedAt: 5, user: "ada", host: "here", engine: "0", parent: name == "child" ? (1, 7) : nil, reason: "why")
  }

  private func row(_ number: Int) -> LogRow {
    LogRow(
      at: Int64(number), actor: "person:ada", kind: "decided", trial: number.isMultiple(of: 2) ? number : nil,
      numbers: [Double(number), -.infinity, .nan, 0.1], text: "line\nand “quotes” \(number)")
  }

  @Test func whatIsWrittenIsRead() throws {
    let scratch = Scratch()
    let ledger = ExperimentLedger(directory: scratch.path)
    #expect(try ledger.experiments().isEmpty)
    #expect(try ledger.entries(of: 1).isEmpty)
    #expect(try ledger.create(record("first")) == 1)
    #expect(try ledger.create(record("child")) == 2)
    #expect(try ledger.append((1...5).map(row), to: 1, isSafe: true))
    #expect(try ledger.append([row(9)], to: 2, isSafe: false))
    let again = ExperimentLedger(directory: scratch.path)
    let read = try again.entries(of: 1)
    #expect(read.map(\.text) == (1...5).map { row($0).text })
    #expect(read.map(\.trial) == [nil, 2, nil, 4, nil])
    #expect(read[2].numbers.map(\.bitPattern) == row(3).numbers.map(\.bitPattern))
    #expect(try again.entries(of: 1, from: 3).map(\.at) == [4, 5])
    #expect(try again.experiments().map(\.name) == ["child", "first"])
    let child = try #require(try again.experiment(2))
    #expect(child.parent?.number == 1 && child.parent?.entries == 7)
    #expect(child.documents.map(\.text) == ["assay 1\n", "\"quoted\""])
    #expect(try again.broken().isEmpty)
  }

  /// What follows from what was seen is not written when there is more to be seen.
  @Test func anEntryOnAnOldBasisIsRefused() throws {
    let scratch = Scratch()
    let engine = ExperimentLedger(directory: scratch.path)
    let person = ExperimentLedger(directory: scratch.path)
    _ = try engine.create(record("first"))
    #expect(try engine.append([row(1)], to: 1, basis: 0, isSafe: false))
    #expect(try person.append([row(2)], to: 1, isSafe: true))
    #expect(try !engine.append([row(3), row(4)], to: 1, basis: 1, isSafe: false))
    #expect(try engine.entries(of: 1).count == 2)
    #expect(try engine.append([row(3)], to: 1, basis: 2, isSafe: false))
    #expect(try engine.broken().isEmpty)
  }

  @Test func entriesAreNeverChangedAndATamperedOneIsFound() throws {
    let scratch = Scratch()
    let ledger = ExperimentLedger(directory: scratch.path)
    _ = try ledger.create(record("first"))
    try ledger.append((1...4).map(row), to: 1, isSafe: true)
    let connection = try Connection(ledger.path)
    #expect(throws: DatabaseError.self) { try connection.execute("UPDATE entries SET text = 'x' WHERE seq = 2") }
    #expect(throws: DatabaseError.self) { try connection.execute("DELETE FROM entries") }
    try connection.execute("DROP TRIGGER entries_stay")
    try connection.execute("DROP TRIGGER entries_last")
    try connection.execute("UPDATE entries SET text = 'x' WHERE seq = 2")
    #expect(try ledger.broken().map(\.entry) == [2])
    try connection.execute("DELETE FROM entries WHERE seq = 3")
    #expect(try ledger.broken().map(\.entry) == [2, 4])
  }

  @Test func manyMayDecideAtOnce() async throws {
    let scratch = Scratch()
    let path = scratch.path
    _ = try ExperimentLedger(directory: path).create(record("first"))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let ledger = ExperimentLedger(directory: path)
          for number in 0..<25 { try ledger.append([row(writer * 100 + number)], to: 1, isSafe: false) }
        }
      }
      try await group.waitForAll()
    }
    let ledger = ExperimentLedger(directory: path)
    #expect(try ledger.entries(of: 1).count == 100)
    #expect(try ledger.broken().isEmpty)
  }
}
