import Database
import Testing
import Values

@testable import Artifacts

private func version(_ name: String, _ byte: UInt8) -> ArtifactVersion {
  let digest = Hasher256.digest([byte])
  return ArtifactVersion(
    name: name, version: 0, digest: digest, type: .file("csv"), size: 1, form: [1, byte], parts: [digest],
    origin: "/data/\(byte)", history: byte == 9 ? "{}" : "")
}

private func names(_ changes: [NameRecord.Change]) -> Names {
  Names(changes.map { NameRecord($0, at: 1, by: "ada", host: "here") })
}

@Suite struct NamesTests {
  let scratch = Scratch()

  @Test(arguments: [
    ("churn/model", ArtifactReference.name("churn/model", .latest)),
    ("churn/model@v3", .name("churn/model", .version(3))),
    ("m@production", .name("m", .tag("production"))), ("sha256:3FA4", .digest("3fa4")), ("3fa4b6", .digest("3fa4b6")),
    ("12:train.model", .output(run: 12, path: "train.model")), ("beef", .name("beef", .latest)),
    ("abc", .name("abc", .latest)),
  ])
  func referencesAreRead(text: String, expected: ArtifactReference) throws {
    #expect(try ArtifactReference(text) { $0 == "beef" } == expected)
  }

  @Test(arguments: [
    "", "a/", "/a", "a//b", "a b", "../x", ".a", "a@", "a@v1/x", "a@@v1", "ä", String(repeating: "n", count: 201),
  ])
  func hostileNamesAreRefused(text: String) {
    #expect(throws: NameProblem.self) { try ArtifactReference(text) { _ in false } }
  }

  @Test(arguments: ["v3", "latest", "", "a b", "-x"]) func noTagLooksLikeAVersion(tag: String) {
    #expect(throws: NameProblem.self) { try ArtifactName.check(tag: tag) }
  }

  @Test func versionsAreCountedAndNeverUsedAgain() throws {
    var all = names([])
    for byte in 1...3 { all.apply(NameRecord(try all.putting(version("m", UInt8(byte))), at: 1, by: "", host: "")) }
    all.apply(NameRecord(try all.removing("m", .version(3), evenTagged: false), at: 1, by: "", host: ""))
    #expect(try all.find("m", .latest).version.version == 2)
    let problem = #expect(throws: NameProblem.self) { try all.find("m", .version(3)) }
    #expect(problem?.message == "`m@v3` was removed")
    guard case .put(let next) = try all.putting(version("m", 4)) else { return }
    #expect(next.version == 4)
  }

  @Test func tagsMoveOnlyWhenAskedAndStagesOnlyByPromotion() throws {
    var all = names([])
    func apply(_ change: NameRecord.Change?) {
      if let change { all.apply(NameRecord(change, at: 1, by: "", host: "")) }
    }
    apply(try all.putting(version("m", 1)))
    apply(try all.putting(version("m", 2)))
    apply(try all.tagging("m", .version(1), "good", moves: false))
    #expect(throws: NameProblem.self) { try all.tagging("m", .version(2), "good", moves: false) }
    #expect(
      try all.tagging("m", .version(2), "good", moves: true) == .tag(name: "m", tag: "good", version: 2, before: 1))
    apply(try all.promoting("m", .version(1), "production"))
    #expect(try all.promoting("m", .version(1), "production") == nil)
    #expect(
      try all.promoting("m", .latest, "production") == .promote(name: "m", stage: "production", version: 2, before: 1))
    #expect(throws: NameProblem.self) { try all.tagging("m", .latest, "production", moves: true) }
    #expect(throws: NameProblem.self) { try all.removing("m", .version(1), evenTagged: false) }
    apply(try all.removing("m", .version(1), evenTagged: true))
    #expect(all.entries["m"]?.tags == [:])
  }

  @Test func recordsComeBackAsTheyWereAndAreNeverChanged() throws {
    let ledger = NameLedger(directory: scratch.path)
    #expect(try ledger.records().isEmpty)
    let digest = Hasher256.digest([7])
    _ = try ledger.append(at: 5, by: "ada", host: "h", reason: "why") { (names) throws(NameProblem) in
      [try names.putting(version("a/b", 9)), .pin(.run(3)), .pin(.artifact(digest)), .collect(count: 2, bytes: 99)]
    }
    _ = try ledger.append(at: 6, by: "bob", host: "h", reason: "") { (names) throws(NameProblem) in
      [
        try names.tagging("a/b", .latest, "t", moves: false), try names.promoting("a/b", .latest, "s"),
        .untag(name: "a/b", tag: "s", version: 1), .unpin(.run(3)), .remove(name: "a/b", version: 1),
      ].compactMap(\.self)
    }
    let records = try ledger.records()
    #expect(records.map(\.sequence) == Array(1...9))
    guard case .put(let put) = records[0].change else { return }
    var expected = version("a/b", 9)
    expected.version = 1
    #expect(put == expected)
    #expect(records[0].by == "ada" && records[0].reason == "why" && records[4].by == "bob")
    #expect(records[1].change == .pin(.run(3)) && records[2].change == .pin(.artifact(digest)))
    #expect(records[3].change == .collect(count: 2, bytes: 99))
    #expect(records[5].change == .promote(name: "a/b", stage: "s", version: 1, before: nil))
    let database = try Connection(ledger.path)
    #expect(throws: DatabaseError.self) { try database.execute("UPDATE records SET by = 'eve'") }
    #expect(throws: DatabaseError.self) { try database.execute("DELETE FROM records") }
  }

  @Test func whatIsRefusedLeavesNoRecord() throws {
    let ledger = NameLedger(directory: scratch.path)
    #expect(throws: NameLedger.LedgerError.self) {
      try ledger.append(at: 1, by: "", host: "", reason: "") { (names) throws(NameProblem) in
        [.pin(.run(1)), try names.putting(version("no name!", 1))]
      }
    }
    #expect(try ledger.records().isEmpty)
  }

  @Test func writersOfManyThreadsGetNumbersOfTheirOwn() async throws {
    let ledger = NameLedger(directory: scratch.path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for byte in 0..<16 {
        group.addTask {
          _ = try ledger.append(at: 1, by: "", host: "", reason: "") { (names) throws(NameProblem) in
            [try names.putting(version("m", UInt8(byte)))]
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(Names(try ledger.records()).entries["m"]?.versions.map(\.version.version) == Array(1...16))
  }
}
