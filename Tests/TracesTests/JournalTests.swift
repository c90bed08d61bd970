import Events
import Glibc
import Tasks
import Testing
import Values

@testable import Traces

/// A directory of its own for a test, removed with it.
final class Scratch: Sendable {
  let path: String
  init() {
    var template = Array("/tmp/assay-traces-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? ""
  }
  deinit { _ = system("chmod -R u+w \(path); rm -rf \(path)") }
  var database: String { "\(path)/trace.db" }
}

/// The stored form of these tests: integers only, and any other value as its kind.
@Sendable func encode(_ value: Value) -> [UInt8] { (try? WireEncoder.store(value).bytes) ?? [] }

func decoded(_ bytes: [UInt8]?) -> Int64? {
  bytes.flatMap { try? WireDecoder.load($0, artifact: { _ in nil }) }?.asInt
}

func key(_ number: UInt64) -> Digest { Hasher256.digest(withUnsafeBytes(of: number) { Array($0) }) }

func started(_ run: RunNumber, steps: Int = 2, resumes: RunNumber? = nil, workflow: String = "main") -> Event {
  .runStarted(
    RunStarted(
      run: run, uid: "uid-\(run)", workflow: workflow, file: "a.assay", documents: [("a.assay", "assay 1\n")],
      inputs: [("n", .int(5))], variants: [("prep", "knn")], seed: .max, engine: "0.1", host: "h", user: "u",
      reason: "test", resumes: resumes, startedAt: 100 + run,
      plan: PlanRecord(
        (0..<steps).map {
          StepRecord(
            path: "s\($0)", phase: "", isolation: .worker,
            callee: TaskRecord(
              task: "std.t\($0)", version: "1.0.0", code: key(UInt64($0)), components: [("task", taskDigest)],
              parameters: ["n", "sep"], outputs: ["value", "extra"], defaults: ["sep": "\", \""]),
            needs: $0 == 0 ? [] : [StepNeed(step: $0 - 1, shared: $0)])
        })))
}

func finished(_ run: RunNumber, _ status: RunStatus = .succeeded) -> Event {
  .runFinished(RunFinished(run: run, status: status, outputs: [("r", .int(run))], message: "", finishedAt: 200 + run))
}

func attempt(
  _ run: RunNumber, _ node: Int, step: Int = 0, attempt: Int = 1, key: Digest? = nil, reusable: Bool = false,
  wall: Int64 = 1000, _ result: Result<[Value?], Failure>? = nil
) -> Event {
  .attemptsFinished([
    AttemptFinished(
      node: NodeReference(run: run, node: node, step: step), attempt: attempt, startedAt: Int64(node),
      usage: Usage(wallNanoseconds: wall, cpuNanoseconds: 7, peakMemoryBytes: 8, process: 9), key: key,
      arguments: key.map { [$0] } ?? [],
      result: result ?? .success([.int(Int64(node)), nil]), reusable: reusable)
  ])
}

let taskDigest = key(4711)

@Suite struct JournalTests {
  let scratch = Scratch()

  func journal(_ durability: Durability = .normal) throws -> Journal {
    try Journal(path: scratch.database, durability: durability, encode: encode)
  }

  @Test(arguments: Durability.allCases) func flushedEventsAreThere(_ durability: Durability) throws {
    let journal = try journal(durability)
    let run = journal.nextRun()
    #expect(run == 1)
    #expect(journal.nextRun() == 2)
    #expect(try journal.append([started(run), attempt(run, 0)]) == 2)
    try journal.flush()
    #expect(journal.committed == 2)
    #expect(journal.failure == nil)
    journal.close()
    #expect(throws: TraceError.self) { try journal.append([attempt(run, 1)]) }
  }

  @Test func manyThreadsAppendAndAllIsCommitted() async throws {
    let journal = try journal()
    try journal.append([started(1)])
    await withTaskGroup { group in
      for thread in 0..<4 {
        group.addTask {
          for node in 0..<500 { _ = try? journal.append([attempt(1, thread * 500 + node)]) }
        }
      }
    }
    try journal.flush()
    #expect(journal.committed == 2001)
    journal.close()
  }

  @Test func theSecondWriterIsToldWhoHasTheStore() throws {
    let first = try journal()
    let error = #expect(throws: TraceError.self) { try journal() }
    #expect(error?.code == .locked(process: getpid()))
    #expect(error?.message.contains("\(getpid())") == true)
    first.close()
    let second = try journal()
    second.close()
  }
}
