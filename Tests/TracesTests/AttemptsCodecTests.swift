import Database
import Events
import Tasks
import Testing
import Values

@testable import Traces

/// Attempts packed into rows.
@Suite struct AttemptsCodecTests {
  /// One of each kind.
  private static let samples: [AttemptFinished] = {
    func sample(
      _ node: Int, item: String = "", startedAt: Int64 = 1_700_000_000_000_000_000, wall: Int64 = 300,
      key: Digest? = nil,
      arguments: [Digest] = [], reusable: Bool = false, _ result: Result<[Value?], Failure>
    ) -> AttemptFinished {
      AttemptFinished(
        node: NodeReference(run: 7, node: node, step: node * 1000, item: item), attempt: node + 1, startedAt: startedAt,
        usage: Usage(
          wallNanoseconds: wall, cpuNanoseconds: 128, peakMemoryBytes: 1 << 40, process: Int32(node)), key: key,
        arguments: arguments, result: result, reusable: reusable)
    }
    return [
      sample(0, .success([])), sample(1, item: "[3][0]", key: key(1), .success([.int(-1), nil, .null])),
      sample(2, key: key(2), arguments: [key(3), key(4)], reusable: true, .success([.bool(true), .float(0.5)])),
      sample(3, key: key(5), .failure(Failure(.failed, "no"))),
      sample(4, startedAt: .max, wall: .max, .success([.string(String(repeating: "ä", count: 500))])),
      sample(5, reusable: true, .success([.list([.int(1), .string("")])])),
    ]
  }()

  private static let packed = samples.reduce(into: [UInt8]()) { AttemptsCodec.append($1, to: &$0, encode) }

  @Test func whatIsPackedIsUnpacked() throws {
    let stored = try #require(AttemptsCodec.decode(Self.packed, first: 40, run: 7))
    #expect(stored.map(\.sequence) == [40, 41, 42, 43, 44, 45])
    for (attempt, stored) in zip(Self.samples, stored) {
      #expect(stored.node == attempt.node && stored.attempt == attempt.attempt)
      #expect(stored.startedAt == attempt.startedAt && stored.usage == attempt.usage)
      #expect(stored.key == attempt.key && stored.arguments == attempt.arguments)
      // Nobody finds a result without a key.
      #expect(stored.reusable == (attempt.reusable && attempt.key != nil))
      #expect(stored.outputs == (try? attempt.result.get()).map { $0.map { $0.map(encode) } })
    }
  }

  @Test func timesAreNeverNegative() throws {
    var attempt = Self.samples[0]
    attempt = AttemptFinished(
      node: attempt.node, attempt: 1, startedAt: -5, usage: Usage(wallNanoseconds: -1, cpuNanoseconds: -1), key: nil,
      arguments: [], result: attempt.result, reusable: false)
    var bytes: [UInt8] = []
    AttemptsCodec.append(attempt, to: &bytes, encode)
    let stored = try #require(AttemptsCodec.decode(bytes, first: 1, run: 1)?.first)
    #expect(stored.startedAt == 0 && stored.usage == Usage())
  }

  @Test func damageIsToldOrHarmless() {
    for count in Self.packed.indices {
      _ = AttemptsCodec.decode(Array(Self.packed[..<count]), first: .max, run: 7)?.map(\.endedAt)
      for mask: UInt8 in [0x80, 0xFF, 0x01] {
        var bytes = Self.packed
        bytes[count] ^= mask
        _ = AttemptsCodec.decode(bytes, first: .max, run: 7)?.map(\.endedAt)
      }
    }
    #expect(AttemptsCodec.decode(Array(Self.packed.dropLast()), first: 1, run: 7) == nil)
  }

  /// Rows have many attempts, of one run, without a gap; each attempt has a place of its own all the same.
  @Test func rowsAreFilledInOrder() throws {
    let scratch = Scratch()
    let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
    var events = [started(1), started(2)]
    for node in 0..<150 { events.append(attempt(1, node, key: key(UInt64(node)), reusable: true)) }
    events.append(attempt(2, 0))
    events.append(.log(LogLine(run: 2, node: 0, attempt: 1, level: .info, text: "between", at: 1)))
    events += [attempt(2, 1, .failure(Failure(.transient, "later"))), attempt(2, 1, attempt: 2)]
    #expect(try journal.append(events) == 156)
    try journal.flush()
    let trace = try Trace(path: scratch.database, journal: journal)
    #expect(try trace.attempts(of: 1).map(\.sequence) == Array(3..<153))
    #expect(try trace.attempts(of: 1, after: 100, limit: 3).map(\.node.node) == [98, 99, 100])
    #expect(try trace.attempts(of: 2).map(\.sequence) == [153, 155, 156])
    guard case .failure(let failure) = try trace.attempts(of: 2)[1].result else { throw Failure(.failed, "no failure") }
    #expect(failure.message == "later")
    let keys = [3, 149, 64, 63, 65].map { key(UInt64($0)) }
    #expect(try trace.reusable(keys + [key(150)]).map { $0?.node } == [3, 149, 64, 63, 65, nil])
    let connection = try Connection(scratch.database, .readOnly)
    #expect(try connection.integer("SELECT count(*) FROM attempts WHERE run = 1") == 3)
    #expect(try connection.integer("SELECT sum(last - seq + 1) FROM attempts") == 153)
    journal.close()
    // Numbers go on behind the last attempt of the last row.
    let next = try Journal(path: scratch.database, durability: .normal, encode: encode)
    // One is for the end of the runs that were cut off.
    try next.append([started(3), attempt(3, 0)])
    try next.flush()
    #expect(try trace.attempts(of: 3).map(\.sequence) == [159])
    next.close()
  }
}
