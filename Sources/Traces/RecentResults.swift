internal import Synchronization

/// Where the results are that were committed since the index was last brought up to date: key prefix → sequence number.
final class RecentResults: Sendable {
  private let entries = Mutex<[Int64: Int64]>([:])

  func add(_ new: [(key: Int64, seq: Int64)]) {
    entries.withLock { entries in
      for entry in new { entries[entry.key] = entry.seq }
    }
  }

  func removeAll() { entries.withLock { $0 = [:] } }

  /// Many at once, for one taking of the lock.
  func find(_ keys: [Int64]) -> [Int64?] {
    entries.withLock { entries in entries.isEmpty ? Array(repeating: nil, count: keys.count) : keys.map { entries[$0] }
    }
  }
}
