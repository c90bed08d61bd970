import Database
import Events
import Testing
import Values

@testable import Traces

/// What a checkpoint that was kept elsewhere shows about the logs of experiments.
@Suite struct LedgerCheckpointTests {
  private func record(_ name: String, by user: String = "ada") -> ExperimentRecord {
    ExperimentRecord(
      uid: name, name: name, file: "a.assay", documents: [("a.assay", "assay 1\n")], startedAt: 5, user: user,
      host: "here", engine: "0")
  }

  private func row(_ number: Int, _ text: String = "said") -> LogRow {
    LogRow(at: Int64(number), actor: "person:ada", kind: "decided", numbers: [Double(number)], text: text)
  }

  /// Two experiments and a note about the project.
  private func ledger(_ path: String, changed: Int? = nil, by user: String = "ada") throws -> ExperimentLedger {
    let ledger = ExperimentLedger(directory: path)
    _ = try ledger.create(record("first", by: user))
    _ = try ledger.create(record("second"))
    try ledger.append([row(1)], to: 0, isSafe: false)
    try ledger.append((1...6).map { row($0, $0 == changed ? "never said" : "said") }, to: 1, isSafe: false)
    try ledger.append((1...3).map { row($0) }, to: 2, isSafe: false)
    return ledger
  }

  private func checkpoint(_ ledger: ExperimentLedger) throws -> LedgerCheckpoint {
    let made = LedgerCheckpoint(time: "2026-11-21T10:24:05Z", chains: try ledger.chains())
    // As it comes back from where it was kept.
    return try #require(LedgerCheckpoint(made.text))
  }

  private func words(_ problems: [LedgerProblem]) -> [String] {
    problems.map { "\($0.experiment)/\($0.entry.map { "\($0)" } ?? "-")" }
  }

  private func change(_ ledger: ExperimentLedger, _ sql: String) throws {
    let connection = try Connection(ledger.path)
    try connection.execute("DROP TRIGGER IF EXISTS entries_stay; DROP TRIGGER IF EXISTS entries_last")
    try connection.execute(sql)
  }

  @Test func whatWasAddedSinceIsFine() throws {
    let scratch = Scratch()
    let ledger = try ledger(scratch.path)
    let kept = try checkpoint(ledger)
    #expect(kept.chains.map(\.entries) == [1, 6, 3])
    #expect(try ledger.problems(since: kept) == [])
    try ledger.append([row(7)], to: 1, isSafe: false)
    _ = try ledger.create(record("third"))
    try ledger.append([row(1)], to: 3, isSafe: false)
    #expect(try ledger.chainProblems() == [])
    #expect(try ledger.problems(since: kept) == [])
  }

  @Test func anEndThatWasCutOffShowsOnlyAgainstIt() throws {
    let scratch = Scratch()
    let ledger = try ledger(scratch.path)
    let kept = try checkpoint(ledger)
    try change(ledger, "DELETE FROM entries WHERE experiment = 1 AND seq > 4")
    #expect(try ledger.chainProblems() == [])
    let problems = try ledger.problems(since: kept)
    #expect(words(problems) == ["1/5"])
    #expect(problems.first?.text == "entries 5 to 6 are gone: the log ends after entry 4")
    try change(ledger, "DELETE FROM entries WHERE experiment = 0")
    #expect(words(try ledger.problems(since: kept)) == ["0/1", "1/5"])
  }

  @Test func anEntryThatWasChangedShowsWithoutIt() throws {
    let scratch = Scratch()
    let ledger = try ledger(scratch.path)
    let kept = try checkpoint(ledger)
    try change(ledger, "UPDATE entries SET text = 'never said' WHERE experiment = 2 AND seq = 2")
    #expect(words(try ledger.chainProblems()) == ["2/2"])
    // The hashes still stand as they were.
    #expect(try ledger.problems(since: kept) == [])
  }

  @Test func aChainThatWasMadeAnewShowsWhereItBegins() throws {
    let (before, after) = (Scratch(), Scratch())
    let kept = try checkpoint(try ledger(before.path))
    let anew = try ledger(after.path, changed: 3)
    #expect(try anew.chainProblems() == [])
    let problems = try anew.problems(since: kept)
    #expect(words(problems) == ["1/3"])
    #expect(problems.first?.text == "entry 3 was written again")
    try anew.append((7...9).map { row($0) }, to: 1, isSafe: false)
    #expect(words(try anew.problems(since: kept)) == ["1/3"])
  }

  @Test func theBeginningOfAnExperimentIsKeptToo() throws {
    let (before, after) = (Scratch(), Scratch())
    let kept = try checkpoint(try ledger(before.path))
    let other = try ledger(after.path, by: "eve")
    #expect(try other.chainProblems() == [])
    #expect(words(try other.problems(since: kept)) == ["1/-"])
    try change(other, "DELETE FROM experiments WHERE number = 2")
    #expect(words(try other.chainProblems()) == ["2/-"])
    #expect(words(try other.problems(since: kept)) == ["1/-", "2/-"])
  }

  /// Of a long log not every entry is kept: the change lies between two that are.
  @Test func aLongLogNamesAStretch() throws {
    let (before, after) = (Scratch(), Scratch())
    let logs = try [before, after].enumerated().map { place, scratch in
      let ledger = ExperimentLedger(directory: scratch.path)
      _ = try ledger.create(record("long"))
      try ledger.append((1...1000).map { row($0, place == 1 && $0 == 502 ? "never" : "said") }, to: 1, isSafe: false)
      return ledger
    }
    let kept = try checkpoint(logs[0])
    #expect(kept.chains[0].marks.count == 250)
    #expect(kept.chains[0].marks.last?.entry == 1000)
    let problems = try logs[1].problems(since: kept)
    #expect(problems.map(\.text) == ["entries 501 to 504 were written again"])
  }

  @Test func aCheckpointThatIsNotWholeIsNone() throws {
    let scratch = Scratch()
    let text = try checkpoint(try ledger(scratch.path)).text
    #expect(LedgerCheckpoint(text) != nil)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for count in 0..<lines.count - 1 {
      #expect(LedgerCheckpoint(lines.prefix(count).joined(separator: "\n") + "\n") == nil, "\(count) lines")
    }
    // Each line of an entry is needed: without the last one of a log its end is not known.
    #expect(LedgerCheckpoint(text.replacing("entry 1 6 ", with: "entry 1 5 ")) == nil)
    #expect(LedgerCheckpoint(text.replacing("assay checkpoint 1", with: "assay checkpoint 2")) == nil)
    #expect(LedgerCheckpoint(text.replacing("chain 2 3", with: "chain 2 x")) == nil)
  }
}
